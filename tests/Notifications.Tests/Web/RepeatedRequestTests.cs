using System.Globalization;
using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>The same request that comes again after the person has said stop. By itself it is no news.</summary>
public sealed class RepeatedRequestTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string StoppedSince = "urn:notifications:problem:stopped-since";

    [Theory]
    [InlineData("newsletter", "newsletter")]
    [InlineData("newsletter", "*")]
    [InlineData("package-updates", "package-updates")]
    public async Task P6_An_opt_in_that_comes_again_after_a_stop_and_has_no_time_raises_nothing_and_is_told_what_would(
        string topic, string stopped)
    {
        var email = $"again.{topic}.{stopped.Length}@example.com";
        object Body(string? at) => new
        {
            email,
            topic,
            action = "opt-in",
            source = "signup-form",
            wording = "Yes.",
            evidence = at is null ? (object)new { confirmed = true } : new { confirmed = true, at },
        };
        Assert.Equal("subscribed", (await product.PostAsync("/v1/consents", Body(null)))["status"]);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PostAsync("/v1/consents", new { email, topic = stopped, action = "opt-out" });
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var stored = await product.StoredAsync();
        var again = await product.PostAsync("/v1/consents", Body(null));
        Assert.Equal((HttpStatusCode.Conflict, StoppedSince), (again.Status, again["type"]));
        Assert.Contains($"said stop at {At(-1).Replace("Z", ".000Z", StringComparison.Ordinal)}", again["detail"], StringComparison.Ordinal);
        Assert.Contains("evidence.at", again["detail"], StringComparison.Ordinal);
        Assert.Equal(stored, await product.StoredAsync());
        Assert.Equal("subscribed", (await product.PostAsync("/v1/consents", Body(At(0))))["status"]);
    }

    [Fact]
    public async Task P6_R36_So_is_an_opt_in_after_an_objection_to_a_topic_that_nothing_was_said_of()
    {
        const string email = "again.objected@example.com";
        await product.PostAsync("/v1/privacy/requests", new { type = "objection", email });
        await product.WorkAsync();
        var refused = await product.PostAsync(
            "/v1/consents",
            new { email, topic = "promotions", action = "opt-in", source = "form", wording = "Yes.", evidence = new { confirmed = true } });
        Assert.Equal((HttpStatusCode.Conflict, StoppedSince), (refused.Status, refused["type"]));
    }

    [Fact]
    public async Task P6_Where_double_opt_in_asks_the_person_it_goes_on_asking_after_a_stop()
    {
        const string email = "again.asked@example.com";
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out" });
        var asked = await product.PostAsync(
            "/v1/consents", new { email, topic = "newsletter", action = "opt-in", source = "form", wording = "Yes." });
        Assert.Equal((HttpStatusCode.Accepted, "pending"), (asked.Status, asked["status"]));
    }

    [Fact]
    public async Task P6_Preferences_that_are_raised_over_a_stop_without_a_time_are_refused_by_name_and_what_lowers_is_done()
    {
        const string email = "again.patch@example.com";
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out" });
        Task<Reply> PatchAsync(object? stopAll, object? subscriptions) =>
            product.SendAsync(
                HttpMethod.Patch, "/v1/preferences",
                new { email, stopAll, subscriptions, source = "form", wording = "Yes.", evidence = new { confirmed = true } });
        var refused = await PatchAsync(
            null,
            new[] { new { topic = "newsletter", status = "subscribed" }, new { topic = "promotions", status = "unsubscribed" } });
        Assert.Equal((HttpStatusCode.Conflict, StoppedSince), (refused.Status, refused["type"]));
        Assert.Contains("newsletter was not raised", refused["detail"], StringComparison.Ordinal);
        await product.PostAsync("/v1/consents", new { email, topic = "*", action = "opt-out" });
        Assert.Contains("* was not raised", (await PatchAsync(false, null))["detail"], StringComparison.Ordinal);
        var stands = (await product.GetAsync("/v1/preferences?email=" + email)).Json;
        Assert.All(
            stands.GetProperty("subscriptions").EnumerateArray(),
            s => Assert.NotEqual("subscribed", s.GetProperty("status").GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Object, stands.GetProperty("stopAll").ValueKind);
    }

    [Fact]
    public async Task P6_A_watch_that_comes_again_after_its_stop_as_confirmed_and_has_no_time_is_refused()
    {
        const string path = "/v1/packages/RR123456785PT/watches";
        const string email = "again.watch@example.com";
        object Body(string? at) => new
        {
            email,
            source = "shop",
            evidence = at is null ? (object)new { confirmed = true } : new { confirmed = true, at },
        };
        Assert.Equal("active", (await product.PostAsync(path, Body(null)))["status"]);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.SendAsync(HttpMethod.Delete, path + "?email=" + email);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var again = await product.PostAsync(path, Body(null));
        Assert.Equal((HttpStatusCode.Conflict, StoppedSince), (again.Status, again["type"]));
        Assert.Contains($"said stop at {At(-1).Replace("Z", ".000Z", StringComparison.Ordinal)}", again["detail"], StringComparison.Ordinal);
        Assert.Contains("evidence.at", again["detail"], StringComparison.Ordinal);
        Assert.Equal("active", (await product.PostAsync(path, Body(At(0))))["status"]);
    }

    private string At(int minutes) =>
        product.Time.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
