using System.Text.Json;

namespace Notifications.Web.Http;

/// <summary>Problem details (RFC 9457).</summary>
/// <param name="Type">What kind of problem it is: a URN that stays the same from version to version, for programs to look at.</param>
/// <param name="Title">The kind of problem, in a sentence.</param>
/// <param name="Status">The answer's HTTP status.</param>
/// <param name="Detail">What is wrong here, in words.</param>
/// <param name="Errors">Each field that is wrong.</param>
/// <param name="Count">The number of people that the request must confirm; only where it has to.</param>
internal sealed record ProblemBody(
    string Type, string Title, int Status, string? Detail, IReadOnlyList<FieldError>? Errors, long? Count = null);

/// <summary>What is wrong with one field, and what would be right. It never repeats the value.</summary>
/// <param name="Field">The field's name, with its path: audience.segment.all[1].locale.</param>
/// <param name="Message">What is wrong with it, as the rest of a sentence that begins with the field.</param>
internal sealed record FieldError(string Field, string Message);

/// <summary>Every problem the API can answer, in one place.</summary>
internal static class Problem
{
    public static Answer Invalid(IReadOnlyList<FieldError> errors) =>
        Of(400, "invalid-request", "The request is not valid.",
            errors.Count == 1 ? $"{errors[0].Field} {errors[0].Message}." : $"{errors.Count} fields are not valid; see errors.", errors);

    public static Answer Invalid(string field, string message) => Invalid([new FieldError(field, message)]);

    public static Answer Unauthorized() =>
        Of(401, "unauthorized", "An API key is needed.",
            "Send it as 'Authorization: Bearer KEY'. This one is missing, unknown or revoked.") with { Challenge = "Bearer" };

    public static Answer Forbidden(string scope) => Of(403, "forbidden", "The API key may not do this.", $"It needs the scope '{scope}'.");

    public static Answer NotFound(string what) => Of(404, "not-found", "There is no such thing.", what);

    public static Answer Conflict(string type, string detail) => Of(409, type, "This does not fit what is stored.", detail);

    public static Answer Unconfirmed(string detail, long count) =>
        Of(409, "confirm-recipients", "The number of recipients is not confirmed.", detail, count: count);

    public static Answer InProgress() =>
        Of(409, "request-in-progress", "The first request with this Idempotency-Key is still being worked on.",
            "Ask again in a second.") with { RetryAfter = 1 };

    public static Answer KeyReused() =>
        Of(422, "idempotency-key-reused", "This Idempotency-Key was used with another request.", "Use a new key for a new request.");

    public static Answer TooLarge(int limit) => Of(413, "too-large", "The request is too large.", $"A body may have {limit / 1024} KiB.");

    public static Answer NotJson() => Of(415, "unsupported-media-type", "The body must be JSON.", "Send 'Content-Type: application/json'.");

    public static Answer NotCsv() => Of(415, "unsupported-media-type", "The body must be CSV.", "Send 'Content-Type: text/csv'.");

    public static Answer Packed() =>
        Of(415, "unsupported-media-type", "The body must not be packed.", "Send it as it is, without Content-Encoding.");

    public static Answer FileTooLarge(long limit) =>
        Of(413, "too-large", "The file is too large.", $"It may have {limit >> 20} MiB; send it in pieces, each with the header.");

    public static Answer Unavailable() =>
        Of(503, "unavailable", "The store is not reachable.", "Nothing is lost; try again shortly.") with { RetryAfter = 5 };

    public static Answer Damaged() =>
        Of(
            503, "unavailable", "The store is damaged or gone.",
            "No waiting mends that: whoever operates this must restore it.") with { RetryAfter = 60 };

    public static Answer Unexpected() =>
        Of(500, "unexpected", "Something went wrong on our side.", "It was logged. Trying again is safe with an Idempotency-Key.");

    public static Answer Of(
        int status, string type, string title, string? detail, IReadOnlyList<FieldError>? errors = null, long? count = null)
    {
        var body = new ProblemBody("urn:notifications:problem:" + type, title, status, detail, errors, count);
        return new(status, JsonSerializer.SerializeToUtf8Bytes(body, WebJson.Default.ProblemBody), "application/problem+json")
        {
            Problem = body,
        };
    }
}
