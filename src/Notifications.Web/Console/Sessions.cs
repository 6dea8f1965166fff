using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Notifications.Access;
using Notifications.Security;

namespace Notifications.Web.Console;

/// <summary>
/// The console's cookie: a session's random name, the keyed hash of the API key it was opened with, and its end, sealed with the key ring that every instance
/// has. No session is stored: a key that is revoked ends all of its sessions within the five seconds that a look-up is remembered.
/// </summary>
internal sealed class Sessions(ApiKeys keys, DataSealer sealer, KeyRing ring, NotificationsOptions product, TimeProvider time)
{
    public const string Cookie = "console";

    /// <summary>Where the cookie is sent; no public page ever gets it (R6).</summary>
    public const string Path = "/console";

    /// <summary>The form field of the token.</summary>
    public const string TokenField = "form";

    private static readonly byte[] Place = "console-session"u8.ToArray();

    /// <summary>What a form's token is bound to while nobody is signed in; null where the cookie is missing or over.</summary>
    public string? Anonymous(HttpContext http) => Read(http) is { KeyHash: "" } session ? session.Id : null;

    /// <summary>Opens a session without a user, for the form that signs in.</summary>
    public string Begin(HttpContext http) => Write(http, "");

    /// <summary>Opens a session for the key of a secret. The name is a new one, whatever the browser had.</summary>
    public void Open(HttpContext http, string secret) => Write(http, keys.HashOf(secret));

    /// <summary>Takes the cookie out of the browser.</summary>
    public void Close(HttpContext http) => http.Response.Cookies.Delete(Cookie, Options(http, null));

    /// <summary>Who the cookie belongs to; null where there is none, its time is over, or its key is unknown or revoked.</summary>
    public async ValueTask<ConsoleUser?> FindAsync(HttpContext http)
    {
        if (Read(http) is not { KeyHash.Length: > 0 } session) return null;
        return await keys.FindHashedAsync(session.KeyHash, http.RequestAborted) is { RevokedAt: null } key ? new ConsoleUser(key.Name, "agent:" + key.Name, key.Scopes, session.Id, key.Id) : null;
    }

    /// <summary>The token that forms of a session carry: another site cannot know it.</summary>
    public string TokenOf(string session) => ring.LookupHash("console-form", session);

    /// <summary>Whether a form was made for this session.</summary>
    public bool Verify(string session, string? token) => token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(TokenOf(session)));

    private string Write(HttpContext http, string keyHash)
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var ends = time.GetUtcNow() + product.Console.SessionLength;
        var plain = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}:{keyHash}:{ends.ToUnixTimeSeconds()}"));
        http.Response.Cookies.Append(Cookie, Base64Url.EncodeToString(sealer.Seal(plain, Place)), Options(http, ends));
        return id;
    }

    private (string Id, string KeyHash)? Read(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 and < 1000 } text || !Base64Url.IsValid(text)) return null;
        try
        {
            var parts = Encoding.UTF8.GetString(sealer.Open(Base64Url.DecodeFromChars(text), Place)).Split(':');
            return long.Parse(parts[2], CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds() ? (parts[0], parts[1]) : null;
        }
        catch (CryptographicException)
        {
            return null; // Not sealed by this product, or with a key that is gone: nobody is signed in.
        }
    }

    // On Azure the front end speaks https and hands the request on over http: the public URL tells. Local over http, a Secure cookie would never come back.
    private CookieOptions Options(HttpContext http, DateTimeOffset? ends) => new()
    {
        Path = Path,
        HttpOnly = true,
        Secure = http.Request.IsHttps || product.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase),
        SameSite = SameSiteMode.Strict,
        IsEssential = true,
        Expires = ends,
    };
}
