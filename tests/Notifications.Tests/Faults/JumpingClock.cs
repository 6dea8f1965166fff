using Microsoft.Extensions.Time.Testing;

namespace Notifications.Tests.Faults;

/// <summary>A clock whose wall time can be set wrong, forwards and back, while its timers and stopwatches run on.</summary>
internal sealed class JumpingClock(FakeTimeProvider inner) : TimeProvider
{
    private TimeSpan _off;

    public override long TimestampFrequency => inner.TimestampFrequency;

    public void Jump(TimeSpan by) => _off += by;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + _off;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}
