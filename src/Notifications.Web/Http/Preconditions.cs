namespace Notifications.Web.Http;

/// <summary>
/// Refuses a precondition (RFC 9110 section 13.1) that the route does not heed. Passed over, the change would be made that it is there to
/// prevent. A read prevents nothing and is always answered whole: an ETag here is of what a change would find, and what is shown beside
/// that, such as how far a campaign has come, may change under it. No answer of the API has a date, so a precondition that names one does
/// not apply (section 13.1.4).
/// </summary>
internal static class Preconditions
{
    public static Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        var (method, headers) = (http.Request.Method, http.Request.Headers);
        if (HttpMethods.IsGet(method)
            || HttpMethods.IsHead(method)
            || (headers.IfMatch.Count == 0 && headers.IfNoneMatch.Count == 0)
            || http.GetEndpoint()?.Metadata.GetMetadata<ApiDoc>() is not { } doc)
        {
            return next(http);
        }

        var errors = new FieldErrors();
        if (headers.IfMatch.Count > 0 && !doc.NeedsIfMatch && !doc.HeedsIfMatch)
            errors.Add("If-Match", "is not heeded by this route; leave it out");
        if (headers.IfNoneMatch.Count > 0 && !doc.HeedsIfNoneMatch)
            errors.Add("If-None-Match", "is not heeded by this route; leave it out");
        else if (headers.IfNoneMatch is not ([] or ["*"]))
            errors.Add("If-None-Match", "must be *, which is: only where nothing is there yet");
        return errors.Any ? errors.Answer().ExecuteAsync(http) : next(http);
    }
}
