using System.Globalization;
using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>Evidence whose time is told in whole seconds, as <c>date</c> writes it, within the very second of a stop.</summary>
public sealed class WholeSecondTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string StoppedSince = "urn:notifications:problem:stopped-since";

    [Theory]
    [InlineData("newsletter")]
    [InlineData("*")]
    public async Task P6_An_opt_in_after_a_stop_holds_where_it_tells_their_common_second_and_with_a_fraction_of_before_the_stop_does_not(
        string stopped)
    {
        var email = $"second{stopped.Length}@example.com";
        Reach(300);
        await StopAsync(email, stopped);
        Reach(500, next: false);
        var early = await SayAsync(email, "opt-in", At("299"));
        Assert.Equal((HttpStatusCode.Conflict, StoppedSince), (early.Status, early["type"]));
        Assert.Contains("said stop at " + At("300"), early["detail"], StringComparison.Ordinal);
        Assert.Equal("subscribed", (await SayAsync(email, "opt-in", Now()))["status"]);
    }

    [Theory]
    [InlineData(300, 300)] // Both came at one moment.
    [InlineData(0, 0)]
    [InlineData(0, 500)] // The moment that is told is the stop's own.
    public async Task P6_The_stop_wins_where_it_is_of_the_moment_that_is_told_or_at_which_the_request_came(int stop, int came)
    {
        var email = $"tie{stop}.{came}@example.com";
        Reach(stop);
        await StopAsync(email, "newsletter");
        Reach(came, next: false);
        Assert.Equal(StoppedSince, (await SayAsync(email, "opt-in", Now()))["type"]);
    }

    [Theory]
    [InlineData("newsletter")]
    [InlineData("*")]
    public async Task P6_The_opt_in_that_a_stop_of_the_same_second_ended_is_no_news_when_it_is_told_again(string stopped)
    {
        var email = $"told.again{stopped.Length}@example.com";
        Reach(200);
        var at = Now();
        Assert.Equal("subscribed", (await SayAsync(email, "opt-in", at))["status"]);
        Reach(300, next: false);
        await StopAsync(email, stopped);
        Reach(400, next: false);
        Assert.Equal(StoppedSince, (await SayAsync(email, "opt-in", at))["type"]);
        Reach(0);
        Assert.Equal(StoppedSince, (await SayAsync(email, "opt-in", at))["type"]);
        Assert.Equal("subscribed", (await SayAsync(email, "opt-in", Now()))["status"]);
    }

    [Fact]
    public async Task P6_A_confirmation_a_resumption_and_a_watch_that_tell_the_second_of_a_stop_before_them_hold()
    {
        const string email = "others@example.com";
        const string watches = "/v1/packages/RR123456785PT/watches";
        Reach(300);
        await StopAsync(email, "newsletter");
        await SayAsync(email, "opt-in", null);
        await product.SendAsync(HttpMethod.Delete, watches + "?email=" + email);
        Reach(500, next: false);
        Assert.Equal("subscribed", (await SayAsync(email, "confirm", Now()))["status"]);
        Assert.Equal(
            "active",
            (await product.PostAsync(watches, new { email, source = "app", evidence = new { confirmed = true, at = Now() } }))["status"]);

        Reach(300);
        await StopAsync(email, "*");
        Reach(500, next: false);
        var resumed = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            new { email, stopAll = false, source = "form", wording = "Yes.", evidence = new { confirmed = true, at = Now() } });
        Assert.False(resumed.Json.TryGetProperty("overtaken", out _));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, resumed.Json.GetProperty("stopAll").ValueKind);
    }

    [Fact]
    public async Task P6_A_resumption_that_a_stop_of_the_same_second_ended_is_no_news_when_it_is_told_again()
    {
        const string email = "resumed.again@example.com";
        Reach(100);
        await StopAsync(email, "*");
        Reach(200, next: false);
        var at = Now();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await ResumeAsync()).Json.GetProperty("stopAll").ValueKind);
        Reach(300, next: false);
        await StopAsync(email, "*");
        Reach(400, next: false);
        Assert.Equal("*", Assert.Single((await ResumeAsync()).Json.GetProperty("overtaken").EnumerateArray()).GetString());
        Reach(0);
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, (await ResumeAsync()).Json.GetProperty("stopAll").ValueKind);

        Task<Reply> ResumeAsync() => product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            new { email, stopAll = false, source = "form", wording = "Yes.", evidence = new { confirmed = true, at } });
    }

    [Theory]
    [InlineData("package"), InlineData("package-updates"), InlineData("*")]
    public async Task P6_A_watch_that_a_stop_of_the_same_second_ended_is_no_news_when_it_is_told_again(string stopped)
    {
        var email = $"watched.again{stopped.Length}@example.com";
        const string watches = "/v1/packages/RR123456785PT/watches";
        Reach(200);
        var at = Now();
        Assert.Equal("active", (await WatchAsync())["status"]);
        Reach(300, next: false);
        if (stopped == "package") await product.SendAsync(HttpMethod.Delete, watches + "?email=" + email);
        else await StopAsync(email, stopped);
        Reach(400, next: false);
        Assert.Equal("pending", (await WatchAsync())["status"]);
        Reach(0);
        Assert.Equal("pending", (await WatchAsync())["status"]);
        at = Now();
        Assert.Equal("active", (await WatchAsync())["status"]);

        Task<Reply> WatchAsync() => product.PostAsync(watches, new { email, source = "app", evidence = new { confirmed = true, at } });
    }

    private void Reach(int ms, bool next = true) =>
        product.Time.Advance(TimeSpan.FromMilliseconds(ms - product.Time.GetUtcNow().Millisecond + (next ? 1000 : 0)));

    private string Now() => At(null);

    // Of the second that it is.
    private string At(string? fraction) =>
        product.Time.GetUtcNow().ToString(
            $"yyyy-MM-dd'T'HH:mm:ss{(fraction is null ? "" : $"'.{fraction}'")}'Z'", CultureInfo.InvariantCulture);

    private Task<Reply> StopAsync(string email, string topic) =>
        product.PostAsync("/v1/consents", new { email, topic, action = "opt-out" });

    private Task<Reply> SayAsync(string email, string action, string? at) =>
        product.PostAsync(
            "/v1/consents",
            new
            {
                email,
                topic = "newsletter",
                action,
                source = "form",
                wording = "Yes.",
                evidence = at is null ? (object)new { ip = "203.0.113.7" } : new { confirmed = true, at },
            });
}
