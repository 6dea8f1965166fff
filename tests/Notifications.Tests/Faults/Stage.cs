namespace Notifications.Tests.Faults;

/// <summary>
/// Runs everything that happens at once on one thread, in an order that a seed decides: whoever awaits <see cref="StepAsync"/> waits to be picked. The same
/// seed gives the same order, so that what broke once breaks again.
/// </summary>
internal sealed class Stage(int seed)
{
    private readonly List<TaskCompletionSource> _ready = [];
    private readonly List<TaskCompletionSource> _resting = [];

    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <summary>Whether who asks is played here. The audience index takes removals out on a thread of its own and by the real clock: on a slow machine that is in the middle of a run.</summary>
    public bool IsMine => Environment.CurrentManagedThreadId == _thread;

    /// <summary>The only source of chance in a run.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>How many steps were taken.</summary>
    public int Steps { get; private set; }

    /// <summary>From this step on nothing of this life goes on: the process was killed there, whatever it was about to do.</summary>
    public int DiesAt { get; init; } = int.MaxValue;

    /// <summary>Whether it was killed.</summary>
    public bool Dead => Steps >= DiesAt;

    /// <summary>Waits to be picked among all that wait.</summary>
    public Task StepAsync() => Wait(_ready);

    /// <summary>Waits until nobody else has anything to do, and the clock has moved.</summary>
    public Task RestAsync() => Wait(_resting);

    /// <summary>Plays until <paramref name="atRest"/> holds while nobody has anything to do, or the end of this life.</summary>
    /// <param name="atRest">Whether all is done.</param>
    /// <param name="passTime">Moves the clock on.</param>
    public void Play(Func<bool> atRest, Action passTime)
    {
        while (!Dead)
        {
            if (Steps++ > 200_000) throw new InvalidOperationException("The run does not come to rest.");
            if (_ready.Count > 0)
            {
                Release(_ready, Random.Next(_ready.Count));
                continue;
            }

            if (atRest()) return;
            passTime();
            while (_resting.Count > 0) _ready.Add(Take(_resting, _resting.Count - 1));
        }
    }

    private static Task Wait(List<TaskCompletionSource> list)
    {
        var turn = new TaskCompletionSource();
        list.Add(turn);
        return turn.Task;
    }

    private static void Release(List<TaskCompletionSource> list, int at) => Take(list, at).SetResult();

    private static TaskCompletionSource Take(List<TaskCompletionSource> list, int at)
    {
        var turn = list[at];
        list.RemoveAt(at);
        return turn;
    }
}
