using System.Text.Json;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

/// <summary>What the OpenAPI document says of a request is what the server does with it.</summary>
public sealed class OpenApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("/v1/campaigns/{id}/launch", "post", false)]
    [InlineData("/v1/campaigns/{id}/pause", "post", false)]
    [InlineData("/v1/campaigns/{id}/schedule", "post", false)]
    [InlineData("/v1/campaigns/{id}/test", "post", true)]
    [InlineData("/v1/contacts/{id}/disable", "post", false)]
    [InlineData("/v1/contacts/{id}/enable", "post", false)]
    [InlineData("/v1/templates/{id}/preview", "post", true)]
    [InlineData("/v1/packages/{number}/watches", "delete", false)]
    [InlineData("/v1/messages", "post", true)]
    public async Task A_body_is_required_where_it_cannot_be_left_out(string path, string method, bool required) =>
        Assert.Equal(
            required,
            (await OperationAsync(path, method)).GetProperty("requestBody").TryGetProperty("required", out var said) && said.GetBoolean());

    [Theory]
    [InlineData("put")]
    [InlineData("delete")]
    public async Task The_header_without_which_a_template_cannot_be_changed_is_described(string method)
    {
        var header = Assert.Single(
            (await OperationAsync("/v1/templates/{id}", method)).GetProperty("parameters").EnumerateArray(),
            p => p.GetProperty("in").GetString() == "header");
        Assert.Equal(("If-Match", true), (header.GetProperty("name").GetString(), header.GetProperty("required").GetBoolean()));
    }

    [Theory]
    [InlineData("/v1/templates", "post", "201")]
    [InlineData("/v1/templates/{id}", "get", "200")]
    [InlineData("/v1/templates/{id}", "put", "200")]
    [InlineData("/v1/contacts/{id}", "get", "200")]
    [InlineData("/v1/contacts/{id}", "put", "201")]
    public async Task The_ETag_that_the_next_change_needs_is_described(string path, string method, string status) =>
        Assert.True((await OperationAsync(path, method))
            .GetProperty("responses")
            .GetProperty(status)
            .GetProperty("headers")
            .TryGetProperty("ETag", out _));

    [Theory]
    [InlineData("/v1/campaigns/{id}/recipients", "text/csv")]
    [InlineData("/v1/privacy/requests/{id}/export", "text/html")]
    public async Task An_answer_in_two_media_types_is_described_in_both(string path, string other) =>
        Assert.Equal(
            new[] { "application/json", other },
            (await OperationAsync(path, "get"))
                .GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(c => c.Name).Order());

    [Fact]
    public async Task A_request_that_is_refused_with_an_unknown_member_does_not_declare_that_it_may_have_one()
    {
        var document = (await product.GetAsync("/openapi/v1.json")).Json;
        // An export is an answer first.
        var bodies = product.Routes.Select(r => r.Metadata.GetMetadata<ApiDoc>()?.Request)
            .OfType<Type>()
            .Where(t => t != typeof(Notifications.Privacy.PersonExport))
            .Distinct()
            .ToList();
        Assert.True(bodies.Count > 20);
        foreach (var body in bodies)
            Assert.False(
                document.GetProperty("components")
                    .GetProperty("schemas")
                    .GetProperty(body.Name)
                    .GetProperty("additionalProperties")
                    .GetBoolean(),
                body.Name);
    }

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/v1/consents")]
    [InlineData("/v1/suppressions")]
    [InlineData("/v1/keys")]
    [InlineData("/v1/dead-letters")]
    [InlineData("/v1/packages/{number}/watches")]
    [InlineData("/v1/packages/{number}/events")]
    [InlineData("/v1/review")]
    [InlineData("/v1/privacy/requests")]
    [InlineData("/v1/campaigns")]
    [InlineData("/v1/segments")]
    [InlineData("/v1/lists")]
    [InlineData("/v1/templates")]
    [InlineData("/v1/templates/preview")]
    public async Task What_a_body_is_said_to_need_is_what_an_empty_one_is_refused_for_and_each_word_it_may_have_is_taken(string path)
    {
        var document = (await product.GetAsync("/openapi/v1.json")).Json;
        var reference = document.GetProperty("paths")
            .GetProperty(path).GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json")
            .GetProperty("schema").GetProperty("$ref").GetString()!;
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.Split('/')[^1]);
        path = path.Replace("{number}", "RA123456785GB", StringComparison.Ordinal);
        var required = schema.GetProperty("required").EnumerateArray().Select(r => r.GetString()!).ToList();
        Assert.NotEmpty(required);
        var empty = (await product.PostAsync(path, "{}")).Fields;
        Assert.All(required, r => Assert.Contains(r, empty));
        foreach (var (member, property) in schema.GetProperty("properties").EnumerateObject().Select(p => (p.Name, p.Value)))
        {
            var array = property.TryGetProperty("items", out var items) && items.TryGetProperty("enum", out _);
            if (!(array ? items : property).TryGetProperty("enum", out var words)) continue;
            foreach (var word in words.EnumerateArray()
                .Where(w => w.ValueKind == JsonValueKind.String)
                .Select(w => w.GetString()!)
                .Append("nonsense"))
            {
                if (word == Notifications.Consent.SoftOptIn.Basis) continue; // Taken where the installation allows it.
                var value = array ? $"[\"{word}\"]" : $"\"{word}\"";
                var fields = (await product.PostAsync(path, $"{{\"{member}\":{value}}}")).Fields;
                Assert.Equal((member, word, word == "nonsense"), (member, word, fields.Contains(array ? member + "[0]" : member)));
            }
        }
    }

    [Fact]
    public async Task No_endpoint_asks_for_more_or_less_than_its_schema_says()
    {
        var document = (await product.GetAsync("/openapi/v1.json")).Json;
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var (asked, promised) = (new List<string>(), new List<string>());
        foreach (var (path, method, operation) in document.GetProperty("paths")
            .EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(m => (p.Name, m.Name, m.Value))))
        {
            if (!operation.TryGetProperty("requestBody", out var body)
                || !body.GetProperty("content").TryGetProperty("application/json", out var json)
                || json.GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1] is var name && name == "PersonExport")
            {
                continue; // A file, or an export, which is an answer first.
            }

            var said = schemas.GetProperty(name).TryGetProperty("required", out var required)
                ? required.EnumerateArray().Select(r => r.GetString()!).Order()
                : Enumerable.Empty<string>();
            using var request = new HttpRequestMessage(new HttpMethod(method), await SampleAsync(path))
            {
                Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
            };
            if (operation.TryGetProperty("parameters", out var parameters)
                && parameters.EnumerateArray().Any(
                    static p => p.GetProperty("name").GetString() == "If-Match"
                        && p.TryGetProperty("required", out var needed)
                        && needed.GetBoolean()))
            {
                request.Headers.Add("If-Match", "*");
            }

            using var response = await product.Http.SendAsync(request);
            Assert.True((int)response.StatusCode is < 404 or 409 or 422, $"{method} {path}: {response.StatusCode}");
            var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync());
            // One of several is nobody's to require.
            var wanted = answer.TryGetProperty("errors", out var errors)
                ? errors.EnumerateArray()
                    .Where(e => e.GetProperty("message").GetString()!.Split(' ')[0] is not ("or" or "and"))
                    .Select(e => e.GetProperty("field").GetString()!)
                    .Order()
                : Enumerable.Empty<string>();
            asked.Add($"{method} {path}: {string.Join(' ', wanted)}");
            promised.Add($"{method} {path}: {string.Join(' ', said)}");
        }

        Assert.Equal(asked, promised);
        Assert.True(asked.Count > 30, $"{asked.Count} bodies");
    }

    [Fact]
    public async Task What_is_sent_of_a_package_is_described_to_its_lengths_and_forms()
    {
        var properties = (await SchemaAsync("PackageEventInput")).GetProperty("properties");
        foreach (var (member, most) in ((string, int)[])[("id", 200), ("description", 500), ("location", 200), ("carrier", 100)])
        {
            Assert.Equal((member, most), (member, properties.GetProperty(member).GetProperty("maxLength").GetInt32()));
            foreach (var more in (int[])[0, 1])
            {
                var body = new Dictionary<string, string> { [member] = new('x', most + more) };
                Assert.Equal(
                    (member, more > 0),
                    (member, (await product.PostAsync("/v1/packages/RA123456785GB/events", body)).Fields.Contains(member)));
            }
        }

        Assert.Equal("date-time", properties.GetProperty("occurredAt").GetProperty("format").GetString());
        Assert.Equal(
            Enum.GetNames<Notifications.Packages.ParcelStatus>(),
            properties.GetProperty("status").GetProperty("enum").EnumerateArray().Where(w => w.ValueKind == JsonValueKind.String)
                .Select(w => w.GetString()));
    }

    [Theory]
    [InlineData("ConsentInput", "action")]
    [InlineData("MessageInput", "channel")]
    [InlineData("PrivacyInput", "type")]
    [InlineData("ReviewInput", "verdict")]
    [InlineData("SuppressionInput", "reason")]
    public async Task What_may_be_one_of_a_few_words_lists_them(string body, string member) =>
        Assert.NotEmpty((await SchemaAsync(body)).GetProperty("properties").GetProperty(member).GetProperty("enum").EnumerateArray());

    [Theory]
    [InlineData("ConsentInput", "evidence")]
    [InlineData("MessageInput", "data")]
    public async Task What_must_be_an_object_says_so(string body, string member) =>
        Assert.Contains(
            "object",
            (await SchemaAsync(body))
                .GetProperty("properties").GetProperty(member).GetProperty("type").EnumerateArray().Select(t => t.GetString()));

    [Theory]
    [InlineData("/v1/templates", "post", "201", "Location")]
    [InlineData("/v1/campaigns", "post", "201", "Location")]
    [InlineData("/v1/imports", "post", "202", "Location")]
    [InlineData("/v1/privacy/requests", "post", "201", "Location")]
    [InlineData("/v1/contacts/{id}", "put", "201", "Location")]
    [InlineData("/v1/messages", "post", "202", "Idempotency-Replayed")]
    public async Task The_headers_of_an_answer_are_described(string path, string method, string status, string header) =>
        Assert.True((await OperationAsync(path, method))
            .GetProperty("responses")
            .GetProperty(status)
            .GetProperty("headers")
            .TryGetProperty(header, out _));

    [Fact]
    public async Task What_a_limit_is_when_left_out_is_said_only_where_it_is_that()
    {
        async Task<JsonElement> LimitAsync(string path) =>
            (await OperationAsync(path, "get"))
                .GetProperty("parameters").EnumerateArray().First(p => p.GetProperty("name").GetString() == "limit").GetProperty("schema");
        Assert.Equal(100, (await LimitAsync("/v1/audit")).GetProperty("default").GetInt32());
        Assert.False((await LimitAsync("/v1/ledger/verify")).TryGetProperty("default", out _));
    }

    [Fact]
    public async Task Every_failure_is_described_and_when_to_come_again()
    {
        var responses = (await OperationAsync("/v1/messages", "post")).GetProperty("responses");
        Assert.True(responses.TryGetProperty("500", out _));
        foreach (var status in (string[])["4XX", "503"])
            Assert.Equal(
                "integer",
                responses.GetProperty(status)
                    .GetProperty("headers").GetProperty("Retry-After").GetProperty("schema").GetProperty("type").GetString());
        Assert.Contains("405", responses.GetProperty("4XX").GetProperty("description").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_findings_of_a_template_that_is_refused_are_described()
    {
        foreach (var (path, method) in ((string, string)[])[("/v1/templates", "post"), ("/v1/templates/{id}", "put")])
            Assert.EndsWith(
                "/RefusedTemplate",
                (await OperationAsync(path, method))
                    .GetProperty("responses").GetProperty("422").GetProperty("content").GetProperty("application/problem+json")
                    .GetProperty("schema").GetProperty("$ref").GetString(),
                StringComparison.Ordinal);
        Assert.True((await SchemaAsync("RefusedTemplate")).GetProperty("properties").TryGetProperty("findings", out _));
    }

    [Fact]
    public async Task Every_column_that_a_file_can_be_mapped_to_is_a_parameter_of_an_import() =>
        Assert.Equal(
            Notifications.Imports.ImportFields.Mappable.Count(),
            (await OperationAsync("/v1/imports", "post"))
                .GetProperty("parameters")
                .EnumerateArray()
                .Count(p => p.GetProperty("name").GetString()!.StartsWith("map.", StringComparison.Ordinal)));

    /// <summary>A path that leads to something new.</summary>
    private async Task<string> SampleAsync(string path)
    {
        var kind = path.Split('/')[2];
        const string name = "sample", topic = "promotions", channel = "email";
        object? body = (path.Contains('{', StringComparison.Ordinal) ? kind : "") switch
        {
            "campaigns" => new { name, topic, channel, template = topic },
            "templates" => new { name = name + path.Length, topic, channel, locale = "en", subject = "s", html = "<p>t</p>" },
            "lists" => new { name },
            "segments" => new { name, filter = new { locale = "en" } },
            "privacy" => new { type = "restriction", email = "sample@example.com" },
            _ => null,
        };
        var made = body is null ? null : await product.PostAsync(kind == "privacy" ? "/v1/privacy/requests" : "/v1/" + kind, body);
        Assert.True(made?.Status is null or System.Net.HttpStatusCode.Created, made?.Text);
        return path.Replace("{id}", made?["id"] ?? name, StringComparison.Ordinal)
            .Replace("{number}", "RA123456785GB", StringComparison.Ordinal)
            .Replace("{queue}", "send", StringComparison.Ordinal);
    }

    private async Task<JsonElement> SchemaAsync(string name) =>
        (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private async Task<JsonElement> OperationAsync(string path, string method) =>
        (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").GetProperty(path).GetProperty(method);
}
