using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>Problems that once told the wrong remedy.</summary>
public sealed class MisleadingTextTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static string Messages(Reply reply) =>
        string.Join(
            "; ", reply.Json.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("field")} {e.GetProperty("message")}"));

    private async Task<Reply> SendAsync(string path, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await product.Http.PostAsync(path, content);
        return new Reply(
            answer.StatusCode, answer.Headers, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task JSON_that_nests_too_deep_is_told_the_depth() =>
        Assert.Contains(
            "must nest at most 32 deep",
            Messages(await product.PostAsync(
                "/v1/messages",
                $$"""{"topic":"newsletter","to":{"email":"deep@example.com"},"data":{"a":{{new string('[', 80)}}{{new string(']', 80)}} } }""")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("/v1/decisions", """{"topic":"newsletter","to":{"email":"mark@example.com"}}""", HttpStatusCode.OK)]
    [InlineData(
        "/v1/messages/batch", """{"messages":[{"topic":"newsletter","to":{"email":"mark@example.com"}}]}""", HttpStatusCode.Accepted)]
    public async Task A_byte_order_mark_before_the_body_is_passed_over(string path, string body, HttpStatusCode status) =>
        Assert.Equal(status, (await SendAsync(path, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(body)])).Status);

    [Fact]
    public async Task Text_that_is_not_UTF8_is_told_so()
    {
        var body = Encoding.UTF8.GetBytes("""{"topic":"newsletter","to":{"email":"Xana@example.com"}}""");
        body[Array.IndexOf(body, (byte)'X')] = 0xff;
        Assert.Equal("to.email must be text in UTF-8, without half of a surrogate pair", Messages(await SendAsync("/v1/messages", body)));
        Assert.StartsWith(
            "topic must be text in UTF-8", Messages(await product.PostAsync("/v1/messages", """{"topic":"\ud800"}""")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_reason_of_recipients_is_answered_with_those_that_there_are() =>
        Assert.Contains(
            "frequency-cap", Messages(await product.GetAsync("/v1/campaigns/0123456789abcdef/recipients?reason=zzz")),
            StringComparison.Ordinal);

    [Fact]
    public async Task A_version_that_a_template_does_not_have_is_not_told_to_be_a_template_that_is_not_there()
    {
        await product.PostAsync(
            "/v1/templates", new { name = "versions", topic = "newsletter", channel = "sms", locale = "en", text = "x" });
        Assert.Contains(
            "no such version", (await product.GetAsync("/v1/templates/versions:sms:en?version=99"))["detail"], StringComparison.Ordinal);
        Assert.Contains(
            "no such version", (await product.PostAsync("/v1/templates/versions:sms:en/preview", new { version = 99 }))["detail"],
            StringComparison.Ordinal);
        Assert.StartsWith(
            "No template", (await product.GetAsync("/v1/templates/nothing:sms:en?version=1"))["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/messages", """{"data":{"a":1,"a":2}}""", "data.a")]
    [InlineData("/v1/messages", """{"data":{"to":{"parcels":[{"n":1},{"n":1,"m":{},"n":2}]}}}""", "data.to.parcels[1].n")]
    [InlineData("/v1/consents", """{"topic":"surveys","evidence":{"at":"x","ip":"y","at":"z"}}""", "evidence.at")]
    [InlineData("/v1/segments", """{"name":"x","filter":{"locale":"de","locale":"fr"}}""", "filter.locale")]
    [InlineData("/v1/messages", """{"topic":"surveys","topic":"newsletter"}""", "topic")]
    [InlineData("/v1/messages", """{"to":{"email":"a@example.com","email":"b@example.com"}}""", "to.email")]
    public async Task What_stands_twice_is_named_and_not_what_it_stands_in(string path, string body, string field) =>
        Assert.Equal(field + " stands twice", Messages(await product.PostAsync(path, body)));

    [Theory]
    [InlineData("text")]
    [InlineData("html")]
    public async Task A_null_character_is_no_text_of_a_message_as_it_is_none_of_a_template(string member) =>
        Assert.Equal(
            $"content.{member} must not contain control characters but line breaks and tabs",
            Messages(await product.PostAsync(
                "/v1/messages",
                $$"""{"topic":"newsletter","to":{"email":"nul@example.com"},"content":{"subject":"s","{{member}}":"a\u0000b"} }""")));

    [Fact]
    public async Task A_text_in_any_script_is_queued_where_it_fits_as_it_is_queued()
    {
        var text = new string('漢', 42_000); // 126 KB, and 252 KB were each character escaped.
        var reply = await product.PostAsync(
            "/v1/messages", $$"""{"topic":"newsletter","to":{"email":"long@example.com"},"content":{"subject":"s","text":"{{text}}"} }""");
        Assert.True(reply.Status == HttpStatusCode.Accepted, reply.Text);
    }
}
