using System.Net;
using System.Text.Json;
using Notifications.Access;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>Why a campaign was ended is said by who ends it, and nothing that a request says is dropped unread.</summary>
public sealed class CancelReasonTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("The shop is closed.", "Cancelled: The shop is closed.")]
    [InlineData(null, "Cancelled")]
    public async Task R68_The_audit_gives_the_reason_of_the_cancel_and_not_that_of_the_pause_before_it(string? reason, string after)
    {
        var id = await LaunchedAsync();
        await product.PostAsync($"/v1/campaigns/{id}/pause", new { reason = "Wait for the boss." });
        var cancelled = await product.PostAsync($"/v1/campaigns/{id}/cancel", reason is null ? "" : (object)new { reason });
        Assert.Equal((HttpStatusCode.OK, "cancelled"), (cancelled.Status, cancelled["status"]));
        var why = cancelled.Json.TryGetProperty("hold", out var hold) && hold.ValueKind == JsonValueKind.Object
            ? hold.GetProperty("why").GetString()
            : null;
        Assert.Equal(reason, why);
        var entry = (await product.GetAsync("/v1/audit?limit=1000")).Json
            .GetProperty("entries")
            .EnumerateArray()
            .Single(e => e.GetProperty("subject").GetString() == id && e.GetProperty("action").GetString() == "campaign.cancel");
        Assert.Equal(("Paused", after), (entry.GetProperty("before").GetString(), entry.GetProperty("after").GetString()));
        var browser = await product.SignedInAsync($"cancels-{reason?.Length}", Scope.Campaigns);
        var page = (await browser.GetAsync("/console/campaigns/" + id)).Text;
        Assert.Equal(reason is not null, page.Contains("The shop is closed.", StringComparison.Ordinal));
        Assert.DoesNotContain("Wait for the boss.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R68_A_reason_is_at_most_200_characters_also_of_a_cancel()
    {
        var id = await LaunchedAsync();
        var refused = await product.PostAsync($"/v1/campaigns/{id}/cancel", new { reason = new string('x', 201) });
        Assert.Equal((HttpStatusCode.BadRequest, "reason"), (refused.Status, Assert.Single(refused.Fields)));
        Assert.Equal("running", (await product.GetAsync("/v1/campaigns/" + id))["status"]);
    }

    [Fact]
    public async Task RFC_9457_What_no_act_knows_is_refused_by_its_name_also_where_the_act_takes_nothing()
    {
        var id = await LaunchedAsync();
        await product.Get<DeadLetters>().KeepAsync(Queues.Campaigns, "{}"u8.ToArray(), 5, default);
        var letter = (await product.GetAsync("/v1/dead-letters?queue=campaigns")).Json
            .GetProperty("deadLetters")[0]
            .GetProperty("id")
            .GetString();
        await product.PostAsync($"/v1/campaigns/{id}/pause", "");
        foreach (var path in (string[])[
            $"/v1/campaigns/{id}/dry-run", $"/v1/campaigns/{id}/resume", $"/v1/campaigns/{id}/cancel",
            $"/v1/dead-letters/campaigns/{letter}/replay", $"/v1/dead-letters/campaigns/{letter}/discard",
            "/v1/dead-letters/campaigns/replay",
        ])
        {
            var refused = await product.PostAsync(path, new { bogus = 1 });
            Assert.True(refused.Status == HttpStatusCode.BadRequest, $"{path}: {refused.Status}");
            Assert.Equal("bogus", Assert.Single(refused.Fields));
        }

        Assert.Equal("paused", (await product.GetAsync("/v1/campaigns/" + id))["status"]);
        Assert.Single((await product.GetAsync("/v1/dead-letters?queue=campaigns")).Json.GetProperty("deadLetters").EnumerateArray());
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync($"/v1/dead-letters/campaigns/{letter}/discard", new { })).Status);
    }

    private async Task<string> LaunchedAsync()
    {
        var created = await product.PostAsync(
            "/v1/campaigns",
            new { name = "Ends", topic = "promotions", channel = "email", template = "promotions", data = new { title = "Ten" } });
        var id = created["id"]!;
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync($"/v1/campaigns/{id}/launch", new { confirm = 0 })).Status);
        return id;
    }
}
