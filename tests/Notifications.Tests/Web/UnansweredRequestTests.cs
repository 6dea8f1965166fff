using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>A request whose process died after its work and before its answer was kept, repeated under its Idempotency-Key.</summary>
public sealed class UnansweredRequestTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("no-time", null)]
    [InlineData("ahead", 2)]
    public async Task P6_M4_A_repeated_opt_in_raises_nothing_over_a_stop_that_was_said_since_it_first_came(string name, int? ahead)
    {
        var email = $"{name}@unanswered.example";
        var at = ahead is { } minutes ? product.Time.GetUtcNow().AddMinutes(minutes).ToString("O", CultureInfo.InvariantCulture) : null;
        Task<Reply> OptInAsync() =>
            product.PostAsync(
                "/v1/consents",
                JsonSerializer.Serialize(
                    new
                    {
                        email,
                        topic = "newsletter",
                        action = "opt-in",
                        source = "form",
                        wording = "Yes.",
                        evidence = at is null ? (object)new { confirmed = true } : new { confirmed = true, at },
                    }),
                name);
        Assert.Equal("subscribed", (await OptInAsync())["status"]);
        await DieAsync("/v1/consents", name);
        Assert.Equal("subscribed", (await OptInAsync())["status"]); // Nothing was said against it.

        await DieAsync("/v1/consents", name);
        product.Time.Advance(TimeSpan.FromSeconds(10));
        await product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out" });
        product.Time.Advance(TimeSpan.FromMinutes(5));
        for (var repeated = 0; repeated < 3; repeated++)
        {
            var late = await OptInAsync();
            Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:stopped-since"), (late.Status, late["type"]));
            product.Time.Advance(TimeSpan.FromMinutes(5));
        }

        var entries = (await product.GetAsync("/v1/consents?email=" + email)).Json.GetProperty("entries");
        Assert.Equal("opt-out", entries.EnumerateArray().Last().GetProperty("action").GetString());
    }

    [Theory]
    [InlineData("watch-1", true)]
    [InlineData("watch-2", false)]
    public async Task P6_A_repeated_watch_follows_nothing_over_a_stop_that_was_said_since_it_first_came(string key, bool confirmed)
    {
        const string path = "/v1/packages/RR123456785PT/watches";
        object evidence = confirmed ? new { confirmed = true } : new { at = product.Time.GetUtcNow().AddMinutes(2) };
        Task<Reply> WatchAsync() => product.PostAsync(path, new { email = $"{key}@unanswered.example", source = "app", evidence }, key);
        Assert.Equal(HttpStatusCode.OK, (await WatchAsync()).Status);
        await DieAsync(path, key);
        product.Time.Advance(TimeSpan.FromSeconds(10));
        await product.SendAsync(HttpMethod.Delete, $"{path}?email={key}@unanswered.example");
        product.Time.Advance(TimeSpan.FromMinutes(5)); // By then what was ahead of its time is not any more.
        Assert.Equal(HttpStatusCode.Accepted, (await WatchAsync()).Status); // It waits for the person's own word.
    }

    [Fact]
    public async Task P6_M8_A_repeated_enable_leaves_an_account_disabled_that_was_disabled_since_it_first_came()
    {
        const string path = "/v1/contacts/unanswered/enable";
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/unanswered", new { addresses = new[] { new { email = "account@unanswered.example" } } });
        await product.PostAsync("/v1/contacts/unanswered/disable", "{}");
        product.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("active", (await product.PostAsync(path, "{}", "enable-1"))["status"]);
        await DieAsync(path, "enable-1");
        Assert.Equal("active", (await product.PostAsync(path, "{}", "enable-1"))["status"]);
        await DieAsync(path, "enable-1");
        product.Time.Advance(TimeSpan.FromSeconds(10));
        await product.PostAsync("/v1/contacts/unanswered/disable", "{}");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        for (var repeated = 0; repeated < 3; repeated++)
        {
            var late = await product.PostAsync(path, "{}", "enable-1");
            Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:disabled-since"), (late.Status, late["type"]));
            product.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal("disabled", (await product.GetAsync("/v1/contacts/unanswered"))["status"]);
        Assert.Equal("active", (await product.PostAsync(path, "{}", "enable-2"))["status"]); // Said anew.
    }

    [Theory]
    [InlineData("/v1/lists", """{"name":"Once"}""")]
    [InlineData("/v1/segments", """{"name":"Once","filter":{"tag":"once"}}""")]
    [InlineData("/v1/campaigns", """{"name":"Once","topic":"newsletter","channel":"email","template":"newsletter"}""")]
    [InlineData("/v1/privacy/requests", """{"type":"access","email":"access@unanswered.example"}""")]
    [InlineData("/v1/privacy/requests", """{"type":"erasure","contactId":"gone"}""")]
    public async Task P5_What_a_request_made_before_it_was_answered_is_made_once_and_stands_once_in_the_audit(string path, string body)
    {
        var key = "once-" + body.Length;
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/gone", new { addresses = new[] { new { email = $"{key}@unanswered.example" } } });
        var first = await product.PostAsync(path, body, key);
        await DieAsync(path, key);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var again = await product.PostAsync(path, body, key);
        Assert.Equal((HttpStatusCode.Created, first["id"]), (again.Status, again["id"]));
        Assert.Equal(first["status"], again["status"]);
        var subject = (await product.GetAsync("/v1/audit?limit=1000")).Json
            .GetProperty("entries")
            .EnumerateArray()
            .Where(e => e.GetProperty("subject").GetString() == first["id"])
            .Select(e => e.GetProperty("action").GetString());
        Assert.Single(subject, a => a!.EndsWith(".create", StringComparison.Ordinal) || a.EndsWith(".open", StringComparison.Ordinal));

        // The same key for another thing, once the first is answered by nobody any more, is another thing.
        await ForgetAsync(path, key);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        if (!body.Contains("gone", StringComparison.Ordinal))
            Assert.NotEqual(first["id"], (await product.PostAsync(path, body, key))["id"]);
    }

    [Fact]
    public async Task P5_A_test_of_a_campaign_that_is_asked_for_again_is_sent_once()
    {
        var campaign = (await product.PostAsync(
            "/v1/campaigns", new { name = "Tested", topic = "newsletter", channel = "email", template = "newsletter" }))["id"];
        var path = $"/v1/campaigns/{campaign}/test";
        var to = new { to = new[] { new { email = "tester@unanswered.example" } } };
        var first = await product.PostAsync(path, to, "test-1");
        await DieAsync(path, "test-1");
        Assert.Equal(first.Text, (await product.PostAsync(path, to, "test-1")).Text);
        await product.WorkAsync();
        Assert.Single(product.Sent.Emails, e => e.To == "tester@unanswered.example");
    }

    [Fact]
    public async Task P5_A_test_of_a_template_is_sent_once_and_again_where_its_key_is_used_again_when_its_answer_is_forgotten()
    {
        await product.PostAsync(
            "/v1/templates",
            new { name = "tried", topic = "newsletter", channel = "sms", locale = "en", text = "Tried. Reply STOP to end." });
        const string path = "/v1/templates/tried:sms:en/test";
        var to = new { to = new[] { "+14155550147" } };
        var first = await product.PostAsync(path, to, "try-1");
        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        await DieAsync(path, "try-1");
        Assert.Equal(first.Text, (await product.PostAsync(path, to, "try-1")).Text);
        await ForgetAsync(path, "try-1");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(first.Text, (await product.PostAsync(path, to, "try-1")).Text);
    }

    [Fact]
    public async Task P5_M12_A_key_whose_secret_nobody_was_told_is_revoked_and_another_made()
    {
        var body = new { name = "untold", scopes = new[] { "send" } };
        var first = await product.PostAsync("/v1/keys", body, "key-untold");
        for (var died = 0; died < 2; died++)
        {
            await DieAsync("/v1/keys", "key-untold");
            var again = await product.PostAsync("/v1/keys", body, "key-untold");
            Assert.Equal(HttpStatusCode.Created, again.Status);
            Assert.NotEqual(first["id"], again["id"]);
            using var client = product.ClientOf(again["secret"]!);
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v1/messages/x")).StatusCode);
            var active = (await product.GetAsync("/v1/keys")).Json
                .GetProperty("keys")
                .EnumerateArray()
                .Where(k => k.GetProperty("name").GetString() == "untold" && !k.TryGetProperty("revokedAt", out _));
            Assert.Equal(again["id"], Assert.Single(active).GetProperty("id").GetString());
        }
    }

    [Fact]
    public async Task P5_A_template_that_a_request_saved_before_it_was_answered_is_its_own_until_somebody_changes_it()
    {
        var body = new { name = "unanswered", topic = "newsletter", channel = "sms", locale = "en", text = "One." };
        var first = await product.PostAsync("/v1/templates", body, "template-1");
        await DieAsync("/v1/templates", "template-1");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var again = await product.PostAsync("/v1/templates", body, "template-1");
        Assert.Equal((HttpStatusCode.Created, first["id"]), (again.Status, again["id"]));
        Assert.Equal((first.Headers.Location, first.Headers.ETag), (again.Headers.Location, again.Headers.ETag));
        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync("/v1/templates", body, "template-2")).Status);

        await DieAsync("/v1/templates", "template-1");
        using var change = new HttpRequestMessage(HttpMethod.Put, "/v1/templates/unanswered:sms:en")
        {
            Content = JsonContent.Create(new { topic = "newsletter", text = "Two." }),
        };
        change.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        Assert.Equal(HttpStatusCode.OK, (await product.Http.SendAsync(change)).StatusCode);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync("/v1/templates", body, "template-1")).Status);
    }

    [Fact]
    public async Task P5_A_request_that_failed_is_the_same_requests_to_repeat_at_once_and_no_others()
    {
        product.Faults.WithoutTable = Tables.Lists;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await product.PostAsync("/v1/lists", new { name = "Away" }, "away-1")).Status);
        product.Faults.WithoutTable = null;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await product.PostAsync("/v1/lists", new { name = "Else" }, "away-1")).Status);
        Assert.Equal(HttpStatusCode.Created, (await product.PostAsync("/v1/lists", new { name = "Away" }, "away-1")).Status);
    }

    [Fact]
    public async Task P5_A_key_that_is_used_again_when_its_answer_is_forgotten_loses_no_other_message_and_sends_the_same_one_once()
    {
        object Message(string text) =>
            new { topic = "package-updates", to = new { email = "used@unanswered.example" }, content = new { subject = text, text } };
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "used@unanswered.example",
                topic = "package-updates",
                action = "opt-in",
                source = "form",
                wording = "Yes.",
                evidence = new { confirmed = true },
            });
        var first = await product.PostAsync("/v1/messages", Message("one"), "used");
        await product.WorkAsync();
        await ForgetAsync("/v1/messages", "used");
        Assert.Equal(first["id"], (await product.PostAsync("/v1/messages", Message("one"), "used"))["id"]);
        await ForgetAsync("/v1/messages", "used");
        var other = await product.PostAsync("/v1/messages", Message("two"), "used");
        Assert.NotEqual(first["id"], other["id"]);
        await product.WorkAsync();
        Assert.Equal(
            ["one", "two"], product.Sent.Emails.Where(e => e.To == "used@unanswered.example").Select(e => e.Subject).Order());
    }

    /// <summary>As it stands where the process that worked on the request is gone: it never came to keep the answer.</summary>
    private Task DieAsync(string path, string key) => ChangeAsync(
        path, key, row =>
            RowChange.Replace(
                row.Key,
                row.Read(CoreJson.Default.IdempotencyRecord) with { Status = 0, Body = null, Location = null, Instance = "gone" },
                CoreJson.Default.IdempotencyRecord, row.ETag));

    private Task ForgetAsync(string path, string key) => ChangeAsync(path, key, row => RowChange.Delete(row.Key, row.ETag));

    private async Task ChangeAsync(string path, string key, Func<Row, RowChange> change)
    {
        var client = (await product.Get<ApiKeys>().FindAsync(product.Secret, default))!.Id;
        var partition = product.Get<KeyRing>().LookupHash("idempotency", $"{client}\0POST {path}\0{key}");
        var tables = product.Get<ITableStore>();
        var row = (await tables.GetAsync(Tables.Idempotency, partition, "answer"))!;
        Assert.True((await tables.CommitAsync(Tables.Idempotency, partition, [change(row)])).Committed);
    }
}
