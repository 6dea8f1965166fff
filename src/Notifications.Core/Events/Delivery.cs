using System.Text.Json;

namespace Notifications.Events;

/// <summary>
/// What Event Grid delivers or lays down: one event or an array of them. It is cut before any of it is parsed, so that one that nests
/// deeper than a parser goes takes none of the others with it.
/// </summary>
public static class Delivery
{
    /// <summary>Each event as it came, and whether they came in an array.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static (IReadOnlyList<Range> Events, bool IsArray) Cut(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var events = new List<Range>();
        reader.Read();
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        while (!isArray || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            events.Add(start..(int)reader.BytesConsumed);
            if (!isArray) break;
        }

        if (reader.Read()) throw new JsonException("More than one JSON value.");
        return (events, isArray);
    }
}
