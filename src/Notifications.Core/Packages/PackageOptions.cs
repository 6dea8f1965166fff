using Notifications.Security;

namespace Notifications.Packages;

/// <summary>How news of packages is taken in and told. Validated at start.</summary>
public sealed class PackageOptions
{
    /// <summary>
    /// How long a change waits for a newer one that makes it old, 0 to 1 hour; the last state wins. Default 2 s. 0 tells every change at
    /// once.
    /// </summary>
    public TimeSpan CollapseWindow { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How far ahead of our clock an event's time may lie before it is set to now, 0 to 1 day. Default 10 min.</summary>
    public TimeSpan FutureTolerance { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a message about a change is worth sending, 10 min to 7 days. Default 1 day.</summary>
    public TimeSpan MessageLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// The security key of the 17TRACK account, at least 16 characters; null refuses its webhook. While it is changed, the new one, a space
    /// and the one before: what either has signed is taken.
    /// </summary>
    public string? SeventeenTrackKey { get; set; }

    /// <summary>Whether 17TRACK's older form (a <c>sign</c> field in the body) is taken too. Default false.</summary>
    public bool SeventeenTrackOlderForm { get; set; }

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Check(CollapseWindow >= TimeSpan.Zero && CollapseWindow <= TimeSpan.FromHours(1), nameof(CollapseWindow), "00:00:00 to 01:00:00");
        Check(
            FutureTolerance >= TimeSpan.Zero && FutureTolerance <= TimeSpan.FromDays(1), nameof(FutureTolerance), "00:00:00 to 1.00:00:00");
        Check(
            MessageLifetime >= TimeSpan.FromMinutes(10) && MessageLifetime <= TimeSpan.FromDays(7), nameof(MessageLifetime),
            "00:10:00 to 7.00:00:00");
        Check(SharedSecret.IsValid(SeventeenTrackKey), nameof(SeventeenTrackKey), SharedSecret.Rule);
    }

    private static void Check(bool valid, string name, string bounds)
    {
        if (!valid) throw new ArgumentException($"Notifications:Packages:{name} must be {bounds}.");
    }
}
