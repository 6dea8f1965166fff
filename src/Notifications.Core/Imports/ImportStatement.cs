using System.Text.Json.Serialization;
using Notifications.Sms;

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

/// <summary>
/// The words for <see cref="ImportStatement"/>: ours, the API's for acts, and those that lists of other makers have. Case, spaces, hyphens
/// and underscores aside, so <c>Opted Out</c> is <c>opted-out</c>; and whatever stops a text stops here too (R39, R55), for a stop that is
/// not understood is one that is lost (P6).
/// </summary>
public static class ImportStatements
{
    private static readonly (ImportStatement Says, string[] Words)[] Table =
    [
        (ImportStatement.Subscribed, ["subscribed", "active", "opt-in", "opted-in", "confirmed"]),
        (ImportStatement.Pending, ["pending", "unconfirmed"]),
        (ImportStatement.Unsubscribed,
            [
                "unsubscribed", "unsubscribe", "opt-out", "opted-out", "stop", "stopped", "removed", "inactive", "disabled", "cancelled",
                "canceled", "revoked", "withdrawn", "deleted", "archived",
            ]),
        (ImportStatement.Suppressed,
            [
                "suppressed", "blocked", "blocklisted", "blacklisted", "do-not-contact", "do-not-mail", "do-not-email", "do-not-call",
                "do-not-text",
            ]),
        (ImportStatement.Bounced, ["bounced", "bounce", "hard-bounce", "hard-bounced", "cleaned"]),
        (ImportStatement.Complained, ["complained", "complaint", "spam", "spam-report", "spam-complaint", "junk", "abuse"]),
        (ImportStatement.Invalid, ["invalid", "invalid-email"]),
    ];

    private static readonly Dictionary<string, ImportStatement> ByWord =
        Table.SelectMany(t => t.Words, (t, word) => (t.Says, word)).ToDictionary(w => Bare(w.word), w => w.Says, StringComparer.Ordinal);

    /// <summary>For error messages.</summary>
    public static string Known { get; } = "one of " + string.Join(", ", Table.SelectMany(t => t.Words)) + ", or a word that stops texts";

    /// <summary>Whether it takes permission away.</summary>
    public static bool Lowers(this ImportStatement says) =>
        says is not (ImportStatement.Subscribed or ImportStatement.Pending or ImportStatement.Nothing);

    /// <summary>The statement of a word; null for one that nobody knows.</summary>
    public static ImportStatement? Parse(string? word) =>
        word is null ? null
        : ByWord.TryGetValue(word, out var says) || ByWord.TryGetValue(Bare(word), out says) ? says
        : SmsKeyword.Read(word).Intent == SmsIntent.Stop ? ImportStatement.Unsubscribed
        : null;

    private static string Bare(string word) =>
        string.Concat(word.Where(c => c is not ('-' or '_' or '\u2010' or '\u2011') && !char.IsWhiteSpace(c))).ToLowerInvariant();
}
