using System.Net;
using System.Text.Json;
using AngleSharp.Dom;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Templates;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Templates;

namespace Notifications.Tests.ConsolePages;

/// <summary>The console says what it means in words that need no list of codes beside them.</summary>
public sealed class PlainWordsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static string Fact(IDocument page, string name) =>
        page.QuerySelectorAll(".facts div").First(d => d.QuerySelector("dt")!.TextContent == name).QuerySelector("dd")!.TextContent;

    [Fact]
    public async Task P9_The_subject_that_a_launch_confirms_is_as_it_is_read_and_a_number_that_the_dry_run_did_not_have_is_explained()
    {
        await product.Get<TemplateDesk>().SaveAsync(
            Letters.Newsletter("plain") with { Subject = "{{ data.title | default: 'Our letter' }} from {{ sender.name }}" }, 0, "test",
            default);
        var list = await product.Get<StaticLists>().CreateAsync("Plain", default);
        await product.Get<StaticLists>().AddAsync(list.Id, [await product.PersonAsync("one@plain.example")], default);
        Task<Campaign> DraftAsync(string name, string template, string? data = null, string? subject = null) =>
            product.Get<CampaignDesk>().DraftAsync(
                name,
                d => d with
                {
                    Template = template,
                    Subject = subject,
                    Data = data is null ? null : JsonElement.Parse(data),
                    Audience = d.Audience with { List = list.Id },
                });
        var campaign = await DraftAsync("Plain", "plain", """{"title":"Spring is here"}""");
        var own = await DraftAsync("Own", "plain", """{"title":"Spring"}""", "{{ data.title }} again");
        var broken = await DraftAsync("Gone", "gone");
        var browser = await product.SignedInAsync("plain-launch", Scope.Campaigns);
        async Task<IDocument> LaunchAsync(Campaign of) =>
            (await browser.PostAsync($"/console/campaigns/{of.Id}/launch", ("confirm", "-1"))).Document;
        var name = product.Get<SenderOptions>().Name;
        var asked = await LaunchAsync(campaign);
        Assert.Equal("Spring is here from " + name, Fact(asked, "Subject"));
        Assert.Contains("Without a dry run it is not known", asked.QuerySelector(".confirm")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Spring again", Fact(await LaunchAsync(own), "Subject"));
        Assert.StartsWith(
            "It cannot be shown: There is no such template",
            Fact((await browser.GetAsync("/console/campaigns/" + broken.Id)).Document, "Subject"), StringComparison.Ordinal);

        await product.Get<CampaignDesk>().DryRunAsync(campaign.Id, "test", default);
        Assert.Contains(
            "all of them are sent to", (await LaunchAsync(campaign)).QuerySelector(".confirm")!.TextContent, StringComparison.Ordinal);
        await product.Get<StaticLists>().AddAsync(list.Id, [await product.PersonAsync("two@plain.example")], default);
        var moved = (await LaunchAsync(campaign)).QuerySelector(".confirm")!.TextContent;
        Assert.Contains("This goes to 2 recipients.", moved, StringComparison.Ordinal);
        Assert.Contains("counted 1. People come into the audience and leave it: since then there are 1 more.", moved, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one", "Europe/Lisbon", "15 Dec 2026, 09:30 in Europe/Lisbon, which is 15 Dec 2026, 09:30 UTC")]
    [InlineData("one", "Asia/Tokyo", "15 Dec 2026, 09:30 in Asia/Tokyo, which is 15 Dec 2026, 00:30 UTC")]
    [InlineData("one", "UTC", "15 Dec 2026, 09:30 UTC")]
    [InlineData(
        "recipient", "Asia/Tokyo",
        "15 Dec 2026, 09:30 where each recipient is, or in Asia/Tokyo where that is not known; the first at 14 Dec 2026, 19:30 UTC")]
    public async Task Of_each_time_of_a_scheduled_campaign_it_is_said_by_which_clock_and_the_clock_is_a_choice(
        string clock, string zone, string says)
    {
        await product.PersonAsync("scheduled@plain.example");
        var path = "/console/campaigns/" + (await product.Get<CampaignDesk>().DraftAsync("Scheduled " + zone)).Id;
        var browser = await product.SignedInAsync("plain-schedule", Scope.Campaigns);
        var options = (await browser.GetAsync(path)).Document.QuerySelectorAll("select[name=clock] option")
            .Select(o => o.GetAttribute("value"));
        Assert.Equal(["one", "recipient"], options);
        var asked = await browser.PostAsync(
            path + "/schedule", ("at", "2026-12-15T09:30"), ("clock", clock), ("zone", zone), ("confirm", "-1"));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync(path + "/schedule", asked.Fields(path + "/schedule"))).Status);
        var scheduled = (await browser.GetAsync(path)).Document;
        Assert.Equal(says, Fact(scheduled, "Launches"));
        Assert.Equal(clock, scheduled.QuerySelector("select[name=clock] option[selected]")!.GetAttribute("value"));
        Assert.Equal(zone, scheduled.QuerySelector("select[name=zone] option[selected]")!.GetAttribute("value"));
    }

    [Fact]
    public async Task A_campaign_of_text_messages_tells_of_no_opens_and_its_channel_has_one_name_everywhere()
    {
        var desk = product.Get<CampaignDesk>();
        var text = await desk.DraftAsync(
            "Text", d => d with { Channel = Channel.Sms, Audience = new Audience(TopicKey.Newsletter, Channel.Sms) });
        string Shown(Campaign of) => Notifications.Web.Console.CampaignProgress.Render(of, new CampaignTally(of).Stats(false, null)).Value;
        Assert.DoesNotContain("Opened", Shown(text), StringComparison.Ordinal);
        Assert.Contains("Opened", Shown(await desk.DraftAsync("Mail")), StringComparison.Ordinal);
        var key = await product.BlockAsync(CoreProduct.Phone("+14155550177"));
        var browser = await product.SignedInAsync("plain-channel", Scope.All);
        foreach (var path in (string[])["/console/campaigns/" + text.Id, "/console/people/" + key.Value])
            Assert.Equal("text message", Fact((await browser.GetAsync(path)).Document, "Channel"));
        Assert.DoesNotContain(
            (await browser.GetAsync("/console/blocked")).Document.QuerySelectorAll("td[data-label=Channel]"), c => c.TextContent == "sms");
    }

    [Fact]
    public async Task What_a_file_fails_at_is_said_above_the_form_and_its_row_once()
    {
        var browser = await product.SignedInAsync("plain-import", Scope.Contacts);
        using var upload = new MultipartFormDataContent
        {
            { new StringContent(browser.Token!), "form" },
            { new StringContent("preview"), "act" },
            { new ByteArrayContent("email,topic\n\"a@plain.example,newsletter\n"u8.ToArray()), "file", "people.csv" },
        };
        var page = (await browser.SendAsync(HttpMethod.Post, "/console/imports", upload)).Document;
        var said = page.QuerySelector("#failure [role=alert]")!;
        Assert.Equal(1, said.TextContent.Split("Row ").Length - 1);
        Assert.True(
            said.CompareDocumentPosition(page.QuerySelector("form[action='/console/imports']")!)
                .HasFlag(DocumentPositions.Following));
    }

    [Fact]
    public async Task R31_The_list_of_rights_requests_says_whose_each_is_and_what_they_ask()
    {
        var request = await product.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Portability, [CoreProduct.Email("asks@plain.example"), CoreProduct.Email("asks.too@plain.example")], null, null,
            null, "test", default);
        var browser = await product.SignedInAsync("plain-rights", Scope.Privacy);
        var row = (await browser.GetAsync("/console/requests")).Document.QuerySelectorAll("tbody tr")
            .First(r => r.QuerySelector($"a[href='/console/requests/{request.Id}']") is not null);
        Assert.Equal(
            ("asks@plain.example and 1 more", "Portability"),
            (row.QuerySelector("td[data-label=Whose]")!.TextContent, row.QuerySelector("td[data-label=Right]")!.TextContent));
        Assert.Equal("30 days left", row.QuerySelector("td[data-label=Status]")!.TextContent);
        Assert.StartsWith(
            "Portability ", (await browser.GetAsync("/console/requests/" + request.Id)).Document.QuerySelector("h1")!.TextContent,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_code_stands_where_words_can()
    {
        var bounced = await product.BlockAsync(CoreProduct.Email("bounced@plain.example"), SuppressionReason.Bounce);
        var agreed = await product.PersonAsync("agreed@plain.example");
        var list = await product.Get<StaticLists>().CreateAsync("Codes", default);
        await product.Get<StaticLists>().AddAsync(list.Id, [bounced, agreed], default);
        await product.Get<LedgerSeals>().SealAsync(default);
        var reviews = product.Get<ReviewDesk>();
        var item = new ReviewItem
        {
            Id = reviews.IdOf("plain", product.Time.GetUtcNow()),
            Channel = Channel.Email,
            AddressKey = agreed.Value,
            From = "agreed@plain.example",
            Text = "When do you close?",
            At = product.Time.GetUtcNow(),
        };
        await reviews.OpenAsync(item, default);
        await reviews.ResolveAsync(item.Id, ReviewVerdict.NotARevocation, "test", default);
        await product.Get<TemplateDesk>().SaveAsync(
            new TemplateSource
            {
                Name = "plain-text",
                Topic = TopicKey.Newsletter,
                Channel = Channel.Sms,
                Locale = "en",
                Text = "News",
            },
            0, "test", default);
        var browser = await product.SignedInAsync("plain-codes", Scope.All);
        Assert.Equal(
            HttpStatusCode.SeeOther,
            (await browser.PostAsync(
                "/console/segments/new", ("name", "Readers"), ("engagedSince", "60 days"), ("subscribedBefore", "2026-01-31"),
                ("act", "save"))).Status);
        Assert.Contains(
            "P60D",
            JsonSerializer.Serialize(
                (await product.Get<StoredSegments>().ListAsync(null, 10, default)).Single(s => s.Name == "Readers").Filter,
                CoreJson.Default.Segment),
            StringComparison.Ordinal);
        async Task<string> SaysAsync(string path) => (await browser.GetAsync(path)).Document.QuerySelector("main")!.TextContent;
        foreach (var (path, says, code) in ((string, string, string)[])
        [
            ("/console/people/" + agreed.Value, "it counts as if they had clicked.", "(R42)"),
            ("/console/people/" + bounced.Value, "Blocked since 24 Nov 2026: it refuses mail", "2026-11-24"),
            ("/console/people/" + bounced.Value + "?topic=newsletter", "blocked: refuses mail", "suppressed-bounce"),
            ("/console/blocked", "It refuses mail", "hash"),
            ("/console/lists/" + list.Id, "2 addresses.", "hash"),
            (
                "/console/segments", "subscribed before 31 Jan 2026; opened or clicked in the last 60 days", "P60D"),
            ("/console/review?show=decided", "They meant something else", "revocation"),
            ("/console/ledger", "24 Nov 2026", "2026-11-24"),
            ("/console/templates/plain-text:sms:en", "characters.", "gsm"),
        ])
        {
            var text = await SaysAsync(path);
            Assert.Contains(says, text, StringComparison.Ordinal);
            Assert.DoesNotContain(code, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_with_something_wrong_puts_the_focus_on_the_first_field_of_it_and_on_one_alone()
    {
        var list = await product.Get<StaticLists>().CreateAsync("Wrong", default);
        var draft = "/console/campaigns/" + (await product.Get<CampaignDesk>().DraftAsync("Wrong")).Id;
        var browser = await product.SignedInAsync("plain-wrong", Scope.All);
        foreach (var (path, form, field) in ((string, (string, string)[], string)[])
        [
            ("/console/keys", [("name", "a name")], "name"),
            ("/console/keys", [("name", "fine")], "scope-send"),
            ("/console/blocked", [("who", "nobody")], "who"),
            ("/console/people", [("who", "nobody@")], "who"),
            ("/console/lists/" + list.Id, [("addresses", "nobody"), ("act", "add")], "addresses"),
            (draft + "/test", [("to", "nobody")], "to"),
            (draft + "/schedule", [("at", ""), ("zone", "Europe/Nowhere"), ("confirm", "-1")], "at"),
            ("/console/segments/new", [("name", "Wrong"), ("country", "Portugal"), ("subscribedSince", "then"), ("act", "save")], "country"),
            ("/console/requests", [("type", "access"), ("who", "nobody@"), ("receivedAt", "then")], "who"),
        ])
        {
            var page = (await browser.PostAsync(path, form)).Document;
            var focused = Assert.Single(page.QuerySelectorAll("main [autofocus]"));
            Assert.Equal((field, "true"), (focused.GetAttribute("name"), focused.GetAttribute("aria-invalid")));
            Assert.Equal(page.QuerySelector("main [aria-invalid]"), focused);
            Assert.NotEmpty(page.GetElementById(focused.GetAttribute("aria-describedby")!)!.TextContent);
            Assert.True(focused.Closest("details")?.HasAttribute("open") ?? true);
        }

        Assert.DoesNotContain("autofocus", (await browser.GetAsync("/console/keys")).Text, StringComparison.Ordinal);
    }
}
