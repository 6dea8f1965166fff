using System.Net;
using Notifications.Access;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>
/// Two people at one campaign or one segment: nobody's work is lost silently, and nobody launches what they have not seen.
/// </summary>
public sealed class TwoEditorsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Meanwhile = "changed by somebody else meanwhile";

    private CampaignDesk Desk => product.Get<CampaignDesk>();

    private Task<Campaign> DraftAsync() => Desk.DraftAsync("Two", d => d with { Subject = "First words" });

    [Fact]
    public async Task P5_Of_two_who_edit_a_campaign_the_second_is_told_and_finds_what_was_typed()
    {
        var campaign = await DraftAsync();
        var path = $"/console/campaigns/{campaign.Id}/edit";
        var (anna, ben) = (
            await product.SignedInAsync("two-anna", Scope.Campaigns), await product.SignedInAsync("two-ben", Scope.Campaigns));
        var (hers, his) = ((await anna.GetAsync(path)).Fields(path), (await ben.GetAsync(path)).Fields(path));
        Assert.Equal(HttpStatusCode.SeeOther, (await anna.PostAsync(path, hers, ("subject", "Annas words"), ("act", "save"))).Status);
        var refused = await ben.PostAsync(path, his, ("name", "Bens name"), ("act", "save"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(Meanwhile, refused.Text, StringComparison.Ordinal);
        Assert.Equal("Bens name", refused.Fields(path)["name"]);
        // Pressing again does not help.
        Assert.Equal(HttpStatusCode.BadRequest, (await ben.PostAsync(path, refused.Fields(path), ("act", "save"))).Status);
        var stands = (await Desk.FindAsync(campaign.Id, default))!.Definition;
        Assert.Equal(("Two", "Annas words"), (stands.Name, stands.Subject));
        Assert.Equal(
            HttpStatusCode.SeeOther,
            (await ben.PostAsync(path, (await ben.GetAsync(path)).Fields(path), ("name", "Bens name"), ("act", "save"))).Status);
    }

    [Fact]
    public async Task P5_Of_two_who_edit_a_segment_the_second_is_told_and_finds_what_was_typed()
    {
        var segment = await product.Get<StoredSegments>().CreateAsync("Two", new LocaleIn(["de"]), default);
        var path = "/console/segments/" + segment.Id;
        var (anna, ben) = (
            await product.SignedInAsync("seg-anna", Scope.Campaigns), await product.SignedInAsync("seg-ben", Scope.Campaigns));
        var (hers, his) = ((await anna.GetAsync(path)).Fields(path), (await ben.GetAsync(path)).Fields(path));
        // In the same millisecond, by the fixture's clock.
        Assert.Equal(HttpStatusCode.SeeOther, (await anna.PostAsync(path, hers, ("locale", "de, fr"), ("act", "save"))).Status);
        var refused = await ben.PostAsync(path, his, ("name", "Bens"), ("act", "save"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(Meanwhile, refused.Text, StringComparison.Ordinal);
        Assert.Equal("Bens", refused.Fields(path)["name"]);
        Assert.Equal("Two", (await product.Get<StoredSegments>().FindAsync(segment.Id, default))!.Name);
    }

    [Fact]
    public async Task P5_A_segment_that_is_deleted_while_it_is_changed_stays_deleted()
    {
        var store = new InterruptedStore(product.Store);
        var segments = new StoredSegments(store, product.Time);
        var segment = await segments.CreateAsync("Gone", new LocaleIn(["de"]), default);
        store.AfterGet = async () => Assert.True((await segments.DeleteAsync(segment.Id, default)).Done);
        Assert.Equal((null, null), await segments.UpdateAsync(segment.Id, "Back", segment.Filter, default));
        Assert.Null(await segments.FindAsync(segment.Id, default));
    }

    [Fact]
    public async Task P5_Over_HTTP_a_campaign_is_changed_as_it_was_read_where_If_Match_says_so()
    {
        object Draft(string name) => new { name, topic = "newsletter", channel = "email", template = "newsletter" };
        var made = await product.PostAsync("/v1/campaigns", Draft("Tagged"));
        var (path, read) = ("/v1/campaigns/" + made["id"], made.Headers.ETag!.Tag);
        Assert.Equal(read, (await product.GetAsync(path)).Headers.ETag!.Tag);
        async Task<(HttpStatusCode Status, string? Tag)> PutAsync(string name, string? tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, path)
            {
                Content = new StringContent(
                    System.Text.Json.JsonSerializer.Serialize(Draft(name)), System.Text.Encoding.UTF8, "application/json"),
            };
            if (tag is not null) request.Headers.TryAddWithoutValidation("If-Match", tag);
            using var answer = await product.Http.SendAsync(request);
            return (answer.StatusCode, answer.Headers.ETag?.Tag);
        }

        var (status, fresh) = await PutAsync("First", read);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEqual(read, fresh);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync("Second", read)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync("Second", "\"none of ours\"")).Status);
        Assert.Equal("First", (await product.GetAsync(path))["name"]);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("Second", fresh)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("Third", "*")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("Fourth", null)).Status);
    }

    [Fact]
    public async Task P5_Over_HTTP_a_segment_is_changed_and_forgotten_as_it_was_read_where_If_Match_says_so()
    {
        var made = await product.PostAsync("/v1/segments", new { name = "Tagged", filter = new { locale = "de" } });
        var (path, read) = ("/v1/segments/" + made["id"], made.Headers.ETag!.Tag);
        Assert.Equal(read, (await product.GetAsync(path)).Headers.ETag!.Tag);
        async Task<(HttpStatusCode Status, string? Tag, string Text)> SendAsync(HttpMethod method, string? name, string? tag)
        {
            using var request = new HttpRequestMessage(method, path);
            if (name is not null)
                request.Content = new StringContent(
                    System.Text.Json.JsonSerializer.Serialize(new { name, filter = new { locale = "de" } }), System.Text.Encoding.UTF8,
                    "application/json");
            if (tag is not null) request.Headers.TryAddWithoutValidation("If-Match", tag);
            using var answer = await product.Http.SendAsync(request);
            return (answer.StatusCode, answer.Headers.ETag?.Tag, await answer.Content.ReadAsStringAsync());
        }

        var (status, fresh, _) = await SendAsync(HttpMethod.Put, "First", read); // In the same millisecond, by the fixture's clock.
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEqual(read, fresh);
        var late = await SendAsync(HttpMethod.Put, "Second", read);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.Status);
        Assert.Contains("urn:notifications:problem:segment-changed", late.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Delete, null, read)).Status);
        foreach (var tag in (string[])["\"none of ours\"", "\"9223372036854775807\""])
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Put, "Second", tag)).Status);
        Assert.Equal("First", (await product.GetAsync(path))["name"]);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Put, "Second", "*")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Put, "Third", null)).Status);
        Assert.Equal(
            HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, null, (await product.GetAsync(path)).Headers.ETag!.Tag)).Status);

        // What the console shows is what it may delete.
        var kept = await product.Get<StoredSegments>().CreateAsync("Kept", new LocaleIn(["de"]), default);
        var (browser, page) = (await product.SignedInAsync("seg-late", Scope.Campaigns), "/console/segments/" + kept.Id);
        var seen = (await browser.GetAsync(page)).Fields(page)["seen"];
        await product.Get<StoredSegments>().UpdateAsync(kept.Id, "Kept and changed", kept.Filter, default);
        Assert.Equal(page + "?said=stale", (await browser.PostAsync(page + "/delete", ("seen", seen), ("sure", "yes"))).Location);
        Assert.NotNull(await product.Get<StoredSegments>().FindAsync(kept.Id, default));
    }

    [Theory]
    [InlineData("launch")]
    [InlineData("schedule")]
    public async Task What_was_confirmed_is_this_campaign_and_not_what_somebody_made_of_it_since(string act)
    {
        await product.PersonAsync("two-reader@example.com");
        var campaign = await DraftAsync();
        var path = $"/console/campaigns/{campaign.Id}/{act}";
        var browser = await product.SignedInAsync("two-" + act, Scope.Campaigns);
        (string, string)[] when = act == "launch" ? [] : [("at", "2026-12-01T09:00:00"), ("zone", "Etc/UTC")];
        var asked = await browser.PostAsync(path, [.. when, ("confirm", "-1")]);
        Assert.Contains("First words", asked.Text, StringComparison.Ordinal);
        var form = Confirmation(asked, path);
        Assert.True((await Desk.UpdateAsync(campaign.Id, campaign.Definition with { Subject = "Other words" }, "colleague", default)).Done);
        var again = await browser.PostAsync(path, form);
        Assert.Contains("It was changed since you were asked.", again.Text, StringComparison.Ordinal);
        Assert.Contains("Other words", again.Text, StringComparison.Ordinal);
        Assert.Equal(CampaignStatus.Draft, (await Desk.FindAsync(campaign.Id, default))!.Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync(path, Confirmation(again, path))).Status);
        Assert.NotEqual(CampaignStatus.Draft, (await Desk.FindAsync(campaign.Id, default))!.Status);
    }

    [Fact]
    public async Task Whoever_edits_a_scheduled_campaign_is_told_before_and_after_that_it_launches_no_more_by_itself()
    {
        var campaign = await DraftAsync();
        Assert.True(
            (await Desk.ScheduleAsync(
                campaign.Id, new CampaignSchedule(new DateTime(2026, 12, 1, 9, 0, 0), "Etc/UTC"), null, "test", default)).Done);
        var path = $"/console/campaigns/{campaign.Id}/edit";
        var browser = await product.SignedInAsync("two-scheduled", Scope.Campaigns);
        var form = await browser.GetAsync(path);
        Assert.Contains("It is scheduled. Saving any change makes it a draft again", form.Text, StringComparison.Ordinal);
        var saved = await browser.PostAsync(path, form.Fields(path), ("act", "save"));
        Assert.Equal($"/console/campaigns/{campaign.Id}?said=unscheduled", saved.Location);
        Assert.Contains(
            "launches no more by itself: schedule it anew", (await browser.GetAsync(saved.Location!)).Text, StringComparison.Ordinal);
    }

    private static (string, string)[] Confirmation(Screen asked, string path) =>
        [
            .. asked.Document
                .QuerySelector($".confirm form[action='{path}']")!
                .QuerySelectorAll("input[name]")
                .Where(i => i.GetAttribute("name") != "form")
                .Select(i => (i.GetAttribute("name")!, i.GetAttribute("value") ?? "")),
        ];
}
