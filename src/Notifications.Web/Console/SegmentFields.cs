using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notifications.Web.Console;

/// <summary>
/// The fields of the segment editor, as a filter and back. A filter that is more than fields that must all hold has none.
/// </summary>
internal static partial class SegmentFields
{
    private static readonly string[] Texts = ["locale", "country", "tag"];
    private static readonly string[] Moments = ["subscribedSince", "subscribedBefore", "engagedSince"];
    private const string Watching = "watching";

    /// <summary>What a field of a moment takes. The reader of filters says it in the words of the API, where periods are P90D.</summary>
    public const string MomentTakes = "must be a date such as 2026-01-31, or a time back such as 90 days";

    /// <summary>Every field.</summary>
    public static readonly string[] All = [.. Texts, .. Moments, Watching];

    /// <summary>Whether a field is a moment.</summary>
    public static bool IsMoment(string name) => Moments.Contains(name);

    /// <summary>The filter, as JSON, that the filled fields mean; an empty object where none is filled.</summary>
    public static string Write(Func<string, string?> field)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var name in Texts)
            {
                var words = (field(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (words.Length == 0) continue;
                json.WriteStartArray(name);
                foreach (var word in words) json.WriteStringValue(word);
                json.WriteEndArray();
            }

            foreach (var name in Moments)
                if (field(name)?.Trim() is { Length: > 0 } moment) json.WriteString(name, Period(moment) ?? moment);
            if (field(Watching) is "yes" or "no") json.WriteBoolean(Watching, field(Watching) == "yes");
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>What the fields hold for a filter; null where they cannot say it.</summary>
    public static Dictionary<string, string>? Read(string filter)
    {
        using var json = JsonDocument.Parse(filter);
        var root = json.RootElement;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<JsonElement> parts = root.TryGetProperty("all", out var all)
            ? root.EnumerateObject().Count() == 1 ? all.EnumerateArray() : []
            : [root];
        foreach (var member in parts.SelectMany(p => p.EnumerateObject()))
        {
            if (Field(member) is not { } text || !fields.TryAdd(member.Name, text)) return null;
        }

        return fields.Count == 0 ? null : fields;
    }

    /// <summary>A filter, as JSON, in words: whatever it is made of, also what the fields cannot say.</summary>
    public static string Say(string filter)
    {
        using var json = JsonDocument.Parse(filter);
        return Say(json.RootElement);
    }

    private static string Say(JsonElement filter) => string.Join("; ", filter.EnumerateObject().Select(Say));

    private static string Say(JsonProperty member) => member.Name switch
    {
        "all" => string.Join("; ", member.Value.EnumerateArray().Select(Say)),
        "any" => $"one of: {string.Join(", or ", member.Value.EnumerateArray().Select(Part))}",
        "not" => "not " + Part(member.Value),
        _ => Field(member) is { } value ? Say(member.Name, value) : member.ToString(),
    };

    // Of several words, where it is told apart from what stands beside it.
    private static string Part(JsonElement part) => Say(part) is var words && words.AsSpan().ContainsAny(";:") ? $"({words})" : words;

    // What a field holds for a member of a filter; null where it is none of the fields.
    private static string? Field(JsonProperty member) =>
        Texts.Contains(member.Name)
            ? member.Value.ValueKind == JsonValueKind.String
                ? member.Value.GetString() // As somebody wrote it; what is stored is a list.
                : string.Join(", ", member.Value.EnumerateArray().Select(v => v.GetString()))
        : Moments.Contains(member.Name) ? Back(member.Value.GetString()!) ?? member.Value.GetString()
        : member.Name == Watching ? member.Value.GetBoolean() ? "yes" : "no"
        : null;

    private static string Say(string name, string value)
    {
        var back = Period(value) is not null;
        return name switch
        {
            "locale" => "language " + value,
            "subscribedSince" => back ? "subscribed in the last " + value : "subscribed since " + Day(value),
            "subscribedBefore" => back ? $"subscribed more than {value} ago" : "subscribed before " + Day(value),
            "engagedSince" => back ? "opened or clicked in the last " + value : "opened or clicked since " + Day(value),
            Watching => value == "yes" ? "follows a package" : "follows no package",
            _ => $"{name} {value}",
        };
    }

    private static string Day(string value) =>
        !DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? value
        : value.Length == 10 ? at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture)
        : at.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    // "90 days" is P90D of the API; what is neither is left to the reader of filters.
    private static string? Period(string text) =>
        Words().Match(text) is { Success: true } words ? $"P{words.Groups[1].Value}{char.ToUpperInvariant(words.Groups[2].Value[0])}" : null;

    // And a day is the day, not its first moment.
    private static string? Back(string moment) =>
        Code().Match(moment) is { Success: true } code
            ? $"{code.Groups[1].Value} {(code.Groups[2].Value == "D" ? "day" : "week")}{(code.Groups[1].Value == "1" ? "" : "s")}"
            : moment.EndsWith("T00:00:00Z", StringComparison.Ordinal) ? moment[..10] : null;

    [GeneratedRegex(@"\A([0-9]{1,4}) (day|week)s?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Words();

    [GeneratedRegex(@"\AP([0-9]{1,4})(D|W)\z")]
    private static partial Regex Code();
}
