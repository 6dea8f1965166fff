namespace Notifications.Local.Demo;

/// <summary>The clock of the demo's past: it stands until it is moved, and never goes back.</summary>
internal sealed class PastClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public void MoveTo(DateTimeOffset moment) => Volatile.Write(ref _ticks, Math.Max(moment.UtcTicks, _ticks));
}
