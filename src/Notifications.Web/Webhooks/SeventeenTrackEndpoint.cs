using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Web.Http;

namespace Notifications.Web.Webhooks;

/// <summary>
/// <c>/webhooks/17track</c>: 17TRACK's own push, API v2.2. Only what carries the signature of the account's key is looked at; the event is
/// on the queue before the answer, so 17TRACK repeats what we could not keep (503) and nothing else.
/// </summary>
internal sealed partial class SeventeenTrackEndpoint(
    PackageTracker tracker, PackageOptions options, TimeProvider time, ILogger<SeventeenTrackEndpoint> log) : IEndpoints
{
    private const int Limit = 1024 * 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        RequestDelegate post = async http => await (await PostAsync(http)).ExecuteAsync(http);
        routes.MapMethods("/webhooks/17track", ["POST"], post).IsPublic("It carries 17TRACK's signature.").ExcludeFromDescription();
    }

    private async ValueTask<Answer> PostAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadRawAsync(http, Limit);
        if (problem is not null) return problem;
        var keys = SharedSecret.Each(options.SeventeenTrackKey);
        if (keys.Length == 0) return Unauthorized();
        var signed = IsSigned(http.Request.Headers["sign"].ToString(), body!.Bytes.Span, keys);
        if (!signed && !options.SeventeenTrackOlderForm) return Unauthorized();

        JsonElement push;
        try
        {
            push = JsonElement.Parse(body.Bytes.Span);
        }
        catch (JsonException)
        {
            return signed ? Problem.Invalid("body", "must be valid JSON") : Unauthorized();
        }

        if (!Inputs.IsText(push)) return signed ? Problem.Invalid("body", "must be text in UTF-8") : Unauthorized();
        if (!signed && !IsSignedInside(push, keys)) return Unauthorized();
        if (SeventeenTrackPush.Read(push, time.UtcNowMs()) is { } told)
            await tracker.AcceptAsync(told.Number, told.Event, CancellationToken.None);
        else LogIgnored();
        return new Answer(StatusCodes.Status200OK, default);
    }

    /// <summary>v2.2: hex SHA-256 of the raw body, a slash and the key.</summary>
    private static bool IsSigned(string sign, ReadOnlySpan<byte> body, string[] keys) => Equal(sign, [.. body, (byte)'/'], keys);

    /// <summary>Older: a field beside <c>event</c> and <c>data</c>, over their raw text and the key.</summary>
    private static bool IsSignedInside(JsonElement push, string[] keys) =>
        push.ValueKind == JsonValueKind.Object
        && push.TryGetProperty("event", out var name) && name.ValueKind == JsonValueKind.String
        && push.TryGetProperty("data", out var data)
        && push.TryGetProperty("sign", out var sign) && sign.ValueKind == JsonValueKind.String
        && Equal(sign.GetString()!, Encoding.UTF8.GetBytes($"{name.GetString()}/{data.GetRawText()}/"), keys);

    // With every key that there is, so that the time says nothing of which.
    private static bool Equal(string sign, ReadOnlySpan<byte> signed, string[] keys)
    {
        var given = Encoding.UTF8.GetBytes(sign.Trim().ToLowerInvariant());
        var equal = false;
        foreach (var key in keys)
        {
            var expected = Convert.ToHexStringLower(SHA256.HashData([.. signed, .. Encoding.UTF8.GetBytes(key)]));
            equal |= CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), given);
        }

        return equal;
    }

    // No scheme is registered for it; RFC 9110 section 15.5.2 wants one all the same.
    private static Answer Unauthorized() =>
        Problem.Of(
            401, "unauthorized", "The push does not carry the signature of this account.",
            "The header 'sign' must be the hex SHA-256 of the body, a slash and the key.") with { Challenge = "Signature" };

    [LoggerMessage(
        EventId = 210, EventName = "CarrierPushIgnored", Level = LogLevel.Information,
        Message = "A signed 17TRACK push told nothing that can be followed: another kind of push, an unknown status or a number that is none")]
    private partial void LogIgnored();
}
