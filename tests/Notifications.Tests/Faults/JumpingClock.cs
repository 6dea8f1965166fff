using Microsoft.Extensions.Time.Testing;

namespace Notifications.Tests.Faults;

/// <summary>
/// A clock whose wall time can be set wrong, forwards and back, while its timers and stopwatches run on. The timers are of one life: those
/// of a process that was killed would otherwise ring in the next one, and a dead process would offer its message again.
/// </summary>
internal sealed class JumpingClock(DateTimeOffset start) : TimeProvider
{
    private FakeTimeProvider _life = new(start);
    private TimeSpan _off;

    public override long TimestampFrequency => _life.TimestampFrequency;

    /// <summary>A new process: no timer of the one before rings any more.</summary>
    public void Begin() => _life = new FakeTimeProvider(_life.GetUtcNow());

    public void Advance(TimeSpan by) => _life.Advance(by);

    public void Jump(TimeSpan by) => _off += by;

    public override DateTimeOffset GetUtcNow() => _life.GetUtcNow() + _off;

    public override long GetTimestamp() => _life.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _life.CreateTimer(callback, state, dueTime, period);
}
