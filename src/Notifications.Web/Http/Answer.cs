using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Notifications.Web.Http;

/// <summary>A finished API answer: its bytes are known, so an Idempotency-Key can give them again.</summary>
internal sealed record Answer(int Status, ReadOnlyMemory<byte> Body, string ContentType = "application/json; charset=utf-8") : IResult
{
    /// <summary>204.</summary>
    public static readonly Answer Nothing = new(StatusCodes.Status204NoContent, default);

    /// <summary>Seconds for Retry-After, or null.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Of a 401: how the caller can say who it is (RFC 9110 section 11.6.1), or null.</summary>
    public string? Challenge { get; init; }

    /// <summary>Where what was created can be read, or null.</summary>
    public string? Location { get; init; }

    /// <summary>The version that a later change must name in If-Match (RFC 9110 section 8.8.3), or null.</summary>
    public string? ETag { get; init; }

    /// <summary>What an Idempotency-Key gives again in place of the body, where that shows a secret or free text; or null.</summary>
    public ReadOnlyMemory<byte>? Kept { get; init; }

    /// <summary>
    /// Whom it tells of without naming them, by the key of their address, so that an erasure finds what is kept of it (R34); or null.
    /// </summary>
    public string? About { get; init; }

    /// <summary>The problem that it states, or null.</summary>
    public ProblemBody? Problem { get; init; }

    /// <summary>Whether the answer was given before.</summary>
    public bool Replayed { get; init; }

    /// <summary>A JSON answer.</summary>
    public static Answer Json<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (Challenge is not null) response.Headers.WWWAuthenticate = Challenge;
        if (ETag is not null) response.Headers.ETag = ETag;
        if (Location is not null) response.Headers.Location = PublicPath.Of(httpContext, Location);
        if (Replayed) response.Headers["Idempotency-Replayed"] = "true";
        if (Body.Length == 0) return;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method)) await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}
