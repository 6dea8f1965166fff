using System.Text.Json;
using Notifications.Access;
using Notifications.Web.Http;

namespace Notifications.Web.Console;

/// <summary>
/// Sign-in with Entra ID through App Service authentication: the platform has checked the user and states its claims in a header that it
/// takes from nobody else. Off, the default, the header is not read at all: without the platform in front anybody could write it.
/// </summary>
internal sealed class AppServiceIdentity(ConsoleOptions options)
{
    private const string Header = "X-MS-CLIENT-PRINCIPAL";
    private const string ObjectId = "http://schemas.microsoft.com/identity/claims/objectidentifier";

    /// <summary>Whether the configuration says that the platform signs users in.</summary>
    public bool IsOn => options.AppServiceAuthentication;

    /// <summary>Where the platform signs a user in, and then comes back to.</summary>
    public static string SignIn(HttpContext http, string back) =>
        "/.auth/login/aad?post_login_redirect_uri=" + Uri.EscapeDataString(PublicPath.Of(http, back));

    /// <summary>Where the platform signs a user out.</summary>
    public static string SignOut(HttpContext http) =>
        "/.auth/logout?post_logout_redirect_uri=" + Uri.EscapeDataString(PublicPath.Of(http, Sessions.Path));

    /// <summary>
    /// The user that the platform names; null where it names none. One without a role of ours is signed in and may do nothing.
    /// </summary>
    public ConsoleUser? Find(HttpContext http)
    {
        var text = http.Request.Headers[Header].ToString();
        var bytes = new byte[text.Length];
        if (text.Length is 0 or > 65_536 || !Convert.TryFromBase64String(text, bytes, out var length)) return null;
        try
        {
            using var json = JsonDocument.Parse(bytes.AsMemory(0, length));
            return Read(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ConsoleUser? Read(JsonElement principal)
    {
        if (principal.ValueKind != JsonValueKind.Object
            || !principal.TryGetProperty("claims", out var claims)
            || claims.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var roleType = principal.TryGetProperty("role_typ", out var named) && named.ValueKind == JsonValueKind.String
            ? named.GetString()
            : "roles";
        string? id = null, name = null;
        var scopes = new List<string>();
        foreach (var claim in claims.EnumerateArray())
        {
            if (claim.ValueKind != JsonValueKind.Object || Text(claim, "typ") is not { } type || Text(claim, "val") is not { } value)
                continue;
            if (type is ObjectId or "oid") id = value;
            else if (type == "name") name = value;
            else if ((type == roleType || type == "roles")
                && options.Roles.GetValueOrDefault(value, value) is var scope
                && Scope.All.Contains(scope)
                && !scopes.Contains(scope))
            {
                scopes.Add(scope);
            }
        }

        // The object id names the person for ever and says nothing of them; the user name would be an email address (R67).
        return Guid.TryParse(id, out var oid)
            ? new ConsoleUser(name ?? "Signed in", $"agent:{oid:D}", scopes, $"entra:{oid:D}", null)
            : null;
    }

    private static string? Text(JsonElement claim, string member) =>
        claim.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
