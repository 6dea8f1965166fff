using System.Text.Json.Serialization;

namespace Notifications.Addresses;

/// <summary>What the customer who owns an address has decided about the whole account.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ContactStatus>))]
public enum ContactStatus
{
    /// <summary>Nothing stands in the way.</summary>
    [JsonStringEnumMemberName("active")] Active = 0,

    /// <summary>The account is disabled: nothing is sent to any of its addresses (M8).</summary>
    [JsonStringEnumMemberName("disabled")] Disabled = 1,

    /// <summary>Processing is restricted (GDPR art. 18): the data stay, nothing is sent.</summary>
    [JsonStringEnumMemberName("restricted")] Restricted = 2,

    /// <summary>The person was erased.</summary>
    [JsonStringEnumMemberName("erased")] Erased = 3,
}
