using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>Templates over HTTP (R23-R25).</summary>
public sealed partial class TemplateApiTests(ProductFixture product, Browser browser)
    : IClassFixture<ProductFixture>, IClassFixture<Browser>
{
    private const string Html =
        "<style>h1 { color: #0b6b57; } @media (prefers-color-scheme: dark) { h1 { color: #6fd3b9 !important; } }</style><h1>Hello {{ data.name }}</h1><p>{{ contact.locale }}</p><p><a href=\"https://example.com/spring-collection-with-a-long-address\">Look</a></p>";

    [Fact]
    public async Task A_template_is_saved_read_changed_under_its_ETag_and_deleted_and_its_versions_stay()
    {
        var made = await product.PostAsync("/v1/templates", Body("life"));
        Assert.Equal((HttpStatusCode.Created, "life:email:en", "\"1\""), (made.Status, made["id"], made.Headers.ETag?.Tag));
        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync("/v1/templates", Body("life"))).Status);
        Assert.Equal("/v1/templates/life:email:en", made.Headers.Location?.ToString());

        Assert.Equal((HttpStatusCode)428, (await PutAsync("life:email:en", null, "<p>two</p>")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("life:email:en", "\"1\"", "<p>two</p>")).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync("life:email:en", "\"1\"", "<p>three</p>")).Status);
        Assert.Equal("<p>two</p>", (await product.GetAsync("/v1/templates/life:email:en"))["html"]);
        Assert.Equal(Html, (await product.GetAsync("/v1/templates/life:email:en?version=1"))["html"]);
        Assert.Equal(
            [2, 1],
            (await product.GetAsync("/v1/templates/life:email:en/versions")).Json
                .GetProperty("versions")
                .EnumerateArray()
                .Select(v => v.GetProperty("version").GetInt32()));

        Assert.Equal(HttpStatusCode.PreconditionFailed, (await ChangeAsync(HttpMethod.Delete, "life:email:en", "\"1\"", null)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await ChangeAsync(HttpMethod.Delete, "life:email:en", "\"2\"", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/templates/life:email:en")).Status);
        Assert.Equal("<p>two</p>", (await product.GetAsync("/v1/templates/life:email:en?version=2"))["html"]);
        var audit = await product.GetAsync("/v1/audit?limit=1000");
        Assert.Contains("template.delete", audit.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_language_that_is_none_is_named_where_it_stands()
    {
        var wrong = await product.PostAsync(
            "/v1/templates/preview",
            new { template = new { name = "named", topic = "newsletter", channel = "sms", locale = "english!", text = "x" } });
        Assert.Equal(
            "template.locale", Assert.Single(wrong.Json.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
    }

    [Fact]
    public async Task Templates_are_listed_page_by_page_by_name_and_channel()
    {
        foreach (var locale in (string[])["en", "pt-br", "zh-hant"])
            Assert.Equal(HttpStatusCode.Created, (await product.PostAsync("/v1/templates", Body("pages", locale))).Status);
        await product.PostAsync("/v1/templates", new { name = "pages", topic = "newsletter", channel = "sms", locale = "en", text = "x" });
        var seen = new List<string?>();
        for (string? after = ""; after is not null;)
        {
            var page = await product.GetAsync($"/v1/templates?name=pages&limit=2{(after.Length == 0 ? "" : "&after=" + after)}");
            seen.AddRange(page.Json.GetProperty("templates").EnumerateArray().Select(t => t.GetProperty("id").GetString()));
            after = page["next"];
        }

        Assert.Equal(["pages:email:en", "pages:email:pt-BR", "pages:email:zh-Hant", "pages:sms:en"], seen);
        Assert.Equal(1, (await product.GetAsync("/v1/templates?name=pages&channel=sms")).Json.GetProperty("templates").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await product.GetAsync("/v1/templates?channel=fax&after=x&limit=0")).Status);
        Assert.Contains("missing-locale", (await product.PostAsync("/v1/templates", Body("other-pages"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R23_A_template_with_errors_is_refused_with_its_findings_and_nothing_is_stored()
    {
        var refused = await product.PostAsync(
            "/v1/templates",
            new
            {
                name = "bare",
                topic = "newsletter",
                channel = "email",
                locale = "en",
                subject = "x",
                html = "<p>x</p>",
                text = "x",
                layout = "none",
            });
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "urn:notifications:problem:template-refused", "application/problem+json"),
            (refused.Status, refused["type"], refused.MediaType));
        Assert.Equal(6, refused.Json.GetProperty("findings").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/templates/bare:email:en")).Status);
        var invalid = await product.PostAsync(
            "/v1/templates", new { name = "newsletter", topic = "x", channel = "fax", locale = "!", layout = "own" });
        Assert.Equal(["channel", "layout", "locale", "name", "topic"], invalid.Fields.Order());
    }

    [Fact]
    public async Task A_preview_is_rendered_as_the_person_and_its_links_stop_nobody()
    {
        await product.PostAsync("/v1/templates", Body("look"));
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "look@example.com",
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                wording = "Yes",
                policyVersion = "1",
                locale = "pt-BR",
                evidence = new { confirmed = true },
            });
        var preview = await product.PostAsync(
            "/v1/templates/look:email:en/preview", new { email = "look@example.com", data = new { name = "<Ana>" } });
        Assert.Equal(HttpStatusCode.OK, preview.Status);
        Assert.Contains("Hello &lt;Ana&gt;", preview["html"], StringComparison.Ordinal);
        Assert.Contains("pt-BR", preview["html"], StringComparison.Ordinal);
        Assert.Contains("(min-width: 0)", preview["darkHtml"], StringComparison.Ordinal);

        var link = UnsubscribeLink().Match(preview["html"]!).Value;
        using var clicked = await product.Anonymous.PostAsync(
            new Uri(link, UriKind.Relative), new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
        Assert.NotEqual(HttpStatusCode.OK, clicked.StatusCode);
        Assert.Equal(
            "allow",
            (await product.PostAsync(
                "/v1/decisions", new { topic = "newsletter", template = "look", to = new { email = "look@example.com" } }))["decision"]);

        var draft = await product.PostAsync(
            "/v1/templates/preview",
            new
            {
                template = new { name = "draft", topic = "promotions", channel = "sms", locale = "en", text = "Ärger → {{ data.x }}" },
                data = new { x = "y" },
            });
        Assert.Equal(("ucs-2", HttpStatusCode.OK), (draft.Json.GetProperty("sms").GetProperty("encoding").GetString(), draft.Status));
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/templates/draft:sms:en")).Status);
        var broken = await product.PostAsync(
            "/v1/templates/preview",
            new { template = new { name = "draft", topic = "promotions", channel = "sms", locale = "en", text = "{% if %}" } });
        Assert.Contains("broken-liquid", broken.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_goes_to_named_addresses_marked_and_to_nobody_who_has_said_stop()
    {
        await product.PostAsync("/v1/templates", Body("try"));
        await product.PostAsync("/v1/consents", new { email = "stopped@example.com", topic = "*", action = "opt-out", source = "form" });
        var sent = await product.PostAsync(
            "/v1/templates/try:email:en/test", new { to = new[] { "tester@example.com", "stopped@example.com" } }, "try-1");
        Assert.Equal(HttpStatusCode.Accepted, sent.Status);
        Assert.Equal(
            sent.Text,
            (await product.PostAsync(
                "/v1/templates/try:email:en/test", new { to = new[] { "tester@example.com", "stopped@example.com" } }, "try-1")).Text);
        await product.WorkAsync();
        var mail = Assert.Single(product.Sent.Emails, m => m.To is "tester@example.com" or "stopped@example.com");
        Assert.Equal(("tester@example.com", "[Test] Spring"), (mail.To, mail.Subject));
        var ids = sent.Json.GetProperty("messageIds").EnumerateArray().Select(i => i.GetString()).ToList();
        Assert.Equal("sent", (await product.GetAsync("/v1/messages/" + ids[0]))["status"]);
        Assert.Equal("skipped", (await product.GetAsync("/v1/messages/" + ids[1]))["status"]);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await product.PostAsync("/v1/templates/try:email:en/test", new { to = Enumerable.Repeat("a@example.com", 11) })).Status);
    }

    [Fact]
    public async Task M1_A_test_of_a_template_of_package_updates_tells_of_a_package_as_its_preview_does()
    {
        var template = new
        {
            name = "parcel", topic = "package-updates", channel = "email", locale = "en", subject = "Parcel {{ package.trackingNumber }}",
            html = "<p>{{ package.trackingNumber }}: {{ package.title }}</p><p><a href=\"{{ unsubscribeUrl }}\">Stop</a></p>",
        };
        var made = await product.PostAsync("/v1/templates", template);
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        var data = new { status = "Delivered" };
        var preview = await product.PostAsync("/v1/templates/parcel:email:en/preview", new { data });
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await product.PostAsync("/v1/templates/parcel:email:en/test", new { to = new[] { "parcel.test@example.com" }, data })).Status);
        await product.WorkAsync();
        var mail = Assert.Single(product.Sent.Emails, m => m.To == "parcel.test@example.com");
        Assert.Equal("[Test] " + preview["subject"], mail.Subject);
        Assert.Matches("Parcel [A-Z0-9]+", mail.Subject);
        Assert.Equal(WithoutLinks(preview["text"]!), WithoutLinks(mail.Text));

        static string WithoutLinks(string text) => Links().Replace(text, "");
    }

    [Fact]
    public async Task P5_The_data_of_a_test_are_what_a_queue_can_hold_or_refused_by_name()
    {
        await product.PostAsync("/v1/templates", Body("heavy"));
        string Test(int letters) => $$$"""{"to":["heavy@example.com"],"data":{"name":"{{{new string('\u007f', letters)}}}"}}""";
        var refused = await product.PostAsync("/v1/templates/heavy:email:en/test", Test(60_000));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        var error = Assert.Single(refused.Json.GetProperty("errors").EnumerateArray());
        Assert.Equal("data", error.GetProperty("field").GetString());
        Assert.Contains("64 KiB", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await product.PostAsync("/v1/templates/heavy:email:en/test", Test(10_000))).Status);
    }

    [BrowserFact]
    public async Task A_preview_fits_a_phone_and_a_desk_in_light_and_dark()
    {
        await product.PostAsync("/v1/templates", Body("fit"));
        var preview = await product.PostAsync("/v1/templates/fit:email:en/preview", new { data = new { name = "Ana" } });
        foreach (var width in (int[])[320, 700])
        {
            foreach (var dark in (bool[])[false, true])
            {
                var page = await browser.PageAsync(width, 700, dark);
                await page.SetContentAsync(preview["html"]!);
                Assert.True(
                    await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{width} px are too narrow.");
                Assert.Equal(
                    dark ? "rgb(111, 211, 185)" : "rgb(11, 107, 87)",
                    await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('h1')).color"));
                await page.Context.CloseAsync();
            }
        }
    }

    private Task<Reply> PutAsync(string id, string? etag, string html) =>
        ChangeAsync(HttpMethod.Put, id, etag, new { topic = "newsletter", subject = "Spring", html, text = "x", layout = "standard" });

    private async Task<Reply> ChangeAsync(HttpMethod method, string id, string? etag, object? body)
    {
        using var request = new HttpRequestMessage(method, "/v1/templates/" + id);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (etag is not null) request.Headers.TryAddWithoutValidation("If-Match", etag);
        using var response = await product.Http.SendAsync(request);
        return new Reply(
            response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task As_many_versions_are_listed_as_were_asked_for_up_to_a_thousand()
    {
        var body = new { name = "often", topic = "newsletter", channel = "sms", locale = "en", text = "Hello" };
        Assert.Equal(HttpStatusCode.Created, (await product.PostAsync("/v1/templates", body)).Status);
        for (var i = 0; i < 104; i++)
            Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(HttpMethod.Put, "often:sms:en", "*", body)).Status);
        async Task<(int, int, int?)> ListAsync(string query)
        {
            var list = (await product.GetAsync("/v1/templates/often:sms:en/versions" + query)).Json;
            var versions = list.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetInt32()).ToList();
            Assert.Equal(versions.OrderDescending(), versions);
            return (versions.Count, versions[^1], list.TryGetProperty("next", out var next) ? next.GetInt32() : null);
        }

        Assert.Equal((105, 1, null), await ListAsync("?limit=1000"));
        Assert.Equal((103, 3, 3), await ListAsync("?limit=103"));
        Assert.Equal((2, 1, null), await ListAsync("?limit=100&after=3"));
        Assert.Equal((100, 6, 6), await ListAsync(""));
    }

    private static object Body(string name, string locale = "en") =>
        new
        {
            name, topic = "newsletter", channel = "email", locale, subject = "Spring", html = Html, text = "Hello {{ data.name }}",
            layout = "standard",
        };

    [GeneratedRegex("/[up]/[A-Za-z0-9_-]+")]
    private static partial Regex Links();

    [GeneratedRegex("/u/[A-Za-z0-9_-]+")]
    private static partial Regex UnsubscribeLink();
}
