using Notifications.Web.Http;

namespace Notifications.Local;

/// <summary>
/// Bounds how many requests are worked on at once. What comes above that is told to come again in a second, before anything is read of it,
/// so that those that were let in are answered in time and memory stays as it is. On Azure <c>host.json</c> has such a bound of its own.
/// </summary>
internal static class RequestBound
{
    /// <summary>Requests at once: some four times what saturates two cores and a disk.</summary>
    public const int Most = 1024;

    public static RequestDelegate Wrap(RequestDelegate inner)
    {
        var inside = 0;
        return async http =>
        {
            var number = Interlocked.Increment(ref inside);
            try
            {
                await (number <= Most ? inner(http) : RefuseAsync(http));
            }
            finally
            {
                Interlocked.Decrement(ref inside);
            }
        };
    }

    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        return (Problem.Of(
            StatusCodes.Status503ServiceUnavailable, "busy", "Too many requests at once.",
            "Nothing was done; try again in a second.") with { RetryAfter = 1 }).ExecuteAsync(http);
    }
}
