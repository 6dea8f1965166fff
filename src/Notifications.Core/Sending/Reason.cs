using System.Reflection;
using System.Text.Json.Serialization;

namespace Notifications.Sending;

/// <summary>
/// Why a message was, or was not, sent: one closed list for every API, page and metric (DESIGN section 2). Numbers stand in stored
/// receipts: never renumber one.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<Reason>))]
public enum Reason : byte
{
    /// <summary>Every rule passed.</summary>
    [JsonStringEnumMemberName("allowed")] Allowed = 0,

    /// <summary>Nothing was ever agreed for this topic.</summary>
    [JsonStringEnumMemberName("no-consent")] NoConsent = 1,

    /// <summary>The opt-in was never confirmed.</summary>
    [JsonStringEnumMemberName("unconfirmed")] Unconfirmed = 2,

    /// <summary>The person said stop.</summary>
    [JsonStringEnumMemberName("unsubscribed")] Unsubscribed = 3,

    /// <summary>The person stopped following this package.</summary>
    [JsonStringEnumMemberName("package-unwatched")] PackageUnwatched = 4,

    /// <summary>The address bounced for good.</summary>
    [JsonStringEnumMemberName("suppressed-bounce")] SuppressedBounce = 5,

    /// <summary>The person reported spam.</summary>
    [JsonStringEnumMemberName("suppressed-complaint")] SuppressedComplaint = 6,

    /// <summary>An operator blocked the address.</summary>
    [JsonStringEnumMemberName("suppressed-manual")] SuppressedManual = 7,

    /// <summary>The person was erased.</summary>
    [JsonStringEnumMemberName("suppressed-erased")] SuppressedErased = 8,

    /// <summary>The address cannot receive.</summary>
    [JsonStringEnumMemberName("suppressed-invalid")] SuppressedInvalid = 9,

    /// <summary>The account is disabled.</summary>
    [JsonStringEnumMemberName("account-disabled")] AccountDisabled = 10,

    /// <summary>Processing is restricted.</summary>
    [JsonStringEnumMemberName("processing-restricted")] ProcessingRestricted = 11,

    /// <summary>The consent was given under a policy version that no longer suffices.</summary>
    [JsonStringEnumMemberName("policy-outdated")] PolicyOutdated = 12,

    /// <summary>Something the person wrote waits for a human reader.</summary>
    [JsonStringEnumMemberName("review-pending")] ReviewPending = 13,

    /// <summary>It is night where the person lives.</summary>
    [JsonStringEnumMemberName("quiet-hours")] QuietHours = 14,

    /// <summary>The person has had enough for now.</summary>
    [JsonStringEnumMemberName("frequency-cap")] FrequencyCap = 15,

    /// <summary>Its time is over.</summary>
    [JsonStringEnumMemberName("expired")] Expired = 16,

    /// <summary>It was decided before.</summary>
    [JsonStringEnumMemberName("duplicate")] Duplicate = 17,

    /// <summary>Newer news of the package is already known.</summary>
    [JsonStringEnumMemberName("stale-event")] StaleEvent = 18,

    /// <summary>The campaign is paused.</summary>
    [JsonStringEnumMemberName("campaign-paused")] CampaignPaused = 19,

    /// <summary>The campaign was cancelled.</summary>
    [JsonStringEnumMemberName("campaign-cancelled")] CampaignCancelled = 20,

    /// <summary>The audience did not include the address.</summary>
    [JsonStringEnumMemberName("not-selected")] NotSelected = 21,

    /// <summary>It could not be rendered, or the provider refused it for good; the timeline says which.</summary>
    [JsonStringEnumMemberName("provider-rejected")] ProviderRejected = 22,

    /// <summary>The provider did not take it within all attempts, or its template may not be sent; the timeline says which.</summary>
    [JsonStringEnumMemberName("provider-unavailable")] ProviderUnavailable = 23,

    /// <summary>A crash or a lost answer left it open whether the provider took it.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown = 24,
}

/// <summary>Reasons as texts show them.</summary>
public static class ReasonNames
{
    private static readonly Dictionary<Reason, string> Names = Enum.GetValues<Reason>().ToDictionary(
        r => r, r => typeof(Reason).GetField(r.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name);

    /// <summary>The name in every API, page and metric.</summary>
    public static string Name(this Reason reason) => Names[reason];

    /// <summary>The reason of a name, or null.</summary>
    public static Reason? Parse(string? name)
    {
        foreach (var (reason, known) in Names)
            if (known == name) return reason;
        return null;
    }
}
