using System.Net;
using System.Text.Json;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>The members of evidence are known in any case, as those of every body are.</summary>
public sealed class EvidenceNameTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R38_An_age_is_read_in_whatever_case_its_name_is_written()
    {
        foreach (var evidence in (string[])["""{"Age":17}""", """{"AGE":"17.5"}""", """{"BirthDate":"2015-01-01"}"""])
            Assert.Equal(
                (HttpStatusCode.UnprocessableEntity, "urn:notifications:problem:under-age"),
                await OptInAsync("child@names.example", evidence));
    }

    [Fact]
    public async Task P6_A_confirmation_and_its_time_are_read_and_kept_by_the_names_that_are_looked_for()
    {
        Assert.Equal(
            (HttpStatusCode.OK, "subscribed"),
            await OptInAsync("pascal@names.example", """{"Confirmed":true,"At":"2026-11-20T10:00:00Z","IP":"203.0.113.9","Shop":"A"}"""));
        var kept = (await product.GetAsync("/v1/consents?email=pascal@names.example")).Json.GetProperty("entries")[0];
        Assert.Equal(
            """{"confirmed":true,"at":"2026-11-20T10:00:00Z","ip":"203.0.113.9","Shop":"A"}""",
            JsonSerializer.Serialize(kept.GetProperty("evidence")));
        await product.PostAsync("/v1/consents", new { email = "pascal@names.example", topic = "newsletter", action = "opt-out" });
        Assert.Equal(
            (HttpStatusCode.Conflict, "urn:notifications:problem:stopped-since"),
            await OptInAsync("pascal@names.example", """{"Confirmed":true,"At":"2026-11-20T10:00:00Z"}"""));
    }

    [Theory]
    [InlineData("""{"at":"2026-11-20T10:00:00Z","At":"2026-11-24T10:00:00Z"}""", "evidence.at")]
    [InlineData("""{"Age":30,"age":17}""", "evidence.age")]
    [InlineData("""{"Confirmed":"yes"}""", "evidence.confirmed")]
    [InlineData("""{"Import":"x"}""", "evidence.import")]
    public async Task What_stands_twice_or_is_wrong_is_named_in_any_case(string evidence, string field) =>
        Assert.Equal([field], (await PostAsync("wrong@names.example", evidence)).Fields);

    private async Task<(HttpStatusCode Status, string? Said)> OptInAsync(string email, string evidence)
    {
        var reply = await PostAsync(email, evidence);
        return (reply.Status, reply["type"] ?? reply["status"]);
    }

    private Task<Reply> PostAsync(string email, string evidence) =>
        product.PostAsync(
            "/v1/consents",
            $$"""{"email":"{{email}}","topic":"newsletter","action":"opt-in","source":"form","wording":"Yes.","evidence":{{evidence}}}""");
}
