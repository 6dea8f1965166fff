using System.Text.Json;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Packages;

/// <summary>An address that wants to hear of a package.</summary>
/// <param name="Email">An email address; or give <c>phone</c>.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c>.</param>
/// <param name="Statuses">
/// Which changes the person wants to hear of: all, delivery, problems or a status of a package, or an array of them. A watch that there is
/// keeps its own when left out; all else.
/// </param>
/// <param name="Digest">
/// How often: daily is one message a day, each is one for every change. A watch that there is keeps its own when left out; each else.
/// </param>
/// <param name="Locale">The language of this package's messages, a language tag (BCP 47) such as en or pt-BR.</param>
/// <param name="Source">Where it was said, such as the name of a form, at most 100 characters.</param>
/// <param name="PolicyVersion">The version of the privacy policy that it was said under, at most 64 characters.</param>
/// <param name="Wording">The exact words that the person agreed to, at most 4,000 characters.</param>
/// <param name="Evidence">
/// What proves it: any object of at most 8 KiB and 32 levels. Known members are <c>ip</c>, <c>userAgent</c>, <c>url</c>, <c>at</c> (when it
/// was said, RFC 3339), <c>confirmed</c>, <c>age</c> and <c>birthDate</c>.
/// </param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
/// <param name="Age">The person's age in years, 0 to 150; who is under 18 is refused, and nothing is stored.</param>
/// <param name="BirthDate">The person's date of birth, such as 1990-05-01; who is under 18 is refused, and nothing is stored.</param>
internal sealed record WatchInput(
    string? Email = null,
    string? Phone = null,
    JsonElement? Statuses = null,
    string? Digest = null,
    string? Locale = null,
    string? Source = null,
    string? PolicyVersion = null,
    string? Wording = null,
    JsonElement? Evidence = null,
    string? Agent = null,
    int? Age = null,
    string? BirthDate = null);

/// <summary>An address that wants to hear no more of a package; in the body, or in the query.</summary>
/// <param name="Email">An email address; or give <c>phone</c>.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c>.</param>
/// <param name="Source">Where it was said, at most 100 characters.</param>
/// <param name="Evidence">
/// What proves it: any object of at most 8 KiB and 32 levels. Known members are <c>ip</c>, <c>userAgent</c>, <c>url</c>, <c>at</c> (when it
/// was said, RFC 3339), <c>confirmed</c>, <c>age</c> and <c>birthDate</c>.
/// </param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
internal sealed record UnwatchInput(
    string? Email = null, string? Phone = null, string? Source = null, JsonElement? Evidence = null, string? Agent = null);

/// <summary>How a watch stands.</summary>
/// <param name="TrackingNumber">The tracking number as it is kept.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Statuses">Which changes the person wants to hear of: all, delivery or problems, or else an array of its words.</param>
/// <param name="Digest">Daily where changes wait for one message a day; left out where each is told by itself.</param>
/// <param name="Since">Since when it stands there.</param>
/// <param name="BlockedBy">What keeps the address silent all the same; left out where nothing does.</param>
/// <param name="Warning">Why the number may be mistyped, in words; left out where nothing speaks for that.</param>
internal sealed record WatchView(
    string TrackingNumber, WatchStatus Status, WatchFilter Statuses, string? Digest, DateTimeOffset Since, Reason? BlockedBy,
    string? Warning)
{
    public static WatchView Of(TrackingNumber number, WatchAnswer watch) => new(
        number.Value, watch.Status, watch.Filter, watch.Daily ? "daily" : null, watch.Since, watch.Blocked, number.Doubt);
}

/// <summary>A page of an address's watches, in the order of their numbers.</summary>
/// <param name="Watches">The watches, those among them that wait or have ended.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record WatchList(IReadOnlyList<WatchView> Watches, string? Next) : Listed;
