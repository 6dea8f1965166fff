namespace Notifications;

/// <summary>The one way the product reads the time.</summary>
public static class Clock
{
    /// <summary>How far another machine's clock may run ahead of ours.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>
    /// What an export has that knows no time lies before it, such as 0001-01-01 or 1970-01-01; nothing that is recorded here is so old.
    /// </summary>
    public static readonly DateTimeOffset Earliest = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Why what raises permission cannot have been said at a time (R26), where that was received at <paramref name="received"/>; or null.
    /// </summary>
    public static string? Problem(DateTimeOffset said, DateTimeOffset received) =>
        said > received + Skew ? "must not lie in the future"
        : said < Earliest ? "must not lie before 1990, which stands for a time that is not known"
        : null;

    /// <summary>
    /// When something counts as said that another machine dates ahead of when it came: at the earliest that it can have been, so that it
    /// passes no stop said before it came (P6).
    /// </summary>
    public static DateTimeOffset Counted(DateTimeOffset said, DateTimeOffset received) => said > received ? said - Skew : said;

    /// <summary>
    /// The last moment at which that can have been which is told in whole seconds: they name the second and not its beginning. It was not
    /// after it came.
    /// </summary>
    public static DateTimeOffset LastOf(DateTimeOffset second, DateTimeOffset received)
    {
        var last = second.AddMilliseconds(999);
        return last < received ? last : second < received ? InMs(received) : second;
    }

    /// <summary>Now in UTC, whole milliseconds: what is hashed, stored and shown is the same value.</summary>
    public static DateTimeOffset UtcNowMs(this TimeProvider time) => InMs(time.GetUtcNow());

    private static DateTimeOffset InMs(DateTimeOffset at) =>
        new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
}
