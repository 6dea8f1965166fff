namespace Notifications.Web.Http;

/// <summary>
/// Refuses a query parameter that the route does not have. Passed over, a filter that is misspelt would be answered with everything, and
/// read as if it had filtered.
/// </summary>
internal static class DeclaredQuery
{
    public static Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Query.Count == 0 || http.GetEndpoint()?.Metadata.GetMetadata<ApiDoc>() is not { ChecksQuery: false } doc)
            return next(http);
        var errors = new FieldErrors();
        foreach (var name in http.Request.Query.Keys)
            if (!Array.Exists(doc.Query, q => q.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                errors.Add(RequestBody.Short(name), "is not a known parameter" + Known(doc));
        return errors.Any ? errors.Answer().ExecuteAsync(http) : next(http);
    }

    private static string Known(ApiDoc doc) =>
        doc.Query.Length == 0
            ? doc.Request is null ? "; the route has none" : "; the route has none, and takes what it is about in its body"
            : "; the route has " + string.Join(", ", doc.Query.Select(q => q.Name));
}
