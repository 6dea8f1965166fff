using System.Collections.Concurrent;
using System.Diagnostics;
using Notifications.Storage;

namespace Notifications.Tests.Faults;

/// <summary>
/// Runs everything that happens at once on one thread, in an order that a seed decides: whoever awaits <see cref="StepAsync"/> waits to be
/// picked. The same seed gives the same order, so that what broke once breaks again. The thread must be the stage's own
/// (<see cref="OnThreadsOfTheirOwnAsync"/>): on one of the pool's, what an earlier life has left in the pool could come back and pass for a
/// part of the run.
/// </summary>
internal sealed class Stage(int seed)
{
    private readonly List<Action> _ready = [];
    private readonly List<Action> _resting = [];
    private readonly PriorityQueue<Action, (int Step, int Order)> _later = new();
    private readonly ConcurrentQueue<string> _strays = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <summary>Whether who asks is played here.</summary>
    public bool IsMine => Environment.CurrentManagedThreadId == _thread;

    /// <summary>
    /// What has left the stage and came back on another thread: from there on the order was not the seed's. There must be none.
    /// </summary>
    public IReadOnlyCollection<string> Strays => _strays;

    /// <summary>The only source of chance in a run.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>How many steps were taken.</summary>
    public int Steps { get; private set; }

    /// <summary>From this step on nothing of this life goes on: the process was killed there, whatever it was about to do.</summary>
    public int DiesAt { get; init; } = int.MaxValue;

    /// <summary>Whether it was killed.</summary>
    public bool Dead => Steps >= DiesAt;

    /// <summary>Plays each number on one of as many threads as there are processors, and none of them a thread of the pool.</summary>
    public static async Task OnThreadsOfTheirOwnAsync(IEnumerable<int> numbers, Action<int> play)
    {
        var waiting = new ConcurrentQueue<int>(numbers);
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (waiting.TryDequeue(out var number)) play(number);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>Waits to be picked among all that wait.</summary>
    public Task StepAsync() => WaitAsync(_ready);

    /// <summary>Waits until so many steps were taken, or nobody else has anything to do.</summary>
    public Task StepAsync(int steps)
    {
        var turn = new TaskCompletionSource();
        _later.Enqueue(turn.SetResult, (Steps + steps, _later.Count));
        return turn.Task;
    }

    /// <summary>Waits until nobody else has anything to do, and the clock has moved.</summary>
    public Task RestAsync() => WaitAsync(_resting);

    /// <summary>Asks until it is answered, as a mailbox provider, a service or a person does.</summary>
    public async Task<T> InsistAsync<T>(Func<ValueTask<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (StorageUnavailableException)
            {
                await RestAsync();
            }
        }
    }

    /// <summary>
    /// Begins one whose every await comes back to the stage by itself. What the product completes for it "asynchronously" would go on in
    /// the pool otherwise: the gate of a campaign does so for whoever shuts it. Not for everybody, because Polly's own awaits take no such
    /// context along and would leave the stage where there is one.
    /// </summary>
    public void Begin(Func<Task> actor) => Inside(new Wings(this), () => _ = actor());

    /// <summary>Plays until <paramref name="atRest"/> holds while nobody has anything to do, or the end of this life.</summary>
    /// <param name="atRest">Whether all is done.</param>
    /// <param name="passTime">Moves the clock on.</param>
    public void Play(Func<bool> atRest, Action passTime)
    {
        while (!Dead)
        {
            if (Steps++ > 200_000) throw new InvalidOperationException("The run does not come to rest.");
            while (_later.TryPeek(out _, out var due) && (due.Step <= Steps || _ready.Count == 0)) _ready.Add(_later.Dequeue());
            if (_ready.Count > 0)
            {
                Take(_ready, Random.Next(_ready.Count))();
                continue;
            }

            if (atRest()) return;
            passTime();
            while (_resting.Count > 0) _ready.Add(Take(_resting, _resting.Count - 1));
        }
    }

    /// <summary>Notes what has left the stage.</summary>
    public InvalidOperationException Stray(string what)
    {
        _strays.Enqueue(what);
        return new InvalidOperationException($"{what} is not on the stage's thread.");
    }

    private Task WaitAsync(List<Action> list)
    {
        if (!IsMine) throw Stray(new StackTrace().ToString());
        var turn = new TaskCompletionSource();
        list.Add(turn.SetResult);
        return turn.Task;
    }

    private static Action Take(List<Action> list, int at)
    {
        var turn = list[at];
        list.RemoveAt(at);
        return turn;
    }

    private static void Inside(SynchronizationContext? context, Action act)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            act();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Whoever waits here goes on in a turn of the stage.</summary>
    private sealed class Wings(Stage stage) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            if (!stage.IsMine) throw stage.Stray("What an actor waited for");
            stage._ready.Add(() => Inside(this, () => d(state)));
        }
    }
}
