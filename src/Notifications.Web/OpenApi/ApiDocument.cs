using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Notifications.Storage;
using Notifications.Web.Http;
using Scope = Notifications.Access.Scope;

namespace Notifications.Web.OpenApi;

/// <summary><c>/openapi/v1.json</c>: the API's description, OpenAPI 3.1, made once from the routes themselves.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";
    private const string Bearer = "apiKey";

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        services.Configure<Microsoft.AspNetCore.Http.Json.JsonOptions>(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WebJson.Default);
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddEndpointsApiExplorer();
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude =
                description =>
                    description.HttpMethod != HttpMethods.Head && description.ActionDescriptor.EndpointMetadata.Any(m => m is ApiDoc);
            options.AddDocumentTransformer(DescribeAsync);
            options.AddOperationTransformer(DescribeAsync);
            options.AddSchemaTransformer(DescribeAsync);
        });
        return services.AddSingleton<ApiDocumentCache>();
    }

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        RequestDelegate run =
            async http => await (await http.RequestServices.GetRequiredService<ApiDocumentCache>().GetAsync()).ExecuteAsync(http);
        routes.MapMethods("/openapi/v1.json", Verbs.Read, run).IsPublic("The API's description is no secret.").ExcludeFromDescription();
    }

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Notifications",
            Version = Name,
            Description = "Records consent, checks it before every send, and lets people stop with one click. Errors are problem details (RFC 9457) with a stable type; what cannot be read as HTTP, such as %00 in a path, is 400 without a body. Every POST takes an Idempotency-Key: once it has succeeded, a repetition is answered as the first time with Idempotency-Replayed: true (a decision, the preview of a template and a count, which change nothing, are answered as they are by then), a reuse with another body or query 422; after a refusal the key is free for a corrected request. What changes something refuses If-Match and If-None-Match, 400, where they are not described; a read does not heed them, and its ETag is for If-Match at the next change. Objects that are kept as they were given (data, evidence) may nest 32 deep. What is null is left out of an answer, but for the members that are required.",
        };
        var path = PublicPath.Of(context.ApplicationServices.GetRequiredService<NotificationsOptions>());
        document.Servers = [new OpenApiServer { Url = path.HasValue ? path.ToUriComponent() : "/" }];
        document.Tags = new HashSet<OpenApiTag>(
            document.Paths.Keys.Select(ApiTags.Of)
                .Distinct()
                .Select(name => new OpenApiTag { Name = name, Description = ApiTags.Say(name) }));
        document.Components ??= new OpenApiComponents();
        Components.Name(document);
        Components.Describe(document, new DocComments(typeof(ApiDocument).Assembly, typeof(CoreJson).Assembly));
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = $"An API key. Its scopes are some of {string.Join(", ", Scope.All)}; each operation says which it needs.",
        };
        return Task.CompletedTask;
    }

    private static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var doc = metadata.OfType<ApiDoc>().First();
        var scope = metadata.OfType<RequiredScope>().First().Scope;
        var path = context.Description.RelativePath!;
        var post = context.Description.HttpMethod == HttpMethods.Post;
        operation.Summary = doc.Summary;
        operation.Description = string.Concat(doc.Description is null ? "" : doc.Description + " ", "Needs the scope ", scope, ".");
        operation.OperationId = OperationId(context.Description.HttpMethod!, path);
        operation.Tags = new HashSet<OpenApiTagReference> { new(ApiTags.Of("/" + path), context.Document) };
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        operation.Parameters = [.. Parameters(path, doc, post)];
        operation.RequestBody = doc switch
        {
            { Takes: ApiDoc.Csv } => new OpenApiRequestBody { Required = true, Content = Text(ApiDoc.Csv) },
            { Request: { } body } =>
                new OpenApiRequestBody { Required = doc.NeedsBody, Content = await ContentAsync(context, body, ApiDoc.Json, cancel) },
            _ => null,
        };
        operation.Responses = [];
        foreach (var (status, body) in doc.Answers)
        {
            var content = doc.Gives == ApiDoc.Csv
                ? Text(ApiDoc.Csv)
                : body is null ? null : await ContentAsync(context, body, ApiDoc.Json, cancel);
            if (doc.AlsoGives is { } other) content![other] = Text(other)[other];
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = status switch { 201 => "Created", 202 => "Accepted", 204 => "Done", _ => "OK" },
                Content = content,
                Headers = Headers(doc, post, status),
            };
        }

        var problem = await ContentAsync(context, typeof(ProblemBody), "application/problem+json", cancel);
        if (doc.Refuses is { } refusal)
            operation.Responses["422"] = new OpenApiResponse
            {
                Description = "Not possible; it says why.",
                Content = await ContentAsync(context, refusal, "application/problem+json", cancel),
            };
        // And not 4XX, of which NSwag and orval make code that does not compile.
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "The request is refused: 400 wrong fields, 401 no key, 403 no scope, 404 not there, 405 no such method, 409 does not fit or is still being worked on, 412 changed meanwhile or, under If-None-Match, there already, 413 too large, 415 not the right media type, 422 not possible, 428 no If-Match.",
            Content = problem,
            Headers = Refused(post),
        };
        operation.Responses["500"] = new OpenApiResponse
        {
            Description = "Something went wrong on our side. Trying again is safe with an Idempotency-Key.",
            Content = problem,
        };
        operation.Responses["503"] = new OpenApiResponse
        {
            Description = "The store is not reachable, and nothing is lost; or it is damaged or gone, which no waiting mends: the detail says which.",
            Content = problem,
            Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = Seconds("Seconds until it is worth trying again.") },
        };
    }

    /// <summary>
    /// Says of a body what the generator cannot know: null members are left out and all others are there, answers may grow, which texts are
    /// times, and that the words of a list are texts.
    /// </summary>
    private static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (context.JsonPropertyInfo is { } member)
        {
            if (member.IsGetNullable
                && schema.Type == JsonSchemaType.Object
                && !BodyRules.IsRequired(member.DeclaringType, member.Name))
            {
                schema.Type |= JsonSchemaType.Null;
            }

            if (member.PropertyType == typeof(string) && member.Name is "sendAt" or "expiresAt" or "receivedAt")
                schema.Format = "date-time";
        }

        if (schema is { Enum: { Count: > 0 } words, Type: null })
            schema.Type = words.Any(w => w is null || JsonNullSentinel.IsJsonNullSentinel(w))
                ? JsonSchemaType.String | JsonSchemaType.Null
                : JsonSchemaType.String;

        if (SegmentSchema.Describe(schema, context.JsonTypeInfo, context.JsonPropertyInfo)) return Task.CompletedTask;
        if (context.JsonTypeInfo.Kind != JsonTypeInfoKind.Object) return Task.CompletedTask;
        Components.Mark(schema, context.JsonTypeInfo.Type);
        BodyRules.Describe(schema, context.JsonTypeInfo);
        var type = context.JsonTypeInfo.Type;
        var answer = !type.Name.EndsWith("Input", StringComparison.Ordinal);
        if (answer) schema.AdditionalPropertiesAllowed = true;
        // What is kept is taken in again as a part of an export, which an earlier version may have made.
        var kept = CoreJson.Default.GetTypeInfo(type) is not null;
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            var there = BodyRules.IsRequired(type, property.Name) || IsWritten(property);
            if (!there) schema.Required?.Remove(property.Name);
            else if (answer && !kept) (schema.Required ??= new HashSet<string>()).Add(property.Name);
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether a member stands in every answer.</summary>
    private static bool IsWritten(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), false) is [JsonIgnoreAttribute ignore, ..]
            ? ignore.Condition == JsonIgnoreCondition.Never
            : !property.IsGetNullable;

    private static Dictionary<string, IOpenApiHeader>? Headers(ApiDoc doc, bool post, int status)
    {
        var headers = new Dictionary<string, IOpenApiHeader>();
        if (doc.GivesETag) Add("ETag", "What If-Match must be at the next change.");
        // Of a PUT that creates or changes, only where it has created.
        if (doc.GivesLocation && (doc.Answers.Length == 1 || status != StatusCodes.Status200OK))
            Add("Location", "Where what was created can be read.");
        if (doc.Gives == ApiDoc.Csv || doc.AlsoGives == ApiDoc.Csv) Add("Content-Disposition", "The name of the file; only of text/csv.");
        if (post) Add("Idempotency-Replayed", "`true` where this is the first answer to the Idempotency-Key again.");
        return headers.Count == 0 ? null : headers;

        void Add(string name, string meaning) => headers[name] = Header(meaning, JsonSchemaType.String);
    }

    private static Dictionary<string, IOpenApiHeader> Refused(bool post)
    {
        var headers = new Dictionary<string, IOpenApiHeader>
        {
            ["WWW-Authenticate"] = Header("How to sign in; only of 401.", JsonSchemaType.String),
            ["Allow"] = Header("The methods that there are; only of 405.", JsonSchemaType.String),
        };
        if (post)
            headers["Retry-After"] = Seconds("Seconds until the first request with this Idempotency-Key may be done; only of its 409.");
        return headers;
    }

    private static OpenApiHeader Seconds(string meaning) => Header(meaning, JsonSchemaType.Integer);

    private static OpenApiHeader Header(string meaning, JsonSchemaType type) =>
        new() { Description = meaning, Schema = new OpenApiSchema { Type = type } };

    private static IEnumerable<IOpenApiParameter> Parameters(string path, ApiDoc doc, bool post)
    {
        foreach (var segment in path.Split('/'))
            if (segment.StartsWith('{'))
                yield return Parameter(
                    segment.Trim('{', '}'), ParameterLocation.Path, ApiTags.SayOf(path, segment), required: true,
                    segment == "{queue}" ? OneOf(Queues.WithDeadLetters) : null);
        foreach (var parameter in doc.Query)
            yield return Parameter(
                parameter.Name, ParameterLocation.Query, parameter.Meaning, parameter.Required, QuerySchema(parameter, doc));
        if (doc.NeedsIfMatch || doc.HeedsIfMatch)
            yield return Parameter(
                "If-Match", ParameterLocation.Header, "The ETag that was read, in its quotes, or *.", required: doc.NeedsIfMatch);
        if (doc.HeedsIfNoneMatch)
            yield return Parameter(
                "If-None-Match", ParameterLocation.Header, "Only *: it is created, and never changed where it is there.", required: false);
        if (post)
            yield return Parameter(
                "Idempotency-Key", ParameterLocation.Header,
                "1 to 255 printable ASCII characters; the first success under it is given again for a week, and a refusal leaves it free.", required: false);
    }

    private static OpenApiParameter Parameter(
        string name, ParameterLocation place, string? meaning, bool required, OpenApiSchema? schema = null) => new()
    {
        Name = name,
        In = place,
        Description = meaning,
        Required = required,
        Schema = schema ?? OneOf(null),
    };

    private static OpenApiSchema QuerySchema(QueryParameter parameter, ApiDoc doc) => parameter switch
    {
        { Name: "limit", Default: var number } =>
            new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "1000", Default = number },
        { Name: "after" } when doc.Answers[0].Body?.GetProperty("Next")?.PropertyType is { } next && next != typeof(string) =>
            Number(Nullable.GetUnderlyingType(next)),
        { Type: var type } when type == typeof(int) => Number(type),
        { Type: var type } when type == typeof(DateTimeOffset) =>
            new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        { Name: "channel" } => OneOf(BodyRules.Channels),
        { Words: var words } => OneOf(words),
    };

    private static OpenApiSchema Number(Type? type) =>
        new() { Type = JsonSchemaType.Integer, Format = type == typeof(long) ? "int64" : "int32" };

    private static OpenApiSchema OneOf(string[]? words) =>
        new() { Type = JsonSchemaType.String, Enum = words is null ? null : BodyRules.Words(words) };

    private static Dictionary<string, OpenApiMediaType> Text(string mediaType) =>
        new() { [mediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } } };

    private static async Task<Dictionary<string, OpenApiMediaType>> ContentAsync(
        OpenApiOperationTransformerContext context, Type type, string mediaType, CancellationToken cancel)
    {
        // Another document, of which no type says anything.
        if (type == typeof(JsonElement))
            return new() { [mediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } } };
        var schema = await context.GetOrCreateSchemaAsync(type, null, cancel);
        var name = type.Name;
        if (context.Document!.Components?.Schemas?.ContainsKey(name) != true) context.Document.AddComponent(name, schema);
        return new Dictionary<string, OpenApiMediaType>
        {
            [mediaType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(name, context.Document) },
        };
    }

    /// <summary>For example <c>postContactsDisable</c>.</summary>
    private static string OperationId(string method, string path) =>
        method.ToLowerInvariant()
        + string.Concat(path.Split('/', '-')
            .Skip(1)
            .Select(s => s.StartsWith('{') ? "By" + char.ToUpperInvariant(s[1]) + s[2..^1] : char.ToUpperInvariant(s[0]) + s[1..]));
}

/// <summary>Makes the document at the first request and keeps its bytes.</summary>
internal sealed class ApiDocumentCache([FromKeyedServices("v1")] IOpenApiDocumentProvider provider)
{
    private readonly Lazy<Task<Answer>> _answer = new(async () =>
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        return new Answer(
            StatusCodes.Status200OK, Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1)));
    });

    public Task<Answer> GetAsync() => _answer.Value;
}
