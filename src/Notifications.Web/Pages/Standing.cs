using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Web.Pages;

/// <summary>
/// What an address would get at present, as the rules of a send themselves decide it: no page promises what a send would not do.
/// </summary>
internal sealed class Standing(TopicCatalog topics, SendingOptions sending, TimeProvider time)
{
    /// <summary>
    /// The names of what goes out to the address. Packages that are followed go out without their topic, and stand for it then.
    /// </summary>
    public IReadOnlyList<string> Gets(AddressState state, IReadOnlyList<(string Number, WatchRecord Watch)> watches, Texts texts)
    {
        var on = topics.All.Where(t => GoesOut(Decide(state, t)) && !IsPaused(state, t)).ToList();
        var names = on.Select(texts.NameOf).ToList();
        if (!on.Exists(t => t.Key == TopicKey.PackageUpdates)
            && watches.Any(w => w.Watch.Status == WatchStatus.Active && GoesOut(Decide(state, Packages, w.Watch))))
        {
            names.Add(texts.StillPackages);
        }

        return names;
    }

    /// <summary>Whether a stop holds over a package, asked or followed, whatever else keeps the address silent.</summary>
    public bool IsSilent(AddressState? state, WatchRecord watch) => Decide(Unblocked(state), Packages, watch).Reason == Reason.Unsubscribed;

    /// <summary>
    /// Why a topic that is subscribed is not sent all the same, whatever else keeps the address silent: its consent is of an older policy
    /// (M15), counts for none (R37, P8), or waits for what the person wrote to be read (R41). Null where it goes out.
    /// </summary>
    public Reason? WhySilent(AddressState? state, Topic topic) =>
        Decide(Unblocked(state), topic).Reason is var reason and (Reason.PolicyOutdated or Reason.NoConsent or Reason.ReviewPending)
            ? reason
            : null;

    /// <summary>That in words beside the topic's name; null where it goes out.</summary>
    public static string? Say(Reason? why, Texts texts) => why switch
    {
        Reason.PolicyOutdated => texts.PolicyOutdated,
        Reason.ReviewPending => texts.ReviewWaits,
        Reason.NoConsent => texts.Never,
        _ => null,
    };

    /// <summary>
    /// What keeps back at present a topic that is on: whatever stands over the address, or a break; null where it goes out.
    /// </summary>
    public string? Held(AddressState? state, Topic topic, Texts texts) =>
        PreferencePage.IsBlocked(state) ? texts.ChosenSilent
        : IsPaused(state, topic) ? Texts.Fill(texts.OnPaused, "date", texts.Date(state!.PausedUntil!.Value))
        : null;

    /// <summary>How a topic that is subscribed stands, in words: on only where it goes out.</summary>
    public string Word(AddressState? state, Topic topic, Texts texts) =>
        Say(WhySilent(state, topic), texts) ?? Held(state, topic, texts) ?? texts.Subscribed;

    /// <summary>Whether the person takes a break from it.</summary>
    public bool IsPaused(AddressState? state, Topic topic) => topic.IsMarketing && state?.PausedUntil > time.GetUtcNow();

    /// <summary>Whether any marketing shows as on.</summary>
    public bool HasMarketing(AddressState? state) =>
        state is not null
            && topics.AllOf(state)
                .Any(t => t.IsMarketing && state.ShownStatusOf(t) is SubscriptionStatus.Subscribed or SubscriptionStatus.Pending);

    private Topic Packages => topics.Find(TopicKey.PackageUpdates)!;

    private Decision Decide(AddressState? state, Topic topic, WatchRecord? watch = null) => DecisionRules.Decide(new DecisionInput
    {
        State = state,
        Topic = topic,
        Channel = state?.Channel ?? Channel.Email,
        Now = time.UtcNowMs(),
        Purpose = watch is { Status: WatchStatus.Pending } ? MessagePurpose.Confirmation : MessagePurpose.Notification,
        AboutPackage = watch is not null,
        Watch = watch?.Status,
        WatchSince = watch?.SaidAt,
        Options = sending,
    });

    // Hours and caps only put off.
    private static bool GoesOut(Decision decision) =>
        decision is { Verdict: Verdict.Allow } or { Verdict: Verdict.Defer, Reason: Reason.QuietHours or Reason.FrequencyCap };

    private static AddressState? Unblocked(AddressState? state) =>
        state is null ? null : state with { Contact = ContactStatus.Active, RestrictedSince = null, Suppression = null };
}
