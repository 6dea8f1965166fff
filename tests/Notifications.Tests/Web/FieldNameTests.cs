using System.Net;
using System.Net.Http.Json;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>A problem names the field as the request has it, and says what would be right.</summary>
public sealed class FieldNameTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("POST", "/v1/lists", "[]", "body", "must be an object")]
    [InlineData("POST", "/v1/lists/x1/members", """{"add":[7]}""", "add[0]", "must be an object")]
    [InlineData("POST", "/v1/templates", """{"name":[]}""", "name", "must be a string")]
    [InlineData("POST", "/v1/templates", """{"name":{}}""", "name", "must be a string")]
    [InlineData("POST", "/v1/lists/x1/members", """{"add":7}""", "add", "must be an array")]
    [InlineData("POST", "/v1/privacy/requests", """{"type":"rectification","email":"a@example.com","newEmail":"x"}""", "newEmail", "must")]
    [InlineData(
        "POST", "/v1/privacy/requests",
        """{"type":"rectification","email":"a@example.com","newEmail":"x@example.com","newPhone":"+14155550100"}""", "newEmail",
        "and newPhone exclude each other")]
    [InlineData(
        "POST", "/v1/privacy/requests", """{"type":"rectification","email":"a@example.com"}""", "name",
        "or locale, timeZone, newEmail or newPhone is required")]
    [InlineData(
        "PATCH", "/v1/preferences",
        """{"email":"a@example.com","age":200,"source":"s","wording":"w","subscriptions":[{"topic":"newsletter","status":"subscribed"},{"topic":"promotions","status":"subscribed"}]}""",
        "age", "must be 0 to 150")]
    [InlineData(
        "PATCH", "/v1/preferences",
        """{"email":"a@example.com","birthDate":"x","source":"s","wording":"w","stopAll":false,"evidence":{"confirmed":true},"subscriptions":[{"topic":"newsletter","status":"subscribed"}]}""",
        "birthDate", "must be a date such as 1990-05-01")]
    public async Task The_field_is_named_as_it_was_sent(string method, string path, string body, string field, string problem)
    {
        var reply = await product.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        var error = Assert.Single(reply.Json.GetProperty("errors").EnumerateArray());
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.StartsWith(problem, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R38_A_young_age_beside_the_subscriptions_refuses_them_all()
    {
        var reply = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            """{"email":"young@example.com","age":17,"source":"s","wording":"w","subscriptions":[{"topic":"newsletter","status":"subscribed"}]}""");
        Assert.Equal("urn:notifications:problem:under-age", reply["type"]);
    }

    [Theory]
    [InlineData("\"age\":15")]
    [InlineData("\"birthDate\":\"2015-01-01\"")]
    [InlineData("\"evidence\":{\"age\":15}")]
    public async Task R38_Of_whoever_is_under_age_nothing_is_recorded_but_what_lowers(string age)
    {
        var email = $"young{age.Length}@r38.example";
        var stored = await product.StoredAsync();
        var refused = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences", $$"""{"email":"{{email}}",{{age}},"locale":"de","timeZone":"Europe/Berlin"}""");
        Assert.Equal("urn:notifications:problem:under-age", refused["type"]);
        Assert.Equal(stored, await product.StoredAsync());
        var lowered = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            $$"""{"email":"{{email}}","age":15,"locale":"de","subscriptions":[{"topic":"newsletter","status":"unsubscribed"}]}""");
        Assert.Equal((HttpStatusCode.OK, null), (lowered.Status, lowered["locale"]));
        Assert.Equal(
            "unsubscribed",
            lowered.Json.GetProperty("subscriptions")
                .EnumerateArray()
                .Single(s => s.GetProperty("topic").GetString() == "newsletter")
                .GetProperty("status")
                .GetString());
    }

    [Fact]
    public async Task The_time_of_a_schedule_is_named_where_it_stands()
    {
        var draft = new { name = "When", topic = "newsletter", channel = "email", template = "newsletter" };
        var id = (await product.PostAsync("/v1/campaigns", draft))["id"];
        Assert.Equal(
            ["at", "fallbackZone"],
            (await product.PostAsync($"/v1/campaigns/{id}/schedule", new { at = "x", zone = "UTC", fallbackZone = "UTC" })).Fields);
        Assert.Equal(
            ["schedule.at", "schedule.fallbackZone"],
            (await product.PostAsync(
                "/v1/campaigns",
                new
                {
                    draft.name,
                    draft.topic,
                    draft.channel,
                    draft.template,
                    schedule = new { at = "x", zone = "UTC", fallbackZone = "UTC" },
                })).Fields);
    }

    [Fact]
    public async Task An_If_Match_that_can_match_nothing_is_named_and_a_star_matches_whatever_is_there()
    {
        await product.PostAsync("/v1/templates", new { name = "match", topic = "newsletter", channel = "sms", locale = "en", text = "x" });
        foreach (var wrong in (string[])["1", "W/\"1\"", "\"1\", \"2\"", "\"one\""])
        {
            var refused = await PutAsync(wrong);
            Assert.Equal(
                (HttpStatusCode.BadRequest, "If-Match"),
                (refused.StatusCode,
                    (await refused.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>())
                        .GetProperty("errors")[0]
                        .GetProperty("field")
                        .GetString()));
        }

        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync("\"7\"")).StatusCode);
        Assert.Equal("\"2\"", (await PutAsync("*")).Headers.ETag?.Tag); // RFC 9110 section 13.1.1
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("\"2\"")).StatusCode);
    }

    private async Task<HttpResponseMessage> PutAsync(string match)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/templates/match:sms:en")
        {
            Content = JsonContent.Create(new { topic = "newsletter", text = "y" }),
        };
        request.Headers.TryAddWithoutValidation("If-Match", match);
        return await product.Http.SendAsync(request);
    }
}
