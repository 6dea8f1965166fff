using System.Text;
using System.Text.Json;

namespace Notifications.Consent;

/// <summary>
/// The evidence of a break as the ledger keeps it: until when, and what was given with it. An entry of a former version does not say until
/// when.
/// </summary>
internal static class BreakEvidence
{
    public static string Of(DateTimeOffset until, string? given)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("until", until);
            if (given is not null)
            {
                json.WritePropertyName("given");
                json.WriteRawValue(given);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Until when the break was to last, or null where the evidence does not say.</summary>
    public static DateTimeOffset? UntilOf(string? evidence)
    {
        if (evidence is null) return null;
        using var json = JsonDocument.Parse(evidence);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("until", out var until)
            && until.ValueKind == JsonValueKind.String
            && until.TryGetDateTimeOffset(out var at)
            ? at
            : null;
    }
}
