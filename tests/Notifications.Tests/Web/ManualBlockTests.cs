using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>An operator's own block beside a provider's.</summary>
public sealed class ManualBlockTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Note = "asked never to be written to";

    [Theory]
    [InlineData("bounce", "manual"), InlineData("manual", "bounce"), InlineData("complaint", "manual")]
    public async Task P6_A_manual_block_stands_when_another_is_lifted_whichever_came_first(string first, string second)
    {
        var email = $"never.{first}.{second}@example.com";
        await product.PostAsync(
            "/v1/consents",
            new { email, topic = "newsletter", action = "opt-in", source = "form", wording = "Yes.", evidence = new { confirmed = true } });
        var other = first == "manual" ? second : first;
        await BlockAsync(email, first);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var both = await BlockAsync(email, second);
        Assert.Equal(other, both["reason"]);
        Assert.Equal(Note, both.Json.GetProperty("beneath").GetProperty("note").GetString());
        var ledger = (await product.GetAsync("/v1/consents?email=" + email)).Json;
        Assert.True(ledger.GetProperty("verified").GetBoolean());
        Assert.Equal(2, ledger.GetProperty("entries").EnumerateArray().Count(e => e.GetProperty("action").GetString() == "suppress"));

        product.Time.Advance(TimeSpan.FromMinutes(1));
        for (var said = 0; said < 2; said++)
        {
            var lifted = await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=" + email);
            Assert.Equal((HttpStatusCode.OK, "manual", Note), (lifted.Status, lifted["reason"], lifted["note"]));
            Assert.Equal("suppressed-manual", await ReasonAsync(email));
        }

        Assert.Equal(
            HttpStatusCode.NoContent,
            (await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?reason=manual&email=" + email)).Status);
        Assert.Equal("allowed", await ReasonAsync(email));
    }

    private Task<Reply> BlockAsync(string email, string reason) =>
        product.PostAsync("/v1/suppressions", new { email, reason, note = reason == "manual" ? Note : null });

    private async Task<string?> ReasonAsync(string email) =>
        (await product.PostAsync(
            "/v1/decisions",
            new { topic = "newsletter", to = new { email }, content = new { subject = "News", text = "News." } }))["reason"];
}
