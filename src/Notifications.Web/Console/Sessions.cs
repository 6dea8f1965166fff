using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Notifications.Access;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Console;

/// <summary>
/// The console's cookie: a session's random name, the keyed hash of the API key it was opened with, its end and its last end, sealed with
/// the key ring that every instance has. It is renewed while it is used. No session is stored, only that one was signed out, until its
/// cookie would be over by itself; a key that is revoked ends all of its sessions within the five seconds that a look-up is remembered.
/// </summary>
internal sealed class Sessions(
    ApiKeys keys, DataSealer sealer, KeyRing ring, NotificationsOptions product, ITableStore tables, TimeProvider time)
{
    public const string Cookie = "console";

    /// <summary>
    /// The cookie of the form that signs in. One of its own: a link from another site asks for that form without the cookie of the session,
    /// which must outlive it.
    /// </summary>
    public const string FormCookie = "console-sign-in";

    /// <summary>When a session is over however much it is used.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private static readonly TimeSpan RenewedAfter = TimeSpan.FromMinutes(5);

    private const string Ended = "signed-out"; // A partition of the table of keys: a row for each, named by its last end.

    /// <summary>Where the cookie is sent; no public page ever gets it (R6).</summary>
    public const string Path = "/console";

    /// <summary>The form field of the token.</summary>
    public const string TokenField = "form";

    /// <summary>What a form's token is bound to while nobody is signed in; null where the cookie is missing or over.</summary>
    public string? Anonymous(HttpContext http) => Read(http, FormCookie)?.Id;

    /// <summary>Opens a session without a user, for the form that signs in.</summary>
    public string Begin(HttpContext http) => Write(http, FormCookie, New(""));

    /// <summary>Opens a session for the key of a secret. The name is a new one, whatever the browser had.</summary>
    public string Open(HttpContext http, string secret) => Write(http, Cookie, New(keys.HashOf(secret)));

    /// <summary>Ends the session: takes the cookie out of the browser, and refuses every copy of it from now on.</summary>
    public async ValueTask CloseAsync(HttpContext http)
    {
        http.Response.Cookies.Delete(Cookie, Options(http, null));
        if (Read(http, Cookie) is not { } session) return;
        await tables.CommitAsync(Tables.Keys, Ended, [RowChange.Put(EndedRow(session), "1"u8.ToArray())], CancellationToken.None);
        var over = await tables.RangeAsync(
            Tables.Keys, Ended,
            new RowRange(null, string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().ToUnixTimeSeconds():D12}")), 90,
            CancellationToken.None);
        // Whoever meets another who does it leaves it to them.
        if (over.Count > 0)
            await tables.CommitAsync(Tables.Keys, Ended, [.. over.Select(r => RowChange.Delete(r.Key, r.ETag))], CancellationToken.None);
    }

    /// <summary>
    /// Writes the cookie anew when some minutes of its time are gone, with the same name: the forms of every open page go on.
    /// </summary>
    public void Renew(HttpContext http)
    {
        if (Read(http, Cookie) is not { } session || session.Ends == session.Last) return;
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (session.Ends - now < (long)(product.Console.SessionLength - RenewedAfter).TotalSeconds)
            Write(http, Cookie, session with { Ends = Math.Min(session.Last, now + (long)product.Console.SessionLength.TotalSeconds) });
    }

    /// <summary>
    /// Who the cookie belongs to; null where there is none, its time is over, it was signed out, or its key is unknown or revoked.
    /// </summary>
    public async ValueTask<ConsoleUser?> FindAsync(HttpContext http)
    {
        if (Read(http, Cookie) is not { KeyHash.Length: > 0 } session
            || await tables.GetAsync(Tables.Keys, Ended, EndedRow(session), http.RequestAborted) is not null)
        {
            return null;
        }

        return await keys.FindHashedAsync(session.KeyHash, http.RequestAborted) is { RevokedAt: null } key
            ? new ConsoleUser(key.Name, "agent:" + key.Name, key.Scopes, session.Id, key.Id)
            : null;
    }

    /// <summary>The token that forms of a session carry: another site cannot know it.</summary>
    public string TokenOf(string session) => ring.LookupHash("console-form", session);

    /// <summary>Whether a form was made for this session.</summary>
    public bool Verify(string session, string? token) =>
        token is not null
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(TokenOf(session)));

    private Session New(string keyHash)
    {
        var now = time.GetUtcNow();
        return new(
            RandomNumberGenerator.GetHexString(32, lowercase: true), keyHash, (now + product.Console.SessionLength).ToUnixTimeSeconds(),
            (now + Longest).ToUnixTimeSeconds());
    }

    private string Write(HttpContext http, string cookie, Session session)
    {
        var plain =
            Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{session.Id}:{session.KeyHash}:{session.Ends}:{session.Last}"));
        http.Response.Cookies.Append(
            cookie, Base64Url.EncodeToString(sealer.Seal(plain, Place(cookie))),
            Options(http, DateTimeOffset.FromUnixTimeSeconds(session.Ends)));
        return session.Id;
    }

    private Session? Read(HttpContext http, string cookie)
    {
        if (http.Request.Cookies[cookie] is not { Length: > 0 and < 1000 } text || !Base64Url.IsValid(text)) return null;
        try
        {
            var parts = Encoding.UTF8.GetString(sealer.Open(Base64Url.DecodeFromChars(text), Place(cookie))).Split(':');
            if (parts.Length != 4) return null; // Another version's.
            var session = new Session(
                parts[0], parts[1], long.Parse(parts[2], CultureInfo.InvariantCulture), long.Parse(parts[3], CultureInfo.InvariantCulture));
            return session.Ends > time.GetUtcNow().ToUnixTimeSeconds() ? session : null;
        }
        catch (CryptographicException)
        {
            return null; // Not sealed by this product, or with a key that is gone: nobody is signed in.
        }
    }

    // Its place is sealed with it: the cookie of the form is never one of a session.
    private static byte[] Place(string cookie) => Encoding.UTF8.GetBytes(cookie + "-session-2");

    private static string EndedRow(Session session) => string.Create(CultureInfo.InvariantCulture, $"{session.Last:D12}-{session.Id}");

    // On Azure the front end speaks https and hands the request on over http: the public URL tells. Local over http, a Secure cookie would
    // never come back.
    private CookieOptions Options(HttpContext http, DateTimeOffset? ends) => new()
    {
        Path = PublicPath.Of(http, Path),
        HttpOnly = true,
        Secure = http.Request.IsHttps || product.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase),
        SameSite = SameSiteMode.Strict,
        IsEssential = true,
        Expires = ends,
    };

    /// <summary>What a cookie holds. The ends are seconds since 1970.</summary>
    private sealed record Session(string Id, string KeyHash, long Ends, long Last);
}
