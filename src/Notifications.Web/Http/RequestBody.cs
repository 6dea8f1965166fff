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

    private static readonly byte[] Nothing = "{}"u8.ToArray();
    private readonly ReadOnlyMemory<byte> _sent;

    private RequestBody(ReadOnlyMemory<byte> sent) => Bytes = _sent = sent;

    /// <summary>What was sent, or what it means that nothing was.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private init; }

    /// <summary>SHA-256 of what was sent, base64.</summary>
    public string Hash => Convert.ToBase64String(SHA256.HashData(_sent.Span));

    /// <summary>
    /// Reads a JSON body, or answers what is wrong with it. To the API nothing is as good as <c>{}</c>, of which its reader says what it
    /// needs; but not where that would empty what there is (PUT, PATCH).
    /// </summary>
    public static async ValueTask<(RequestBody? Body, Answer? Problem)> ReadAsync(HttpContext http, int limit = Limit)
    {
        var json = http.Request.HasJsonContentType();
        var optional = (HttpMethods.IsPost(http.Request.Method) || HttpMethods.IsDelete(http.Request.Method))
            && http.GetEndpoint()?.Metadata.GetMetadata<ApiDoc>() is not null;
        if (!json && (!optional || http.Request.ContentLength > 0)) return (null, Http.Problem.NotJson());
        var (body, problem) = await ReadRawAsync(http, limit);
        if (problem is not null) return (null, problem);
        if (optional && body!.Bytes.Length == 0) return (new RequestBody(body.Bytes) { Bytes = Nothing }, null);
        return json ? (body, null) : (null, Http.Problem.NotJson());
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

    /// <summary>
    /// JSON without the byte order mark that some programs write before it; RFC 8259 section 8.1 lets a reader pass over it.
    /// </summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> json) => json.StartsWith("\uFEFF"u8) ? json[3..] : json;

    /// <summary>Parses one JSON value as strictly.</summary>
    public static Answer? Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, out T value) where T : class
    {
        value = null!;
        try
        {
            if (JsonSerializer.Deserialize(WithoutMark(json), type) is { } parsed)
            {
                value = parsed;
                return null;
            }

            return Http.Problem.Invalid("body", "must be a JSON object, not null");
        }
        catch (JsonException wrong)
        {
            return Explain(wrong, type, WithoutMark(json));
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or FormatException)
        {
            return Http.Problem.Invalid("body", "must be valid JSON in UTF-8");
        }
    }

    private static Answer Explain(JsonException wrong, JsonTypeInfo type, ReadOnlySpan<byte> json)
    {
        var path = wrong.Path is null or "$" ? "" : wrong.Path.TrimStart('$').TrimStart('.');
        if (Unmapped().Match(wrong.Message) is { Success: true } unmapped)
        {
            var name = unmapped.Groups[1].Value;
            var field = path.Length == 0 || path == name || path.EndsWith("." + name, StringComparison.Ordinal)
                ? (path.Length == 0 ? name : path)
                : path + "." + name;
            return Http.Problem.Invalid(Short(field), "is not a known field");
        }

        if (wrong.Message.StartsWith("Duplicate property", StringComparison.Ordinal))
            return Http.Problem.Invalid(Short(DoubledMember.Find(json) ?? path), "stands twice");
        return Http.Problem.Invalid(path.Length == 0 ? "body" : Short(path), wrong switch
        {
            _ when wrong.Message.Contains("maximum configured depth", StringComparison.Ordinal) =>
                $"must nest at most {Inputs.Deepest} deep",
            _ when Missing().Match(wrong.Message) is { Success: true } missing => $"must have {missing.Groups[1].Value}",
            { InnerException: InvalidOperationException inner } when inner.Message.Contains("UTF-", StringComparison.Ordinal) =>
                "must be text in UTF-8, without half of a surrogate pair",
            _ when wrong.Message.Contains("could not be converted", StringComparison.Ordinal) =>
                "must be " + ExpectedJson.At(type, wrong.Path),
            _ => $"must be valid JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1})",
        });
    }

    /// <summary>A field's name as an answer can carry it.</summary>
    public static string Short(string field) => field.Length == 0 ? "\"\"" : FreeText.Cut(field, 100);

    [GeneratedRegex("^The JSON property '(.*?)' could not be mapped", RegexOptions.Singleline)]
    private static partial Regex Unmapped();

    [GeneratedRegex("missing required properties including: (.+?)\\.$")]
    private static partial Regex Missing();
}
