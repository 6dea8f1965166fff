using Notifications.Sending;

namespace Notifications.Functions.Communication;

/// <summary>
/// A sender's quota as a bucket that holds one second's worth. When the provider says "too many" it stands still for as long as the
/// provider asks and goes on at half the rate; five minutes without another refusal bring the full rate back, evenly. Whoever finds no
/// place is told when to come again, each a time of their own.
/// </summary>
internal sealed class AdaptiveQuota(int perMinute, TimeProvider time)
{
    private const double RecoverySeconds = 300;
    private const double Slowest = 1.0 / 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly double _full = perMinute / 60.0;
    private readonly double _burst = Math.Max(1, perMinute / 60.0);
    private readonly long _begun = time.GetTimestamp();
    private readonly Lock _gate = new();
    private double _share = 1;
    private double _tokens = Math.Max(1, perMinute / 60.0);
    private double _told;
    private TimeSpan _at;
    private TimeSpan _pausedUntil;

    /// <summary>Requests per second at present; 0 is no limit.</summary>
    public double PerSecond
    {
        get
        {
            lock (_gate)
            {
                Refill(Now());
                return _full * _share;
            }
        }
    }

    /// <summary>
    /// How many requests need to be under way at once to use the full rate: those that begin within the two seconds that one may wait for
    /// its place and the two that an answer takes at most as a rule, from 2 to 128. What is claimed when a process dies may end as unknown,
    /// so more would only add to that.
    /// </summary>
    public int AtOnce => perMinute == 0 ? 128 : Math.Clamp((int)Math.Ceiling(_full * 4), 2, 128);

    /// <summary>Requests per minute at the full rate; 0 is no limit.</summary>
    public int PerMinute => perMinute;

    /// <summary>
    /// Takes the next place when it comes within <paramref name="patience"/>, and says how long to wait for it; else takes none, says when
    /// to come again, behind whoever was told so before and within an hour, and answers false.
    /// </summary>
    public bool TryTake(TimeSpan patience, out TimeSpan wait)
    {
        lock (_gate)
        {
            var now = Now();
            Refill(now);
            wait = _pausedUntil > now ? _pausedUntil - now : TimeSpan.Zero;
            if (perMinute == 0) return wait <= patience;
            if (_tokens < 1) wait += TimeSpan.FromSeconds((1 - _tokens) / (_full * _share));
            if (wait <= patience)
            {
                _tokens--;
                return true;
            }

            var behind = wait + TimeSpan.FromSeconds(_told / (_full * _share));
            if (behind <= Longest) (wait, _told) = (behind, _told + 1);
            else if (wait < Longest) wait = Longest;
            return false;
        }
    }

    /// <summary>
    /// Waits for the next place, two seconds at most; where none comes so soon, nothing is taken and the answer says when one does.
    /// </summary>
    public async ValueTask<HandOff?> ReadyAsync(CancellationToken cancel)
    {
        if (!TryTake(Patience, out var wait)) return HandOff.Waits(wait, "The sender's own quota.");
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancel);
        return null;
    }

    /// <summary>
    /// The provider refused: stand still for <paramref name="pause"/>. Refusals of requests that were under way together count once.
    /// </summary>
    public void SlowDown(TimeSpan pause)
    {
        lock (_gate)
        {
            var now = Now();
            Refill(now);
            if (now >= _pausedUntil) _share = Math.Max(Slowest, _share / 2);
            if (now + pause > _pausedUntil) _pausedUntil = now + pause;
            _tokens = Math.Min(_tokens, 0);
        }
    }

    // By the stopwatch: a clock that is set back stops nobody.
    private TimeSpan Now() => time.GetElapsedTime(_begun);

    // Nothing is earned, and nothing recovers, while standing still.
    private void Refill(TimeSpan now)
    {
        var from = _pausedUntil > _at ? _pausedUntil : _at;
        if (now <= from) return;
        var seconds = (now - from).TotalSeconds;
        _tokens = Math.Min(_burst, _tokens + seconds * _full * _share);
        _told = Math.Max(0, _told - seconds * _full * _share);
        _share = Math.Min(1, _share + seconds / RecoverySeconds);
        _at = now;
    }
}
