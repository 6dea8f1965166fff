using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

/// <summary>Which packages an address follows could be read by nobody but the address itself.</summary>
public sealed class WatchesOfAddressTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task M1_The_watches_of_an_address_are_listed_by_their_numbers_page_by_page()
    {
        foreach (var number in (string[])["WATCHED3", "WATCHED1", "WATCHED2"]) await WatchAsync(number, "list@watches.example");
        await WatchAsync("WATCHED1", "other@watches.example");
        await product.SendAsync(HttpMethod.Delete, "/v1/packages/WATCHED2/watches?email=list@watches.example");
        var first = await product.GetAsync("/v1/packages/watches?email=list@watches.example&limit=2");
        Assert.Equal((HttpStatusCode.OK, "WATCHED2"), (first.Status, first["next"]));
        var last = await product.GetAsync("/v1/packages/watches?email=list@watches.example&limit=2&after=WATCHED2");
        Assert.Null(last["next"]);
        Assert.Equal(
            ["WATCHED1 active", "WATCHED2 unwatched", "WATCHED3 active"],
            new[] { first, last }.SelectMany(p => p.Json.GetProperty("watches").EnumerateArray())
                .Select(w => $"{w.GetProperty("trackingNumber").GetString()} {w.GetProperty("status").GetString()}"));
        Assert.DoesNotContain("watches.example", first.Text, StringComparison.Ordinal);
        var nobody = await product.GetAsync("/v1/packages/watches?phone=%2B14155550172");
        Assert.Equal(0, nobody.Json.GetProperty("watches").GetArrayLength());
    }

    [Fact]
    public async Task A_stop_over_package_updates_is_told_at_each_watch_that_it_silences()
    {
        await WatchAsync("SILENCED1", "silent@watches.example");
        product.Time.Advance(TimeSpan.FromSeconds(1));
        await product.PostAsync(
            "/v1/consents", new { email = "silent@watches.example", topic = "package-updates", action = "opt-out", source = "desk" });
        product.Time.Advance(TimeSpan.FromSeconds(1));
        await WatchAsync("SPEAKS1", "silent@watches.example", new { confirmed = true, at = product.Time.GetUtcNow() });
        var watches = (await product.GetAsync("/v1/packages/watches?email=silent@watches.example")).Json.GetProperty("watches");
        Assert.Equal(
            ["SILENCED1 unsubscribed", "SPEAKS1 "],
            watches.EnumerateArray().Select(
                w => $"{w.GetProperty("trackingNumber").GetString()} {(w.TryGetProperty("blockedBy", out var by) ? by.GetString() : "")}"));
    }

    [Fact]
    public async Task What_is_asked_for_is_an_address_and_a_page_of_it()
    {
        Assert.Equal(["email"], (await product.GetAsync("/v1/packages/watches")).Fields);
        Assert.Equal(["after"], (await product.GetAsync("/v1/packages/watches?email=a@b.example&after=x/y")).Fields);
    }

    private async Task WatchAsync(string number, string email, object? evidence = null)
    {
        var answer = await product.PostAsync($"/v1/packages/{number}/watches", new { email, source = "shop", evidence });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }
}
