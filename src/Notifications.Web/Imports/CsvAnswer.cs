using Notifications.Web.Http;

namespace Notifications.Web.Imports;

/// <summary>
/// A CSV file, sent piece by piece as it is made. What fails on the way cuts the connection, so that nobody takes half a file for a whole
/// one.
/// </summary>
internal sealed class CsvAnswer(string name, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = ApiDoc.Csv + "; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsHead(httpContext.Request.Method)) return;
        await foreach (var piece in pieces.WithCancellation(httpContext.RequestAborted))
            await response.Body.WriteAsync(piece, httpContext.RequestAborted);
    }
}
