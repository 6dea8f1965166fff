using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>What the queues gave up, all of it however much it is.</summary>
public sealed class DeadLetterPageTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R67_The_API_and_the_console_say_why_a_letter_was_given_up()
    {
        var letters = product.Get<DeadLetters>();
        await product.Get<GivenUpNotes>().AddAsync(Queues.Inbound, "why"u8.ToArray(), "Not an event.");
        await letters.KeepAsync(Queues.Inbound, "why"u8.ToArray(), 5, default);
        Assert.Equal(
            "Not an event.",
            Assert.Single((await product.GetAsync("/v1/dead-letters?queue=inbound")).Json.GetProperty("deadLetters").EnumerateArray())
                .GetProperty("cause")
                .GetString());
        var browser = await product.SignedInAsync("why", Notifications.Access.Scope.Admin);
        Assert.Contains("Not an event.", (await browser.GetAsync("/console/dead-letters")).Text, StringComparison.Ordinal);
        Assert.Equal((1, 0), await letters.ReplayAllAsync(Queues.Inbound, default));
    }

    [Fact]
    public async Task The_dead_letters_of_all_queues_are_listed_page_by_page()
    {
        var letters = product.Get<DeadLetters>();
        for (var i = 0; i < 3; i++)
            foreach (var queue in (string[])[Queues.Imports, Queues.Packages])
                await letters.KeepAsync(queue, System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{i}}}"), 5, default);
        var whole = await product.GetAsync("/v1/dead-letters?limit=1000");
        var all = Ids(whole.Json);
        Assert.True(all.Count >= 6 && whole["next"] is null);
        var seen = new List<string?>();
        for (string? after = ""; after is not null;)
        {
            var page = await product.GetAsync($"/v1/dead-letters?limit=2{(after.Length == 0 ? "" : "&after=" + after)}");
            Assert.InRange(Ids(page.Json).Count, 0, 2);
            seen.AddRange(Ids(page.Json));
            after = page["next"];
        }

        Assert.Equal(all, seen);
        Assert.Contains("after", (await product.GetAsync("/v1/dead-letters?after=nonsense:1")).Fields);

        // One is let go, the others of its queue go back.
        var id = (await product.GetAsync("/v1/dead-letters?queue=imports")).Json
            .GetProperty("deadLetters")[0]
            .GetProperty("id")
            .GetString();
        Assert.Equal("discarded", (await product.PostAsync($"/v1/dead-letters/imports/{id}/discard", new { }))["status"]);
        Assert.Equal(
            HttpStatusCode.NotFound, (await product.PostAsync($"/v1/dead-letters/imports/{id}/discard", new { })).Status);
        Assert.Equal(2, (await product.PostAsync("/v1/dead-letters/imports/replay", new { })).Json.GetProperty("replayed").GetInt32());
        Assert.Empty(Ids((await product.GetAsync("/v1/dead-letters?queue=imports")).Json));
    }

    [Fact]
    public async Task P5_A_body_names_the_letter_or_the_whole_queue_that_goes_back_and_what_is_wrong_with_it_is_said()
    {
        var letters = product.Get<DeadLetters>();
        for (var i = 0; i < 3; i++)
            await letters.KeepAsync(Queues.Campaigns, System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{i}}}"), 5, default);
        var ids = Ids((await product.GetAsync("/v1/dead-letters?queue=campaigns")).Json);
        var one = await product.PostAsync("/v1/dead-letters", new { queue = "campaigns", id = ids[1] }, "replay-one");
        Assert.Equal(
            (HttpStatusCode.Accepted, """{"queue":"campaigns","replayed":1,"remaining":0}"""), (one.Status, one.Text));
        Assert.Equal([ids[0], ids[2]], Ids((await product.GetAsync("/v1/dead-letters?queue=campaigns")).Json));
        Assert.Equal(one.Text, (await product.PostAsync("/v1/dead-letters", new { queue = "campaigns", id = ids[1] }, "replay-one")).Text);
        Assert.Equal(
            HttpStatusCode.NotFound, (await product.PostAsync("/v1/dead-letters", new { queue = "campaigns", id = ids[1] })).Status);
        foreach (var (body, field) in ((string, string)[])[
            ("{}", "queue"), ("""{"queue":"nonsense"}""", "queue"), ("""{"queue":"campaigns","id":"a/b"}""", "id"),
            ("""{"queue":"campaigns","id":""}""", "id"), // Whoever means one letter does not put back all of them.
            ("""{"queue":"campaigns","id":null}""", "id"), ("""{"queue":"campaigns","ids":["1"]}""", "ids"),
        ])
            Assert.Contains(field, (await product.PostAsync("/v1/dead-letters", body)).Fields);
        Assert.Equal(2, Ids((await product.GetAsync("/v1/dead-letters?queue=campaigns")).Json).Count);
        Assert.Equal(
            "string",
            (await product.GetAsync("/openapi/v1.json")).Json
                .GetProperty("components").GetProperty("schemas").GetProperty("ReplayInput")
                .GetProperty("properties").GetProperty("id").GetProperty("type").GetString());
        var all = await product.PostAsync("/v1/dead-letters", new { queue = "campaigns" });
        Assert.Equal(
            (HttpStatusCode.Accepted, """{"queue":"campaigns","replayed":2,"remaining":0}"""), (all.Status, all.Text));
        Assert.Equal(3, await product.Store.CountAsync(Queues.Campaigns));
    }

    [Fact]
    public async Task The_console_says_how_many_letters_a_turn_has_left()
    {
        var browser = await product.SignedInAsync("left", Notifications.Access.Scope.Admin);
        var page = (await browser.GetAsync("/console/dead-letters?said=replayed-some&remaining=1000")).Text;
        Assert.Contains("Replay all of it again for the rest.", page, StringComparison.Ordinal);
        Assert.Contains("Left on that queue’s list: 1,000 or more.", page, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Left on", (await browser.GetAsync("/console/dead-letters?said=replayed-all&remaining=-1")).Text, StringComparison.Ordinal);
    }

    private static List<string?> Ids(JsonElement page) =>
        [.. page.GetProperty("deadLetters").EnumerateArray().Select(l => l.GetProperty("id").GetString())];
}
