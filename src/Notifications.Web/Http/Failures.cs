using System.Security.Cryptography;
using Notifications.Storage;
using Notifications.Web.Pages;
using Notifications.Web.Subscribe;

namespace Notifications.Web.Http;

/// <summary>
/// Turns what no endpoint planned into problem details: 503 with Retry-After when the store is away (R69), else 500. Nothing of the
/// exception reaches the caller. A person whose link was cut on its way gets a page in place of the problem (R59, R61).
/// </summary>
internal static partial class Failures
{
    public static async Task CatchAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
            if (http.Response.HasStarted || http.GetEndpoint() is RouteEndpoint) return;
            if (http.Response.StatusCode is 404 or 405 && IsReader(http.Request)) await NotFoundAsync(http, http.Response.StatusCode);
            else if (http.Response.StatusCode == 404) await Problem.NotFound("No resource has this path.").ExecuteAsync(http);
            else if (http.Response.StatusCode == 405)
            {
                http.Response.Headers["X-Robots-Tag"] = "noindex"; // R61: of a public page, too.
                await Problem.Of(
                    405, "method-not-allowed", "The resource does not have this method.", "See the Allow header.").ExecuteAsync(http);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
        }
        catch (BadHttpRequestException bad) when (!http.Response.HasStarted)
        {
            await Problem.Of(bad.StatusCode, "bad-request", "The request cannot be read.", null).ExecuteAsync(http);
        }
        catch (StorageUnavailableException away) when (!http.Response.HasStarted)
        {
            http.RequestServices.GetRequiredService<StoreAwayLog>().Met(away.Message);
            IResult answer = http.Request.Path.StartsWithSegments(Console.Sessions.Path)
                ? Console.ConsolePage.StoreAway(HttpMethods.IsPost(http.Request.Method))
                : away.IsDamage ? Problem.Damaged() : Problem.Unavailable();
            await answer.ExecuteAsync(http);
        }
        catch (Exception unplanned) when (!http.Response.HasStarted)
        {
            // The type and the stack, not the message: a message may repeat what a person sent (R67).
            LogUnexpected(Log(http), unplanned.GetType().Name, unplanned is CryptographicException ? null : unplanned.StackTrace);
            await Problem.Unexpected().ExecuteAsync(http);
        }
    }

    /// <summary>Says of an answer that it is without rows which no key of the ring opens: the first of them by its key.</summary>
    public static void TellUnreadable(HttpContext http, int rows, string first) => LogUnreadable(Log(http), rows, first);

    /// <summary>A browser, away from what only programs and operators call.</summary>
    private static bool IsReader(HttpRequest request) =>
        !request.Path.StartsWithSegments("/v1")
            && !request.Path.StartsWithSegments("/webhooks")
            && !request.Path.StartsWithSegments("/console")
            && !request.Path.StartsWithSegments("/openapi")
        && request.GetTypedHeaders().Accept.Any(
            a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && a.Quality is not 0);

    private static Task NotFoundAsync(HttpContext http, int status)
    {
        var texts = Texts.For(http);
        return Page.Notice(texts, status, texts.NotFoundHeading, texts.NotFoundText, FindEndpoint.Way(texts)).ExecuteAsync(http);
    }

    private static ILogger Log(HttpContext http) =>
        http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Notifications.Web");

    [LoggerMessage(
        EventId = 203, EventName = "RequestFailed", Level = LogLevel.Error, Message = "A request failed with {Exception} at {Stack}")]
    private static partial void LogUnexpected(ILogger log, string exception, string? stack);

    [LoggerMessage(
        EventId = 204, EventName = "RowsUnreadable", Level = LogLevel.Error,
        Message = "A list was answered without {Rows} rows that no key of the ring opens; the first is {First}")]
    private static partial void LogUnreadable(ILogger log, int rows, string first);
}
