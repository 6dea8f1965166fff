using System.Text.Json;
using Notifications.Sms;

namespace Notifications.Web.Webhooks;

/// <summary>
/// Reads what Event Grid delivers, in either schema, one event or an array of them: the webhook and, on Azure, the storage queue put what comes out on
/// the same queue. The data stay untouched; what they mean is decided where they are handled.
/// </summary>
public static class ProviderEvents
{
    /// <summary>The events of one delivery, in its order.</summary>
    /// <exception cref="JsonException">It is not JSON, or an event lacks its id, its type or its data.</exception>
    public static IReadOnlyList<InboundEvent> Parse(ReadOnlySpan<byte> delivery)
    {
        var reader = new Utf8JsonReader(delivery);
        var root = JsonElement.ParseValue(ref reader);
        if (reader.Read()) throw new JsonException("There is more than one JSON value.");
        return root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray().Select(Read)] : [Read(root)];
    }

    // Event Grid says eventType and eventTime, CloudEvents 1.0 type and time.
    private static InboundEvent Read(JsonElement happening)
    {
        if (happening.ValueKind != JsonValueKind.Object) throw new JsonException("An event is a JSON object.");
        var id = Text(happening, "id") ?? throw new JsonException("An event has an id.");
        var type = Text(happening, "eventType") ?? Text(happening, "type") ?? throw new JsonException("An event has a type.");
        if (!happening.TryGetProperty("data", out var data)) throw new JsonException("An event has data.");
        return new InboundEvent(id, type, data, Time(happening, "eventTime") ?? Time(happening, "time") ?? throw new JsonException("An event has a time."));
    }

    private static string? Text(JsonElement happening, string name) =>
        happening.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 1024 } text ? text : null;

    private static DateTimeOffset? Time(JsonElement happening, string name) =>
        happening.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var at) ? at.ToUniversalTime() : null;
}
