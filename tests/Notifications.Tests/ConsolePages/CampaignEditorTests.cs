using System.Net;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Templates;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Templates;

namespace Notifications.Tests.ConsolePages;

/// <summary>What a campaign's editor sends back of what nobody touched in it.</summary>
public sealed class CampaignEditorTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly Segment German = new LocaleIn(["de"]);

    private Task<Campaign> DraftAsync(Func<CampaignDefinition, CampaignDefinition> with) =>
        product.Get<CampaignDesk>().DraftAsync("Spring", with);

    private async Task<CampaignDefinition> StoredAsync(string id) => (await product.Get<CampaignDesk>().FindAsync(id, default))!.Definition;

    private static Audience To(string segment, string list, string withoutSegment, string withoutList) =>
        new(TopicKey.Newsletter, Channel.Email)
        {
            Segment = new SegmentRef(segment),
            List = list,
            Exclude = new AudienceExclusion { Segment = new SegmentRef(withoutSegment), List = withoutList },
        };

    private async Task SaveTemplateAsync(string name) =>
        await product.Get<TemplateDesk>().SaveAsync(Letters.Newsletter(name), 0, "test", default);

    [Fact]
    public async Task A_new_name_changes_neither_an_audience_that_is_not_among_the_first_200_nor_a_template_with_its_version()
    {
        var segments = new List<string>();
        var lists = new List<string>();
        for (var i = 0; i < 202; i++)
        {
            segments.Add((await product.Get<StoredSegments>().CreateAsync($"Segment {i}", German, default)).Id);
            lists.Add((await product.Get<StaticLists>().CreateAsync($"List {i}", default)).Id);
        }

        segments.Sort(StringComparer.Ordinal);
        lists.Sort(StringComparer.Ordinal);
        await SaveTemplateAsync("spring");
        var campaign = await DraftAsync(
            d => d with { Template = "spring@1", Audience = To(segments[^1], lists[^1], segments[^2], lists[^2]) });
        var browser = await product.SignedInAsync("editor", Scope.Campaigns);
        var path = $"/console/campaigns/{campaign.Id}/edit";
        var form = (await browser.GetAsync(path)).Fields(path);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync(path, form, ("name", "Summer"), ("act", "save"))).Status);
        Assert.Equal(campaign.Definition with { Name = "Summer" }, await StoredAsync(campaign.Id));
    }

    [Fact]
    public async Task A_segment_a_list_or_a_template_that_is_gone_is_shown_as_gone_and_not_saved_as_something_else()
    {
        await SaveTemplateAsync("fleeting");
        var (segment, without) = (
            (await product.Get<StoredSegments>().CreateAsync("In", German, default)).Id,
            (await product.Get<StoredSegments>().CreateAsync("Out", German, default)).Id);
        var (list, off) = (
            (await product.Get<StaticLists>().CreateAsync("On", default)).Id,
            (await product.Get<StaticLists>().CreateAsync("Off", default)).Id);
        var campaign = await DraftAsync(d => d with { Template = "fleeting", Audience = To(segment, list, without, off) });
        foreach (var id in (string[])[segment, without]) await product.Get<StoredSegments>().DeleteAsync(id, default);
        foreach (var id in (string[])[list, off]) await product.Get<StaticLists>().DeleteAsync(id, default);
        Assert.Equal(
            TemplateSave.Saved, await product.Get<TemplateDesk>().RemoveAsync("fleeting", Channel.Email, "en", 1, "test", default));

        var browser = await product.SignedInAsync("editor-gone", Scope.Campaigns);
        var path = $"/console/campaigns/{campaign.Id}/edit";
        var shown = await browser.GetAsync(path);
        foreach (var gone in (string[])[segment, without, list, off, "fleeting"])
            Assert.Contains($"<option value=\"{gone}\" selected>{gone} (gone)</option>", shown.Text, StringComparison.Ordinal);
        var form = shown.Fields(path);
        var refused = await browser.PostAsync(path, form, ("name", "Summer"), ("act", "save"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        foreach (var field in (string[])["segment", "list", "without-segment", "without-list"])
            Assert.Contains($"<small id=\"{field}-hint\" class=\"fault\">is not a ", refused.Text, StringComparison.Ordinal);
        Assert.Equal(form.Where(f => f.Key != "name"), refused.Fields(path).Where(f => f.Key != "name"));

        // With an audience that is there, the template alone is wrong.
        refused = await browser.PostAsync(
            path, form, ("segment", ""), ("list", ""), ("without-segment", ""), ("without-list", ""), ("act", "save"));
        Assert.Contains(
            "<small id=\"template-hint\" class=\"fault\">cannot be used: There is no template fleeting", refused.Text,
            StringComparison.Ordinal);
        Assert.Equal(campaign.Definition, await StoredAsync(campaign.Id));
    }

    [Fact]
    public async Task A_topic_that_is_configured_no_more_is_not_saved_as_another()
    {
        var campaign = await DraftAsync(d => d with { Template = "message", Audience = new Audience("retired", Channel.Email) });
        await product.Get<CampaignDesk>().UpdateAsync(campaign.Id, campaign.Definition with { Topic = "retired" }, "test", default);
        var browser = await product.SignedInAsync("editor-topic", Scope.Campaigns);
        var path = $"/console/campaigns/{campaign.Id}/edit";
        var refused = await browser.PostAsync(path, (await browser.GetAsync(path)).Fields(path), ("act", "save"));
        Assert.Contains("<small id=\"topic-hint\" class=\"fault\">must be one of", refused.Text, StringComparison.Ordinal);
        Assert.Equal("retired", (await StoredAsync(campaign.Id)).Topic);
    }

    [Fact]
    public async Task A_throttle_goes_with_no_schedule_in_each_recipients_zone_whichever_of_the_two_comes_first()
    {
        var throttled = await DraftAsync(d => d with { Throttle = new CampaignThrottle(600) });
        var browser = await product.SignedInAsync("editor-zone", Scope.Campaigns);
        var refused = await browser.PostAsync(
            $"/console/campaigns/{throttled.Id}/schedule", ("at", "2026-12-01T09:00"), ("clock", "recipient"), ("zone", "UTC"),
            ("confirm", "0"));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains(
            "A campaign with a throttle cannot be scheduled in the zone of each recipient.", refused.Text, StringComparison.Ordinal);
        Assert.Equal(CampaignStatus.Draft, (await product.Get<CampaignDesk>().FindAsync(throttled.Id, default))!.Status);

        var zoned = await DraftAsync(
            d => d with { Schedule = new CampaignSchedule(new DateTime(2026, 12, 1, 9, 0, 0), CampaignSchedule.Recipient, "UTC") });
        var path = $"/console/campaigns/{zoned.Id}/edit";
        refused = await browser.PostAsync(path, (await browser.GetAsync(path)).Fields(path), ("per-hour", "600"), ("act", "save"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("<small id=\"per-hour-hint\" class=\"fault\">A campaign with a throttle", refused.Text, StringComparison.Ordinal);
        Assert.Null((await StoredAsync(zoned.Id)).Throttle);
    }

    [Fact]
    public async Task Subjects_are_tried_with_no_schedule_in_each_recipients_zone_whichever_of_the_two_comes_first()
    {
        var tries = await DraftAsync(d => d with { SubjectTest = new SubjectTest(["Quiet", "Loud"], 50, TimeSpan.FromHours(2)) });
        var browser = await product.SignedInAsync("editor-subjects", Scope.Campaigns);
        var refused = await browser.PostAsync(
            $"/console/campaigns/{tries.Id}/schedule", ("at", "2026-12-01T09:00"), ("clock", "recipient"), ("zone", "UTC"),
            ("confirm", "0"));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains(
            "A campaign that tries subjects cannot be scheduled in the zone of each recipient", refused.Text, StringComparison.Ordinal);
        var answer = await product.PostAsync(
            $"/v1/campaigns/{tries.Id}/schedule", new { at = "2026-12-01T09:00:00", zone = "recipient", fallbackZone = "Etc/UTC" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("zone", Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
        Assert.Contains("own for a campaign that tries subjects", answer.Text, StringComparison.Ordinal);
        Assert.Equal(CampaignStatus.Draft, (await product.Get<CampaignDesk>().FindAsync(tries.Id, default))!.Status);

        var zoned = await DraftAsync(
            d => d with { Schedule = new CampaignSchedule(new DateTime(2026, 12, 1, 9, 0, 0), CampaignSchedule.Recipient, "UTC") });
        var path = $"/console/campaigns/{zoned.Id}/edit";
        refused = await browser.PostAsync(path, (await browser.GetAsync(path)).Fields(path), ("subjects", "Quiet\nLoud"), ("act", "save"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("class=\"fault\">A campaign that tries subjects", refused.Text, StringComparison.Ordinal);
        Assert.Null((await StoredAsync(zoned.Id)).SubjectTest);
    }

    [Fact]
    public async Task R24_Templates_stand_under_what_they_are_for_those_that_fit_first_and_one_of_another_topic_or_channel_is_told_at_once()
    {
        await SaveTemplateAsync("for-news");
        var browser = await product.SignedInAsync("editor-fits", Scope.Campaigns);
        async Task<(List<string?> Groups, string? Fault)> AskAsync(string topic, string channel, string act = "count")
        {
            var page = (await browser.PostAsync(
                "/console/campaigns/new", ("name", "Fits"), ("topic", topic), ("channel", channel), ("template", "for-news"), ("act", act)))
                .Document;
            Assert.Equal("for-news", page.QuerySelector("#template option[selected]")!.GetAttribute("value"));
            return (
                [.. page.QuerySelectorAll("#template optgroup").Select(g => g.GetAttribute("label"))],
                page.QuerySelector("#template-hint.fault")?.TextContent);
        }

        var (groups, fault) = await AskAsync("newsletter", "email");
        Assert.Equal(["Newsletter, email", "Newsletter, whichever channel", "Any topic"], groups.Take(3));
        Assert.Null(fault);
        foreach (var act in (string[])["count", "save"])
        {
            (groups, fault) = await AskAsync("promotions", "email", act);
            Assert.Equal(["Promotions, whichever channel", "Any topic"], groups.Take(2));
            Assert.Contains("Newsletter, email", groups.Skip(2));
            Assert.Equal("is for Newsletter, email: choose another, or that topic and channel", fault);
            Assert.Equal(
                "is for Newsletter, email: choose another, or that topic and channel", (await AskAsync("newsletter", "sms", act)).Fault);
        }
    }

    [Fact]
    public async Task R24_A_template_of_another_topic_is_refused_with_the_name_that_a_marketer_sees_and_the_key_that_programs_use()
    {
        await SaveTemplateAsync("names");
        Assert.Equal(
            "The template names is for the topic Newsletter (newsletter).",
            await product.Get<CampaignDesk>().TemplateProblemAsync(
                (await DraftAsync(d => d with { Template = "names" })).Definition with { Topic = TopicKey.Promotions }, default));
        var browser = await product.SignedInAsync("editor-names", Scope.Campaigns);
        var clash = await browser.PostAsync(
            "/console/templates/new", ("name", "names"), ("channel", "email"), ("locale", "de"), ("topic", "promotions"),
            ("subject", "Hallo"), ("html", "<p>Hallo</p>"), ("text", "Hallo"), ("layout", "standard"), ("act", "save"));
        Assert.Equal(
            "belongs to a template of the topic Newsletter; use that topic, or another name",
            clash.Document.QuerySelector("#name-hint.fault")!.TextContent);
    }
}
