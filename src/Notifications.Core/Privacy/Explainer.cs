using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sending.Rules;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>Why an address did, or would, get something, or not: in words and as data.</summary>
/// <param name="At">The moment asked about; null for a message that nobody has decided on.</param>
/// <param name="Decision">
/// Send, not, or not yet; null for a message that nobody has decided on, and where an erasure took what it would be told from.
/// </param>
/// <param name="Reason">The first rule's reason; null where there is no decision.</param>
/// <param name="Text">The same in a sentence.</param>
/// <param name="Rules">Every rule with its result.</param>
/// <param name="LedgerSeq">The newest ledger entry it rests on, 0 where there was none.</param>
/// <param name="LedgerHash">That entry's hash.</param>
/// <param name="Status">What became of the message, where one was asked about.</param>
public sealed record Explanation(
    DateTimeOffset? At, Verdict? Decision, Reason? Reason, string Text, IReadOnlyList<(string Rule, Reason Result)> Rules, long LedgerSeq,
    string LedgerHash, MessageStatus? Status)
{
    /// <summary>Of package updates: each package that is followed, waits to be, or is no more, with what holds for it.</summary>
    public IReadOnlyList<ExplainedPackage> Packages { get; init; } = [];
}

/// <summary>What would become of the updates of one package.</summary>
/// <param name="TrackingNumber">The tracking number.</param>
/// <param name="Decision">What would be decided.</param>
/// <param name="Reason">Why that would be decided.</param>
/// <param name="Text">The same in words.</param>
public sealed record ExplainedPackage(string TrackingNumber, Verdict Decision, Reason Reason, string Text);

/// <summary>
/// Answers "why did, or didn't, this address get this?" for any moment (P2): a message from its receipt, what would go out now from the
/// record that a send would be decided on, and anything else from the ledger as it was then.
/// </summary>
public sealed class Explainer(
    AddressBook book, ITableStore tables, MessageReader messages, KeyRing ring, TopicCatalog topics, SendingOptions options,
    PrivacyOptions privacy, TimeProvider time)
{
    /// <summary>Would the topic's message have gone out at that moment, or with null, would it now?</summary>
    public ValueTask<Explanation> TopicAsync(Address address, Topic topic, DateTimeOffset? moment, CancellationToken cancel) =>
        TopicAsync(ring.KeyOf(address), address.Channel, topic, moment, cancel);

    private async ValueTask<Explanation> TopicAsync(
        AddressKey key, Channel channel, Topic topic, DateTimeOffset? moment, CancellationToken cancel)
    {
        var (state, at, forgotten) = await AsOfAsync(key, moment, cancel);
        return Known(Of(state, at, Decide(channel, topic, state, at, null)), forgotten);
    }

    /// <summary>
    /// What the ledger of an erased person still tells. Whether an opt-in was confirmed as it was given, and why an address was blocked,
    /// stood in what was erased: no guess is told for it.
    /// </summary>
    private static Explanation Known(Explanation why, bool forgotten) =>
        forgotten && why.Reason is (Reason.Unconfirmed or Reason.SuppressedManual)
            ? why with
            {
                Decision = null,
                Reason = null,
                Text = "The person was erased since, and with them the evidence of what held at that moment: it cannot be told any more.",
                Rules = [],
            }
            : why;

    /// <summary>
    /// The same with the packages that are followed, each of which speaks without its topic (M1): where the topic alone would not go out,
    /// the answer is that of those that would. Of a past moment those are looked at that stand since then as they do today.
    /// </summary>
    public async ValueTask<Explanation> TopicWithPackagesAsync(
        Address address, Topic topic, DateTimeOffset? moment, CancellationToken cancel)
    {
        if (topic.Key != TopicKey.PackageUpdates) return await TopicAsync(address, topic, moment, cancel);
        var key = ring.KeyOf(address);
        var (state, at, forgotten) = await AsOfAsync(key, moment, cancel);
        var past = moment < time.UtcNowMs();
        var alone = Known(Of(state, at, Decide(address.Channel, topic, state, at, null)), forgotten);
        var decided = (await WatchRows.OfAsync(tables, key, cancel))
            .Where(w => !past || w.Watch.Since <= at)
            .Select(w => (w.Number, Why: Of(state, at, Decide(address.Channel, topic, state, at, w.Watch))))
            .ToList();
        alone = alone with
        {
            Packages = [.. decided.Select(d => new ExplainedPackage(d.Number, d.Why.Decision!.Value, d.Why.Reason!.Value, d.Why.Text))],
        };
        foreach (var verdict in (Verdict[])[Verdict.Allow, Verdict.Defer])
        {
            if (alone.Decision == verdict) return alone;
            if (decided.FindAll(d => d.Why.Decision == verdict) is not { Count: > 0 } these) continue;
            var which = these.Count == 1 ? "one package that is followed" : $"{these.Count} packages that are followed";
            return these[0].Why with
            {
                Packages = alone.Packages,
                Text = $"For {which}: {these[0].Why.Text} For any other: {alone.Text}",
            };
        }

        return past
            && state is { Stopped: null }
            && Transitions.Follows(state)
            && alone.Reason is (Reason.NoConsent or Reason.Unconfirmed or Reason.Unsubscribed)
            ? alone with { Text = alone.Text + " A package that was followed then and is no more is not looked at." }
            : alone;
    }

    /// <summary>
    /// The record as it was; forgotten where the person was erased since, so that its ledger says what was done and no more.
    /// </summary>
    private async ValueTask<(AddressState? State, DateTimeOffset At, bool Forgotten)> AsOfAsync(
        AddressKey key, DateTimeOffset? moment, CancellationToken cancel)
    {
        var (today, _) = await book.LoadAsync(key, cancel);
        var now = time.UtcNowMs();
        var at = moment ?? now;
        if (today is null || at >= now) return (today, at, false);
        var then = LedgerFold.At(await book.WholeLedgerAsync(key, cancel), today, topics, at);
        return (then, at, today.IsErased && then is { IsErased: false });
    }

    private Decision Decide(Channel channel, Topic topic, AddressState? state, DateTimeOffset at, WatchRecord? watch) =>
        DecisionRules.Decide(new DecisionInput
        {
            State = state,
            Topic = topic,
            Channel = channel,
            Now = at,
            AboutPackage = watch is not null,
            Watch = watch?.Status,
            WatchSince = watch?.SaidAt,
            Options = options,
        });

    private static Explanation Of(AddressState? state, DateTimeOffset at, Decision decision)
    {
        var rules = decision.Results.Select((result, i) => (DecisionRules.All[i].Name, result)).ToList();
        var head = state?.Ledger ?? LedgerHead.Empty;
        return new Explanation(at, decision.Verdict, decision.Reason, Words(decision.Reason, rules), rules, head.Seq, head.Hash, null);
    }

    /// <summary>Why a message was, or was not, sent; null when there is none of that id, or it is not of the address given.</summary>
    public async ValueTask<Explanation?> MessageAsync(Address? address, MessageId id, CancellationToken cancel) =>
        (address is { } whose && id.Address != ring.KeyOf(whose)) || await messages.FindAsync(id, cancel) is not { } record
            ? null
            : await MessageAsync(id.Address, record, cancel);

    private async ValueTask<Explanation> MessageAsync(AddressKey key, MessageRecord record, CancellationToken cancel)
    {
        var undecided = record is { Receipt: null, Status: MessageStatus.Queued };
        var at = undecided ? null : record.Receipt?.At ?? (record.Timeline is [.., var last] ? last.At : (DateTimeOffset?)null);
        Verdict? verdict = undecided || record is { Receipt: null, StandsIn: false }
            ? null
            : record.Reason == Reason.Allowed || record.Status is not (MessageStatus.Skipped or MessageStatus.Deferred)
                ? Verdict.Allow
                : record.Status == MessageStatus.Deferred ? Verdict.Defer : Verdict.Skip;
        var text = Words(record, privacy);
        if (undecided && record.Campaign is not null)
            text += " As things stand: " + (await TopicAsync(key, record.Channel, topics.Of(record.Topic), null, cancel)).Text;
        return new Explanation(
            at, verdict, undecided ? null : record.Reason, text, [.. record.Receipt?.Rules() ?? []], record.Receipt?.LedgerSeq ?? 0,
            record.Receipt?.LedgerHash ?? LedgerHead.Empty.Hash, record.Status);
    }

    /// <summary>Why an address did, or did not, get a campaign, also where it was never selected.</summary>
    public async ValueTask<Explanation> CampaignAsync(Address address, Campaign campaign, Topic topic, CancellationToken cancel)
    {
        var key = ring.KeyOf(address);
        if (campaign.LaunchedAt is not null && await messages.FindAsync(campaign, key, cancel) is { } record)
            return await MessageAsync(key, record, cancel);
        var then = await TopicAsync(address, topic, campaign.LaunchedAt, cancel);
        if (campaign.LaunchedAt is null)
            return then with { Decision = null, Text = "The campaign has not been launched. As things stand: " + then.Text };
        return then with
        {
            Decision = Verdict.Skip,
            Reason = Reason.NotSelected,
            Text = Words(Reason.NotSelected) + (then.Reason == Reason.Allowed ? "" : " At the launch: " + then.Text),
        };
    }

    /// <summary>Where a message stands, and why, as a sentence, also where something stands in for its record.</summary>
    public static string Words(MessageRecord record, PrivacyOptions privacy) => record switch
    {
        { IsKnown: false } =>
            $"It was accepted and waits for its turn; until then nothing more is recorded. One that ended more than {privacy.MessageDays} days ago reads so too: its record was purged.",
        { StandsIn: true, Timeline: [] } => Words(record) + " The message's own record is no longer kept.",
        _ => Words(record),
    };

    /// <summary>Where a message stands, and why, as a sentence.</summary>
    public static string Words(MessageStatus status, Reason reason) => (status, reason) switch
    {
        (MessageStatus.Queued, Reason.CampaignPaused) => "It waits for its campaign, which is paused.",
        (MessageStatus.Queued, Reason.Allowed) => "It waits for its turn; nothing is decided yet.",
        (MessageStatus.Queued, Reason.ProviderUnavailable) => "The provider did not take it yet, or its template may not be sent as it is; it is tried again.",
        (MessageStatus.Bounced, _) => "The address refused it for good.",
        _ => Words(reason),
    };

    /// <summary>Where a message stands, and why, as a sentence; its receipt tells a break from a cap.</summary>
    public static string Words(MessageRecord record) =>
        record is { Status: MessageStatus.Deferred or MessageStatus.Skipped, Receipt: { } receipt }
            ? Words(record.Reason, receipt.Rules())
            : Words(record.Status, record.Reason);

    /// <summary>A reason as a sentence, where it is known which rule gave it.</summary>
    public static string Words(Reason reason, IEnumerable<(string Rule, Reason Result)> rules) =>
        reason == Reason.NotSelected && rules.Contains((AccountRule.Account, reason))
            ? "The contact that it was meant for owns the address no more."
        : reason == Reason.QuietHours && rules.Contains((PauseRule.Break, Reason.FrequencyCap))
            ? $"{Words(reason)} The person was also taking a break from marketing, and it waits for the end of that too."
        : reason != Reason.FrequencyCap ? Words(reason)
        : rules.FirstOrDefault(r => r.Result != Reason.Allowed).Rule == PauseRule.Break ? "The person was taking a break from marketing."
        : "The person had received as many messages as allowed for now.";

    /// <summary>A reason as a sentence.</summary>
    public static string Words(Reason reason) => reason switch
    {
        Reason.Allowed => "Every rule allows it.",
        Reason.NoConsent => "Nothing had been agreed for this topic, or it is not offered any more.",
        Reason.Unconfirmed => "The opt-in had not been confirmed.",
        Reason.Unsubscribed => "The person had said stop.",
        Reason.PackageUnwatched => "The person had stopped following this package.",
        Reason.SuppressedBounce => "The address had refused mail for good.",
        Reason.SuppressedComplaint => "The person had reported a message as spam.",
        Reason.SuppressedManual => "An operator had blocked the address.",
        Reason.SuppressedErased => "The person had been erased.",
        Reason.SuppressedInvalid => "The address cannot receive.",
        Reason.AccountDisabled => "The account was disabled.",
        Reason.ProcessingRestricted => "Processing was restricted at the person's request.",
        Reason.PolicyOutdated => "The consent was given under a policy version that no longer suffices.",
        Reason.ReviewPending => "Something the person wrote waited for a human reader.",
        Reason.QuietHours =>
            "It was night where the person lives, or no hour is known to be day there; it waits for that, for some days at most.",
        Reason.FrequencyCap => "The person had received as many messages as allowed for now, or was taking a break.",
        Reason.Expired => "The message's time was over.",
        Reason.Duplicate => "The same message had been decided before.",
        Reason.StaleEvent => "Newer news of the package was already known.",
        Reason.CampaignPaused => "The campaign was paused.",
        Reason.CampaignCancelled => "The campaign was cancelled.",
        Reason.NotSelected => "The audience did not include the address.",
        Reason.ProviderRejected => "It could not be rendered, or the provider refused it for good.",
        Reason.ProviderUnavailable => "The provider did not take it, or its template may not be sent as it is, within all attempts.",
        _ => "It is not known whether the provider took it.",
    };
}
