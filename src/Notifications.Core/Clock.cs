namespace Notifications;

/// <summary>The one way the product reads the time.</summary>
public static class Clock
{
    /// <summary>How far another machine's clock may run ahead of ours.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>
    /// When something counts as said that another machine dates ahead of when it came: at the earliest that it can have been, so that it
    /// passes no stop said before it came (P6).
    /// </summary>
    public static DateTimeOffset Counted(DateTimeOffset said, DateTimeOffset received) => said > received ? said - Skew : said;

    /// <summary>Now in UTC, whole milliseconds: what is hashed, stored and shown is the same value.</summary>
    public static DateTimeOffset UtcNowMs(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
    }
}
