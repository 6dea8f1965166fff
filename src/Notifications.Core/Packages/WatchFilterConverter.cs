using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notifications.Packages;

/// <summary>A filter in JSON: its word where it is a named one, as it ever was; else an array of its words.</summary>
public sealed class WatchFilterConverter : JsonConverter<WatchFilter>
{
    /// <inheritdoc/>
    public override WatchFilter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return Word(ref reader);
        var filters = new List<WatchFilter>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) filters.Add(Word(ref reader));
        return filters.Count > 0 ? WatchFilters.Join(filters) : throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, WatchFilter value, JsonSerializerOptions options)
    {
        var words = value.Words();
        if (Enum.IsDefined(value))
        {
            writer.WriteStringValue(words[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var word in words) writer.WriteStringValue(word);
        writer.WriteEndArray();
    }

    private static WatchFilter Word(ref Utf8JsonReader reader) =>
        (reader.TokenType == JsonTokenType.String ? WatchFilters.Read(reader.GetString()) : null)
            ?? throw new JsonException(); // The reader adds the place.
}
