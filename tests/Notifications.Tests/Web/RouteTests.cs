using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Notifications.Access;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

/// <summary>Tests over every route there is, so that none is forgotten.</summary>
public sealed class RouteTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static string[] Methods(RouteEndpoint route) => [.. route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods];

    private static string Path(RouteEndpoint route) =>
        string.Join('/', route.RoutePattern.RawText!.Split('/').Select(s => s.StartsWith('{') ? "x1" : s));

    private IEnumerable<(RouteEndpoint Route, string Method)> Scoped() =>
        product.Routes.Where(r => r.Metadata.GetMetadata<RequiredScope>() is not null).SelectMany(r => Methods(r).Select(m => (r, m)));

    [Fact]
    public void Every_route_needs_a_scope_or_a_session_or_is_marked_public_and_every_API_route_needs_a_scope()
    {
        Assert.True(product.Routes.Count > 20);
        foreach (var route in product.Routes)
        {
            var scope = route.Metadata.GetMetadata<RequiredScope>();
            object?[] marks =
                [scope, route.Metadata.GetMetadata<PublicRoute>(), route.Metadata.GetMetadata<Notifications.Web.Console.ConsoleRoute>()];
            Assert.True(marks.Count(m => m is not null) == 1, route.RoutePattern.RawText);
            if (scope is not null) Assert.Contains(scope.Scope, Scope.All);
            if (route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal)) Assert.NotNull(scope);
        }
    }

    [Fact]
    public async Task M12_A_call_without_a_key_or_with_an_unknown_or_revoked_one_is_401_and_without_the_scope_403()
    {
        var keys = (ApiKeys)product.Services.GetService(typeof(ApiKeys))!;
        var (revoked, revokedSecret) = await keys.CreateAsync("gone", Scope.All, default);
        await keys.RevokeAsync(revoked.Id, default);
        var lesser = new Dictionary<string, HttpClient>();
        foreach (var scope in Scope.All) lesser[scope] = product.ClientOf(await product.KeyAsync([.. Scope.All.Where(s => s != scope)]));
        using var unknown = product.ClientOf("nk_unknown");
        using var gone = product.ClientOf(revokedSecret);
        var checkedRoutes = 0;
        foreach (var (route, method) in Scoped())
        {
            foreach (var client in new[] { product.Anonymous, unknown, gone })
            {
                var refused = await ProductFixture.SendAsync(client, new HttpMethod(method), Path(route), null);
                Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
                Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
            }

            var forbidden = await ProductFixture.SendAsync(
                lesser[route.Metadata.GetMetadata<RequiredScope>()!.Scope], new HttpMethod(method), Path(route), null);
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.Status);
            checkedRoutes++;
        }

        Assert.True(checkedRoutes > 20);
    }

    [Fact]
    public async Task A_path_or_method_that_is_not_there_is_a_problem_too()
    {
        var path = await product.GetAsync("/v1/nonsense");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (path.Status, path.MediaType));
        var method = await product.SendAsync(HttpMethod.Delete, "/v1/messages");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "application/problem+json"), (method.Status, method.MediaType));
    }

    [Theory]
    [InlineData("GET", "/u/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/p/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("HEAD", "/nonsense", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/find", HttpStatusCode.MethodNotAllowed)]
    public async Task R59_R61_Who_opens_a_link_that_was_cut_gets_a_page_in_the_language_of_the_browser(
        string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        request.Headers.TryAddWithoutValidation("Accept-Language", "es");
        using var answer = await product.Anonymous.SendAsync(request);
        Assert.Equal(
            (status, "text/html", "es"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentLanguage.Single()));
        Assert.Equal("noindex", answer.Headers.GetValues("X-Robots-Tag").Single());
        var body = System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        if (method != "HEAD") Assert.Contains(Notifications.Web.Pages.Texts.Find("es")!.NotFoundHeading, body, StringComparison.Ordinal);

        // A program is told in JSON, and so is whoever looks at the API with a browser.
        foreach (var (accept, other) in new[]
        {
            ("application/json", "/u/"),
            ("*/*", "/nonsense"),
            ("text/html", "/v1/nonsense"),
            ("text/html", "/webhooks/nonsense"),
        })
        {
            using var program = new HttpRequestMessage(HttpMethod.Get, other);
            program.Headers.TryAddWithoutValidation("Accept", accept);
            using var problem = await product.Anonymous.SendAsync(program);
            Assert.Equal(
                (HttpStatusCode.NotFound, "application/problem+json"),
                (problem.StatusCode, problem.Content.Headers.ContentType?.MediaType));
        }
    }

    [Fact]
    public async Task Every_API_route_is_described_in_OpenAPI_3_1_with_summary_scope_and_schemas()
    {
        var reply = await product.OpenAsync("/openapi/v1.json");
        Assert.Equal((HttpStatusCode.OK, "application/json"), (reply.Status, reply.MediaType));
        var document = reply.Json;
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            "bearer",
            document.GetProperty("components").GetProperty("securitySchemes").GetProperty("apiKey").GetProperty("scheme").GetString());
        var paths = document.GetProperty("paths");
        var ids = new HashSet<string>();
        foreach (var (route, method) in Scoped().Where(r => r.Method != "HEAD"))
        {
            var operation = paths.GetProperty(route.RoutePattern.RawText!).GetProperty(method.ToLowerInvariant());
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            Assert.True(ids.Add(operation.GetProperty("operationId").GetString()!));
            Assert.Contains(
                $"scope {route.Metadata.GetMetadata<RequiredScope>()!.Scope}", operation.GetProperty("description").GetString(),
                StringComparison.Ordinal);
            Assert.Equal("apiKey", operation.GetProperty("security")[0].EnumerateObject().Single().Name);
            var responses = operation.GetProperty("responses");
            Assert.True(
                responses.TryGetProperty("default", out var problem)
                    && problem.GetProperty("content").TryGetProperty("application/problem+json", out _));
            foreach (var success in responses.EnumerateObject().Where(r => r.Name[0] == '2' && r.Name != "204"))
                Assert.True(
                    success.Value.GetProperty("content")
                        .GetProperty(route.Metadata.GetMetadata<ApiDoc>()!.Gives)
                        .TryGetProperty("schema", out _),
                    route.RoutePattern.RawText);
            var parameters = operation.TryGetProperty("parameters", out var given)
                ? given.EnumerateArray().Select(p => p.GetProperty("name").GetString()).ToList()
                : [];
            foreach (var parameter in route.RoutePattern.Parameters) Assert.Contains(parameter.Name, parameters);
        }

        Assert.Equal(paths.EnumerateObject().Sum(p => p.Value.EnumerateObject().Count()), ids.Count);
    }

    [Fact]
    public async Task Every_reference_in_the_OpenAPI_document_leads_somewhere_and_every_object_says_what_it_holds()
    {
        var document = (await product.GetAsync("/openapi/v1.json")).Json;
        var references = 0;
        foreach (var text in Strings(document, "$ref"))
        {
            var at = document;
            foreach (var step in text.Split('/').Skip(1)) Assert.True(at.TryGetProperty(step, out at), text);
            references++;
        }

        Assert.True(references > 30);
        var message = document.GetProperty("components").GetProperty("schemas").GetProperty("MessageInput").GetProperty("properties");
        Assert.Equal("date-time", message.GetProperty("sendAt").GetProperty("format").GetString());
        var view = document.GetProperty("components").GetProperty("schemas").GetProperty("MessageView");
        Assert.Equal(
            ["channel", "id", "reason", "receipt", "status", "timeline", "topic"],
            view.GetProperty("required").EnumerateArray().Select(r => r.GetString()).Order());
        Assert.Contains(
            "null",
            view.GetProperty("properties").GetProperty("receipt").GetProperty("oneOf").EnumerateArray().Select(
                s => s.TryGetProperty("type", out var type) ? type.GetString() : null));
        Assert.False(view.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False);
        Assert.Equal(
            ["channel", "content", "data", "expiresAt", "locale", "sendAt", "template", "to", "topic", "trackingNumber"],
            message.EnumerateObject().Select(p => p.Name).Order());
    }

    private static IEnumerable<string> Strings(JsonElement json, string name) => json.ValueKind switch
    {
        JsonValueKind.Object =>
            json.EnumerateObject().SelectMany(
                m => m.Name == name && m.Value.ValueKind == JsonValueKind.String ? [m.Value.GetString()!] : Strings(m.Value, name)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(e => Strings(e, name)),
        _ => [],
    };
}
