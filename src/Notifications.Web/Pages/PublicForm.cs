using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Notifications.Web.Http;

namespace Notifications.Web.Pages;

/// <summary>
/// The fields of a form posted to a public page, urlencoded or multipart/form-data, read by hand within small limits: no antiforgery, no
/// files, no session. What cannot be read has no fields.
/// </summary>
internal sealed class PublicForm
{
    /// <summary>The largest body, in bytes.</summary>
    public const int Limit = 16 * 1024;

    /// <summary>The largest body of a console's form, in bytes: templates are long.</summary>
    public const int LargeLimit = 1024 * 1024;

    private const int MaxFields = 128;
    private static readonly byte[] OneClickBody = "List-Unsubscribe=One-Click"u8.ToArray();
    private static readonly PublicForm OneClick = new(new() { ["List-Unsubscribe"] = "One-Click" });
    private static readonly PublicForm Empty = new([]);
    private readonly Dictionary<string, StringValues> _fields;

    private PublicForm(Dictionary<string, StringValues> fields) => _fields = fields;

    /// <summary>
    /// Whether this is the one-click pair of RFC 8058 section 3.1, as our header names it; with white space around it, or more than once,
    /// it says the same.
    /// </summary>
    public bool IsOneClick =>
        ReferenceEquals(this, OneClick)
            || (_fields.TryGetValue("List-Unsubscribe", out var said)
                && said.Count > 0
                && said.All(static v => v.AsSpan().Trim() is "One-Click"));

    /// <summary>A field that was sent once, or null.</summary>
    public string? this[string name] => _fields.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;

    /// <summary>Every field as it was sent.</summary>
    public IEnumerable<(string Name, string Value)> All => _fields.SelectMany(static f => f.Value.Select(v => (f.Key, v ?? "")));

    /// <summary>Reads the form; null when the body is over the limit.</summary>
    public static async ValueTask<PublicForm?> ReadAsync(HttpContext http, int limit = Limit)
    {
        var (body, problem) = await RequestBody.ReadRawAsync(http, limit);
        if (problem is not null) return null;
        var type = http.Request.ContentType;
        var urlEncoded = type is null || type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
        if (urlEncoded && body!.Bytes.Span.SequenceEqual(OneClickBody)) return OneClick;
        try
        {
            return urlEncoded ? ReadUrlEncoded(body!.Bytes) : await ReadMultipartAsync(type!, body!.Bytes, http.RequestAborted);
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException or DecoderFallbackException)
        {
            return Empty;
        }
    }

    private static PublicForm ReadUrlEncoded(ReadOnlyMemory<byte> body)
    {
        using var reader = new FormReader(Encoding.UTF8.GetString(body.Span)) { ValueCountLimit = MaxFields };
        return new PublicForm(reader.ReadForm());
    }

    private static async ValueTask<PublicForm> ReadMultipartAsync(string type, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        if (!MediaTypeHeaderValue.TryParse(type, out var media)
            || !media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return Empty;
        }

        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary).Value;
        if (boundary is null || boundary.Length is 0 or > 70) return Empty;

        var fields = new KeyValueAccumulator();
        var reader = new MultipartReader(boundary, new MemoryStream(body.ToArray()))
        {
            HeadersCountLimit = 8,
            HeadersLengthLimit = 2048,
            BodyLengthLimit = LargeLimit,
        };
        while (await reader.ReadNextSectionAsync(cancel) is { } section)
        {
            if (fields.ValueCount == MaxFields) return Empty;
            if (section.GetContentDispositionHeader() is not { } disposition || !disposition.IsFormDisposition()) continue;
            using var text = new StreamReader(section.Body, Encoding.UTF8);
            fields.Append(HeaderUtilities.RemoveQuotes(disposition.Name).ToString(), await text.ReadToEndAsync(cancel));
        }

        return new PublicForm(fields.GetResults());
    }
}
