namespace Notifications.Web.Pages;

/// <summary>A JSON file to keep, under the headers of a public page (R61).</summary>
internal sealed record Download(string Name, byte[] Content) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        PublicHeaders.Apply(response);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Content.Length;
        response.Headers.ContentDisposition = $"attachment; filename=\"{Name}\"";
        return response.Body.WriteAsync(Content, httpContext.RequestAborted).AsTask();
    }
}
