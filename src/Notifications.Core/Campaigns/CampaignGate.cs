using System.Collections.Concurrent;
using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>
/// Whether a campaign may send at this moment. The status is read from the store at most once a second in each process (a lease), and
/// looked at again right before every hand-off. Whoever pauses or cancels a campaign shuts the gate: the answer waits until the leases of
/// all processes have run out and what this process was handing off is done, so no hand-off of the campaign begins after it.
/// </summary>
public sealed class CampaignGate(CampaignStore store, Instance instance, TimeProvider time)
{
    /// <summary>How long a process goes by the status it has read.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>The status, not older than the lease. A campaign that is not there counts as cancelled (P8).</summary>
    public async ValueTask<CampaignStatus> StatusAsync(string campaign, CancellationToken cancel) =>
        (await TurnOf(campaign).KnownAsync(cancel)).Status;

    /// <summary>
    /// The status as it is now, read anew: for whoever finds a campaign stopped and would leave its message lying, though it may have been
    /// resumed within the lease.
    /// </summary>
    public ValueTask<CampaignStatus> LookAsync(string campaign, CancellationToken cancel) => TurnOf(campaign).LookAsync(cancel);

    /// <summary>
    /// Lets one hand-off begin while the pass stands; null when the campaign does not run. To be disposed of when the hand-off has ended.
    /// </summary>
    public async ValueTask<CampaignPass?> EnterAsync(string campaign, CancellationToken cancel)
    {
        while (true)
        {
            var turn = TurnOf(campaign);
            if (!turn.TryEnter()) continue; // Shut this moment: the next look finds its successor.
            var runs = false;
            try
            {
                var (status, until) = await turn.KnownAsync(cancel);
                runs = status is CampaignStatus.Running or CampaignStatus.Completed;
                return runs ? new CampaignPass(turn, until, time) : null;
            }
            finally
            {
                if (!runs) turn.Dispose();
            }
        }
    }

    /// <summary>To be called after a campaign's status was changed: returns when nobody goes by the old one any more.</summary>
    public async ValueTask ShutAsync(string campaign, CancellationToken cancel)
    {
        var elsewhere = instance.Exclusive ? Task.CompletedTask : Task.Delay(Lease, time, cancel);
        await RenewAsync(campaign).WaitAsync(cancel);
        await elsewhere;
    }

    /// <summary>Drops what this process goes by, so that it reads anew. For changes that may take the second to be noticed.</summary>
    public void Forget(string campaign) => _ = RenewAsync(campaign);

    /// <summary>
    /// Begins a turn in which the status is read anew; ends when nobody is in an earlier one. Whoever did not wait for that, or no longer
    /// does, leaves it to the next who shuts the gate.
    /// </summary>
    private Task RenewAsync(string campaign)
    {
        while (_turns.TryGetValue(campaign, out var turn))
        {
            var left = turn.ShutAsync();
            if (_turns.TryUpdate(campaign, new Turn(store, campaign, time, left), turn)) return left;
        }

        return Task.CompletedTask;
    }

    private Turn TurnOf(string campaign) =>
        _turns.TryGetValue(campaign, out var turn) ? turn : _turns.GetOrAdd(campaign, id => new Turn(store, id, time, Task.CompletedTask));

    /// <summary>
    /// One campaign from one change of its status to the next; <paramref name="before"/> ends when nobody is in an earlier turn of it.
    /// </summary>
    private sealed class Turn(CampaignStore store, string campaign, TimeProvider time, Task before) : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile Known? _known;
        private Task<Known>? _reading;
        private int _inside;
        private int _shut;

        public bool TryEnter()
        {
            Interlocked.Increment(ref _inside);
            if (Volatile.Read(ref _shut) == 0) return true;
            Dispose();
            return false;
        }

        public void Dispose()
        {
            if (Interlocked.Decrement(ref _inside) == 0 && Volatile.Read(ref _shut) == 1) _empty.TrySetResult();
        }

        public Task ShutAsync()
        {
            Interlocked.Exchange(ref _shut, 1);
            if (Volatile.Read(ref _inside) == 0) _empty.TrySetResult();
            return before.IsCompleted ? _empty.Task : Task.WhenAll(before, _empty.Task);
        }

        public ValueTask<Known> KnownAsync(CancellationToken cancel) =>
            _known is { } known && time.GetTimestamp() < known.Until ? ValueTask.FromResult(known) : ReadAsync(cancel);

        public async ValueTask<CampaignStatus> LookAsync(CancellationToken cancel) => (await FetchAsync().WaitAsync(cancel)).Status;

        private async ValueTask<Known> ReadAsync(CancellationToken cancel)
        {
            while (true)
            {
                Task<Known> reading;
                lock (_gate)
                {
                    if (_reading is null || _reading.IsCompleted) _reading = FetchAsync();
                    reading = _reading;
                }

                var known = await reading.WaitAsync(cancel);
                if (time.GetTimestamp() < known.Until) return known;
            }
        }

        private async Task<Known> FetchAsync()
        {
            // Before the read: what is written after this moment may be missed for as long as the lease, and not longer.
            var until = time.GetTimestamp() + (long)(Lease.TotalSeconds * time.TimestampFrequency);
            var (found, _) = await store.LoadAsync(campaign, CancellationToken.None);
            var read = new Known(found?.Status ?? CampaignStatus.Cancelled, until);
            lock (_gate) return _known = _known is { } known && known.Until > until ? known : read; // One that began later knows better.
        }

        public sealed record Known(CampaignStatus Status, long Until);
    }
}

/// <summary>Leave for one hand-off of a campaign to begin.</summary>
public readonly struct CampaignPass(IDisposable turn, long until, TimeProvider time) : IDisposable
{
    /// <summary>
    /// Whether the hand-off may still begin: after the lease that the pass was given on, a pause may have been answered elsewhere.
    /// </summary>
    public bool Stands => time.GetTimestamp() < until;

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}

/// <summary>The gate of one campaign, for a hand-off to pass through.</summary>
public readonly record struct CampaignTurn(CampaignGate Gate, string Campaign);
