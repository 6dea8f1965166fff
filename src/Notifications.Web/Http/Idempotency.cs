using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Routing.Patterns;
using Notifications.Access;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Web.Http;

/// <summary>
/// Idempotency-Key: the first success under a key is kept and given again; the same key with another body or query is refused. A request
/// that died on the way is worked on again, which is safe because everything behind it is derived from the key or idempotent by itself, and
/// what was said since it first came stands against it (<see cref="KeyedRun"/>, P6).
/// </summary>
internal sealed class Idempotency(ITableStore tables, KeyRing ring, Instance instance, TimeProvider time)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(30);
    private const string Row = "answer";

    private const int Longest = 256 * 1024;

    /// <summary>What is kept at most of an answer written without escapes: a row has 512 KiB, in which it stands as base64.</summary>
    internal int LongestPlain { get; set; } = 352 * 1024;

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = WebJson.Default.Options.MaxDepth };
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The request's key, or null. Whether it has a valid shape is checked when it is used.</summary>
    public static string? KeyOf(HttpContext http) =>
        http.Request.Headers.TryGetValue("Idempotency-Key", out var values) ? values.ToString() : null;

    /// <summary>
    /// The same for what only answers: the answer is of now, also under a key that came before, since nobody who asks again wants to hear
    /// what held then. Another body under the key is refused all the same.
    /// </summary>
    public async ValueTask<Answer> AskAsync(HttpContext http, Func<RequestBody, ValueTask<Answer>> work, int limit = RequestBody.Limit)
    {
        var (body, problem) = await RequestBody.ReadAsync(http, limit);
        return problem ?? await RunAsync(http, HashOf(http, body!), () => work(body!), keeps: false);
    }

    /// <summary>Reads the body, which may have <paramref name="limit"/> bytes, and works on it, once per key.</summary>
    public async ValueTask<Answer> RunAsync(HttpContext http, Func<RequestBody, ValueTask<Answer>> work, int limit = RequestBody.Limit)
    {
        var (body, problem) = await RequestBody.ReadAsync(http, limit);
        return problem ?? await RunAsync(http, body!, () => work(body!));
    }

    /// <summary>The same with the body parsed.</summary>
    public ValueTask<Answer> RunAsync<T>(HttpContext http, JsonTypeInfo<T> type, Func<T, ValueTask<Answer>> work) where T : class =>
        RunAsync(http, async body => body.Parse(type, out var input) ?? await work(input));

    /// <summary>Runs the work once per key of this client.</summary>
    public ValueTask<Answer> RunAsync(HttpContext http, RequestBody body, Func<ValueTask<Answer>> work) =>
        RunAsync(http, HashOf(http, body), work);

    // Nothing is hashed that nobody asks for again.
    private static string HashOf(HttpContext http, RequestBody body) =>
        KeyOf(http) is null ? "" : http.Request.QueryString is { HasValue: true } query ? $"{body.Hash} {query}" : body.Hash;

    /// <summary>
    /// The same for a body that was too large to be held: <paramref name="hash"/> tells it from any other. The work must not run before
    /// this says so.
    /// </summary>
    public ValueTask<Answer> RunAsync(HttpContext http, string hash, Func<ValueTask<Answer>> work) =>
        RunAsync(http, hash, work, keeps: true);

    private async ValueTask<Answer> RunAsync(HttpContext http, string hash, Func<ValueTask<Answer>> work, bool keeps)
    {
        if (KeyOf(http) is not { } key) return await work();
        if (key.Length is 0 or > 255 || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return Problem.Invalid("Idempotency-Key", "must have 1 to 255 printable ASCII characters");

        var partition = ring.LookupHash("idempotency", $"{http.Key().Id}\0{http.Request.Method} {OperationOf(http)}\0{key}");
        var mine = new IdempotencyRecord(hash, 0, null, instance.Id, time.UtcNowMs()) { Turn = RandomNumberGenerator.GetHexString(16) };
        var came = mine.At;
        if (await TakeAsync(partition, RowChange.Insert(Row, Serialize(mine)), mine, http.RequestAborted) is not { } etag)
        {
            if (await tables.GetAsync(Tables.Idempotency, partition, Row, http.RequestAborted) is not { } row) return Problem.InProgress();
            var first = row.Read(CoreJson.Default.IdempotencyRecord);
            if (first.BodyHash != mine.BodyHash) return Problem.KeyReused();
            if (first.Status != 0)
                return new Answer(first.Status, first.Body) { Location = first.Location, ETag = first.ETag, Replayed = true };
            var alive = first.Instance.Length > 0 && (first.Instance == instance.Id || !instance.Exclusive);
            if (alive && time.GetUtcNow() - first.At < Abandoned) return Problem.InProgress();
            came = first.Came ?? first.At;
            mine = mine with { Came = came };
            if (await TakeAsync(partition, RowChange.Replace(Row, Serialize(mine), row.ETag), mine, http.RequestAborted) is not { } taken)
                return Problem.InProgress();
            etag = taken;
        }

        new KeyedRun($"{partition}/{came.ToUnixTimeMilliseconds()}", came, mine.Came is not null).Begin(http);
        Answer? answer = null;
        try
        {
            answer = await work();
        }
        finally
        {
            // Only a success is remembered; after a refusal the key is free for a corrected request. What failed may have done its work:
            // it is the same request's to repeat, at once; and so is an answer too long for a row, which is made again of what was made,
            // and what was refused when it was repeated, by what was said since it first came, which stands against every repetition.
            var change = answer switch
            {
                { Status: >= 200 and < 300 } when keeps && BodyOf(answer) is { } body => RowChange.Replace(
                    Row,
                    Serialize(
                        mine with
                        {
                            Status = answer.Status,
                            Body = body,
                            Location = answer.Location,
                            ETag = answer.ETag,
                            Turn = null,
                            About = answer.About,
                        }),
                    etag),
                null or { Status: >= 200 and < 300 } => RowChange.Replace(Row, Serialize(mine with { Instance = "" }), etag),
                _ when mine.Came is not null => RowChange.Replace(Row, Serialize(mine with { Instance = "" }), etag),
                _ => RowChange.Delete(Row, etag),
            };
            await tables.CommitAsync(Tables.Idempotency, partition, [change], CancellationToken.None);
        }

        return answer;
    }

    /// <summary>
    /// Writes that this run works on the request; the ETag of that, or null where another does. Its answer may have been lost, and repeated
    /// it then stands in its own way.
    /// </summary>
    private async ValueTask<string?> TakeAsync(string partition, RowChange change, IdempotencyRecord mine, CancellationToken cancel)
    {
        var written = await tables.CommitAsync(Tables.Idempotency, partition, [change], cancel);
        if (written.Committed) return written.ETags[0];
        var row = await tables.GetAsync(Tables.Idempotency, partition, Row, cancel);
        return row?.Read(CoreJson.Default.IdempotencyRecord).Turn == mine.Turn ? row!.ETag : null;
    }

    /// <summary>
    /// What is asked for: however its path was written, with a slash at the end or in capitals, it is the same operation on the same thing.
    /// </summary>
    private static string OperationOf(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint { RoutePattern.PathSegments: var segments }) return http.Request.Path;
        var path = new StringBuilder();
        foreach (var segment in segments)
        {
            path.Append('/');
            foreach (var part in segment.Parts)
                path.Append(part switch
                {
                    RoutePatternParameterPart named => http.Request.RouteValues[named.Name] as string,
                    RoutePatternLiteralPart written => written.Content,
                    RoutePatternSeparatorPart between => between.Content,
                    _ => null,
                });
        }

        return path.ToString();
    }

    /// <summary>
    /// What is kept of an answer; null where it is too long. Escaped, a letter that is not Latin has six bytes: where so many are too long,
    /// they are written as they are, and not packed, for an erasure looks into it.
    /// </summary>
    private byte[]? BodyOf(Answer answer)
    {
        var body = answer.Kept ?? answer.Body;
        if (body.Length <= Longest) return body.ToArray();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain)) JsonElement.Parse(body.Span, Deep).WriteTo(json);
        return buffer.Length <= LongestPlain ? buffer.ToArray() : null;
    }

    private static byte[] Serialize(IdempotencyRecord record) =>
        JsonSerializer.SerializeToUtf8Bytes(record, CoreJson.Default.IdempotencyRecord);
}
