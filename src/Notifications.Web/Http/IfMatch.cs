using System.Globalization;

namespace Notifications.Web.Http;

/// <summary>The ETags of what more than one person may change, and the If-Match that brings one back (RFC 9110 section 13.1.1).</summary>
internal static class IfMatch
{
    /// <summary>The tag of a state that a number tells apart.</summary>
    public static string Tag(long state) => string.Create(CultureInfo.InvariantCulture, $"\"{state}\"");

    /// <summary>
    /// The state that the caller has seen; null without If-Match or with a star, which stands for whatever is there. False where it is none
    /// of ours.
    /// </summary>
    public static bool TrySeen(HttpContext http, out long? seen)
    {
        seen = null;
        if (http.Request.Headers.IfMatch is [] or ["*"]) return true;
        if (http.Request.Headers.IfMatch is not [{ Length: >= 3 } tag]
            || tag[0] != '"'
            || tag[^1] != '"'
            || !long.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var state))
        {
            return false;
        }

        seen = state;
        return true;
    }

    /// <summary>The tag is none of ours.</summary>
    public static Answer Wrong() => Problem.Invalid("If-Match", "must be one ETag as it was given, in quotes such as \"7\", or *");

    /// <summary>Somebody else was faster.</summary>
    public static Answer Stale(string type, string detail) =>
        Problem.Of(
            StatusCodes.Status412PreconditionFailed, type, detail, "Read it again, bring the changes together, and send its new ETag.");
}
