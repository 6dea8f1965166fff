using System.Buffers;
using System.Text;
using System.Text.Json;
using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>
/// The evidence of a ledger entry: an object as compact JSON. Whoever asks for the entry may have given it, so that no member is certain
/// to be there, or to be what it is called.
/// </summary>
internal static class LedgerEvidence
{
    private const string Block = "block";

    /// <summary>Of a break: until when it lasts (an entry of a former version does not say it), and what was given with it.</summary>
    public static string OfBreak(DateTimeOffset until, string? given) => Of(json =>
    {
        json.WriteString("until", until);
        Give(json, given);
    });

    /// <summary>Of a watch: which package, and what was given with the request.</summary>
    public static string OfPackage(string number, string? given) => Of(json =>
    {
        json.WriteString("package", number);
        Give(json, given);
    });

    /// <summary>
    /// Of a block: why the address is blocked (an entry of a former version does not say it), beside what was given with it.
    /// </summary>
    public static string OfBlock(SuppressionReason reason, string? given) => Of(json =>
    {
        json.WritePropertyName(Block);
        JsonSerializer.Serialize(json, reason, CoreJson.Default.SuppressionReason);
        if (given is null) return;
        using var evidence = JsonDocument.Parse(given);
        if (evidence.RootElement.ValueKind != JsonValueKind.Object) Give(json, given);
        else
            foreach (var member in evidence.RootElement.EnumerateObject())
                if (member.Name != Block) member.WriteTo(json);
    });

    /// <summary>Why an entry blocks the address; null where it does not say it.</summary>
    public static SuppressionReason? BlockIn(string? evidence) =>
        Read<SuppressionReason?>(evidence, root =>
        {
            try
            {
                return root.TryGetProperty(Block, out var reason) ? reason.Deserialize(CoreJson.Default.SuppressionReason) : null;
            }
            catch (JsonException)
            {
                return null; // Of an export that another program has written.
            }
        });

    /// <summary>Which package it is of; null where it names none.</summary>
    public static string? PackageOf(string? evidence) =>
        Read(
            evidence,
            root => root.TryGetProperty("package", out var number) && number.ValueKind == JsonValueKind.String ? number.GetString() : null);

    /// <summary>An object with these members.</summary>
    public static string Of(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>What can be read of evidence; the default where there is none, or it is no object.</summary>
    public static T? Read<T>(string? evidence, Func<JsonElement, T> read)
    {
        if (evidence is null) return default;
        using var json = JsonDocument.Parse(evidence);
        return json.RootElement.ValueKind == JsonValueKind.Object ? read(json.RootElement) : default;
    }

    /// <summary>Whether there is such a member, of a kind where that is given.</summary>
    public static bool Has(string? evidence, string name, JsonValueKind? kind = null) =>
        Read(evidence, root => root.TryGetProperty(name, out var member) && (kind is null || member.ValueKind == kind));

    /// <summary>The moment that a member tells; null where none does.</summary>
    public static DateTimeOffset? MomentIn(string? evidence, string name) =>
        Read<DateTimeOffset?>(
            evidence,
            root => root.TryGetProperty(name, out var member)
                && member.ValueKind == JsonValueKind.String
                && member.TryGetDateTimeOffset(out var at) ? at : null);

    private static void Give(Utf8JsonWriter json, string? given)
    {
        if (given is null) return;
        json.WritePropertyName("given");
        json.WriteRawValue(given);
    }
}
