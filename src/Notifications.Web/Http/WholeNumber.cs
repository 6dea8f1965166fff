using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notifications.Web.Http;

/// <summary>
/// Reads whole numbers as JSON Schema has them (2020-12 Validation, section 6.1.1, <c>integer</c>): 3.0 and 3e0 are 3, as some programs
/// write it.
/// </summary>
internal static class WholeNumber
{
    /// <summary>Reads one; null where it is none, or too large.</summary>
    public static long? Read(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.Number ? null
        : reader.TryGetInt64(out var whole) ? whole
        : reader.TryGetDecimal(out var number) && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
            ? (long)number
            : null;
}

/// <inheritdoc cref="WholeNumber"/>
internal sealed class WholeInt64 : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WholeNumber.Read(ref reader) ?? throw new JsonException();

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <inheritdoc cref="WholeNumber"/>
internal sealed class WholeInt32 : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WholeNumber.Read(ref reader) is >= int.MinValue and <= int.MaxValue and var whole ? (int)whole : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
