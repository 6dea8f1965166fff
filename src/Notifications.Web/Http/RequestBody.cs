using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Notifications.Web.Http;

/// <summary>The raw body of a request, read once: it is parsed from these bytes, and an Idempotency-Key remembers their hash.</summary>
internal sealed partial class RequestBody
{
    /// <summary>The largest body of an ordinary request, in bytes.</summary>
    public const int Limit = 128 * 1024;

    /// <summary>The largest body of a batch, in bytes.</summary>
    public const int BatchLimit = 4 * 1024 * 1024;

    private RequestBody(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>What was sent.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>SHA-256, base64.</summary>
    public string Hash => Convert.ToBase64String(SHA256.HashData(Bytes.Span));

    /// <summary>Reads a JSON body, or answers what is wrong with it.</summary>
    public static async ValueTask<(RequestBody? Body, Answer? Problem)> ReadAsync(HttpContext http, int limit = Limit)
    {
        if (!http.Request.HasJsonContentType()) return (null, Http.Problem.NotJson());
        return await ReadRawAsync(http, limit);
    }

    /// <summary>Reads a body of any type.</summary>
    public static async ValueTask<(RequestBody? Body, Answer? Problem)> ReadRawAsync(HttpContext http, int limit)
    {
        if (http.Request.ContentLength > limit) return (null, Http.Problem.TooLarge(limit));
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                return (null, Http.Problem.TooLarge(limit));
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return (new RequestBody(bytes), null);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Parses the body strictly: no unknown members, none twice, the right types. The problem names the field.</summary>
    public Answer? Parse<T>(JsonTypeInfo<T> type, out T value) where T : class => Parse(Bytes.Span, type, out value);

    /// <summary>Parses one JSON value as strictly.</summary>
    public static Answer? Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, out T value) where T : class
    {
        value = null!;
        try
        {
            if (JsonSerializer.Deserialize(json, type) is { } parsed)
            {
                value = parsed;
                return null;
            }

            return Http.Problem.Invalid("body", "must be a JSON object, not null");
        }
        catch (JsonException wrong)
        {
            return Explain(wrong);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or FormatException)
        {
            return Http.Problem.Invalid("body", "must be valid JSON in UTF-8");
        }
    }

    private static Answer Explain(JsonException wrong)
    {
        var path = wrong.Path is null or "$" ? "" : wrong.Path.TrimStart('$').TrimStart('.');
        if (Unmapped().Match(wrong.Message) is { Success: true } unmapped)
        {
            var name = unmapped.Groups[1].Value;
            var field = path.Length == 0 || path == name || path.EndsWith("." + name, StringComparison.Ordinal) ? (path.Length == 0 ? name : path) : path + "." + name;
            return Http.Problem.Invalid(Short(field), "is not a known field");
        }

        if (wrong.Message.StartsWith("Duplicate property", StringComparison.Ordinal)) return Http.Problem.Invalid(path.Length == 0 ? "body" : Short(path), "stands twice");
        if (Converted().Match(wrong.Message) is { Success: true } converted) return Http.Problem.Invalid(path.Length == 0 ? "body" : Short(path), "must be " + Named(converted.Groups[1].Value, wrong.InnerException?.Message ?? ""));
        return Http.Problem.Invalid(path.Length == 0 ? "body" : Short(path), $"must be valid JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1})");
    }

    /// <summary>A field's name as an answer can carry it.</summary>
    public static string Short(string field) => field.Length == 0 ? "\"\"" : field.Length <= 100 ? field : field[..100];

    // Of a member that a constructor takes, the type is that of the whole; what the reader was asked for tells more.
    private static string Named(string type, string asked) => type switch
    {
        _ when type.Contains("[]", StringComparison.Ordinal) || type.Contains("List`1", StringComparison.Ordinal) => "an array",
        _ when type.Contains("System.String", StringComparison.Ordinal) => "a string",
        _ when type.Contains("System.Boolean", StringComparison.Ordinal) => "true or false",
        _ when type.Contains("System.DateTimeOffset", StringComparison.Ordinal) => "a time in RFC 3339 form such as 2026-11-24T09:30:00Z",
        _ when type.Contains("System.Int", StringComparison.Ordinal) => "a whole number",
        _ when asked.EndsWith("as a string.", StringComparison.Ordinal) => "a string",
        _ when asked.EndsWith("as a boolean.", StringComparison.Ordinal) => "true or false",
        _ when asked.EndsWith("as a number.", StringComparison.Ordinal) => "a number",
        _ => "an object",
    };

    [GeneratedRegex("^The JSON property '(.*?)' could not be mapped", RegexOptions.Singleline)]
    private static partial Regex Unmapped();

    [GeneratedRegex("could not be converted to ([^ ]+)")]
    private static partial Regex Converted();
}
