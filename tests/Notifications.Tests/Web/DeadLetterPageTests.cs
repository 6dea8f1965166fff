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
        var letters = product.Services.GetRequiredService<DeadLetters>();
        await product.Services.GetRequiredService<GivenUpNotes>().AddAsync(Queues.Inbound, "why"u8.ToArray(), "Not an event.");
        await letters.KeepAsync(Queues.Inbound, "why"u8.ToArray(), 5, default);
        Assert.Equal(
            "Not an event.",
            Assert.Single((await product.GetAsync("/v1/dead-letters?queue=inbound")).Json.GetProperty("deadLetters").EnumerateArray())
                .GetProperty("cause")
                .GetString());
        var browser = await product.SignedInAsync("why", Notifications.Access.Scope.Admin);
        Assert.Contains("Not an event.", (await browser.GetAsync("/console/dead-letters")).Text, StringComparison.Ordinal);
        Assert.Equal(1, await letters.ReplayAllAsync(Queues.Inbound, default));
    }

    [Fact]
    public async Task The_dead_letters_of_all_queues_are_listed_page_by_page()
    {
        var letters = product.Services.GetRequiredService<DeadLetters>();
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
            System.Net.HttpStatusCode.NotFound, (await product.PostAsync($"/v1/dead-letters/imports/{id}/discard", new { })).Status);
        Assert.Equal(2, (await product.PostAsync("/v1/dead-letters/imports/replay", new { })).Json.GetProperty("replayed").GetInt32());
        Assert.Empty(Ids((await product.GetAsync("/v1/dead-letters?queue=imports")).Json));

        static List<string?> Ids(JsonElement page) =>
            [.. page.GetProperty("deadLetters").EnumerateArray().Select(l => l.GetProperty("id").GetString())];
    }
}
