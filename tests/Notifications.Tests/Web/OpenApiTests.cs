using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notifications.Tests.Functions;
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
    [InlineData("/v1/templates/{id}/preview", "post", false)]
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
    [InlineData("/v1/campaigns/{id}/schedule", "post", "200")]
    [InlineData("/v1/campaigns/{id}/launch", "post", "200")]
    [InlineData("/v1/campaigns/{id}/pause", "post", "200")]
    [InlineData("/v1/campaigns/{id}/resume", "post", "200")]
    [InlineData("/v1/campaigns/{id}/cancel", "post", "200")]
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

        // What is taken must not be refused on its way, by something that holds requests against their schema.
        var loose = await product.PostAsync(
            "/v1/packages/RA123456785GB/events", new { id = "loose", status = "out for delivery", occurredAt = "" });
        Assert.Equal(System.Net.HttpStatusCode.Accepted, loose.Status);
        Assert.False(properties.GetProperty("status").TryGetProperty("enum", out _));
        Assert.False(properties.GetProperty("occurredAt").TryGetProperty("format", out _));
        var said = (await OperationAsync("/v1/packages/{number}/events", "post")).GetProperty("description").GetString();
        Assert.All(
            Enum.GetNames<Notifications.Packages.ParcelStatus>(), word => Assert.Contains(word, said, StringComparison.Ordinal));
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
    [InlineData("/v1/templates/{id}", "put", "200", "Location")]
    [InlineData("/v1/campaigns/{id}/recipients", "get", "200", "Content-Disposition")]
    [InlineData("/v1/imports/{id}/errors", "get", "200", "Content-Disposition")]
    [InlineData("/v1/exports/preferences.csv", "get", "200", "Content-Disposition")]
    [InlineData("/v1/exports/suppressions.csv", "get", "200", "Content-Disposition")]
    [InlineData("/v1/messages", "post", "default", "WWW-Authenticate")]
    [InlineData("/v1/messages", "post", "default", "Allow")]
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
        foreach (var status in (string[])["default", "503"])
            Assert.Equal(
                "integer",
                responses.GetProperty(status)
                    .GetProperty("headers").GetProperty("Retry-After").GetProperty("schema").GetProperty("type").GetString());
        Assert.Contains("405", responses.GetProperty("default").GetProperty("description").GetString()!, StringComparison.Ordinal);
    }

    /// <summary>OpenAPI has 4XX too, of which NSwag and orval make code that does not compile.</summary>
    [Fact]
    public async Task Every_answer_stands_under_a_status_that_generators_of_clients_can_read()
    {
        foreach (var (path, _, operation) in await OperationsAsync())
            Assert.All(
                operation.GetProperty("responses").EnumerateObject(),
                r => Assert.True(r.Name == "default" || int.TryParse(r.Name, out _), $"{path}: {r.Name}"));
    }

    [Fact]
    public async Task Every_list_of_words_says_that_they_are_texts_and_whether_null_is_one_of_them()
    {
        var lists = 0;
        foreach (var (at, schema) in Schemas((await product.GetAsync("/openapi/v1.json")).Json, ""))
        {
            if (!schema.TryGetProperty("enum", out var words) || words.ValueKind != JsonValueKind.Array) continue;
            lists++;
            Assert.True(schema.TryGetProperty("type", out var type), at);
            Assert.Contains("string", Texts(type));
            Assert.Equal(
                (at, words.EnumerateArray().Any(w => w.ValueKind == JsonValueKind.Null)), (at, Texts(type).Contains("null")));
        }

        Assert.True(lists > 50, $"{lists} lists");
    }

    [Fact]
    public async Task What_is_one_type_in_the_API_is_one_schema_to_which_whatever_holds_it_refers()
    {
        foreach (var (whole, member, part) in ((string, string, string)[])[
            ("BatchInput", "messages", "MessageInput"), ("CampaignList", "campaigns", "CampaignView"),
            ("DecisionView", "decisions", "DecisionView"), ("MessageView", "timeline", "TimelineView"),
        ])
            Assert.Equal(
                "#/components/schemas/" + part,
                (await SchemaAsync(whole))
                    .GetProperty("properties").GetProperty(member).GetProperty("items").GetProperty("$ref").GetString());
        foreach (var schema in (await product.GetAsync("/openapi/v1.json")).Json
            .GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            Assert.DoesNotContain(
                Schemas(schema.Value, "").Skip(1),
                s => s.Schema.TryGetProperty("type", out var type)
                    && type.ValueKind is JsonValueKind.String or JsonValueKind.Array
                    && s.Schema.TryGetProperty("properties", out _));
        }
    }

    [Fact]
    public async Task The_tags_in_use_are_declared_with_what_they_are_about_and_no_others()
    {
        var tags = (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("tags").EnumerateArray().ToList();
        Assert.Equal(
            (await OperationsAsync()).SelectMany(o => Texts(o.Operation.GetProperty("tags"))).Distinct().Order(),
            tags.Select(t => t.GetProperty("name").GetString()!).Order());
        Assert.All(tags, t => Assert.NotEmpty(t.GetProperty("description").GetString()!));
    }

    [Fact]
    public async Task What_always_stands_in_the_numbers_of_a_campaign_is_required()
    {
        var stats = (await product.GetAsync(await SampleAsync("/v1/campaigns/{id}/stats"))).Json;
        Assert.Equal(
            stats.EnumerateObject().Select(m => m.Name).Order(),
            Texts((await SchemaAsync("CampaignStats")).GetProperty("required")).Order());
    }

    [Fact]
    public async Task What_a_body_needs_cannot_be_null()
    {
        var needed = 0;
        foreach (var (at, schema) in Schemas((await product.GetAsync("/openapi/v1.json")).Json.GetProperty("components"), ""))
        {
            if (!at.Contains("Input", StringComparison.Ordinal) || !schema.TryGetProperty("required", out var required)) continue;
            foreach (var member in Texts(required))
            {
                needed++;
                var said = schema.GetProperty("properties").GetProperty(member);
                Assert.True(!said.TryGetProperty("type", out var type) || !Texts(type).Contains("null"), $"{at} {member}");
            }
        }

        Assert.True(needed > 30, $"{needed} members");
        Assert.Contains("topic", (await product.PostAsync("/v1/messages", """{"topic":null}""")).Fields);
    }

    [Theory]
    [InlineData("AcceptedMessage", "status", "queued")]
    [InlineData("DeadLetterView", "queue", "imports")]
    [InlineData("ImportView", "shape", "own")]
    [InlineData("MessageAccepted", "status", "queued")]
    [InlineData("PackageEventAccepted", "status", "queued")]
    [InlineData("PackageEventView", "outcome", "no-news")]
    [InlineData("ReplayView", "queue", "send")]
    [InlineData("ReplayView", "status", "discarded")]
    [InlineData("RowPreview", "outcome", "lowered")]
    [InlineData("SegmentsView", "encoding", "ucs-2")]
    [InlineData("SmsPreview", "encoding", "gsm-7")]
    [InlineData("SubjectTestInput", "by", "clicks")]
    [InlineData("WatchView", "digest", "daily")]
    public async Task What_is_one_of_a_few_words_in_an_answer_lists_them(string body, string member, string word) =>
        Assert.Contains(word, Texts((await SchemaAsync(body)).GetProperty("properties").GetProperty(member).GetProperty("enum")));

    [Fact]
    public async Task Each_word_that_a_parameter_is_said_to_take_is_taken_and_no_other()
    {
        var lists = new List<string>();
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            if (!operation.TryGetProperty("parameters", out var parameters) || (method != "get" && path != "/v1/imports/preview")) continue;
            foreach (var parameter in parameters.EnumerateArray())
            {
                var name = parameter.GetProperty("name").GetString()!;
                if (!parameter.GetProperty("schema").TryGetProperty("enum", out var words)) continue;
                lists.Add($"{path} {name}");
                foreach (var word in Texts(words).Append("nonsense"))
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), $"{await SampleAsync(path)}?{name}={word}");
                    if (method == "post") request.Content = new StringContent("email\n", System.Text.Encoding.UTF8, "text/csv");
                    using var response = await product.Http.SendAsync(request);
                    var text = await response.Content.ReadAsStringAsync();
                    Assert.Equal(
                        (path, name, word, word == "nonsense"),
                        (path, name, word,
                            (int)response.StatusCode == 400
                                && JsonElement.Parse(text).GetProperty("errors")[0].GetProperty("field").GetString() == name));
                }
            }
        }

        Assert.Superset(
            new HashSet<string>([
                "/v1/campaigns status", "/v1/campaigns/{id}/recipients status", "/v1/campaigns/{id}/recipients reason", "/v1/review status",
                "/v1/dead-letters queue", "/v1/imports/preview mode", "/v1/imports/preview onError", "/v1/imports/preview kind",
                "/v1/imports/preview status", "/v1/privacy/requests/{id}/export format", "/v1/templates channel",
            ]),
            lists.ToHashSet());
    }

    [Fact]
    public async Task A_parameter_is_typed_as_it_is_read_and_required_where_it_cannot_be_left_out()
    {
        async Task<JsonElement> ParameterAsync(string path, string method, string name) =>
            (await OperationAsync(path, method)).GetProperty("parameters").EnumerateArray().Single(
                p => p.GetProperty("name").GetString() == name);
        Assert.True((await ParameterAsync("/v1/keys", "delete", "id")).GetProperty("required").GetBoolean());
        Assert.Equal(
            "integer",
            (await ParameterAsync("/v1/templates/{id}", "get", "version")).GetProperty("schema").GetProperty("type").GetString());
        Assert.Equal(
            "date-time", (await ParameterAsync("/v1/explain", "get", "at")).GetProperty("schema").GetProperty("format").GetString());
        Assert.Contains(
            "send",
            Texts(
                (await ParameterAsync("/v1/dead-letters/{queue}/replay", "post", "queue")).GetProperty("schema").GetProperty("enum")));
    }

    [Fact]
    public async Task The_next_of_a_page_is_of_the_type_that_the_after_of_the_next_one_is()
    {
        var pages = 0;
        foreach (var (path, _, operation) in await OperationsAsync())
        {
            var after = operation.TryGetProperty("parameters", out var parameters)
                ? parameters.EnumerateArray().FirstOrDefault(p => p.GetProperty("name").GetString() == "after")
                : default;
            if (after.ValueKind == JsonValueKind.Undefined) continue;
            pages++;
            var page = operation.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json")
                .GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
            var next = (await SchemaAsync(page)).GetProperty("properties").GetProperty("next");
            Assert.Equal(
                (path, Texts(next.GetProperty("type")).Single(t => t != "null"), Format(next)),
                (path, after.GetProperty("schema").GetProperty("type").GetString(), Format(after.GetProperty("schema"))));
        }

        Assert.True(pages > 10, $"{pages} lists");
        static string? Format(JsonElement schema) => schema.TryGetProperty("format", out var format) ? format.GetString() : null;
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

    /// <summary>DESIGN section 7: a client is made of the document alone.</summary>
    [Fact]
    public async Task Every_type_member_and_parameter_of_the_document_says_in_sentences_what_it_is()
    {
        var schemas = (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas").EnumerateObject();
        var said = schemas.SelectMany(
            s => s.Value.GetProperty("properties")
                .EnumerateObject()
                .Select(m => ($"{s.Name}.{m.Name}", m.Value))
                .Prepend((s.Name, s.Value)))
            .Concat(
                (await OperationsAsync()).Where(o => o.Operation.TryGetProperty("parameters", out _)).SelectMany(
                    o => o.Operation.GetProperty("parameters").EnumerateArray().Select(
                        p => ($"{o.Method} {o.Path} {p.GetProperty("name")}", p))))
            .Select(s => (At: s.Item1, Says: s.Item2.TryGetProperty("description", out var text) ? text.GetString()! : ""))
            .ToList();
        Assert.True(said.Count > 1200, $"{said.Count} places");
        // Numbers of requirements and promises are for who reads the code.
        Assert.All(said, s => Assert.True(
            s.Says.Contains(' ', StringComparison.Ordinal)
                && !char.IsLower(s.Says[0])
                && s.Says[^1] == '.'
                && !s.Says.Contains('<', StringComparison.Ordinal)
                && !System.Text.RegularExpressions.Regex.IsMatch(s.Says, "\\b[PR][0-9]+\\b"),
            $"{s.At}: {s.Says}"));
    }

    [Fact]
    public async Task A_function_gives_the_same_document()
    {
        // The worker's host has an environment.
        using var azure = new AzureHost(services => services.AddSingleton(Host.CreateEmptyApplicationBuilder(null).Environment));
        var http = new DefaultHttpContext { RequestServices = azure.Services };
        (http.Request.Method, http.Request.Path, http.Response.Body) = ("GET", "/openapi/v1.json", new MemoryStream());
        await azure.Get<Notifications.Functions.Http.WebPipeline>().RunAsync(http.Request);
        Assert.Equal(
            (await product.GetAsync("/openapi/v1.json")).Text,
            System.Text.Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray()));
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
            "templates" => new { name = name + path.Length, topic, channel, locale = "en", subject = "s", html = "<p>t</p>", layout = "standard" },
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

    private async Task<IReadOnlyList<(string Path, string Method, JsonElement Operation)>> OperationsAsync() =>
        [
            .. (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject().SelectMany(
                p => p.Value.EnumerateObject().Select(m => (p.Name, m.Name, m.Value))),
        ];

    /// <summary>Every object of the document, with where it stands.</summary>
    private static IEnumerable<(string At, JsonElement Schema)> Schemas(JsonElement json, string at) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(m => Schemas(m.Value, $"{at}/{m.Name}")).Prepend((at, json)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany((e, i) => Schemas(e, $"{at}/{i}")),
        _ => [],
    };

    /// <summary>A text, or the texts of an array.</summary>
    private static IReadOnlyList<string> Texts(JsonElement json) => json.ValueKind == JsonValueKind.String
        ? [json.GetString()!]
        : [.. json.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!)];

    private async Task<JsonElement> SchemaAsync(string name) =>
        (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private async Task<JsonElement> OperationAsync(string path, string method) =>
        (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").GetProperty(path).GetProperty(method);
}
