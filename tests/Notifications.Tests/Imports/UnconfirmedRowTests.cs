using System.Globalization;
using System.Text.Json;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Imports;

/// <summary>What a row says of its confirmation is taken at its word.</summary>
public sealed class UnconfirmedRowTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Columns = "email,topic,status,source,policyVersion,wording,at,ip,confirmed,confirmedAt\n";

    private static string Row(string email, string topic, string ip, string confirmed, string confirmedAt = "") =>
        $"{email},{topic},subscribed,form,2026-01,Send me news.,2026-03-01T10:00:00Z,{ip},{confirmed},{confirmedAt}\n";

    [Theory]
    [InlineData("203.0.113.7", "")]
    [InlineData("", "")]
    [InlineData("203.0.113.7", "2026-03-01T10:05:00Z")]
    public async Task P6_R26_A_row_that_says_it_was_not_confirmed_subscribes_nobody_to_a_topic_with_double_opt_in(
        string ip, string confirmedAt)
    {
        var email = $"no{ip.Length}{confirmedAt.Length}@unconfirmed.example";
        var import = await product.ImportAsync(Columns + Row(email, "newsletter", ip, "false", confirmedAt));
        Assert.Equal((1, 0, 1, 0), import.Counts());
        Assert.StartsWith("2,confirmed,", Assert.Single(await product.ErrorsAsync(import)), StringComparison.Ordinal);
        Assert.Equal("none", await product.StatusAsync(email));
    }

    [Fact]
    public async Task P6_The_ledger_records_of_a_confirmation_what_the_row_said_and_no_more()
    {
        await product.ImportAsync(
            Columns
            + Row("ip@unconfirmed.example", "newsletter", "203.0.113.7", "") + Row("yes@unconfirmed.example", "newsletter", "", "true")
                + Row("at@unconfirmed.example", "newsletter", "", "", "2026-03-01T10:05:00Z")
                + Row("plain@unconfirmed.example", "surveys", "203.0.113.7", "false"));
        Assert.Equal(JsonValueKind.Undefined, await ConfirmedAsync("ip@unconfirmed.example"));
        Assert.Equal(JsonValueKind.True, await ConfirmedAsync("yes@unconfirmed.example"));
        Assert.Equal(JsonValueKind.True, await ConfirmedAsync("at@unconfirmed.example"));
        Assert.Equal(JsonValueKind.False, await ConfirmedAsync("plain@unconfirmed.example"));
        Assert.Equal("subscribed", await product.StatusAsync("ip@unconfirmed.example"));
        // Its topic asks for no double opt-in.
        Assert.Equal("subscribed", await product.StatusAsync("plain@unconfirmed.example", "surveys"));
    }

    [Fact]
    public async Task P2_The_ledger_of_an_import_by_its_IP_address_tells_that_it_held_at_once()
    {
        const string email = "then@unconfirmed.example";
        await product.ImportAsync(Columns + Row(email, "newsletter", "203.0.113.7", ""));
        var then = product.Time.GetUtcNow().AddSeconds(1);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out", source = "phone" });
        var why = await product.GetAsync(
            $"/v1/explain?email={email}&topic=newsletter&at={then.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}");
        Assert.Equal("allowed", why["reason"]);
    }

    private async Task<JsonValueKind> ConfirmedAsync(string email) =>
        (await product.GetAsync("/v1/consents?email=" + email)).Json
            .GetProperty("entries")[0]
            .GetProperty("evidence")
            .TryGetProperty("confirmed", out var said)
            ? said.ValueKind
            : JsonValueKind.Undefined;
}
