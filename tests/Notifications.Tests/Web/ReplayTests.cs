using System.Net;
using System.Text;
using System.Text.Json;
using Notifications.Access;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

/// <summary>What an Idempotency-Key gives again is what was given the first time.</summary>
public sealed class ReplayTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly object Template = new { name = "again", topic = "newsletter", channel = "sms", locale = "en", text = "x" };

    [Fact]
    public async Task A_replayed_answer_says_where_what_was_made_stands_and_which_version_it_is()
    {
        var first = await product.PostAsync("/v1/templates", Template, "made-once");
        var again = await product.PostAsync("/v1/templates", Template, "made-once");
        Assert.Equal((HttpStatusCode.Created, "true"), (again.Status, again.Headers.GetValues("Idempotency-Replayed").Single()));
        Assert.Equal(("/v1/templates/again:sms:en", "\"1\""), (first.Headers.Location?.ToString(), first.Headers.ETag?.Tag));
        Assert.Equal((first.Text, first.Headers.Location, first.Headers.ETag), (again.Text, again.Headers.Location, again.Headers.ETag));
    }

    [Fact]
    public async Task P2_What_only_answers_answers_of_now_under_a_key_that_came_before_and_the_description_says_so()
    {
        const string email = "asked.twice@example.com";
        object asked = new { topic = "surveys", to = new { email } };
        await product.PostAsync("/v1/consents", new { email, topic = "surveys", action = "opt-in", source = "form", wording = "yes" });
        Assert.Equal("allow", (await product.PostAsync("/v1/decisions", asked, "asked-twice"))["decision"]);
        await product.PostAsync("/v1/consents", new { email, topic = "surveys", action = "opt-out" });
        var again = await product.PostAsync("/v1/decisions", asked, "asked-twice");
        Assert.Equal(("skip", false), (again["decision"], again.Headers.Contains("Idempotency-Replayed")));
        var about = (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("info").GetProperty("description").GetString();
        Assert.Contains("a decision, the preview of a template and a count, which change nothing, are answered as they are", about);
    }

    [Fact]
    public async Task P5_A_request_whose_first_write_was_repeated_is_worked_on_and_not_taken_for_another_that_is_under_way()
    {
        object made = new { name = "repeated", topic = "newsletter", channel = "sms", locale = "en", text = "x" };
        product.Faults.RepeatedTable = Tables.Idempotency;
        try
        {
            Assert.Equal(HttpStatusCode.Created, (await product.PostAsync("/v1/templates", made, "repeated-once")).Status);
            var again = await product.PostAsync("/v1/templates", made, "repeated-once");
            Assert.Equal((HttpStatusCode.Created, "true"), (again.Status, again.Headers.GetValues("Idempotency-Replayed").Single()));
        }
        finally
        {
            product.Faults.RepeatedTable = null;
        }
    }

    [Theory]
    [InlineData("/v1/contacts/key-paths/enable/")]
    [InlineData("/V1/Contacts/key-paths/ENABLE")]
    public async Task P6_M8_A_key_is_of_the_same_operation_however_its_path_is_written(string again)
    {
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/key-paths", new { name = "A" });
        await product.PostAsync("/v1/contacts/key-paths/disable", new { });
        var first = await product.PostAsync("/v1/contacts/key-paths/enable", new { }, "enabled-once" + again.Length);
        await product.PostAsync("/v1/contacts/key-paths/disable", new { });
        var late = await product.PostAsync(again, new { }, "enabled-once" + again.Length);
        Assert.Equal((first.Status, first.Text), (late.Status, late.Text));
        Assert.Equal("true", late.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal("disabled", (await product.GetAsync("/v1/contacts/key-paths"))["status"]);

        // Of another thing it is another operation.
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/KEY-paths", new { name = "B" });
        var other = await product.PostAsync("/v1/contacts/KEY-paths/enable", new { }, "enabled-once" + again.Length);
        Assert.False(other.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task P1_A_decision_asked_for_again_under_its_key_is_that_of_now()
    {
        const string email = "asked.again@example.com";
        await product.PostAsync(
            "/v1/consents",
            new { email, topic = "surveys", action = "opt-in", source = "form", wording = "yes", evidence = new { confirmed = true } });
        var body = new { topic = "surveys", to = new { email }, content = new { subject = "s", text = "t" } };
        Assert.Equal("allow", (await product.PostAsync("/v1/decisions", body, "asked"))["decision"]);
        await product.PostAsync("/v1/consents", new { email, topic = "surveys", action = "opt-out", source = "form" });
        var again = await product.PostAsync("/v1/decisions", body, "asked");
        Assert.Equal(("skip", "unsubscribed"), (again["decision"], again["reason"]));
        var other = await product.PostAsync("/v1/decisions", new { topic = "surveys", to = new { email = "other@example.com" } }, "asked");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
    }

    [Theory]
    [InlineData(
        "/v1/templates",
        """{"name":"long","topic":"newsletter","channel":"email","locale":"en","layout":"standard","subject":"x","html":"<p>@</p>"}""")]
    [InlineData(
        "/v1/campaigns",
        """{"name":"Long","topic":"newsletter","channel":"email","template":"newsletter","data":{"text":"@"}}""")]
    public async Task P5_An_answer_of_more_than_a_row_holds_is_made_again_of_what_the_first_request_made(string path, string body)
    {
        // An apostrophe is one byte of a request and six of an answer.
        body = body.Replace("@", new string('\'', 60_000), StringComparison.Ordinal);
        var kept = product.Get<Idempotency>();
        var most = kept.LongestPlain;
        kept.LongestPlain = 0;
        var first = await product.PostAsync(path, body, "long-once");
        kept.LongestPlain = most;
        Assert.True(first.Status == HttpStatusCode.Created && first.Text.Length > 256 * 1024, $"{first.Status}: {first.Text.Length}");
        product.Time.Advance(TimeSpan.FromSeconds(1));
        var again = await product.PostAsync(path, body, "long-once");
        Assert.Equal((HttpStatusCode.Created, first["id"]), (again.Status, again["id"]));
        Assert.False(again.Headers.Contains("Idempotency-Replayed"));
        Assert.True(first.Text == again.Text);
        Assert.Equal((first.Headers.Location, first.Headers.ETag), (again.Headers.Location, again.Headers.ETag));
        var other = await product.PostAsync(path, body.Replace("newsletter", "promotions", StringComparison.Ordinal), "long-once");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
    }

    [Theory]
    [InlineData("long-letters", 'я', 80_000), InlineData("wide-letters", '汉', 70_000)]
    public async Task A_long_template_in_letters_that_are_not_Latin_is_answered_again_as_the_first_time(string name, char letter, int count)
    {
        var html = string.Concat(Enumerable.Repeat($"<p>{new string(letter, 997)}</p>", count / 1000));
        var source = new { name, topic = "newsletter", channel = "email", locale = "ru", subject = "x", html, layout = "standard" };
        var first = await product.PostAsync("/v1/templates", source, name);
        var again = await product.PostAsync("/v1/templates", source, name);
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal((HttpStatusCode.Created, "true"), (again.Status, again.Headers.GetValues("Idempotency-Replayed").Single()));
        Assert.True(JsonElement.DeepEquals(first.Json, again.Json));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await product.PostAsync("/v1/templates", Template, name)).Status);
    }

    [Fact]
    public async Task The_same_key_with_another_query_is_refused_as_with_another_body()
    {
        var file = Encoding.UTF8.GetBytes("email,status\na@replay.example,unsubscribed\n");
        var first = await product.UploadAsync(file, "?topic=newsletter", "preview-once", path: "/v1/imports/preview");
        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Equal(first.Text, (await product.UploadAsync(file, "?topic=newsletter", "preview-once", path: "/v1/imports/preview")).Text);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await product.UploadAsync(file, "?topic=promotions", "preview-once", path: "/v1/imports/preview")).Status);
    }

    [Fact]
    public async Task An_answer_that_was_kept_by_a_version_before_this_one_is_still_given_again()
    {
        var body = JsonSerializer.Serialize(new { name = "Old" });
        var key = (await product.Get<ApiKeys>().FindAsync(product.Secret, default))!;
        var partition = product.Get<KeyRing>().LookupHash("idempotency", $"{key.Id}\0POST /v1/lists\0kept-before");
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var row =
            $$"""{"bodyHash":"{{hash}}","status":201,"body":"{{Convert.ToBase64String("{}"u8)}}","instance":"i","at":"2026-11-24T12:00:00+00:00"}""";
        await product.Get<ITableStore>().CommitAsync(
            Tables.Idempotency, partition, [RowChange.Insert("answer", Encoding.UTF8.GetBytes(row))]);
        var again = await product.PostAsync("/v1/lists", body, "kept-before");
        Assert.Equal((HttpStatusCode.Created, "{}", null), (again.Status, again.Text, again.Headers.Location));
    }

    [Theory]
    [InlineData("Text/CSV")]
    [InlineData("TEXT/csv; charset=utf-8")]
    public async Task A_media_type_is_known_in_any_case(string type) =>
        Assert.Equal(
            HttpStatusCode.OK,
            (await product.UploadAsync(
                "email\nb@replay.example\n"u8.ToArray(), "?topic=newsletter", type: type, path: "/v1/imports/preview")).Status);
}
