using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notifications;

/// <summary>
/// Reads every closed word of a JSON that comes from outside by <see cref="EnumWord"/>: the converter that our own rows are read by takes
/// numbers, and several words with commas between, as another word.
/// </summary>
internal sealed class EnumWordConverter : JsonConverterFactory
{
    // But of the one that may be of several words, and reads them by itself.
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum && typeToConvert != typeof(Packages.WatchFilter);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

    private sealed class Of<T> : JsonConverter<T> where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            (reader.TokenType == JsonTokenType.String ? EnumWord.Read<T>(reader.GetString()) : null)
                ?? throw new JsonException(); // The reader adds the place.

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(EnumWord.Of(value));
    }
}
