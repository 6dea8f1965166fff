using System.Text.Json.Serialization;

namespace Notifications.Imports;

/// <summary>What a row says of an address.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImportStatement>))]
public enum ImportStatement
{
    /// <summary>It agreed to a topic: raises permission, so it needs evidence (P6).</summary>
    [JsonStringEnumMemberName("subscribed")] Subscribed,

    /// <summary>An opt-in that nobody confirmed: permits nothing, and is not taken in where nothing stands yet.</summary>
    [JsonStringEnumMemberName("pending")] Pending,

    /// <summary>It said stop, to a topic or to everything on the channel.</summary>
    [JsonStringEnumMemberName("unsubscribed")] Unsubscribed,

    /// <summary>It is blocked, by hand.</summary>
    [JsonStringEnumMemberName("suppressed")] Suppressed,

    /// <summary>It is blocked: it refused for good.</summary>
    [JsonStringEnumMemberName("bounced")] Bounced,

    /// <summary>It is blocked: its owner complained.</summary>
    [JsonStringEnumMemberName("complained")] Complained,

    /// <summary>It is blocked: it cannot receive.</summary>
    [JsonStringEnumMemberName("invalid")] Invalid,

    /// <summary>Nothing about permission: a message log's ordinary line.</summary>
    [JsonStringEnumMemberName("nothing")] Nothing,
}

/// <summary>The words for <see cref="ImportStatement"/> of the own shape.</summary>
public static class ImportStatements
{
    /// <summary>For error messages.</summary>
    public const string Known = "subscribed, unsubscribed, pending, suppressed, bounced, complained or invalid";

    /// <summary>Whether it takes permission away.</summary>
    public static bool Lowers(this ImportStatement says) =>
        says is not (ImportStatement.Subscribed or ImportStatement.Pending or ImportStatement.Nothing);

    /// <summary>The statement of a word, the API's words for acts among them; null for anything else.</summary>
    public static ImportStatement? Parse(string? word) => word switch
    {
        "subscribed" or "opt-in" => ImportStatement.Subscribed,
        "pending" => ImportStatement.Pending,
        "unsubscribed" or "opt-out" => ImportStatement.Unsubscribed,
        "suppressed" => ImportStatement.Suppressed,
        "bounced" => ImportStatement.Bounced,
        "complained" => ImportStatement.Complained,
        "invalid" => ImportStatement.Invalid,
        _ => null,
    };
}
