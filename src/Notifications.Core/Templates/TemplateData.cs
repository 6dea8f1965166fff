using System.Text.Json;

namespace Notifications.Templates;

/// <summary>JSON as Liquid reads it.</summary>
internal static class TemplateData
{
    /// <summary>Objects become dictionaries, arrays lists, numbers decimals.</summary>
    public static object? From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().GroupBy(m => m.Name).ToDictionary(m => m.Key, m => From(m.Last().Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(From).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetDecimal(out var number) ? number : (object)json.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
