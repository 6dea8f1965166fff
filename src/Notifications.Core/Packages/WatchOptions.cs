namespace Notifications.Packages;

/// <summary>How following a package begins and ends. Validated at start.</summary>
public sealed class WatchOptions
{
    /// <summary>The source of watches that anybody can ask for on the public page: trusted only where it is named itself.</summary>
    public const string PublicForm = "public-form";

    /// <summary>
    /// Sources whose watches hold at once; <c>*</c> is every source that a service names, but not the public form. A watch of any other
    /// source waits until the address confirms it. Null, the default, is <c>*</c>: it does not stand in the list, since what is configured
    /// is added to that.
    /// </summary>
    public List<string>? TrustedSources { get; set; }

    /// <summary>
    /// How many watches of one address may wait for its confirmation, 1 to 50; further ones are dropped in silence (R63). Default 3.
    /// </summary>
    public int MaxPending { get; set; } = 3;

    /// <summary>
    /// How long an unconfirmed watch is kept after it was asked about (R28), 1 to 30 days. Default 7. One that waits unasked is kept longer
    /// by <see cref="LongestWait"/>, so that it is there when its question comes.
    /// </summary>
    public int PendingDays { get; set; } = 7;

    /// <summary>How many days after delivery a watch ends, 1 to 365. Default 14: returns and complaints still have news.</summary>
    public int EndAfterDeliveryDays { get; set; } = 14;

    /// <summary>After how many days without news a watch ends, 7 to 730. Default 90.</summary>
    public int EndAfterSilenceDays { get; set; } = 90;

    /// <summary>
    /// The local hour of the daily message, 0 to 23. Default 18. Without a zone of the person's it is that of their number, and of an email
    /// address UTC.
    /// </summary>
    public int DailyHour { get; set; } = 18;

    /// <summary>Whether a source's watches hold at once.</summary>
    public bool Trusts(string source) =>
        TrustedSources?.Contains(source) == true || (source != PublicForm && TrustedSources?.Contains("*") != false);

    /// <summary>
    /// How long a package, or the topics, may wait unasked: for the window that is open, and those of all others that wait (R63).
    /// </summary>
    internal TimeSpan LongestWait(Sending.SendingOptions sending) => (MaxPending + 1) * sending.ConfirmationWindow;

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Check(MaxPending is >= 1 and <= 50, nameof(MaxPending), "1 to 50");
        Check(PendingDays is >= 1 and <= 30, nameof(PendingDays), "1 to 30");
        Check(EndAfterDeliveryDays is >= 1 and <= 365, nameof(EndAfterDeliveryDays), "1 to 365");
        Check(EndAfterSilenceDays is >= 7 and <= 730, nameof(EndAfterSilenceDays), "7 to 730");
        Check(DailyHour is >= 0 and <= 23, nameof(DailyHour), "0 to 23");
    }

    private static void Check(bool valid, string name, string bounds)
    {
        if (!valid) throw new ArgumentException($"Notifications:Watches:{name} must be {bounds}.");
    }
}
