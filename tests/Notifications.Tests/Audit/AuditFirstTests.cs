using System.Net;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Review;
using Notifications.Templates;
using Notifications.Tests.Campaigns;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Templates;

namespace Notifications.Tests.Audit;

/// <summary>
/// Lists, segments, reviews and templates, over the API and in the console: where the audit takes no entry, nothing is done.
/// </summary>
public sealed class AuditFirstTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R68_What_the_audit_does_not_take_of_lists_segments_reviews_and_templates_is_not_done()
    {
        var (segments, reviews) = (product.Get<StoredSegments>(), product.Get<ReviewDesk>());
        var list = await product.Get<StaticLists>().CreateAsync("Stays", default);
        var segment = await segments.CreateAsync("Stays", new LocaleIn(["de"]), default);
        var item = new ReviewItem
        {
            Id = reviews.IdOf("stays", product.Time.GetUtcNow()),
            Channel = Channel.Email,
            Text = "Enough",
            At = product.Time.GetUtcNow(),
        };
        await reviews.OpenAsync(item, default);
        var source = Letters.Newsletter("stays");
        await product.Get<TemplateDesk>().SaveAsync(source, 0, "test", default);
        var browser = await product.SignedInAsync("unaudited", Scope.All);
        var (lists, stored) = (
            (await product.Get<StaticLists>().ListAsync(null, 100, default)).Lists.Count,
            (await segments.ListAsync(null, 100, default)).Count);

        var (onList, onSegment) = ("/lists/" + list.Id, "/segments/" + segment.Id);
        var member = new { add = new[] { new { email = "unaudited@example.com" } } };
        product.Faults.WithoutTable = Notifications.Storage.Tables.Audit;
        try
        {
            foreach (var answer in (Reply[])
            [
                await product.PostAsync("/v1/lists", new { name = "New" }),
                await product.SendAsync(HttpMethod.Put, "/v1" + onList, new { name = "Other" }),
                await product.PostAsync($"/v1{onList}/members", member),
                await product.SendAsync(HttpMethod.Delete, "/v1" + onList),
                await product.PostAsync("/v1/segments", new { name = "New", filter = new { locale = "de" } }),
                await product.SendAsync(HttpMethod.Put, "/v1" + onSegment, new { name = "Other", filter = new { locale = "fr" } }),
                await product.SendAsync(HttpMethod.Delete, "/v1" + onSegment),
                await product.PostAsync(
                    "/v1/templates",
                    new { name = "new", topic = "newsletter", channel = "email", locale = "en", subject = "Hello", html = "<p>Hello</p>", layout = "standard" }),
                await product.PostAsync("/v1/templates/stays:email:en/test", new { to = new[] { "unaudited@example.com" } }),
                await product.PostAsync("/v1/review", new { id = item.Id, verdict = "not-a-revocation", agent = "mia" }),
            ]) Assert.True(answer.Status == HttpStatusCode.ServiceUnavailable, answer.Text);
            var seen = segment.UpdatedAt.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
            foreach (var (path, form) in ((string, (string, string)[])[])
            [
                ("/console/lists", [("name", "New")]),
                ("/console" + onList, [("addresses", "unaudited@example.com"), ("act", "add")]),
                ($"/console{onList}/delete", [("sure", "yes")]),
                ("/console/segments/new", [("name", "New"), ("locale", "de"), ("act", "save")]),
                ("/console" + onSegment, [("name", "Other"), ("locale", "fr"), ("seen", seen), ("act", "save")]),
                ($"/console{onSegment}/delete", [("sure", "yes"), ("seen", seen)]),
                ("/console/templates/stays:email:en/delete", [("sure", "yes"), ("seen", "1")]),
                ("/console/review/" + item.Id, [("verdict", "not-a-revocation")]),
            ]) Assert.True((await browser.PostAsync(path, form)).Status == HttpStatusCode.ServiceUnavailable, path);
        }
        finally
        {
            product.Faults.WithoutTable = null;
        }

        Assert.Equal(
            (lists, stored),
            ((await product.Get<StaticLists>().ListAsync(null, 100, default)).Lists.Count,
            (await segments.ListAsync(null, 100, default)).Count));
        Assert.Equal(
            ("Stays", 0L),
            ((await product.Get<StaticLists>().FindAsync(list.Id, default))!.Name,
                await product.Get<StaticLists>().SizeAsync(list.Id, default)));
        Assert.Equal("Stays", (await segments.FindAsync(segment.Id, default))!.Name);
        Assert.Equal(
            (1, null),
            ((await product.Get<TemplateBook>().HeadAsync("stays", Channel.Email, default))!.Version,
                await product.Get<TemplateBook>().HeadAsync("new", Channel.Email, default)));
        Assert.Equal(0, await product.Store.CountAsync(Notifications.Storage.Queues.Send));
        Assert.Null((await reviews.FindAsync(item.Id, default))!.Verdict);
    }

    [Fact]
    public async Task R68_A_draft_that_is_discarded_stands_in_the_audit_and_on_no_list_and_a_scheduled_campaign_that_is_cancelled_on_both()
    {
        var desk = product.Get<CampaignDesk>();
        var (draft, scheduled) = ((await desk.DraftAsync("Second thoughts")).Id, (await desk.DraftAsync("Planned")).Id);
        Assert.True(
            (await desk.ScheduleAsync(
                scheduled, new CampaignSchedule(new DateTime(2026, 12, 1, 9, 0, 0), "Etc/UTC"), null, "test", default)).Done);
        var browser = await product.SignedInAsync("discards", Scope.Campaigns);
        var answer = await browser.PostAsync($"/console/campaigns/{draft}/cancel", ("sure", "yes"));
        Assert.Equal("/console/campaigns?said=draft-gone", answer.Location);
        Assert.True((await desk.CancelAsync(scheduled, null, "test", default)).Done);
        foreach (var query in (string[])["", "?status=cancelled"])
        {
            var page = (await browser.GetAsync("/console/campaigns" + query)).Text;
            Assert.DoesNotContain("Second thoughts", page, StringComparison.Ordinal);
            Assert.Contains("Planned", page, StringComparison.Ordinal);
            Assert.DoesNotContain(draft, (await product.GetAsync("/v1/campaigns" + query)).Text, StringComparison.Ordinal);
        }

        // Whoever has its id still learns what became of it.
        Assert.Equal("cancelled", (await product.GetAsync("/v1/campaigns/" + draft))["status"]);
        Assert.Contains(
            (await product.Get<Notifications.Audit.AuditLog>().ListAsync(0, 1000, default)),
            e => e.Subject == draft && e.Action == "campaign.cancel");
    }
}
