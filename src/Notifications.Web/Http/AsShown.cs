using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Notifications.Web.Http;

/// <summary>
/// Reads the body of a PUT, which may be what a GET of the same thing has answered. The id tells, which must be that of the path: beside it
/// members that only the answer has are passed over. Without it, or where neither has them, they are unknown fields, as in every body: who
/// sends a status alone means to change it.
/// </summary>
internal static class AsShown
{
    /// <summary>
    /// Parses it. <paramref name="id"/> is that of the path, null where a POST makes a new one; <paramref name="shown"/> is the answer's type.
    /// </summary>
    public static Answer? Parse<T>(RequestBody body, string? id, JsonTypeInfo<T> type, JsonTypeInfo shown, out T value) where T : class
    {
        var other = false;
        if (id is null || Taken(RequestBody.WithoutMark(body.Bytes.Span), id, type, shown, out other) is not { } taken)
            return body.Parse(type, out value);
        value = null!;
        return other ? Problem.Invalid("id", "must be the one of the address") : RequestBody.Parse(taken.Span, type, out value);
    }

    /// <summary>The members that a PUT takes; null where it is not what a GET answers.</summary>
    private static ReadOnlyMemory<byte>? Taken(ReadOnlySpan<byte> json, string id, JsonTypeInfo type, JsonTypeInfo shown, out bool other)
    {
        var (taken, answered) = (new ArrayBufferWriter<byte>(), false);
        other = false;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = type.Options.MaxDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var begin = (int)reader.TokenStartIndex;
                var name = reader.GetString()!;
                reader.Read();
                var same = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(id);
                reader.Skip();
                if (!Has(type, name) && Has(shown, name))
                {
                    if (!Is("id", name)) continue;
                    answered = true;
                    other |= !same;
                    continue;
                }

                taken.Write(taken.WrittenCount == 0 ? "{"u8 : ","u8);
                taken.Write(json[begin..(int)reader.BytesConsumed]);
            }

            while (reader.Read())
            {
            }
        }
        catch (Exception unread) when (unread is JsonException or InvalidOperationException)
        {
            return null; // Whoever reads all of it says what is wrong.
        }

        if (!answered) return null;
        taken.Write(taken.WrittenCount == 0 ? "{}"u8 : "}"u8);
        return taken.WrittenMemory;
    }

    private static bool Has(JsonTypeInfo type, string name) => type.Properties.Any(p => Is(p.Name, name));

    // In any case, as the members of every body.
    private static bool Is(string member, string name) => member.Equals(name, StringComparison.OrdinalIgnoreCase);
}
