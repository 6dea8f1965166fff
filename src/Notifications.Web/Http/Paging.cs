using System.Globalization;
using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Web.Http;

/// <summary>Reads which page of a list is asked for: <c>limit</c> and <c>after</c>.</summary>
internal static class Paging
{
    /// <summary>What is wrong with an <c>after</c> that no page has given as its next.</summary>
    public const string NotNext = "must be the next of the page before";

    /// <summary>
    /// The next of a page: where it is full, the last of it; where it ended before because of what no key of the ring opens
    /// (<see cref="PassedOver.EndedAt"/>), that row by its name behind a prefix; null where it is the last.
    /// </summary>
    public static string? Next(string? full) =>
        full ?? (PassedOver.Current?.EndedAt is { } row ? row[(row.LastIndexOf(':') + 1)..] : null);

    /// <summary>Reads <c>limit</c>, 1 to 1,000, default 100.</summary>
    public static int Limit(HttpContext http, FieldErrors errors)
    {
        if (!http.Request.Query.TryGetValue("limit", out var text)) return 100;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= 1000) return limit;
        errors.Add("limit", "must be 1 to 1000");
        return 100;
    }

    /// <summary>Reads <c>after</c>; null where it was left out.</summary>
    public static string? After(HttpContext http, FieldErrors errors, Func<string, bool> isNext)
    {
        if (!http.Request.Query.TryGetValue("after", out var text)) return null;
        var after = text.ToString();
        if (!isNext(after)) errors.Add("after", NotNext);
        return after;
    }

    /// <summary>Reads an <c>after</c> that is a number; 0 where it was left out.</summary>
    public static long AfterNumber(HttpContext http, FieldErrors errors)
    {
        var after = 0L;
        if (http.Request.Query.TryGetValue("after", out var text)
            && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            errors.Add("after", NotNext);
        }

        return after;
    }

    /// <summary>Reads an <c>after</c> that is an address's key; null where it was left out.</summary>
    public static AddressKey? AfterKey(HttpContext http, FieldErrors errors)
    {
        if (!http.Request.Query.TryGetValue("after", out var text)) return null;
        if (AddressKey.TryParse(text.ToString(), out var key)) return key;
        errors.Add("after", NotNext);
        return null;
    }
}
