using System.Text;
using System.Text.Json;

namespace Notifications.Web.Console;

/// <summary>
/// The fields of the segment editor, as a filter and back. A filter that is more than fields that must all hold has none.
/// </summary>
internal static class SegmentFields
{
    private static readonly string[] Texts = ["locale", "country", "tag"];
    private static readonly string[] Moments = ["subscribedSince", "subscribedBefore", "engagedSince"];
    private const string Watching = "watching";

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
                if (field(name)?.Trim() is { Length: > 0 } moment) json.WriteString(name, moment);
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
            var text = Texts.Contains(member.Name) ? string.Join(", ", member.Value.EnumerateArray().Select(v => v.GetString()))
                : Moments.Contains(member.Name) ? member.Value.GetString()
                : member.Name == Watching ? member.Value.GetBoolean() ? "yes" : "no"
                : null;
            if (text is null || !fields.TryAdd(member.Name, text)) return null;
        }

        return fields.Count == 0 ? null : fields;
    }

    /// <summary>How a field is called in a sentence.</summary>
    public static string Label(string name) => name switch
    {
        "locale" => "language",
        "subscribedSince" => "subscribed since",
        "subscribedBefore" => "subscribed before",
        "engagedSince" => "opened or clicked since",
        Watching => "follows a package:",
        _ => name,
    };
}
