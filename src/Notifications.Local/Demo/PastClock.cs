namespace Notifications.Local.Demo;

/// <summary>The clock of the demo's past: it stands until it is moved, and never goes back.</summary>
internal sealed class PastClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    // What is measured in the past passes in the past, too.
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public void MoveTo(DateTimeOffset moment) => Volatile.Write(ref _ticks, Math.Max(moment.UtcTicks, _ticks));
}
