using System.Globalization;
using System.Text.Json;
using Notifications.Web.Pages;

namespace Notifications.Web.Privacy;

/// <summary>
/// What the evidence of a ledger entry says (R26), as names and values in the person's language. A name that only its service knows stays
/// as it is. Ids, which say something to programs alone, stand in the file and not here.
/// </summary>
internal static class EvidenceFacts
{
    public static IReadOnlyList<(string Name, string Value)> Of(string? evidence, Texts texts)
    {
        if (evidence is null) return [];
        using var json = JsonDocument.Parse(evidence);
        return [.. Read("", json.RootElement, texts)];
    }

    private static IEnumerable<(string Name, string Value)> Read(string name, JsonElement value, Texts texts) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Read(member.Name, member.Value, texts)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Read(name, item, texts)),
        JsonValueKind.Null => [],
        _ when IsId(name, value) => [],
        _ => [(NameOf(name, texts), ValueOf(name, value, texts))],
    };

    /// <summary>The id of a message, a request, an event, an import and its row, or of something that was read.</summary>
    private static bool IsId(string name, JsonElement value) =>
        name is "message" or "request" or "review" or "event" or "import" or "row"
            && !value.ToString().Contains(' ', StringComparison.Ordinal);

    private static string NameOf(string name, Texts texts) => name switch
    {
        "at" => texts.FactAt,
        "ip" => texts.FactIp,
        "userAgent" => texts.FactBrowser,
        "language" => texts.LanguageLabel,
        "until" => texts.FactUntil,
        "package" => texts.PackageLabel,
        "confirmed" => texts.ActConfirm,
        "text" => texts.FactText,
        "to" => texts.FactTo,
        "url" => texts.FactPage,
        "report" => texts.DataMessages,
        _ => name,
    };

    private static string ValueOf(string name, JsonElement value, Texts texts) => value.ValueKind switch
    {
        JsonValueKind.True => texts.Yes,
        JsonValueKind.False => texts.No,
        JsonValueKind.String when name is "at" or "until"
            && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) =>
            PersonHtml.Moment(at, texts),
        _ when name == "language" => PersonHtml.Language(value.ToString()),
        _ when name == "report" => value.ToString() switch
        {
            "complaint" => texts.WhySpam,
            "opted-out" => texts.Unsubscribed,
            _ => texts.MsgFailed,
        },
        _ => value.ToString(),
    };
}
