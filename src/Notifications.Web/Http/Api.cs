using System.Reflection;
using Notifications.Storage;

namespace Notifications.Web.Http;

/// <summary>What the OpenAPI document says of a route besides what its pattern and scope tell.</summary>
/// <param name="Summary">One line.</param>
/// <param name="Request">The body's type, or null.</param>
/// <param name="Answers">Each success with the type of its body, null where it has none.</param>
internal sealed record ApiDoc(string Summary, Type? Request, params (int Status, Type? Body)[] Answers)
{
    /// <summary>More than the summary can say, or null.</summary>
    public string? Description { get; init; }

    /// <summary>The media type of the body; a CSV has no type here.</summary>
    public string Takes { get; init; } = Json;

    /// <summary>The media type of the successful answers.</summary>
    public string Gives { get; init; } = Json;

    /// <summary>Another media type that the caller may ask for, or null.</summary>
    public string? AlsoGives { get; init; }

    /// <summary>False where the body may be left out.</summary>
    public bool NeedsBody { get; init; } = true;

    /// <summary>Whether it is refused without If-Match (RFC 9110 section 13.1.1).</summary>
    public bool NeedsIfMatch { get; init; }

    /// <summary>Whether it heeds If-Match, and does without it too.</summary>
    public bool HeedsIfMatch { get; init; }

    /// <summary>
    /// Whether it heeds <c>If-None-Match: *</c>, to create and never to change (section 13.1.2). Where this or the above says no, a request
    /// with such a header is refused (<see cref="Preconditions"/>).
    /// </summary>
    public bool HeedsIfNoneMatch { get; init; }

    /// <summary>Whether an answer has the ETag that If-Match wants.</summary>
    public bool GivesETag { get; init; }

    /// <summary>Whether an answer tells in Location where what was created can be read.</summary>
    public bool GivesLocation { get; init; }

    /// <summary>What a 422 is besides a problem, or null.</summary>
    public Type? Refuses { get; init; }

    /// <summary>Whether the handler refuses parameters that it does not know by itself, together with all else that is wrong.</summary>
    public bool ChecksQuery { get; init; }

    /// <summary>The media type of everything but files.</summary>
    public const string Json = "application/json";

    /// <summary>The media type of imports and exports.</summary>
    public const string Csv = "text/csv";

    /// <summary>The query parameters.</summary>
    public QueryParameter[] Query { get; init; } = [];
}

/// <summary>A query parameter, what it means, and the number it is when left out, where it then is one.</summary>
internal readonly record struct QueryParameter(string Name, string Meaning, int? Default = null)
{
    /// <summary>The words that it may be, or null where it may be any.</summary>
    public string[]? Words { get; init; }

    /// <summary>The type that its text is read as, or null where it is text.</summary>
    public Type? Type { get; init; }

    /// <summary>Whether the request is refused without it.</summary>
    public bool Required { get; init; }

    public static implicit operator QueryParameter((string Name, string Meaning) parameter) => new(parameter.Name, parameter.Meaning);
}

/// <summary>Maps the routes of the API: each has a scope, a description, and a handler that gives a finished answer.</summary>
internal static class Api
{
    /// <summary>Query parameters that name an address.</summary>
    public static readonly QueryParameter[] ByAddress =
        [("email", "An email address; or give phone."), ("phone", "A phone number in international form; or give email.")];

    /// <summary>Query parameters of every list.</summary>
    public static readonly QueryParameter[] Paging =
        [new("limit", "How many at most, 1 to 1000; 100 when left out.", 100), ("after", "The `next` of the page before. A page with a `next` is not the last, however few it has.")];

    public static void MapApi(
        this IEndpointRouteBuilder routes, string method, string pattern, string scope, Func<HttpContext, ValueTask<Answer>> handler,
        ApiDoc doc) =>
        Map(
            routes, method, pattern, scope,
            Array.Exists(doc.Answers, a => a.Body?.IsSubclassOf(typeof(Listed)) == true)
                ? http => ListAsync(http, handler)
                : async http => await (await handler(http)).ExecuteAsync(http),
            handler.Method, doc);

    /// <summary>Gives a list, which goes on behind what no key of the ring opens (<see cref="Listed"/>), and says so in the log.</summary>
    public static async Task ListAsync(HttpContext http, Func<HttpContext, ValueTask<Answer>> handler)
    {
        PassedOver.Begin(PassedOver.MostNamed);
        var answer = await handler(http);
        if (PassedOver.Current is { Rows: > 0 and var rows, Names: [var first, ..] }) Failures.TellUnreadable(http, rows, first);
        await answer.ExecuteAsync(http);
    }

    /// <summary>A route whose answer may be a stream.</summary>
    public static void MapApi(
        this IEndpointRouteBuilder routes, string method, string pattern, string scope, Func<HttpContext, ValueTask<IResult>> handler,
        ApiDoc doc) =>
        Map(routes, method, pattern, scope, async http => await (await handler(http)).ExecuteAsync(http), handler.Method, doc);

    private static void Map(
        IEndpointRouteBuilder routes, string method, string pattern, string scope, RequestDelegate run, MethodInfo handler, ApiDoc doc)
    {
        // The method stands in the metadata because the API explorer looks only at endpoints that have one.
        routes.MapMethods(pattern, method == HttpMethods.Get ? Verbs.Read : [method], run).Needs(scope).WithMetadata(doc, handler);
    }
}
