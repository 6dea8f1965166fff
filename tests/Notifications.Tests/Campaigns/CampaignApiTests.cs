using System.Net;
using System.Net.Http.Headers;
using Notifications.Audiences;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Campaigns;

namespace Notifications.Tests.Campaigns;

/// <summary>Campaigns over HTTP, from draft to their numbers.</summary>
public sealed class CampaignApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static object Draft(string name, object? more = null) =>
        new
        {
            name,
            topic = "promotions",
            channel = "email",
            template = "promotions",
            audience = new { topic = "promotions", channel = "email" },
            data = new { title = "Ten parcels" },
            subjectTest = more,
        };

    private async Task OptInAsync(string email) =>
        Assert.Equal(
            HttpStatusCode.OK,
            (await product.PostAsync(
                "/v1/consents",
                new
                {
                    email,
                    topic = "promotions",
                    action = "opt-in",
                    source = "form",
                    policyVersion = "1",
                    wording = "Yes.",
                    evidence = new { confirmed = true },
                })).Status);

    private async Task PassAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task P9_A_campaign_goes_from_draft_through_dry_run_test_launch_and_pause_to_numbers_that_add_up()
    {
        for (var i = 0; i < 12; i++) await OptInAsync($"camp{i}@example.com");
        var created = await product.PostAsync("/v1/campaigns", Draft("Winter"), "winter-1");
        Assert.Equal(HttpStatusCode.Created, created.Status);
        var id = created.Json.GetProperty("id").GetString()!;
        Assert.Equal(
            ("draft", "/v1/campaigns/" + id), (created.Json.GetProperty("status").GetString(), created.Headers.Location!.ToString()));
        Assert.Equal(id, (await product.PostAsync("/v1/campaigns", Draft("Winter"), "winter-1")).Json.GetProperty("id").GetString());
        Assert.Equal(
            "Winter sale",
            (await product.SendAsync(HttpMethod.Put, "/v1/campaigns/" + id, Draft("Winter sale"))).Json.GetProperty("name").GetString());
        Assert.Contains(
            (await product.GetAsync("/v1/campaigns?status=draft")).Json.GetProperty("campaigns").EnumerateArray(),
            c => c.GetProperty("id").GetString() == id);

        var dry = await product.PostAsync($"/v1/campaigns/{id}/dry-run", "");
        Assert.Equal((12, 12), (dry.Json.GetProperty("selected").GetInt32(), dry.Json.GetProperty("allowed").GetInt32()));
        // One mailbox, however it is spelt (R66).
        var test = await product.PostAsync(
            $"/v1/campaigns/{id}/test",
            new { to = new[] { new { email = "marketer@example.com" }, new { email = "Marketer@Example.com" } } });
        Assert.Equal(HttpStatusCode.Accepted, test.Status);
        await product.WorkAsync();
        Assert.StartsWith("[Test] ", product.Sent.Emails.Single(e => e.To == "marketer@example.com").Subject, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync($"/v1/campaigns/{id}/launch", new { confirm = 11 })).Status);
        var refused = (await product.PostAsync($"/v1/campaigns/{id}/launch", new { confirm = 13 })).Json;
        Assert.Equal(
            ("urn:notifications:problem:confirm-recipients", 12),
            (refused.GetProperty("type").GetString(), refused.GetProperty("count").GetInt32()));
        var launched = await product.PostAsync($"/v1/campaigns/{id}/launch", new { confirm = 12 });
        Assert.Equal(
            ("running", "promotions"),
            (launched.Json.GetProperty("status").GetString(), launched.Json.GetProperty("pinnedTemplate").GetString()));
        Assert.Equal(
            "paused",
            (await product.PostAsync($"/v1/campaigns/{id}/pause", new { reason = "lunch" })).Json.GetProperty("status").GetString());
        await PassAsync(5);
        Assert.DoesNotContain(product.Sent.Emails, e => e.To.StartsWith("camp", StringComparison.Ordinal));
        // Who leaves is taken out of the audience in the background: here, not before the selection.
        var index = product.Get<AudienceIndex>();
        await Poll.UntilAsync(() => Task.FromResult(index.IsIdle), "the index to be idle");
        index.Gather = TimeSpan.FromHours(1);
        await product.PostAsync(
            "/v1/consents", new { email = "camp3@example.com", topic = "promotions", action = "opt-out", source = "form" });
        Assert.Equal("running", (await product.PostAsync($"/v1/campaigns/{id}/resume", "")).Json.GetProperty("status").GetString());
        await PassAsync(8);

        var stats = (await product.GetAsync($"/v1/campaigns/{id}/stats")).Json;
        Assert.Equal(
            ("completed", 12, 11, 1),
            (stats.GetProperty("status").GetString(), stats.GetProperty("selected").GetInt32(), stats.GetProperty("sent").GetInt32(),
                stats.GetProperty("skipped").GetProperty("unsubscribed").GetInt32()));
        Assert.Equal(0, stats.GetProperty("forecast").GetProperty("unexplained").GetInt32());
        foreach (var name in (string[])["deferred", "delivered", "bounced", "complained", "unsubscribed", "failed", "unknown"])
            Assert.Equal(0, stats.GetProperty(name).GetInt32());
        Assert.Equal(HttpStatusCode.Conflict, (await product.SendAsync(HttpMethod.Put, "/v1/campaigns/" + id, Draft("Late"))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync($"/v1/campaigns/{id}/cancel", "")).Status);

        var skipped = (await product.GetAsync($"/v1/campaigns/{id}/recipients?status=skipped")).Json
            .GetProperty("recipients")
            .EnumerateArray()
            .Single();
        Assert.Equal(
            ("camp3@example.com", "unsubscribed"), (skipped.GetProperty("address").GetString(), skipped.GetProperty("reason").GetString()));
        Assert.Single((await product.GetAsync($"/v1/campaigns/{id}/recipients?reason=unsubscribed")).Json
            .GetProperty("recipients")
            .EnumerateArray());
        using var csv = new HttpRequestMessage(HttpMethod.Get, $"/v1/campaigns/{id}/recipients")
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/csv") } },
        };
        using var answer = await product.Http.SendAsync(csv);
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(("text/csv", 13), (answer.Content.Headers.ContentType!.MediaType, lines.Length));

        // P2: why did, or didn't, this address get it, also for one never selected.
        Assert.Equal(
            "unsubscribed",
            (await product.GetAsync($"/v1/explain?email=camp3@example.com&campaign={id}")).Json.GetProperty("reason").GetString());
        Assert.Equal(
            "allowed",
            (await product.GetAsync($"/v1/explain?email=camp4@example.com&campaign={id}")).Json.GetProperty("reason").GetString());
        Assert.Equal(
            "not-selected",
            (await product.GetAsync($"/v1/explain?email=stranger@example.com&campaign={id}")).Json.GetProperty("reason").GetString());
        var audit = (await product.GetAsync("/v1/audit?limit=1000")).Json
            .GetProperty("entries")
            .EnumerateArray()
            .Where(e => e.GetProperty("subject").GetString() == id)
            .Select(e => e.GetProperty("action").GetString())
            .ToList();
        Assert.Equal(
            [
                "campaign.create", "campaign.update", "campaign.dry-run", "campaign.test", "campaign.launch", "campaign.pause",
                "campaign.resume", "campaign.complete", "campaign.export",
            ],
            audit);
    }

    [Fact]
    public async Task P9_What_providers_and_people_say_of_a_campaigns_messages_is_in_its_numbers_once_each()
    {
        for (var i = 0; i < 8; i++)
            await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = $"reader{i}@example.com",
                    topic = "newsletter",
                    action = "opt-in",
                    source = "form",
                    policyVersion = "1",
                    wording = "Yes.",
                    evidence = new { confirmed = true },
                });
        var id = (await product.PostAsync(
            "/v1/campaigns", new { name = "Read", topic = "newsletter", channel = "email", template = "newsletter" }))["id"];
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync($"/v1/campaigns/{id}/launch", new { confirm = 8 })).Status);
        await PassAsync(8);
        var mails = product.Sent.Emails.Where(
            e => e.To.StartsWith("reader", StringComparison.Ordinal)).ToDictionary(e => e.To.Split('@')[0]);
        Assert.Equal(8, mails.Count);

        // Each is told twice, and a click before the delivery that it came after.
        for (var time = 0; time < 2; time++)
        {
            await SayAsync("reader0", Notifications.Events.EngagementReports.Engagement, engagementType: "click");
            await SayAsync("reader0", Notifications.Events.EngagementReports.Engagement, engagementType: "view");
            await SayAsync("reader1", Notifications.Events.EngagementReports.Engagement, engagementType: "view");
            foreach (var reader in (string[])["reader0", "reader1", "reader3"])
                await SayAsync(reader, Notifications.Events.ProviderReports.EmailReport, "Delivered");
            await SayAsync("reader2", Notifications.Events.ProviderReports.EmailReport, "Bounced");
            await SayAsync("reader3", Notifications.Events.ProviderReports.Complaint);
            Assert.Equal(HttpStatusCode.OK, (await LeaveAsync("reader4", HttpMethod.Post)).StatusCode);
        }

        await LeaveAsync("reader5", HttpMethod.Get); // Looked at, and no more (P3).
        // Not with the message's link.
        await product.PostAsync(
            "/v1/consents", new { email = "reader6@example.com", topic = "newsletter", action = "opt-out", source = "agent" });
        await PassAsync(15);

        var stats = (await product.GetAsync($"/v1/campaigns/{id}/stats")).Json;
        (string, int)[] expected =
            [
                ("selected", 8), ("sent", 8), ("delivered", 3), ("bounced", 1), ("complained", 1), ("opened", 2), ("clicked", 1),
                ("unsubscribed", 1), ("deferred", 0), ("failed", 0), ("unknown", 0),
            ];
        Assert.Equal(expected, expected.Select(e => (e.Item1, stats.GetProperty(e.Item1).GetInt32())));
        var seen = (await product.GetAsync($"/v1/campaigns/{id}/recipients")).Json
            .GetProperty("recipients")
            .EnumerateArray()
            .ToDictionary(r => r.GetProperty("address").GetString()!.Split('@')[0]);
        foreach (var (name, readers) in new Dictionary<string, string[]>
        {
            ["opened"] = ["reader0", "reader1"],
            ["clicked"] = ["reader0"],
            ["complained"] = ["reader3"],
            ["unsubscribed"] = ["reader4"],
        })
            Assert.Equal(readers, seen.Where(r => r.Value.GetProperty(name).GetBoolean()).Select(r => r.Key).Order());

        async Task SayAsync(string reader, string type, string? status = null, string? engagementType = null)
        {
            var data = new
            {
                recipient = mails[reader].To,
                messageId = mails[reader].Id.OperationId,
                status,
                engagementType,
                deliveryAttemptTimeStamp = product.Time.GetUtcNow(),
                deliveryStatusDetails = new { statusMessage = "" },
            };
            var happening = new
            {
                id = $"{reader}-{type}-{status}{engagementType}",
                topic = "/t",
                subject = "/s",
                eventType = type,
                eventTime = product.Time.GetUtcNow(),
                dataVersion = "1.0",
                data,
            };
            Assert.Equal(
                HttpStatusCode.OK,
                (await product.PostAsync("/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret, new[] { happening })).Status);
            await product.WorkAsync();
        }

        async Task<HttpResponseMessage> LeaveAsync(string reader, HttpMethod method)
        {
            var link = System.Text.RegularExpressions.Regex.Match(
                mails[reader].Headers.Single(h => h.Key == "List-Unsubscribe").Value, "/u/[A-Za-z0-9_-]+").Value;
            using var request = new HttpRequestMessage(method, link);
            if (method == HttpMethod.Post)
                request.Content = new StringContent(
                    "List-Unsubscribe=One-Click", System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");
            return await product.Anonymous.SendAsync(request);
        }
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_campaign_is_named_and_what_is_not_there_is_404()
    {
        var wrong = await product.PostAsync(
            "/v1/campaigns",
            new
            {
                name = "",
                topic = "nonsense",
                channel = "fax",
                template = "x",
                throttle = new { perHour = 0, perMinute = 3 },
                schedule = new { at = "soon", zone = "Mars/Olympus" },
                subjectTest = new { subjects = new[] { "only one" }, share = 99 },
            });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        var fields = wrong.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("field").GetString()).ToHashSet();
        Assert.Superset(
            new HashSet<string?>
            {
                "name",
                "topic",
                "channel",
                "throttle.perHour",
                "schedule.at",
                "schedule.zone",
                "subjectTest.subjects",
                "subjectTest.share",
            },
            fields);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await product.PostAsync(
                "/v1/campaigns", new { name = "x", topic = "newsletter", channel = "email", template = "no-such" })).Status);
        // R24
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await product.PostAsync(
                "/v1/campaigns", new { name = "x", topic = "package-updates", channel = "email", template = "promotions" })).Status);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await product.PostAsync(
                "/v1/campaigns",
                new { name = "x", topic = "newsletter", channel = "email", template = "newsletter", subject = "{{ broken" })).Status);
        foreach (var path in (string[])["", "/stats", "/recipients"])
            Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/campaigns/0123456789abcdef" + path)).Status);
        foreach (var act in (string[])["dry-run", "launch", "pause", "resume", "cancel", "schedule"])
            Assert.Equal(
                HttpStatusCode.NotFound,
                (await product.PostAsync(
                    "/v1/campaigns/0123456789abcdef/" + act,
                    act == "schedule" ? """{"at":"2026-12-01T09:00:00","zone":"Europe/Lisbon"}""" : "")).Status);
    }

    [Theory]
    [InlineData("x", 1)]
    [InlineData("Ж", 2)]
    [InlineData("退", 3)]
    [InlineData("<", 1)]
    [InlineData("🦊", 12)] // As the queue holds these two: escaped.
    [InlineData("\\u007f", 6)]
    public async Task P5_The_data_of_a_campaign_have_as_many_bytes_in_any_script_and_one_with_the_most_goes_out(string letter, int bytes)
    {
        const int Most = 64 * 1024;
        var fits = (Most - """{"title":""}""".Length) / bytes;
        string Body(int letters) =>
            $$$"""{"name":"Large","topic":"promotions","channel":"email","template":"promotions","data":{"title":"{{{string.Concat(Enumerable.Repeat(letter, letters))}}}"}}""";
        var refused = await product.PostAsync("/v1/campaigns", Body(fits + 1));
        var error = Assert.Single(refused.Json.GetProperty("errors").EnumerateArray());
        Assert.Equal("data", error.GetProperty("field").GetString());
        Assert.Contains("64 KiB", error.GetProperty("message").GetString(), StringComparison.Ordinal);

        var created = await product.PostAsync("/v1/campaigns", Body(fits));
        Assert.Equal(HttpStatusCode.Created, created.Status);
        var id = created["id"];
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await product.PostAsync($"/v1/campaigns/{id}/test", new { to = new[] { new { email = $"large{bytes}@example.com" } } })).Status);
        await product.WorkAsync();
        Assert.NotEmpty((await product.GetAsync("/v1/campaigns/" + id)).Json.GetProperty("data").GetProperty("title").GetString()!);
    }

    [Fact]
    public async Task P5_A_campaign_of_the_largest_data_and_filter_is_launched_in_any_script()
    {
        var body =
            $$$"""{"name":"Both","topic":"promotions","channel":"email","template":"promotions","audience":{"segment":{{{Tags(4)}}}},"data":{"title":"{{{new string('<', 60_000)}}}"}}""";
        var created = await product.PostAsync("/v1/campaigns", body);
        Assert.True(created.Status == HttpStatusCode.Created, created.Text[..Math.Min(200, created.Text.Length)]);
        var launched = await product.PostAsync($"/v1/campaigns/{created["id"]}/launch", "{}");
        Assert.True(launched.Status == HttpStatusCode.OK, launched.Text[..Math.Min(200, launched.Text.Length)]);
    }

    [Fact]
    public async Task R68_A_filter_of_the_most_conditions_is_kept_and_changed_in_any_script_with_its_entries_in_the_audit()
    {
        var made = await product.PostAsync("/v1/segments", $$$"""{"name":"Many","filter":{{{Tags(9)}}}}""");
        Assert.True(made.Status == HttpStatusCode.Created, made.Text[..Math.Min(200, made.Text.Length)]);
        var changed = await product.SendAsync(
            HttpMethod.Put, "/v1/segments/" + made["id"], $$$"""{"name":"More","filter":{{{Tags(9)}}}}""");
        Assert.True(changed.Status == HttpStatusCode.OK, changed.Text[..Math.Min(200, changed.Text.Length)]);
        Assert.True((await product.GetAsync("/v1/audit?limit=1000")).Json.GetProperty("verified").GetBoolean());
    }

    /// <summary>A filter of so many conditions of a hundred tags of 64 letters of two bytes.</summary>
    private static string Tags(int conditions)
    {
        var values = string.Join(
            ',', Enumerable.Range(0, 100).Select(i => $"\"{i:D2}{new string('ж', 62)}\""));
        return $$"""{"any":[{{string.Join(',', Enumerable.Repeat($$"""{"tag":[{{values}}]}""", conditions))}}]}""";
    }

    [Fact]
    public async Task A_scheduled_campaign_says_when_it_is_due_and_can_be_cancelled()
    {
        var created = await product.PostAsync(
            "/v1/campaigns", new { name = "Later", topic = "newsletter", channel = "email", template = "newsletter" });
        var id = created.Json.GetProperty("id").GetString()!;
        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync($"/v1/campaigns/{id}/schedule", "")).Status); // It has no time.
        var scheduled = await product.PostAsync(
            $"/v1/campaigns/{id}/schedule", new { at = "2027-01-01T09:00:00", zone = "America/New_York" });
        Assert.Equal(
            ("scheduled", new DateTimeOffset(2027, 1, 1, 14, 0, 0, TimeSpan.Zero)),
            (scheduled.Json.GetProperty("status").GetString(), scheduled.Json.GetProperty("dueAt").GetDateTimeOffset()));
        Assert.Equal("cancelled", (await product.PostAsync($"/v1/campaigns/{id}/cancel", "")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public void A_cell_that_a_spreadsheet_would_run_is_harmless()
    {
        Assert.Equal("'=1+1", CampaignRecipientsEndpoint.Cell("=1+1"));
        Assert.Equal("'+14155550101", CampaignRecipientsEndpoint.Cell("+14155550101"));
        Assert.Equal("\"a\"\"b,c\"", CampaignRecipientsEndpoint.Cell("a\"b,c"));
    }
}
