using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Campaigns;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>
/// What is told of a recipient whose turn has not come, and of one whose turn never came because the campaign was cancelled: the same
/// wherever it is asked, though no record says it (P2).
/// </summary>
public sealed class UnreachedRecipientTests : IAsyncLifetime
{
    private readonly ProductFixture _product = new() { Configure = o => o.Sending.Hold = true };

    public Task InitializeAsync() => _product.InitializeAsync();

    public Task DisposeAsync() => _product.DisposeAsync();

    [Fact]
    public async Task P2_Whose_turn_has_not_come_hears_what_would_be_decided_now_and_not_what_would_have_been_at_the_launch()
    {
        var (campaign, messages) = await LaunchAsync("waits");
        var waits = await ToldAsync(campaign, messages, "waits0@example.com");
        Assert.Equal("It waits for its turn; nothing is decided yet. As things stand: Every rule allows it.", waits["text"]);
        await _product.PostAsync("/v1/consents", new { email = "waits0@example.com", topic = "*", action = "opt-out", source = "phone" });
        waits = await ToldAsync(campaign, messages, "waits0@example.com");
        Assert.Equal(("queued", true), (waits["status"], waits["text"]!.EndsWith("The person had said stop.", StringComparison.Ordinal)));
        Assert.All((string[])["at", "reason", "decision"], name => Assert.False(waits.Json.TryGetProperty(name, out _), name));
        Assert.Empty(waits.Json.GetProperty("rules").EnumerateArray());

        await _product.PostAsync($"/v1/campaigns/{campaign}/pause", "");
        waits = await ToldAsync(campaign, messages, "waits1@example.com");
        Assert.Equal("It waits for its campaign, which is paused. As things stand: Every rule allows it.", waits["text"]);
    }

    [Fact]
    public async Task P2_Whom_a_cancelled_campaign_had_not_come_to_is_skipped_wherever_it_is_asked()
    {
        var (campaign, messages) = await LaunchAsync("late");
        _product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await _product.PostAsync($"/v1/campaigns/{campaign}/cancel", "")).Status);
        var ended = _product.Time.GetUtcNow();
        for (var passes = 0; passes < 2; passes++) // At once, and when its work is over.
        {
            Assert.Equal(2, (await RecipientsAsync(campaign, "?reason=campaign-cancelled")).Count);
            foreach (var (email, id) in messages)
            {
                var seen = await _product.GetAsync("/v1/messages/" + id);
                Assert.Equal(
                    ("skipped", "campaign-cancelled", "promotions", "email", "The campaign was cancelled."),
                    (seen["status"], seen["reason"], seen["topic"], seen["channel"], seen["note"]));
                Assert.Equal(
                    ["queued", "skipped"],
                    seen.Json.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("event").GetString()));
                var why = await ToldAsync(campaign, messages, email);
                Assert.Equal(
                    ("skipped", "campaign-cancelled", "skip", ended, "The campaign was cancelled."),
                    (why["status"], why["reason"], why["decision"], why.Json.GetProperty("at").GetDateTimeOffset(), why["text"]));
            }

            await PassAsync();
        }

        var console = await _product.SignedInAsync("anna", Scope.Privacy);
        var path = messages["late0@example.com"].Replace(".", "/messages/", StringComparison.Ordinal);
        var page = (await console.GetAsync("/console/people/" + path)).Text;
        Assert.Contains("The campaign was cancelled.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("waits for its turn", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P2_Of_whom_nothing_is_decided_yet_no_list_says_that_the_rules_allowed_it()
    {
        var (campaign, messages) = await LaunchAsync("undecided");
        var path = $"/v1/campaigns/{campaign}/recipients";
        Assert.All(
            (await _product.GetAsync(path + "?status=queued")).Json.GetProperty("recipients").EnumerateArray(),
            r => Assert.False(r.TryGetProperty("reason", out var reason) && reason.ValueKind != JsonValueKind.Null, r.GetRawText()));
        Assert.Equal(2, (await RecipientsAsync(campaign, "?status=queued")).Count);
        Assert.Empty(await RecipientsAsync(campaign, "?reason=allowed"));
        using var asked = new HttpRequestMessage(HttpMethod.Get, path);
        asked.Headers.Accept.ParseAdd("text/csv");
        using var csv = await _product.Http.SendAsync(asked);
        var lines = (await csv.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Equal(["queued", ""], line.Split(',')[2..4]));
        var console = await _product.SignedInAsync("anna", Scope.Privacy, Scope.Campaigns);
        Assert.Contains(
            "nothing is decided yet", (await console.GetAsync($"/console/campaigns/{campaign}/recipients")).Text, StringComparison.Ordinal);
        Assert.Equal(2, messages.Count);
    }

    [Fact]
    public async Task P2_A_message_that_would_be_of_a_campaign_and_was_not_selected_is_none()
    {
        var (campaign, messages) = await LaunchAsync("known");
        var stranger = _product.Get<MessageIds>().Derive(
            _product.Get<KeyRing>().KeyOf(CoreProduct.Email("stranger@example.com")),
            CampaignBatches.Seed(campaign));
        Assert.Equal(HttpStatusCode.NotFound, (await _product.GetAsync($"/v1/messages/{stranger}")).Status);
        Assert.Equal("not-selected", (await _product.GetAsync($"/v1/explain?email=stranger@example.com&campaign={campaign}"))["reason"]);
        Assert.Equal("queued", (await _product.GetAsync("/v1/messages/" + messages["known0@example.com"]))["status"]);
    }

    /// <summary>A campaign to two people whose batch has come up and waits, because every hand-off is held.</summary>
    private async Task<(string Campaign, Dictionary<string, string> Messages)> LaunchAsync(string name)
    {
        for (var i = 0; i < 2; i++)
            await _product.PostAsync(
                "/v1/consents",
                new
                {
                    email = $"{name}{i}@example.com",
                    topic = "promotions",
                    action = "opt-in",
                    source = "form",
                    wording = "Yes.",
                    evidence = new { confirmed = true },
                });
        var draft = await _product.PostAsync(
            "/v1/campaigns",
            new { name, topic = "promotions", channel = "email", template = "promotions", data = new { title = "Ten parcels" } });
        var id = draft["id"]!;
        Assert.Equal(HttpStatusCode.OK, (await _product.PostAsync($"/v1/campaigns/{id}/launch", new { confirm = 2 })).Status);
        await PassAsync();
        var messages = await RecipientsAsync(id, "");
        Assert.Equal(2, messages.Count);
        return (id, messages);
    }

    private async Task<Dictionary<string, string>> RecipientsAsync(string campaign, string query) =>
        (await _product.GetAsync($"/v1/campaigns/{campaign}/recipients{query}")).Json
            .GetProperty("recipients")
            .EnumerateArray()
            .ToDictionary(r => r.GetProperty("address").GetString()!, r => r.GetProperty("messageId").GetString()!);

    /// <summary>The one explanation, whichever way it is asked for.</summary>
    private async Task<Reply> ToldAsync(string campaign, Dictionary<string, string> messages, string email)
    {
        var byCampaign = await _product.GetAsync($"/v1/explain?email={email}&campaign={campaign}");
        var byMessage = await _product.GetAsync($"/v1/explain?messageId={messages[email]}");
        Assert.Equal((HttpStatusCode.OK, byCampaign.Text), (byMessage.Status, byMessage.Text));
        return byCampaign;
    }

    private async Task PassAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            await _product.WorkAsync();
            _product.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
