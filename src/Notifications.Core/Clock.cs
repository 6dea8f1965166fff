namespace Notifications;

/// <summary>The one way the product reads the time.</summary>
public static class Clock
{
    /// <summary>Now in UTC, whole milliseconds: what is hashed, stored and shown is the same value.</summary>
    public static DateTimeOffset UtcNowMs(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
    }
}
