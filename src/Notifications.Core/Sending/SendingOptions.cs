using System.Diagnostics.CodeAnalysis;
using Notifications.Addresses;

namespace Notifications.Sending;

/// <summary>What sending is bound by. Validated at start.</summary>
public sealed class SendingOptions
{
    /// <summary>
    /// The oldest policy version whose consents still permit marketing (M15), in the order of <see cref="Consent.PolicyVersions"/>, so a
    /// date such as <c>2026-01-01</c> works. Null, the default, accepts every version.
    /// </summary>
    public string? RequiredPolicyVersion { get; set; }

    /// <summary>
    /// The policy version that is published now, 1 to 64 characters: consents given on the pages carry it (R26, M15). Not before
    /// <see cref="RequiredPolicyVersion"/>, which is also what it is where it is not set, or 1 where neither
    /// is.
    /// </summary>
    [AllowNull]
    public string PolicyVersion { get => NamedPolicyVersion ?? FirstPolicyVersion; set => _policyVersion = value; }

    /// <summary>What a policy is called whose version nobody has named, so that no consent is without one (M15).</summary>
    internal const string FirstPolicyVersion = "1";

    private string? _policyVersion;

    /// <summary>The same where somebody has named it; else null.</summary>
    internal string? NamedPolicyVersion => _policyVersion ?? RequiredPolicyVersion;

    /// <summary>
    /// At most this many marketing messages of all topics per address within <see cref="MarketingCapDays"/>; 0, the default, is no cap.
    /// </summary>
    public int MarketingCapCount { get; set; }

    /// <summary>The sliding window of that cap in days, 1 to 365. Default 7.</summary>
    public int MarketingCapDays { get; set; } = 7;

    /// <summary>Local hour at which marketing texts may begin (R52), 0 to 23. Default 8.</summary>
    public int QuietUntilHour { get; set; } = 8;

    /// <summary>
    /// Local hour at which they must have ended, 1 to 24. Default 21. Equal to <see cref="QuietUntilHour"/> turns quiet hours off.
    /// </summary>
    public int QuietFromHour { get; set; } = 21;

    /// <summary>
    /// Windows by ISO 3166 region, in letters of either case, that stand in place of the built-in ones (<see cref="QuietWindows"/>):
    /// stricter, or looser where counsel says so.
    /// </summary>
    public Dictionary<string, QuietWindow> QuietRegions { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// On so many different days of <see cref="SoftBounceDays"/> a mailbox or phone may fail softly before it is suppressed, 1 to 30.
    /// Default 5.
    /// </summary>
    public int SoftBounceLimit { get; set; } = 5;

    /// <summary>The window of that limit in days, 1 to 365. Default 30.</summary>
    public int SoftBounceDays { get; set; } = 30;

    /// <summary>
    /// How often a message is offered to a provider that is not there before it is given up, 1 to 100. Default 8, about an hour. A turn
    /// that found the circuit to the provider open is none, because nothing was offered.
    /// </summary>
    public int MaxAttempts { get; set; } = 8;

    /// <summary>
    /// How long a message is offered to a provider that only puts it off, as a full mailbox does, and a text whose hours nobody knows waits
    /// for the person's time zone (R52), 1 hour to 30 days. Default 5 days (RFC 5321 section 4.5.4.1). It begins with the first time that
    /// the provider itself was asked: waiting for a quota of ours may take longer.
    /// </summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>
    /// The longest a single hand-off may take with its retries, 1 s to 5 min. Default 45 s. Queues hide work for longer than this.
    /// </summary>
    public TimeSpan HandOffTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Hand-offs per second and channel to begin at most; 0, the default, is no limit.</summary>
    public int MaxPerSecond { get; set; }

    /// <summary>
    /// Whether every hand-off is held, package updates and answers to texts too: the operator's big switch. Nothing is claimed or lost; a
    /// message comes back every minute or two to look whether it is still so. Off by default.
    /// </summary>
    public bool Hold { get; set; }

    /// <summary>
    /// Whether customers may be sent marketing without an opt-in (R37), each on the evidence of a sale, of similar products and of a
    /// refusal that was offered. Off by default: what was recorded on this ground is then not sent either. On only where the law of the
    /// recipients knows it.
    /// </summary>
    public bool SoftOptIn { get; set; }

    /// <summary>How long one confirmation request stands before a further sign-up sends another (R63). Default 24 h.</summary>
    public TimeSpan ConfirmationWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// What spreads the pauses after a provider that was away, from 0 to 1: without chance where a test repeats what happened.
    /// </summary>
    internal Func<double> Jitter { get; set; } = Random.Shared.NextDouble;

    /// <summary>How long work is hidden while one worker has it: the hand-off's longest time and room to record it.</summary>
    public TimeSpan Visibility => HandOffTimeout + TimeSpan.FromSeconds(30);

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Check(RequiredPolicyVersion is null or { Length: > 0 and <= 64 }, nameof(RequiredPolicyVersion), "1 to 64 characters");
        Check(
            PolicyVersion is { Length: > 0 and <= 64 } && Consent.PolicyVersions.Compare(PolicyVersion, RequiredPolicyVersion) >= 0,
            nameof(PolicyVersion), "1 to 64 characters, and RequiredPolicyVersion or a later one of its scheme");
        Check(MarketingCapCount is >= 0 and <= 1000, nameof(MarketingCapCount), "0 to 1000");
        Check(MarketingCapDays is >= 1 and <= 365, nameof(MarketingCapDays), "1 to 365");
        Check(QuietUntilHour is >= 0 and <= 23, nameof(QuietUntilHour), "0 to 23");
        Check(
            QuietFromHour is >= 1 and <= 24 && QuietFromHour >= QuietUntilHour, nameof(QuietFromHour),
            "1 to 24 and not before QuietUntilHour");
        foreach (var (region, window) in QuietRegions)
            Check(
                PhoneNumber.IsRegion(region)
                    && window.Opens is >= 0 and <= 23
                    && window.Closes > window.Opens
                    && window.Closes <= 24
                    && window.Days is not { Length: 0 },
                nameof(QuietRegions) + ":" + region, 
                "a region of ISO 3166 such as FR, or GB for the United Kingdom, with Opens 0 to 23, Closes after it and at least one day");
        Check(SoftBounceLimit is >= 1 and <= 30, nameof(SoftBounceLimit), "1 to 30");
        Check(
            SoftBounceDays is >= 1 and <= 365 && SoftBounceDays >= SoftBounceLimit, nameof(SoftBounceDays),
            "1 to 365 and not below SoftBounceLimit");
        Check(MaxAttempts is >= 1 and <= 100, nameof(MaxAttempts), "1 to 100");
        Check(GiveUpAfter >= TimeSpan.FromHours(1) && GiveUpAfter <= TimeSpan.FromDays(30), nameof(GiveUpAfter), "01:00:00 to 30.00:00:00");
        Check(
            HandOffTimeout >= TimeSpan.FromSeconds(1) && HandOffTimeout <= TimeSpan.FromMinutes(5), nameof(HandOffTimeout),
            "00:00:01 to 00:05:00");
        Check(MaxPerSecond is >= 0 and <= 100_000, nameof(MaxPerSecond), "0 to 100000");
        Check(
            ConfirmationWindow >= TimeSpan.Zero && ConfirmationWindow <= TimeSpan.FromDays(30), nameof(ConfirmationWindow),
            "00:00:00 to 30.00:00:00");
    }

    private static void Check(bool valid, string name, string bounds)
    {
        if (!valid) throw new ArgumentException($"Notifications:Sending:{name} must be {bounds}.");
    }
}
