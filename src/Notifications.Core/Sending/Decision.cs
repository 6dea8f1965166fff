using System.Text.Json.Serialization;

namespace Notifications.Sending;

/// <summary>Send now, not at all, or not yet.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>Every rule passed.</summary>
    [JsonStringEnumMemberName("allow")] Allow,

    /// <summary>A rule says no.</summary>
    [JsonStringEnumMemberName("skip")] Skip,

    /// <summary>A rule says not yet.</summary>
    [JsonStringEnumMemberName("defer")] Defer,
}

/// <summary>
/// The answer for one message: the first rule that did not pass decides, and every rule's result is kept (P2). <paramref name="Results"/>
/// are in the order of <see cref="DecisionRules.All"/>; <paramref name="Until"/> is set for a deferral only.
/// </summary>
public readonly record struct Decision(Verdict Verdict, Reason Reason, DateTimeOffset? Until, Reason[] Results);
