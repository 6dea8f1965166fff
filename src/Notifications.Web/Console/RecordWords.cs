using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Subscribe;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// What stands in records by a machine's word, ledger entries, receipts, timelines and alerts, as people say it. What is in words of a
/// service's own stays as it is.
/// </summary>
internal static class RecordWords
{
    /// <summary>What a ledger entry records.</summary>
    public static string Of(LedgerAction action) => action switch
    {
        LedgerAction.OptIn => "agreed",
        LedgerAction.Confirm => "confirmed",
        LedgerAction.OptOut => "said stop",
        LedgerAction.StopAll => "stopped everything",
        LedgerAction.Resume => "took a stop back",
        LedgerAction.Suppress => "blocked",
        LedgerAction.Unsuppress => "block lifted",
        LedgerAction.Disable => "account disabled",
        LedgerAction.Enable => "account enabled",
        LedgerAction.Unwatch => "stopped following a package",
        LedgerAction.Watch => "followed a package",
        LedgerAction.Review => "wrote something to be read",
        LedgerAction.Reviewed => "was read",
        LedgerAction.Erase => "erased",
        LedgerAction.Restrict => "processing restricted",
        LedgerAction.Unrestrict => "restriction lifted",
        LedgerAction.Expire => "never confirmed, and lapsed",
        LedgerAction.Rectify => "corrected",
        LedgerAction.Objection => "objected to marketing",
        LedgerAction.Pause => "paused marketing",
        LedgerAction.Unpause => "ended the pause",
        _ => Parts.Word(action),
    };

    /// <summary>Where a subscription stands.</summary>
    public static string Of(SubscriptionStatus status) => status == SubscriptionStatus.None ? "never agreed" : Parts.Word(status);

    /// <summary>Where following a package stands.</summary>
    public static string Of(WatchStatus status) => status switch
    {
        WatchStatus.Active => "followed",
        WatchStatus.Pending => "not confirmed yet",
        _ => "not followed any more",
    };

    /// <summary>What somebody meant who wrote to us.</summary>
    public static string Of(ReviewVerdict verdict) =>
        verdict == ReviewVerdict.Revoke ? "They wanted it to stop" : "They meant something else";

    /// <summary>What a message is for.</summary>
    public static string Of(MessagePurpose purpose) => purpose switch
    {
        MessagePurpose.Confirmation => "asks to confirm",
        MessagePurpose.Reply => "answers the person",
        MessagePurpose.Notice => "tells the person what came of their request",
        MessagePurpose.Test => "a test",
        MessagePurpose.PreferencesLink => "brings the link to the preferences",
        _ => "a message of its topic",
    };

    /// <summary>The way by which something was said.</summary>
    public static string? Source(string? source) => source switch
    {
        PersonActs.Source + "phone" => "by phone",
        PersonActs.Source + "mail" => "by letter or mail",
        PersonActs.Source + "counter" => "in person",
        PersonActs.Source + "other" => "told an agent",
        "console" => "this console",
        "api" => "a program",
        "import" => "an import",
        "one-click" => "one-click unsubscribe",
        "unsubscribe-page" => "unsubscribe page",
        "mailto" => "mail to unsubscribe",
        "feedback-loop" => "spam report",
        "contact" => "the account",
        "review" => "review",
        "retention" => "its time was over",
        ConsentSource.Sms => "text message",
        ConsentSource.AddressChange => "moved to another address",
        ConsentSource.PrivacyRequest => "rights request",
        ConsentSource.ProviderReport => "report of the provider",
        PhoneForms.Source => "the other form of the number",
        Objection.Source => "objection",
        WatchOptions.PublicForm => "sign-up page",
        ConfirmEndpoint.Source => "confirmation page",
        PreferenceEndpoint.Source => "preference page",
        _ when SoftOptIn.Is(source) => "did not refuse when buying" + source![SoftOptIn.Basis.Length..],
        _ => source,
    };

    /// <summary>Who acted: somebody by name, a program by that of its key.</summary>
    public static string? Actor(string? actor) => actor switch
    {
        Actors.Person => "the person",
        Actors.Provider => "the provider",
        "unproven" => "not proven who",
        _ when actor?.Split(':', 2) is ["agent", var name] => name,
        _ when actor?.StartsWith(Actors.Itself, StringComparison.Ordinal) == true => "by itself",
        _ when actor?.Split(':', 2) is ["service", var name] => name + ", a program",
        _ => actor,
    };

    /// <summary>What a rule asks, as what holds where it is passed.</summary>
    public static string? Rule(string name) => name switch
    {
        "account" => "The account is not disabled",
        "restriction" => "Processing is not restricted",
        "suppression" => "The address is not blocked",
        "subscription" => "The person agreed to it",
        "policy-version" => "The policy agreed to still counts",
        "review" => "Nothing they wrote waits to be read",
        "expiry" => "It is not too late",
        "duplicate" => "It was not decided before",
        "quiet-hours" => "It is not night there",
        "frequency-cap" => "They have not had enough for now",
        "freshness" => "There is no newer news",
        "pause" => "They take no break from marketing",
        "campaign" => "The campaign is not stopped",
        _ => null,
    };

    /// <summary>A line of a message's timeline.</summary>
    public static string Happening(string happening) => happening switch
    {
        "queued" => "taken in",
        "skipped" => "not sent",
        "deferred" => "put off",
        MessageRecord.Claimed => "allowed, and begun to be handed off",
        "accepted" => "taken by the provider",
        "rejected" => "refused for good",
        "unknown" => "not known whether it went out",
        MessageRecord.Withheld => "held back before it was offered",
        MessageRecord.Throttled => "the provider wants fewer for now",
        MessageRecord.Unavailable => "not taken by the provider, tried again",
        MessageRecord.AnswerLost => "the provider’s answer was lost",
        MessageRecord.Replayed => "put back by an operator",
        MessageRecord.Clicked => "a link was followed",
        _ when happening.StartsWith(MessageRecord.ReportPrefix, StringComparison.Ordinal) =>
            "the provider reports: " + Report(happening[MessageRecord.ReportPrefix.Length..]),
        _ => happening,
    };

    private static string Report(string report) => report switch
    {
        "progress" => "on its way",
        "soft-bounce" => "not delivered for now",
        "bounce" => "refused for good",
        "bounced" => "came back",
        "invalid" => "the address cannot receive",
        "complaint" => "called spam",
        "opted-out" => "said stop to the provider",
        "refused" => "refused because of us",
        "failed" => "not delivered",
        "unknown" => "not known what came of it",
        _ => report,
    };

    /// <summary>What an event tells that came in from outside, by its type.</summary>
    public static string? Event(string type) => type switch
    {
        ProviderReports.EmailReport => "A report of what came of a mail",
        ProviderReports.SmsReport => "A report of what came of a text",
        ProviderReports.Complaint => "A report of spam",
        EngagementReports.EmailReport or EngagementReports.Engagement => "A report of an opening or a click",
        InboundMail.EventType => "A mail to us",
        SignupRequest.EventType => "A sign-up",
        SmsConversation.SmsReceived => "A text to us",
        _ => null,
    };

    /// <summary>What rings; docs/operate.md says what to do about it.</summary>
    public static string? Alert(string kind) => kind switch
    {
        "email-authentication" => "Our mail is not recognised as ours",
        "email-filtered" => "Our mail is taken for spam",
        "email-refused" => "Our mail is refused because of us",
        "sms-refused" => "Our texts are refused because of us",
        "campaign-paused" => "A campaign paused itself",
        "campaign-not-launched" => "A campaign could not be launched",
        "ledger-broken" => "A ledger does not verify",
        "audit-broken" => "The audit does not verify",
        "import-cut-off" => "An import of a person was cut off",
        "request-due" => "A rights request is due soon",
        "request-overdue" => "A rights request is overdue",
        "circuit-open" => "A provider took nothing",
        "store-writes" => "The store took no writes",
        "store-damaged" => "The store is damaged",
        _ => null,
    };

    /// <summary>The first that is to be done about an alert, in short; docs/operate.md says it whole.</summary>
    public static string? Remedy(string kind) => kind switch
    {
        "email-authentication" => "Stop marketing. Compare the domain’s SPF, DKIM and DMARC records with those that the provider wants.",
        "email-filtered" => "Look at what was sent and to whom, and send more slowly.",
        "email-refused" => "Look at the From addresses and at what the provider said; once it is mended replay the dead letters, and have what failed sent anew.",
        "sms-refused" => "Look at whether the number is still ours and verified; replay the dead letters once it is mended.",
        "campaign-paused" => "See on its page why; resume it only once that is mended.",
        "campaign-not-launched" => "See on its page what it lacks, and schedule it anew.",
        "audit-broken" => "Verify the audit, and find out who can write to the store.",
        "ledger-broken" => "Verify all ledgers in the audit, and find out who can write to the store.",
        "import-cut-off" => "Send the same file once more: it completes what is missing.",
        "request-due" => "Answer the person, or extend the request with notice to them before that day.",
        "request-overdue" => "Answer the person today, and say why it was late.",
        "circuit-open" => "Home says whether it takes them again. See what it said last; nothing is lost, and it is tried again by itself.",
        "store-writes" => "Make room on the disk; nobody was told of something that is not done.",
        "store-damaged" => "Stop the process, look at the disk, and put a copy of the data back.",
        _ => null,
    };

    /// <summary>Words, and below them the machine's own, by which it is found in logs, metrics and documents.</summary>
    public static Html Beside(string? words, string code) =>
        words is null ? Parts.Code(code) : Html.Of($"{words}<small><code>{code}</code></small>");
}
