using System.Security.Cryptography;
using System.Text;
using Notifications.Security;
using Notifications.Web.Http;

namespace Notifications.Web.Webhooks;

/// <summary>The secret that providers' webhooks carry. Without a configured one every webhook is refused.</summary>
internal sealed class WebhookSecret(NotificationsOptions options)
{
    private readonly byte[][] _secrets =
        Array.ConvertAll(SharedSecret.Each(options.WebhookSecret), s => SHA256.HashData(Encoding.UTF8.GetBytes(s)));

    /// <summary>
    /// Whether the request carries the secret, or the one before while the secret is changed. Hashes are compared, and always all of them,
    /// so the time tells nothing, not even the secret's length.
    /// </summary>
    public bool IsCarriedBy(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        var given = request.Query.TryGetValue("secret", out var query) ? query.ToString()
            : request.Headers.TryGetValue("aeg-secret", out var header) ? header.ToString()
            : authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization[7..].Trim()
            : "";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        var carried = false;
        foreach (var secret in _secrets) carried |= CryptographicOperations.FixedTimeEquals(hash, secret);
        return carried;
    }

    /// <summary>The answer to a request without the secret.</summary>
    public static Answer Unauthorized() =>
        Problem.Of(
            401, "unauthorized", "The webhook's secret is needed.",
            "Send it as the query parameter 'secret', as the header 'aeg-secret' or as a bearer token.") with { Challenge = "Bearer" };
}
