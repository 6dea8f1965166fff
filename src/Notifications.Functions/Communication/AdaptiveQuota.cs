using Notifications.Sending;

namespace Notifications.Functions.Communication;

/// <summary>
/// A sender's quota as a bucket that holds one second's worth. When the provider says "too many" it stands still for as long as the provider asks and goes on at half the
/// rate; five minutes without another refusal bring the full rate back, evenly.
/// </summary>
internal sealed class AdaptiveQuota(int perMinute, TimeProvider time)
{
    private const double RecoverySeconds = 300;
    private const double Slowest = 1.0 / 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly double _full = perMinute / 60.0;
    private readonly double _burst = Math.Max(1, perMinute / 60.0);
    private readonly Lock _gate = new();
    private double _share = 1;
    private double _tokens = Math.Max(1, perMinute / 60.0);
    private DateTimeOffset _at = time.GetUtcNow();
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;

    /// <summary>Requests per second at present; 0 is no limit.</summary>
    public double PerSecond
    {
        get
        {
            lock (_gate)
            {
                Refill(time.GetUtcNow());
                return _full * _share;
            }
        }
    }

    /// <summary>Takes the next place when it comes within <paramref name="patience"/>, and says how long to wait for it; else takes none, says how long it would be, and answers false.</summary>
    public bool TryTake(TimeSpan patience, out TimeSpan wait)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            Refill(now);
            var begin = _pausedUntil > now ? _pausedUntil - now : TimeSpan.Zero;
            wait = begin;
            if (perMinute == 0) return wait <= patience;
            if (_tokens < 1) wait += TimeSpan.FromSeconds((1 - _tokens) / (_full * _share));
            if (wait > patience) return false;
            _tokens--;
            return true;
        }
    }

    /// <summary>Waits for the next place, two seconds at most; where none comes so soon, nothing is taken and the answer says when one does.</summary>
    public async ValueTask<HandOff?> ReadyAsync(CancellationToken cancel)
    {
        if (!TryTake(Patience, out var wait)) return HandOff.Throttled(wait, "The sender's own quota.");
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancel);
        return null;
    }

    /// <summary>The provider refused: stand still for <paramref name="pause"/>. Refusals of requests that were under way together count once.</summary>
    public void SlowDown(TimeSpan pause)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            Refill(now);
            if (now >= _pausedUntil) _share = Math.Max(Slowest, _share / 2);
            if (now + pause > _pausedUntil) _pausedUntil = now + pause;
            _tokens = Math.Min(_tokens, 0);
        }
    }

    // Nothing is earned, and nothing recovers, while standing still.
    private void Refill(DateTimeOffset now)
    {
        var from = _pausedUntil > _at ? _pausedUntil : _at;
        if (now <= from) return;
        var seconds = (now - from).TotalSeconds;
        _tokens = Math.Min(_burst, _tokens + seconds * _full * _share);
        _share = Math.Min(1, _share + seconds / RecoverySeconds);
        _at = now;
    }
}
