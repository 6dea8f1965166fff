using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

public sealed class ExplainTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P2_Explain_tells_for_any_past_moment_why_an_address_would_or_would_not_have_got_a_topic()
    {
        const string email = "why@example.com";
        var before = await StepAsync();
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-in", source = "form", wording = "yes" });
        var waiting = await StepAsync();
        await product.PostAsync(
            "/v1/consents",
            new { email, topic = "newsletter", action = "confirm", source = "link", evidence = new { ip = "203.0.113.9" } });
        var subscribed = await StepAsync();
        await product.PostAsync("/v1/consents", new { email, topic = "*", action = "opt-out", source = "phone" });
        var stopped = await StepAsync();
        await product.PostAsync("/v1/suppressions", new { email, reason = "complaint" });
        var blocked = await StepAsync();
        await product.PostAsync("/v1/privacy/requests", new { type = "restriction", email });
        var restricted = await StepAsync();
        await product.PostAsync("/v1/privacy/requests", new { type = "erasure", email });
        Assert.Equal(("skip", "no-consent"), await WhyAsync(email, before));
        Assert.Equal((null, null), await WhyAsync(email, waiting)); // Whether it was confirmed as it was given is erased with the rest.
        Assert.Equal(("allow", "allowed"), await WhyAsync("live@example.com", await LiveAsync()));
        Assert.Equal("unsubscribed", (await WhyAsync(email, stopped)).Reason);
        Assert.Equal((null, null), await WhyAsync(email, blocked)); // So is which block it was.
        Assert.Equal("processing-restricted", (await WhyAsync(email, restricted)).Reason);
        Assert.Equal("suppressed-erased", (await WhyAsync(email, product.Time.GetUtcNow())).Reason);
        Assert.Equal("allowed", (await WhyAsync(email, subscribed)).Reason);
    }

    [Theory]
    [InlineData("invalid")]
    [InlineData("complaint")]
    [InlineData("bounce")]
    [InlineData("manual")]
    public async Task P2_A_block_that_was_lifted_since_is_told_by_its_own_reason_as_the_receipt_of_that_moment_is(string reason)
    {
        var email = $"lifted.{reason}@example.com";
        await product.PostAsync("/v1/consents", new { email, topic = "surveys", action = "opt-out", source = "form" });
        await product.PostAsync("/v1/suppressions", new { email, reason });
        var blocked = await StepAsync();
        await product.SendAsync(HttpMethod.Delete, "/v1/suppressions?email=" + email);
        Assert.Equal(("skip", "suppressed-" + reason), await WhyAsync(email, blocked));
    }

    [Fact]
    public async Task P2_Explain_tells_of_a_message_by_its_receipt_and_every_reason_has_a_sentence()
    {
        var sent = await product.PostAsync(
            "/v1/messages",
            new { topic = "newsletter", to = new { email = "nobody@example.com" }, content = new { subject = "s", text = "t" } });
        await product.WorkAsync();
        var reply = await product.GetAsync($"/v1/explain?email=nobody@example.com&messageId={sent["id"]}");
        Assert.Equal(("no-consent", "skipped", "skip"), (reply["reason"], reply["status"], reply["decision"]));
        Assert.Equal(DecisionRules.All.Count, reply.Json.GetProperty("rules").GetArrayLength());
        // The id holds the address's key.
        Assert.Equal(reply.Text, (await product.GetAsync($"/v1/explain?messageId={sent["id"]}")).Text);
        Assert.Equal(HttpStatusCode.BadRequest, (await product.GetAsync("/v1/explain?messageId=nonsense")).Status);
        Assert.Equal(
            HttpStatusCode.NotFound, (await product.GetAsync($"/v1/explain?email=other@example.com&messageId={sent["id"]}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await product.GetAsync("/v1/explain?email=other@example.com")).Status);
        Assert.Equal(Enum.GetValues<Reason>().Length, Enum.GetValues<Reason>().Select(Explainer.Words).Distinct().Count());
    }

    [Fact]
    public async Task P2_A_message_for_a_later_day_says_what_it_is_and_until_when_it_waits_and_nothing_that_is_not_decided()
    {
        const string email = "later@example.com";
        await product.PostAsync(
            "/v1/consents",
            new { email, topic = "surveys", action = "opt-in", source = "form", wording = "yes", evidence = new { confirmed = true } });
        var due = product.Time.GetUtcNow().AddDays(3);
        var body = new { topic = "surveys", to = new { email }, content = new { subject = "s", text = "t" }, sendAt = due };
        var sent = await product.PostAsync("/v1/messages", body, "later-1");
        var seen = await product.GetAsync($"/v1/messages/{sent["id"]}");
        Assert.Equal(
            ("surveys", "email", "queued", "", null), (seen["topic"], seen["channel"], seen["status"], seen["reason"], seen["note"]));
        Assert.Equal(due, seen.Json.GetProperty("dueAt").GetDateTimeOffset());
        Assert.Equal("queued", Assert.Single(seen.Json.GetProperty("timeline").EnumerateArray()).GetProperty("event").GetString());
        var why = await product.GetAsync($"/v1/explain?email={email}&messageId={sent["id"]}");
        Assert.Equal(("queued", "It waits for its turn; nothing is decided yet."), (why["status"], why["text"]));
        Assert.All((string[])["at", "reason", "decision"], name => Assert.False(why.Json.TryGetProperty(name, out _)));

        var soon = await product.PostAsync(
            "/v1/messages", new { body.topic, body.to, body.content, sendAt = product.Time.GetUtcNow().AddMinutes(5) });
        why = await product.GetAsync($"/v1/explain?email={email}&messageId={soon["id"]}");
        Assert.All((string[])["at", "reason", "decision"], name => Assert.False(why.Json.TryGetProperty(name, out _)));

        product.Time.Advance(TimeSpan.FromDays(3));
        await product.Get<Notifications.Schedule.ScheduleRunner>().RunDueAsync(default);
        await product.WorkAsync();
        seen = await product.GetAsync($"/v1/messages/{sent["id"]}");
        Assert.Equal(("sent", "allowed"), (seen["status"], seen["reason"]));
        Assert.False(seen.Json.TryGetProperty("dueAt", out _));
    }

    [Theory]
    [InlineData(null, "no-consent")]
    [InlineData("pending", "unconfirmed")]
    [InlineData("unsubscribed", "unsubscribed")]
    public async Task M1_P2_Explain_of_package_updates_tells_of_each_package_what_a_send_about_it_would_be_decided(
        string? topic, string alone)
    {
        var address = CoreProduct.Email($"parcel.{alone}@example.com");
        async Task<Reply> AskAsync(string at = "") =>
            await product.GetAsync($"/v1/explain?email={address.Value}&topic=package-updates{at}");
        static string At(DateTimeOffset moment) => "&at=" + moment.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        if (topic == "pending")
        {
            var catalog = product.Get<TopicCatalog>();
            await product.Get<ConsentDesk>().OptInAsync(
                address, catalog.Find(TopicKey.PackageUpdates)!.Unproven(),
                new LedgerDraft(LedgerAction.OptIn, TopicKey.PackageUpdates, "public-form", "person"), confirmed: false, null, default);
        }
        else if (topic is not null)
            await product.PostAsync(
                "/v1/consents", new { email = address.Value, topic = "package-updates", action = "opt-out", source = "phone" });

        var before = await StepAsync();
        Assert.Equal(("skip", alone), ((await AskAsync())["decision"], (await AskAsync())["reason"]));
        Assert.Null((await AskAsync())["packages"]);
        await product.FollowConfirmedAsync(address, "RR123456785PT");
        await product.FollowConfirmedAsync(address, "LX123456785CN");
        var both = await StepAsync();
        var why = await AskAsync();
        Assert.Equal(("allow", "allowed"), (why["decision"], why["reason"]));
        Assert.StartsWith(
            "For 2 packages that are followed: Every rule allows it. For any other: ", why["text"]!, StringComparison.Ordinal);
        await product.Get<Watches>().UnwatchAsync(product.Key(address), "LX123456785CN", "test", "person", null, default);
        why = await AskAsync();
        Assert.StartsWith("For one package that is followed: Every rule allows it.", why["text"]!, StringComparison.Ordinal);
        Assert.Equal(
            [
                ("LX123456785CN", "skip", topic == "unsubscribed" ? "unsubscribed" : "package-unwatched"),
                ("RR123456785PT", "allow", "allowed"),
            ],
            why.Json.GetProperty("packages").EnumerateArray().Select(
                p => (
                    p.GetProperty("trackingNumber").GetString()!, p.GetProperty("decision").GetString()!,
                    p.GetProperty("reason").GetString()!)).Order());

        // As it was then, as far as it can be told.
        Assert.Equal("allowed", (await AskAsync(At(both)))["reason"]);
        Assert.Equal(alone, (await AskAsync(At(before)))["reason"]);
        await product.Get<Watches>().UnwatchAsync(product.Key(address), "RR123456785PT", "test", "person", null, default);
        Assert.Equal(("skip", alone), ((await AskAsync())["decision"], (await AskAsync())["reason"]));
        Assert.EndsWith(" is not looked at.", (await AskAsync(At(both)))["text"]!, StringComparison.Ordinal);
    }

    private async Task<DateTimeOffset> LiveAsync()
    {
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "live@example.com",
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                wording = "yes",
                evidence = new { confirmed = true },
            });
        return await StepAsync();
    }

    private Task<DateTimeOffset> StepAsync()
    {
        var now = product.Time.GetUtcNow();
        product.Time.Advance(TimeSpan.FromMinutes(1));
        return Task.FromResult(now);
    }

    [Fact]
    public async Task P2_Nobody_can_say_what_will_be_decided_at_a_moment_that_is_to_come()
    {
        var ahead = product.Time.GetUtcNow().AddDays(1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var refused = await product.GetAsync($"/v1/explain?email=why@example.com&topic=newsletter&at={ahead}");
        Assert.Equal((HttpStatusCode.BadRequest, "at"), (refused.Status, Assert.Single(refused.Fields)));
    }

    private async Task<(string Decision, string Reason)> WhyAsync(string email, DateTimeOffset at)
    {
        var reply = await product.GetAsync(
            $"/v1/explain?email={email}&topic=newsletter&at={at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}");
        return (reply["decision"]!, reply["reason"]!);
    }
}
