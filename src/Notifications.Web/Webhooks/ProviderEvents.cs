using System.Text.Json;
using Notifications.Events;
using Notifications.Sms;
using Notifications.Subscribe;
using Notifications.Web.Http;

namespace Notifications.Web.Webhooks;

/// <summary>One event of a delivery: what it says or, where it cannot be read, why, and as it came.</summary>
internal readonly record struct DeliveredEvent(InboundEvent? Event, string? Problem, byte[] Raw);

/// <summary>
/// Reads what Event Grid delivers, in either schema, one event or an array of them: the webhook and, on Azure, the storage queue put what
/// comes out on the same queue. The data stay untouched; what they mean is decided where they are handled.
/// </summary>
public static class ProviderEvents
{
    /// <summary>The events of one delivery, which came <paramref name="now"/>, in its order.</summary>
    /// <exception cref="JsonException">It is not JSON, or an event lacks its id, its type, its data or a time that it must have; the
    /// message names which.</exception>
    public static IReadOnlyList<InboundEvent> Parse(ReadOnlySpan<byte> delivery, DateTimeOffset now) =>
        [.. Cut(delivery, now).Select(one => one.Event ?? throw new JsonException(one.Problem))];

    /// <summary>The events of one delivery, in its order, each read by itself.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    internal static IReadOnlyList<DeliveredEvent> Cut(ReadOnlySpan<byte> delivery, DateTimeOffset now)
    {
        IReadOnlyList<Range> events;
        bool isArray;
        try
        {
            (events, isArray) = Delivery.Cut(delivery);
        }
        catch (JsonException)
        {
            throw new JsonException("body must be valid JSON"); // The parser's own message repeats what was sent.
        }

        var read = new DeliveredEvent[events.Count];
        for (var i = 0; i < read.Length; i++) read[i] = TryRead(delivery[events[i]].ToArray(), isArray ? $"[{i}]." : "", now);
        return read;
    }

    private static DeliveredEvent TryRead(byte[] raw, string prefix, DateTimeOffset now)
    {
        try
        {
            return new(Read(Parse(WholeText.Of(raw), prefix), prefix, now), null, raw);
        }
        catch (JsonException wrong)
        {
            return new(null, wrong.Message, raw);
        }
    }

    private static JsonElement Parse(byte[] raw, string prefix)
    {
        try
        {
            return JsonElement.Parse(raw);
        }
        catch (JsonException)
        {
            throw new JsonException($"{Whole(prefix)} must nest at most 64 deep"); // It is JSON: nothing else can be wrong with it.
        }
    }

    // Event Grid says eventType and eventTime, CloudEvents 1.0 type and time; its time may be left out (section 3.1).
    private static InboundEvent Read(JsonElement happening, string prefix, DateTimeOffset now)
    {
        if (happening.ValueKind != JsonValueKind.Object) throw new JsonException($"{Whole(prefix)} must be an event object");
        var cloud = happening.TryGetProperty("specversion", out _);
        var (typeName, timeName) = cloud ? ("type", "time") : ("eventType", "eventTime");
        var id = Text(happening, "id", prefix);
        var type = Text(happening, typeName, prefix);
        // Whoever has the secret could else ask strangers to confirm what they never chose, past the form's limits (R63).
        if (type == SignupRequest.EventType) throw new JsonException($"{prefix}{typeName} is none that a provider sends");
        DateTimeOffset? said = null;
        if ((happening.TryGetProperty(timeName, out var time) && time.ValueKind != JsonValueKind.Null) || !cloud)
            said = time.ValueKind == JsonValueKind.String && Rfc3339.TryParse(time.GetString()!, out var at)
                ? at
                : throw new JsonException($"{prefix}{timeName} must be a time in RFC 3339 form");
        if (!happening.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
            throw new JsonException($"{prefix}data must be an object");
        return InboundEvent.Of(id, type, data, said, now);
    }

    private static string Whole(string prefix) => prefix.Length == 0 ? "body" : prefix.TrimEnd('.');

    private static string Text(JsonElement happening, string name, string prefix) =>
        happening.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 and <= 1024 } text
            ? text
            : throw new JsonException($"{prefix}{name} must have 1 to 1024 characters");
}
