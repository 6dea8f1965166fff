using System.Security.Cryptography;
using System.Text;

namespace Notifications.Web.Http;

/// <summary>One run of the work behind an Idempotency-Key. A request without a key has none.</summary>
/// <param name="Seed">The client, the request, its key and when it first came: what ids of what is made are derived from, so that a run
/// which takes over finds what the one before it made, and a key that is used again when its answer is forgotten does not.</param>
/// <param name="At">When the request first came.</param>
/// <param name="Again">Whether a run before this one ended without an answer. It may have done all of its work.</param>
internal sealed record KeyedRun(string Seed, DateTimeOffset At, bool Again)
{
    private static readonly object Item = new();

    /// <summary>The run that works on the request, or null.</summary>
    public static KeyedRun? Of(HttpContext http) => http.Items[Item] as KeyedRun;

    /// <summary>
    /// When it counts as said: by the evidence, and not after the request first came where this run repeats one. What the person has said
    /// meanwhile stands against it (P6).
    /// </summary>
    public static DateTimeOffset? Said(HttpContext http, DateTimeOffset? at) =>
        Of(http) is { Again: true } run && !(at < run.At) ? run.At : at;

    /// <summary>The same of the last moment at which it can have been said, where the evidence tells the second alone.</summary>
    public static DateTimeOffset? By(HttpContext http, DateTimeOffset? last) => last is null ? null : Said(http, last);

    /// <summary>The run's request is worked on from here.</summary>
    public void Begin(HttpContext http) => http.Items[Item] = this;

    /// <summary>So many hex digits for the id of what this run makes; <paramref name="number"/> where it makes another one.</summary>
    public string Hex(int digits, int number = 0) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed}/{number}")))[..digits];
}
