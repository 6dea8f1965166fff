namespace Notifications.Addresses;

/// <summary>
/// When somebody was asked for one and the same confirmation: the last time, and those before it. A text can take its time, and a newer
/// question may have gone out meanwhile; its YES answers the one that was open when it was written (R49, R65).
/// </summary>
internal static class AskTimes
{
    /// <summary>More than go out while a text can be on its way.</summary>
    private const int Most = 8;

    /// <summary>Those before, once the last one is followed by another.</summary>
    public static DateTimeOffset[]? Then(this DateTimeOffset[]? before, DateTimeOffset? last) =>
        last is { } asked ? [.. (before ?? []).TakeLast(Most - 1), asked] : before;

    /// <summary>The newest by a moment, or null where the first came after it.</summary>
    public static DateTimeOffset? By(DateTimeOffset moment, DateTimeOffset[]? before, DateTimeOffset? last)
    {
        if (last <= moment) return last;
        for (var i = (before?.Length ?? 0) - 1; i >= 0; i--)
            if (before![i] <= moment) return before[i];
        return null;
    }
}
