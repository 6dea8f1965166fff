using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Notifications.Web.Http;

/// <summary>
/// Says what should stand at a place of a body. The reader's own error names the record that declares the member, not what the member
/// should be.
/// </summary>
internal static class ExpectedJson
{
    /// <summary>For example "a string", for <c>$.to.email</c> or <c>$.add[0].phone</c> of a body of that type.</summary>
    /// <param name="body">The type that the whole body was read as.</param>
    /// <param name="path">The place, as the reader gives it.</param>
    public static string At(JsonTypeInfo body, string? path)
    {
        var type = body;
        foreach (var step in Steps(path ?? "$"))
        {
            var next = step is null
                ? type.ElementType
                : type.Properties.FirstOrDefault(p => p.Name.Equals(step, StringComparison.OrdinalIgnoreCase))?.PropertyType
                    ?? type.ElementType;
            if (next is null) return Other;
            type = type.Options.GetTypeInfo(next);
        }

        return Named(type);
    }

    private const string Other = "as the API's description has it";

    /// <summary>Names of members; null for a place in an array.</summary>
    private static IEnumerable<string?> Steps(string path)
    {
        for (var at = 1; at < path.Length;)
        {
            var quoted = path.AsSpan(at).StartsWith("['");
            var begin = at + (quoted ? 2 : 1);
            var end = quoted
                ? path.IndexOf("']", begin, StringComparison.Ordinal)
                : path[at] == '['
                    ? path.IndexOf(']', begin)
                    : path.AsSpan(begin).IndexOfAny('.', '[') is var dot and >= 0 ? begin + dot : path.Length;
            if (end < 0) yield break;
            yield return !quoted && path[at] == '[' ? null : path[begin..end];
            at = end + (quoted ? 2 : path[at] == '[' ? 1 : 0);
        }
    }

    private static string Named(JsonTypeInfo type)
    {
        var of = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (of.IsEnum)
            return "one of "
                + string.Join(
                    ", ",
                    Enum.GetValues(of)
                        .Cast<object>()
                        .Select(v => JsonSerializer.SerializeToElement(v, type.Options.GetTypeInfo(of)).ToString()));
        if (of == typeof(string)) return "a string";
        if (of == typeof(bool)) return "true or false";
        if (of == typeof(int)) return "a whole number of at most 2147483647";
        if (of == typeof(long)) return "a whole number";
        if (of == typeof(double) || of == typeof(decimal)) return "a number";
        if (of == typeof(DateTimeOffset)) return "a time in RFC 3339 form such as 2026-11-24T09:30:00Z";
        return type.Kind switch
        {
            JsonTypeInfoKind.Enumerable => "an array",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            _ => Other,
        };
    }
}
