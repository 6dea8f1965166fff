using Notifications.Sending;

namespace Notifications.Web.Console;

/// <summary>
/// A reason in a few words, for tables, charts and lists to choose from. <see cref="Notifications.Privacy.Explainer"/> says it in a
/// sentence.
/// </summary>
internal static class ReasonWords
{
    /// <summary>By the name that it has in the API; what is no reason, as it stands.</summary>
    public static string Of(string name) =>
        ReasonNames.Parse(name) is { } reason ? Of(reason) : name == "queued" ? "waits for its turn" : name.Replace('-', ' ');

    /// <summary>In a few words.</summary>
    public static string Of(Reason reason) => reason switch
    {
        Reason.Allowed => "allowed",
        Reason.NoConsent => "never agreed",
        Reason.Unconfirmed => "not confirmed yet",
        Reason.Unsubscribed => "said stop",
        Reason.PackageUnwatched => "package not followed any more",
        Reason.SuppressedBounce => "blocked: refuses mail",
        Reason.SuppressedComplaint => "blocked: called us spam",
        Reason.SuppressedManual => "blocked by our decision",
        Reason.SuppressedErased => "blocked: person erased",
        Reason.SuppressedInvalid => "blocked: cannot receive",
        Reason.AccountDisabled => "account disabled",
        Reason.ProcessingRestricted => "processing restricted",
        Reason.PolicyOutdated => "agreed to an older policy",
        Reason.ReviewPending => "waits for review",
        Reason.QuietHours => "quiet hours",
        Reason.FrequencyCap => "had enough for now, or takes a break",
        Reason.Expired => "too late",
        Reason.Duplicate => "decided before",
        Reason.StaleEvent => "older than the last news",
        Reason.CampaignPaused => "campaign paused",
        Reason.CampaignCancelled => "campaign cancelled",
        Reason.NotSelected => "not in the audience",
        Reason.ProviderRejected => "refused by the provider",
        Reason.ProviderUnavailable => "not taken by the provider yet",
        _ => "not known",
    };
}
