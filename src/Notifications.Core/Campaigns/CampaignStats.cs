using System.Text.Json.Serialization;
using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>
/// A campaign in numbers. At every moment selected = sent + skipped + deferred + failed + unknown (P9): each is summed from the result rows
/// of the batches, and each row accounts for all of its recipients.
/// </summary>
public sealed record CampaignStats
{
    /// <summary>Where the campaign stands.</summary>
    public CampaignStatus Status { get; init; }

    /// <summary>Whether recipients are still being selected.</summary>
    public bool Selecting { get; init; }

    /// <summary>How many recipients were selected.</summary>
    public long Selected { get; init; }

    /// <summary>How many messages a provider has.</summary>
    public long Sent { get; init; }

    /// <summary>How many get none, by reason.</summary>
    public IReadOnlyDictionary<string, long> Skipped { get; init; } = new Dictionary<string, long>();

    /// <summary>How many are not settled yet.</summary>
    public long Deferred { get; init; }

    /// <summary>Those by reason: <c>queued</c> where nothing was decided yet.</summary>
    public IReadOnlyDictionary<string, long> DeferredBy { get; init; } = new Dictionary<string, long>();

    /// <summary>How many of the sent were reported as delivered.</summary>
    public long Delivered { get; init; }

    /// <summary>How many of the sent came back.</summary>
    public long Bounced { get; init; }

    /// <summary>Those by kind: <c>hard</c> for good, <c>soft</c> for now.</summary>
    public IReadOnlyDictionary<string, long> BouncedBy { get; init; } = new Dictionary<string, long>();

    /// <summary>How many of the sent were called spam.</summary>
    public long Complained { get; init; }

    /// <summary>How many of those who got the message unsubscribed with its link.</summary>
    public long Unsubscribed { get; init; }

    /// <summary>How many of the sent were opened, as far as it is reported.</summary>
    public long Opened { get; init; }

    /// <summary>How many of the sent had a link followed, as far as it is reported.</summary>
    public long Clicked { get; init; }

    /// <summary>How many could not be rendered, were refused, or were given up.</summary>
    public long Failed { get; init; }

    /// <summary>How many of which it is not known whether the provider took them.</summary>
    public long Unknown { get; init; }

    /// <summary>The subjects of the test in their order; empty without one.</summary>
    public IReadOnlyList<SubjectStats> Subjects { get; init; } = [];

    /// <summary>What the last dry run had said, and how what came differs; null when there was none.</summary>
    public ForecastStats? Forecast { get; init; }

    /// <summary>The counts so far of a dry run that is to go on; null when there is none.</summary>
    public CampaignForecast? DryRun { get; init; }
}

/// <summary>
/// One subject of the test. <paramref name="Chosen"/>: the rest gets it; <paramref name="Winner"/>: and it is written down that it has won
/// by what was reported until then.
/// </summary>
public sealed record SubjectStats(
    string Subject, long Selected, long Sent, long Opened, long Clicked, long Unsubscribed, long Complained, bool Chosen, bool Winner);

/// <summary>The forecast beside what came.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Selected">How many the audience had.</param>
/// <param name="Allowed">How many of them would have been sent to.</param>
/// <param name="Skipped">How many not, by reason.</param>
/// <param name="Deferred">How many not yet, by reason.</param>
/// <param name="Differences">Every recipient for whom it came otherwise, by what was said, what came, and why.</param>
/// <param name="Unexplained">How many differences nothing explains; anything but 0 is a fault of ours.</param>
public sealed record ForecastStats(
    DateTimeOffset At,
    long Selected,
    long Allowed,
    IReadOnlyDictionary<string, long> Skipped,
    IReadOnlyDictionary<string, long> Deferred,
    IReadOnlyList<ForecastDifference> Differences,
    long Unexplained);

/// <summary>
/// <paramref name="Count"/> recipients for whom <paramref name="Forecast"/> was said and <paramref name="Actual"/> came.
/// <paramref name="Because"/> is one of <c>changed</c> (the person's record changed after the forecast), <c>clock</c> (a rule that looks at
/// the time), <c>joined</c>, <c>left</c>, <c>operator</c> (paused or cancelled), <c>provider</c>, <c>unexplained</c>.
/// </summary>
public sealed record ForecastDifference(string Forecast, string Actual, string Because, long Count);

/// <summary>What a dry run found: the decision for everyone in the audience as it would be now.</summary>
public sealed record CampaignForecast(
    DateTimeOffset At, long Selected, long Allowed, IReadOnlyDictionary<string, long> Skipped, IReadOnlyDictionary<string, long> Deferred)
{
    /// <summary>Whether these are the numbers so far: the next dry run goes on from here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UnderWay { get; init; }
}

/// <summary>
/// One recipient. <paramref name="Address"/> is null where it is not known any more, <paramref name="Reason"/> where nothing is decided yet
/// (P2).
/// </summary>
public sealed record CampaignRecipient(
    string MessageId, string? Address, MessageStatus Status, Reason? Reason, int? Subject, bool Complained, bool Unsubscribed, bool Opened,
    bool Clicked);

/// <summary>A page of recipients; <paramref name="Next"/> is null after the last.</summary>
public sealed record RecipientPage(IReadOnlyList<CampaignRecipient> Recipients, string? Next);

/// <summary>A page of campaigns, newest first; <paramref name="Next"/> is null after the last.</summary>
public sealed record CampaignPage(IReadOnlyList<Campaign> Campaigns, string? Next);
