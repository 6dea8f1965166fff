using System.Text.Json.Serialization;

namespace Notifications.Addresses;

/// <summary>The way a notification travels. An address belongs to exactly one channel.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Channel>))]
public enum Channel
{
    /// <summary>Email.</summary>
    [JsonStringEnumMemberName("email")] Email = 1,

    /// <summary>Text message.</summary>
    [JsonStringEnumMemberName("sms")] Sms = 2,
}

/// <summary>Names of channels as they stand in the API.</summary>
public static class ChannelNames
{
    /// <summary><c>email</c> or <c>sms</c>.</summary>
    public static string Name(this Channel channel) => channel == Channel.Email ? "email" : "sms";

    /// <summary>Reads <c>email</c> or <c>sms</c>; anything else is null.</summary>
    public static Channel? Parse(string? name) => name switch { "email" => Channel.Email, "sms" => Channel.Sms, _ => null };
}
