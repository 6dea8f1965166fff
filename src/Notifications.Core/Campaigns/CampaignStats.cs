using System.Text.Json.Serialization;
using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>A campaign in numbers. At every moment selected = sent + skipped + deferred + failed + unknown (P9).</summary>
/// <remarks>
/// Each is summed from the result rows of the batches, and each row accounts for all of its recipients.
/// </remarks>
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

    /// <summary>The subjects of the test in their order, each with those who try it; empty without a test.</summary>
    public IReadOnlyList<SubjectStats> Subjects { get; init; } = [];

    /// <summary>Those outside the test, who get the subject that is chosen; missing without a test.</summary>
    public RestStats? Rest { get; init; }

    /// <summary>What the last dry run had said, and how what came differs; null when there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ForecastStats? Forecast { get; init; }

    /// <summary>The counts so far of a dry run that is to go on; null when there is none.</summary>
    public CampaignForecast? DryRun { get; init; }
}

/// <summary>One subject of the test, by those who try it alone: who gets it once it is chosen is counted in the rest.</summary>
/// <param name="Subject">The subject as it was written (Liquid).</param>
/// <param name="Selected">How many recipients were selected to try it.</param>
/// <param name="Sent">How many messages of theirs a provider has.</param>
/// <param name="Opened">How many of the sent were opened, as far as that is reported.</param>
/// <param name="Clicked">How many of the sent had a link followed, as far as that is reported.</param>
/// <param name="Unsubscribed">How many of those who got it unsubscribed with its link.</param>
/// <param name="Complained">How many of the sent were called spam.</param>
/// <param name="Chosen">Whether the rest gets it.</param>
/// <param name="Winner">Whether it is written down that it has won by what was reported until then.</param>
public sealed record SubjectStats(
    string Subject, long Selected, long Sent, long Opened, long Clicked, long Unsubscribed, long Complained, bool Chosen, bool Winner);

/// <summary>Those outside the test. With the subjects they are everybody.</summary>
/// <param name="Subject">The subject that they get, as it was written (Liquid); left out while none is chosen.</param>
/// <param name="Selected">How many they are.</param>
/// <param name="Sent">How many messages to them a provider has.</param>
/// <param name="Opened">How many of the sent were opened, as far as that is reported.</param>
/// <param name="Clicked">How many of the sent had a link followed, as far as that is reported.</param>
/// <param name="Unsubscribed">How many of those who got it unsubscribed with its link.</param>
/// <param name="Complained">How many of the sent were called spam.</param>
public sealed record RestStats(
    string? Subject, long Selected, long Sent, long Opened, long Clicked, long Unsubscribed, long Complained);

/// <summary>The forecast beside what came.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Selected">How many the audience had.</param>
/// <param name="Allowed">How many of them would have been sent to.</param>
/// <param name="Skipped">How many not, by reason.</param>
/// <param name="Deferred">How many not yet, by reason.</param>
/// <param name="Differences">
/// Every recipient for whom it came otherwise, by what was said, what came, and why. Of those whose turn has not come, as many have joined,
/// or left, as the audience has more, or fewer.
/// </param>
/// <param name="Unexplained">How many differences nothing explains; anything but 0 is a fault of ours.</param>
public sealed record ForecastStats(
    DateTimeOffset At,
    long Selected,
    long Allowed,
    IReadOnlyDictionary<string, long> Skipped,
    IReadOnlyDictionary<string, long> Deferred,
    IReadOnlyList<ForecastDifference> Differences,
    long Unexplained);

/// <summary>Recipients for whom something else came than was said.</summary>
/// <param name="Forecast">What was said: a reason, or that they were, or were not, in the audience.</param>
/// <param name="Actual">What came: a status and its reason, or that they were not selected.</param>
/// <param name="Because">
/// Why: <c>changed</c> (the person's record changed after the forecast), <c>cap</c> (how much they had been sent, or a break that
/// they take), <c>clock</c> (quiet hours, or an end), <c>joined</c>, <c>left</c>, <c>operator</c> (paused or cancelled), <c>provider</c> or
/// <c>unexplained</c>.
/// </param>
/// <param name="Count">How many recipients these are.</param>
public sealed record ForecastDifference(string Forecast, string Actual, string Because, long Count);

/// <summary>What a dry run found: the decision for everyone in the audience as it would be now.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Selected">How many the audience has.</param>
/// <param name="Allowed">How many of them would be sent to at once.</param>
/// <param name="Skipped">How many never, by the reason that decides.</param>
/// <param name="Deferred">How many later, by the reason that decides.</param>
public sealed record CampaignForecast(
    DateTimeOffset At, long Selected, long Allowed, IReadOnlyDictionary<string, long> Skipped, IReadOnlyDictionary<string, long> Deferred)
{
    /// <summary>Whether these are the numbers so far: the next dry run goes on from here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UnderWay { get; init; }
}

/// <summary>One recipient.</summary>
/// <param name="MessageId">The id of the message to it.</param>
/// <param name="Address">The address, masked where the key may not look people up; null where it is not known any more.</param>
/// <param name="Status">Where the message stands.</param>
/// <param name="Reason">Why it stands there; null where nothing is decided yet (P2).</param>
/// <param name="Subject">
/// The place in the test, from 0, of the subject that it got, or gets when its turn comes; null without a test, and outside it while none
/// is chosen.
/// </param>
/// <param name="Complained">Whether the person called it spam.</param>
/// <param name="Unsubscribed">Whether the person unsubscribed with its link.</param>
/// <param name="Opened">Whether it was opened, as far as that is reported.</param>
/// <param name="Clicked">Whether a link in it was followed, as far as that is reported.</param>
public sealed record CampaignRecipient(
    string MessageId, string? Address, MessageStatus Status, Reason? Reason, int? Subject, bool Complained, bool Unsubscribed, bool Opened,
    bool Clicked);

/// <summary>A page of recipients; <paramref name="Next"/> is null after the last.</summary>
public sealed record RecipientPage(IReadOnlyList<CampaignRecipient> Recipients, string? Next);

/// <summary>A page of campaigns, newest first; <paramref name="Next"/> is null after the last.</summary>
public sealed record CampaignPage(IReadOnlyList<Campaign> Campaigns, string? Next);
