using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;

namespace Notifications.Sms;

/// <summary>
/// What a number would get at present, as the rules of a send themselves decide it: no answer promises what a send would not do.
/// </summary>
internal sealed class SmsStanding(TopicCatalog topics, SendingOptions sending)
{
    /// <summary>Whether nothing is sent whatever was chosen: the rules that stand above every topic.</summary>
    public static bool IsBlocked(AddressState state) =>
        state is { Suppression: not null } or { Contact: not ContactStatus.Active } or { RestrictedSince: not null };

    /// <summary>
    /// Whether nothing was chosen, or nothing of it is sent at present, so that no answer may say that it is (R49).
    /// </summary>
    public bool IsSilent(AddressState state, DateTimeOffset now) => !topics.All.Any(t => Comes(state, t, now));

    /// <summary>Whether marketing was chosen and is not stopped, also while it waits for an hour, a break or a person's reading.</summary>
    public bool HasMarketing(AddressState state) =>
        !IsBlocked(state) && topics.All.Any(t => t.IsMarketing && state.StatusOf(t) == SubscriptionStatus.Subscribed);

    /// <summary>What was chosen and is not sent at present, as while something that the person wrote waits to be read.</summary>
    public string[] Held(AddressState state, DateTimeOffset now) =>
        [
            .. topics.All.Where(t => state.StatusOf(t) == SubscriptionStatus.Subscribed && !Comes(state, t, now)).Select(t => t.Key),
        ];

    /// <summary>Whether a topic goes out, or of package updates the packages do that are followed without a subscription.</summary>
    public bool Comes(AddressState state, Topic topic, DateTimeOffset now) =>
        GoesOut(state, topic, now)
            || (topic.Key == TopicKey.PackageUpdates && state.Watching > 0 && Transitions.Follows(state) && !IsBlocked(state));

    /// <summary>
    /// What a STOP ends that came before it, in the order people know, so that one kind can be kept: of one alone there is no question, and
    /// what would not be sent anyway is not offered (R45).
    /// </summary>
    public string[] Offer(AddressState before, DateTimeOffset now)
    {
        string[] comes = [.. topics.All.Where(t => Comes(before, t, now)).Select(t => t.Key)];
        return comes.Length > 1 ? comes : [];
    }

    /// <summary>Whether a topic goes out, if not at this hour: hours and caps only put off, a break and a review hold back.</summary>
    public bool GoesOut(AddressState state, Topic topic, DateTimeOffset now)
    {
        var decision = DecisionRules.Decide(new DecisionInput
        {
            State = state,
            Topic = topic,
            Channel = Channel.Sms,
            Now = now,
            Options = sending,
        });
        return decision is { Verdict: Verdict.Allow } or { Verdict: Verdict.Defer, Reason: Reason.QuietHours or Reason.FrequencyCap }
            && !(topic.IsMarketing && state.PausedUntil > now);
    }
}
