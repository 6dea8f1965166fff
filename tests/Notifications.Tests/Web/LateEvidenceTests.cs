using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Web;

/// <summary>Evidence that comes after the person has said stop, and is of before it.</summary>
public sealed class LateEvidenceTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("newsletter")]
    [InlineData("*")]
    public async Task P6_An_opt_in_of_before_a_stop_that_is_delivered_after_it_raises_nothing_and_is_told_so(string stopped)
    {
        var email = $"late{(stopped == "*" ? ".all" : "")}@example.com";
        var before = At(-5);
        Assert.Equal("subscribed", (await OptInAsync(email, before))["status"]);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PostAsync("/v1/consents", new { email, topic = stopped, action = "opt-out" });
        product.Time.Advance(TimeSpan.FromMinutes(5));
        foreach (var confirmed in new[] { true, false })
        {
            var late = await OptInAsync(email, before, confirmed);
            Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:stopped-since"), (late.Status, late["type"]));
        }

        Assert.Equal("unsubscribed", await StatusAsync(email));
        Assert.Equal("subscribed", (await OptInAsync(email, At(-1)))["status"]); // Of after it.
    }

    [Fact]
    public async Task P6_A_confirmation_of_before_a_stop_confirms_nothing_that_was_asked_after_it()
    {
        const string email = "late.confirm@example.com";
        var before = At(-5);
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out" });
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("pending", (await OptInAsync(email, At(0), confirmed: false))["status"]);
        Task<Reply> ConfirmAsync(string at) =>
            product.PostAsync(
                "/v1/consents", new { email, topic = "newsletter", action = "confirm", source = "form", evidence = new { at } });
        Assert.Equal("urn:notifications:problem:stopped-since", (await ConfirmAsync(before))["type"]);
        Assert.Equal("subscribed", (await ConfirmAsync(At(0)))["status"]);
    }

    [Theory]
    [InlineData(null, "+14155550141")]
    [InlineData(ConsentSource.Sms, "+14155550142")]
    [InlineData("preference-page", "+14155550144")]
    public async Task P6_R43_R45_What_was_asked_before_a_STOP_by_text_is_unsubscribed_and_no_bare_word_confirms_it(
        string? lifted, string phone)
    {
        Task<Reply> ConsentAsync(string action, string? at = null) =>
            product.PostAsync(
                "/v1/consents",
                new
                {
                    phone,
                    topic = "newsletter",
                    action,
                    source = "form",
                    wording = "Yes.",
                    evidence = at is null ? (object)new { ip = "203.0.113.7" } : new { at },
                });
        Assert.Equal("pending", (await ConsentAsync("opt-in"))["status"]);
        await SayAsync((state, now) => Transitions.StopByText(state, Said(LedgerAction.StopAll), now));
        var stop = At(-1);
        if (lifted == ConsentSource.Sms) await SayAsync((state, now) => Transitions.ResumeByText(state, Said(LedgerAction.Resume), now));
        else if (lifted is not null)
            await SayAsync((state, _) => Transitions.Resume(state, Said(LedgerAction.Resume) with { Source = lifted }));
        Assert.Equal("unsubscribed", await StatusAsync(phone));
        foreach (var at in new[] { null, stop })
            Assert.Equal("urn:notifications:problem:stopped-since", (await ConsentAsync("confirm", at))["type"]);
        var preferences = await product.GetAsync("/v1/preferences?phone=" + Uri.EscapeDataString(phone));
        Assert.Equal(lifted is not null, preferences.Json.GetProperty("stopAll").ValueKind == System.Text.Json.JsonValueKind.Null);
        Assert.Equal("unsubscribed", await StatusAsync(phone));

        // Asked after it, it waits again and a bare word confirms it.
        Assert.Equal("pending", (await ConsentAsync("opt-in"))["status"]);
        Assert.Equal("pending", await StatusAsync(phone));
        Assert.Equal("subscribed", (await ConsentAsync("confirm"))["status"]);

        static LedgerDraft Said(LedgerAction action) => new(action, LedgerDraft.AllTopics, ConsentSource.Sms, "person");
        async Task SayAsync(Func<AddressState, DateTimeOffset, Change> what)
        {
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await product.Get<AddressBook>().ChangeAsync(product.Key(CoreProduct.Phone(phone)), null, what, null, default);
            product.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task P6_A_confirmation_of_after_a_STOP_by_text_counts_by_its_own_time_also_for_what_was_asked_before_it()
    {
        var phone = CoreProduct.Phone("+14155550143");
        object Body(string action, string at) =>
            new { phone = phone.Value, topic = "newsletter", action, source = "form", wording = "Yes.", evidence = new { at } };
        await product.PostAsync("/v1/consents", Body("opt-in", At(0)));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(phone), null,
            (s, now) =>
                Transitions.StopByText(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, ConsentSource.Sms, "person"), now),
            null, default);
        product.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("subscribed", (await product.PostAsync("/v1/consents", Body("confirm", At(-1))))["status"]);
    }

    [Fact]
    public async Task P6_R65_A_STOP_by_text_that_comes_late_takes_nothing_back_that_was_asked_after_it_was_said()
    {
        const string phone = "+14155550144";
        var said = product.Time.GetUtcNow();
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PostAsync(
            "/v1/consents", new { phone, topic = "newsletter", action = "opt-in", source = "form", wording = "Yes." });
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(CoreProduct.Phone(phone)), null,
            (s, now) =>
                Transitions.StopByText(
                    s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, ConsentSource.Sms, "person"), said, now),
            null, default);
        Assert.Equal("pending", await StatusAsync(phone));
    }

    [Fact]
    public async Task R34_An_opt_in_for_an_erased_person_is_refused_and_not_answered_as_if_it_were_recorded()
    {
        const string email = "erased.optin@example.com";
        await OptInAsync(email, At(0));
        await product.PostAsync("/v1/privacy/requests", new { type = "erasure", email });
        await product.WorkAsync();
        var stored = await product.StoredAsync();
        foreach (var confirmed in new[] { true, false })
        {
            var refused = await OptInAsync(email, At(0), confirmed);
            Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:erased"), (refused.Status, refused["type"]));
            var patched = await product.SendAsync(
                HttpMethod.Patch, "/v1/preferences",
                new
                {
                    email,
                    subscriptions = new[] { "newsletter", "surveys" }.Select(topic => new { topic, status = "subscribed" }),
                    source = "form",
                    wording = "Yes.",
                    evidence = new { confirmed },
                });
            Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:erased"), (patched.Status, patched["type"]));
            Assert.Contains("newsletter, surveys", patched["detail"], StringComparison.Ordinal);
        }

        var resumed = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            new { email, stopAll = false, source = "form", wording = "Yes.", evidence = new { confirmed = true } });
        Assert.Equal("urn:notifications:problem:erased", resumed["type"]);
        Assert.Equal(stored, await product.StoredAsync());
        Assert.Equal(
            HttpStatusCode.OK, (await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out" })).Status);
    }

    [Fact]
    public async Task P6_Preferences_that_are_raised_by_evidence_of_before_a_stop_stay_and_are_named()
    {
        const string email = "late.patch@example.com";
        var before = At(-5);
        await OptInAsync(email, before);
        await product.SendAsync(HttpMethod.Patch, "/v1/preferences", new { email, stopAll = true });
        product.Time.Advance(TimeSpan.FromMinutes(5));
        var late = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            new
            {
                email,
                stopAll = false,
                subscriptions = new[] { new { topic = "newsletter", status = "subscribed" } },
                source = "form",
                wording = "Yes.",
                evidence = new { confirmed = true, at = before },
            });
        Assert.Equal(["*", "newsletter"], late.Json.GetProperty("overtaken").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("unsubscribed", await StatusAsync(email));
        var resumed = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            new { email, stopAll = false, source = "form", wording = "Yes.", evidence = new { confirmed = true, at = At(-1) } });
        Assert.False(resumed.Json.TryGetProperty("overtaken", out _));
        Assert.Equal("subscribed", await StatusAsync(email));
    }

    [Fact]
    public async Task P6_A_clock_that_runs_ahead_passes_no_stop_and_one_that_is_far_ahead_is_refused()
    {
        const string email = "ahead@example.com";
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out" });
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("urn:notifications:problem:stopped-since", (await OptInAsync(email, At(5)))["type"]);
        Assert.Contains("evidence.at", (await OptInAsync(email, At(120))).Fields);
        Assert.Equal("unsubscribed", await StatusAsync(email));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"confirmed":false}""")]
    public async Task P6_A_confirmation_needs_evidence_that_says_something_and_not_that_there_was_none(string evidence)
    {
        var email = $"empty{evidence.Length}@example.com";
        await OptInAsync(email, At(0), confirmed: false);
        var body = $$"""{"email":"{{email}}","topic":"newsletter","action":"confirm","source":"form","evidence":{{evidence}}}""";
        Assert.Contains("evidence", (await product.PostAsync("/v1/consents", body)).Fields);
        Assert.Equal("pending", await StatusAsync(email));
    }

    [Fact]
    public async Task P6_R49_A_stop_of_everything_is_not_taken_back_without_evidence_that_the_person_confirmed()
    {
        const string email = "kept.stop@example.com";
        await OptInAsync(email, At(0));
        await product.SendAsync(HttpMethod.Patch, "/v1/preferences", new { email, stopAll = true });
        product.Time.Advance(TimeSpan.FromMinutes(1));
        foreach (var evidence in new object?[] { null, new { confirmed = false }, new { at = At(0) } })
            Assert.Contains(
                "evidence",
                (await product.SendAsync(
                    HttpMethod.Patch, "/v1/preferences",
                    new { email, stopAll = false, source = "crm", wording = "sync", evidence })).Fields);
        Assert.Equal("unsubscribed", await StatusAsync(email));
    }

    [Fact]
    public async Task P6_Evidence_cannot_say_that_it_came_by_an_import()
    {
        var refused = await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "import@example.com",
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                wording = "Yes.",
                evidence = new { import = "crm", row = 1 },
            });
        Assert.Contains("evidence.import", refused.Fields);
    }

    [Fact]
    public async Task P6_A_package_is_not_followed_again_by_confirmed_evidence_of_before_the_stop_however_its_time_is_written()
    {
        const string path = "/v1/packages/RR123456785PT/watches";
        const string email = "late.watch@example.com";
        Task<Reply> WatchAsync(string at) =>
            product.PostAsync(path, new { email, source = "app", evidence = new { confirmed = true, at } });
        var before = At(-5);
        await WatchAsync(before);
        await product.SendAsync(HttpMethod.Delete, path + "?email=" + email);
        product.Time.Advance(TimeSpan.FromMinutes(5));
        foreach (var at in new[] { before, before.Replace('T', ' ') }) Assert.Equal(HttpStatusCode.Accepted, (await WatchAsync(at)).Status);
        Assert.Equal(HttpStatusCode.OK, (await WatchAsync(At(-1).Replace('T', ' '))).Status);
    }

    private string At(int minutes) =>
        product.Time.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private Task<Reply> OptInAsync(string email, string at, bool confirmed = true) =>
        product.PostAsync(
            "/v1/consents",
            new { email, topic = "newsletter", action = "opt-in", source = "form", wording = "Yes.", evidence = new { confirmed, at } });

    private async Task<string?> StatusAsync(string address) =>
        (await product.GetAsync(
            $"/v1/preferences?{(address[0] == '+' ? "phone" : "email")}={Uri.EscapeDataString(address)}")).Json
            .GetProperty("subscriptions")
            .EnumerateArray()
            .Single(s => s.GetProperty("topic").GetString() == "newsletter")
            .GetProperty("status")
            .GetString();
}
