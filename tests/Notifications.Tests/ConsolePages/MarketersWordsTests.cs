using System.Net;
using System.Text;
using AngleSharp.Html.Parser;
using Notifications.Access;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Templates;

namespace Notifications.Tests.ConsolePages;

/// <summary>What the console tells those who write: in the words of the form that they fill in, and once.</summary>
public sealed class MarketersWordsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("<h1>{{ data.title </h1>", "standard", "HTML, line 1: End of tag '}}' was expected Correct the Liquid at this place.")]
    [InlineData(
        "<p>{{ sender.name }}</p>", "none",
        "HTML: Email must carry a link to unsubscribe. Add <a href=\"{{ unsubscribeUrl }}\"> or <a href=\"{{ preferencesUrl }}\"> outside of every condition, or use the shared layout, which adds it.")]
    [InlineData(
        "<p>20 % off</p>", "standard",
        "HTML, line 1: '20 % off' reads as advertising. Messages of this topic carry no advertising: leave it out, or send it under a marketing topic to those who asked for that.")]
    public async Task R24_What_is_found_in_a_template_is_said_with_the_names_of_its_form_and_without_codes(
        string html, string layout, string says)
    {
        var page = (await (await product.SignedInAsync("finds", Scope.Campaigns)).PostAsync(
            "/console/templates/new", ("name", "finds"), ("channel", "email"), ("locale", "en"), ("topic", "package-updates"),
            ("subject", "Hello"), ("html", html), ("layout", layout), ("act", "preview"))).Document;
        Assert.Contains(says, page.QuerySelectorAll(".findings li").Select(f => f.TextContent.Split(' ', 2)[1].Trim()));
        Assert.DoesNotContain("Source:", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_template_and_a_new_segment_begin_with_a_topic_of_marketing_and_a_preview_needs_no_proper_name()
    {
        var browser = await product.SignedInAsync("begins", Scope.Campaigns);
        Assert.Equal("promotions", (await browser.GetAsync("/console/templates/new")).Fields("/console/templates/new")["topic"]);
        Assert.Equal("promotions/email", (await browser.GetAsync("/console/segments/new")).Fields("/console/segments/new")["among"]);
        var page = (await browser.PostAsync(
            "/console/templates/new", ("name", "Spring News!"), ("channel", "email"), ("locale", "en"), ("topic", "newsletter"),
            ("subject", "Spring is here"), ("html", "<p>Spring</p>"), ("layout", "standard"), ("act", "preview"))).Document;
        Assert.Contains("Spring is here", page.QuerySelector("#preview")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Spring News!", page.QuerySelector("#name")!.GetAttribute("value"));
    }

    [Theory]
    [InlineData("German", "must be language tags such as de or pt-BR, and none is German")]
    [InlineData("de, pt-BR, en-PT, zh-Hant-HK", null)]
    public async Task What_is_no_language_is_refused_in_a_segment_that_would_select_nobody(string languages, string? says)
    {
        var browser = await product.SignedInAsync("languages", Scope.Campaigns);
        var answer = await browser.PostAsync("/console/segments/new", ("name", "Languages"), ("locale", languages), ("act", "save"));
        Assert.Equal(says is null ? HttpStatusCode.SeeOther : HttpStatusCode.BadRequest, answer.Status);
        if (says is not null) Assert.Equal(says, answer.Document.QuerySelector("#locale-hint")!.TextContent);
    }

    [Fact]
    public async Task A_segment_that_is_written_out_as_the_API_takes_it_is_saved()
    {
        var browser = await product.SignedInAsync("writes", Scope.Campaigns);
        var answer = await browser.PostAsync(
            "/console/segments/new", ("name", "Written out"), ("filter", """{"all":[{"locale":"de"},{"tag":"vip"}]}"""), ("act", "save"));
        Assert.Equal(HttpStatusCode.SeeOther, answer.Status);
    }

    [Fact]
    public async Task Of_subjects_on_trial_it_is_said_when_the_better_one_is_chosen_for_everybody_else()
    {
        var draft = await product.Get<CampaignDesk>().DraftAsync("Trial");
        var since = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        var running = draft with
        {
            Definition = draft.Definition with { SubjectTest = new(["One", "Two"], 50, TimeSpan.FromMinutes(90), SubjectMeasure.Clicks) },
            RunningSince = since,
            RanFor = TimeSpan.FromMinutes(30),
        };
        string Shown(Campaign of) => new HtmlParser().ParseDocument(
            Notifications.Web.Console.CampaignProgress.Render(of, new CampaignTally(of).Stats(false, null)).Value).Body!.TextContent;
        Assert.Contains(
            "Everybody else waits for the one with more clicks: it is chosen at 24 Nov 2026, 13:00 UTC", Shown(running),
            StringComparison.Ordinal);
        Assert.Contains("while the campaign stands still", Shown(running with { RunningSince = null }), StringComparison.Ordinal);
        Assert.DoesNotContain("Everybody else", Shown(running with { Winner = 1 }), StringComparison.Ordinal);
        Assert.DoesNotContain("Everybody else", Shown(draft), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R24_A_template_that_is_saved_with_warnings_is_said_to_be()
    {
        var browser = await product.SignedInAsync("warned", Scope.Campaigns);
        async Task<string> SavedAsync(string name, string html)
        {
            var saved = await browser.PostAsync(
                "/console/templates/new", ("name", name), ("channel", "email"), ("locale", "en"), ("topic", "package-updates"),
                ("subject", "Hello"), ("html", html), ("text", "Hello"), ("layout", "standard"), ("act", "save"));
            return (await browser.GetAsync(saved.Location!)).Document.QuerySelector(".said")!.TextContent;
        }

        Assert.Equal("Saved.", await SavedAsync("quiet", "<p>Hello</p>"));
        Assert.Equal("Saved, with warnings: somebody should look at them.", await SavedAsync("loud", "<p>20 % off</p>"));
    }

    [Fact]
    public async Task What_only_counts_or_shows_needs_no_name()
    {
        var browser = await product.SignedInAsync("counts", Scope.Campaigns);
        foreach (var (path, act, form) in ((string, string, (string, string)[])[])
        [
            ("/console/segments/new", "count", [("locale", "en"), ("among", "newsletter/email")]),
            ("/console/segments/new", "count", [("among", "newsletter/email")]),
            ("/console/campaigns/new", "count", [("topic", "newsletter"), ("channel", "email"), ("template", "newsletter")]),
            (
                "/console/templates/new", "preview",
                [
                    ("topic", "newsletter"), ("channel", "email"), ("locale", "en"), ("subject", "Hello"), ("html", "<p>Hello</p>"),
                    ("layout", "standard"),
                ]),
        ])
        {
            var button = (await browser.GetAsync(path)).Document.QuerySelector($"main form button[value={act}]")!;
            Assert.True(button.HasAttribute("formnovalidate"), path);
            Assert.Equal((path, HttpStatusCode.OK), (path, (await browser.PostAsync(path, [.. form, ("act", act)])).Status));
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_segments_date_is_said_as_its_hint_says_what_is_right()
    {
        var page = (await (await product.SignedInAsync("dates", Scope.Campaigns)).PostAsync(
            "/console/segments/new", ("name", "Dates"), ("subscribedSince", "yesterday"), ("act", "save"))).Document;
        Assert.Equal(
            "must be a date such as 2026-01-31, or a time back such as 90 days",
            page.QuerySelector("#subscribedSince-hint.fault")!.TextContent);
    }

    [Fact]
    public async Task R69_A_letter_is_discarded_by_what_it_is_and_why_and_when_it_was_given_up()
    {
        await product.Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("named"), 5, default);
        var letter = (await product.Get<DeadLetters>().ListAsync(Queues.Inbound, null, 1, default))[0].Id;
        var browser = await product.SignedInAsync("discards", Scope.Admin);
        var row = (await browser.GetAsync("/console/dead-letters")).Document.QuerySelector("tbody tr")!.TextContent;
        var asked = (await browser.PostAsync($"/console/dead-letters/{Queues.Inbound}/{letter}/discard")).Document;
        foreach (var word in (string[])["A letter of 5 bytes", "not known"])
        {
            Assert.Contains(word, row, StringComparison.Ordinal);
            Assert.Contains(word, asked.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(letter, asked.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        // What is gone is not asked about.
        Assert.Equal(
            "/console/dead-letters?said=gone",
            (await browser.PostAsync($"/console/dead-letters/{Queues.Inbound}/none/discard")).Location);
    }

    [Fact]
    public async Task What_was_refused_stands_in_no_box_of_what_was_done_and_an_edit_conflict_is_one_box()
    {
        var browser = await product.SignedInAsync("refused", Scope.All);
        foreach (var said in (string[])["stale", "gone", "not-possible"])
        {
            var page = (await browser.GetAsync("/console/templates?said=" + said)).Document;
            Assert.Null(page.QuerySelector(".said"));
            Assert.NotNull(page.QuerySelector(".warn[role=alert]"));
        }

        var path = $"/console/campaigns/{(await product.Get<CampaignDesk>().DraftAsync("Conflict")).Id}/edit";
        var clash = (await browser.PostAsync(path, (await browser.GetAsync(path)).Fields(path), ("seen", "7"), ("act", "save"))).Document;
        Assert.StartsWith(
            "The campaign was changed by somebody else meanwhile; nothing was saved.",
            Assert.Single(clash.QuerySelectorAll("main .warn[role=alert]")).TextContent, StringComparison.Ordinal);
        await product.Get<TemplateDesk>().SaveAsync(Letters.Newsletter("clash"), 0, "test", default);
        const string template = "/console/templates/clash:email:en";
        var typed = (await browser.GetAsync(template)).Fields(template);
        clash = (await browser.PostAsync(template, typed, ("seen", "7"), ("act", "save"))).Document;
        Assert.EndsWith(
            "bring both together. Nothing was saved.", Assert.Single(clash.QuerySelectorAll("main .warn[role=alert]")).TextContent,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_member_that_nothing_is_known_of_leads_nowhere_and_neither_does_the_alert_of_a_request_that_is_gone()
    {
        var list = await product.Get<StaticLists>().CreateAsync("Unknown", default);
        var key = product.Get<Notifications.Security.KeyRing>().KeyOf(CoreProduct.Email("unknown@words.example"));
        await product.Get<StaticLists>().AddAsync(list.Id, [key, await product.PersonAsync("known@words.example")], default);
        await product.Get<Notifications.Events.OperatorAlerts>().RaiseAsync(
            "request-due", "A request is to be answered.", "0001-r", default);
        var browser = await product.SignedInAsync("leads", Scope.All);
        Assert.Single((await browser.GetAsync("/console/lists/" + list.Id)).Document.QuerySelectorAll("tbody a"));
        var alerts = (await browser.GetAsync("/console/alerts")).Document.QuerySelector("main")!;
        Assert.Contains("A request is to be answered.", alerts.TextContent, StringComparison.Ordinal);
        Assert.Empty(alerts.QuerySelectorAll("tbody a"));
    }

    [Fact]
    public async Task P9_Who_launches_a_scheduled_campaign_is_told_that_its_schedule_is_dropped_and_a_deleted_segment_is_called_that()
    {
        await product.PersonAsync("scheduled@words.example");
        var browser = await product.SignedInAsync("drops", Scope.Campaigns);
        async Task<string> AskedAsync(Campaign of) =>
            (await browser.PostAsync($"/console/campaigns/{of.Id}/launch", ("confirm", "-1"))).Document.QuerySelector("main")!.TextContent;
        var desk = product.Get<CampaignDesk>();
        var draft = await desk.DraftAsync("Drops");
        Assert.DoesNotContain("Its schedule is dropped", await AskedAsync(draft), StringComparison.Ordinal);
        var schedule = new CampaignSchedule(new DateTime(2026, 12, 1, 9, 0, 0), "Etc/UTC");
        Assert.True((await desk.ScheduleAsync(draft.Id, schedule, null, "test", default)).Done);
        Assert.Contains("Its schedule is dropped", await AskedAsync(draft), StringComparison.Ordinal);

        var segment = await product.Get<StoredSegments>().CreateAsync("Deleted", new LocaleIn(["en"]), default);
        var orphan = await desk.DraftAsync("Orphan", d => d with { Audience = d.Audience with { Segment = new SegmentRef(segment.Id) } });
        Assert.True((await product.Get<StoredSegments>().DeleteAsync(segment.Id, default)).Done);
        Assert.Contains("names a segment that is deleted", await AskedAsync(orphan), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("German", "must be a language tag such as en or pt-BR, and none is German")]
    [InlineData("pt_BR", "must be a language tag such as en or pt-BR")]
    [InlineData("", "is required")]
    [InlineData("zh-hant-HK", null)]
    public async Task The_language_of_a_new_template_is_looked_at_with_every_preview_and_with_the_save(string language, string? says)
    {
        var browser = await product.SignedInAsync("template-languages", Scope.Campaigns);
        foreach (var act in (string[])["preview", "save"])
        {
            var answer = await browser.PostAsync(
                "/console/templates/new", ("name", "tongues"), ("channel", "email"), ("locale", language), ("topic", "newsletter"),
                ("subject", "Spring is here"), ("html", "<p>Spring</p>"), ("text", "Spring"), ("layout", "standard"), ("act", act));
            if (act == "save" && says is null)
            {
                Assert.Equal("/console/templates/tongues:email:zh-Hant-HK?said=saved", answer.Location);
                continue;
            }

            Assert.Equal(says, answer.Document.QuerySelector("#locale-hint.fault")?.TextContent);
            // What is wrong with it hides no preview.
            if (act == "preview")
                Assert.Contains("Spring is here", answer.Document.QuerySelector("#preview")!.TextContent, StringComparison.Ordinal);
        }

        // Those that have texts of ours are offered.
        var offered = (await browser.GetAsync("/console/templates/new")).Document.QuerySelectorAll("#locale-list option")
            .Select(o => (o.GetAttribute("value"), o.TextContent)).ToList();
        Assert.Contains(("de", "German"), offered);
        Assert.Equal(Notifications.Packages.PackageTexts.Languages.Count(), offered.Count);
    }

    [Fact]
    public async Task A_template_leads_to_its_other_languages_and_to_a_further_one_that_begins_as_a_copy()
    {
        var english = Letters.Newsletter("polyglot");
        foreach (var source in (TemplateSource[])[english, english with { Locale = "de", Subject = "Hallo" }])
            await product.Get<TemplateDesk>().SaveAsync(source, 0, "test", default);
        var browser = await product.SignedInAsync("polyglot", Scope.Campaigns);
        var page = (await browser.GetAsync("/console/templates/polyglot:email:de")).Document;
        Assert.Equal(
            ["/console/templates/polyglot:email:en"], page.QuerySelectorAll(".languages a.tag").Select(a => a.GetAttribute("href")));
        var further = await browser.GetAsync(page.QuerySelector("a[href*='?of=']")!.GetAttribute("href")!);
        var form = further.Fields("/console/templates/new");
        Assert.Equal(
            ("polyglot", "newsletter", "email", "", "Hallo", "<p>Hello</p>"),
            (form["name"], form["topic"], form["channel"], form["locale"], form["subject"], form["html"]));
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/console/templates/new?of=polyglot:email:fr")).Status);
        var saved = await browser.PostAsync("/console/templates/new", form, ("locale", "pt"), ("act", "save"));
        Assert.StartsWith("/console/templates/polyglot:email:pt?said=saved", saved.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_some_get_nothing_is_told_where_somebody_was_skipped()
    {
        var draft = await product.Get<CampaignDesk>().DraftAsync("Nobody skipped");
        var none = new CampaignTally(draft).Stats(false, null);
        string Shown(CampaignStats stats) => Notifications.Web.Console.CampaignProgress.Render(draft, stats).Value;
        Assert.DoesNotContain("Why some get nothing", Shown(none), StringComparison.Ordinal);
        var skipped = none with { Skipped = new SortedDictionary<string, long>(StringComparer.Ordinal) { ["unsubscribed"] = 2 } };
        Assert.Contains("Why some get nothing", Shown(skipped), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subject_that_reads_data_that_are_not_there_is_shown_as_empty()
    {
        var browser = await product.SignedInAsync("empty-subject", Scope.Campaigns);
        async Task<string> SubjectAsync(string data) =>
            (await browser.PostAsync(
                "/console/templates/new", ("channel", "email"), ("locale", "en"), ("topic", "newsletter"), ("subject", "{{ data.title }}"),
                ("html", "<p>Hello</p>"), ("layout", "standard"), ("data", data), ("act", "preview")))
            .Document.QuerySelector("#preview .lead")!.TextContent.Trim();
        Assert.Equal("Subject: empty with these data", await SubjectAsync(""));
        Assert.Equal("Subject: Spring", await SubjectAsync("""{"title":"Spring"}"""));
    }

    [Fact]
    public async Task M14_The_settings_say_whom_an_export_names_and_in_which_words()
    {
        var browser = await product.SignedInAsync("names-processors", Scope.Send);
        async Task<string> PrivacyAsync() =>
            (await browser.GetAsync("/console/settings")).Document.QuerySelectorAll("main dl")[^1].TextContent;
        Assert.Contains("to read in the person’s languageMicrosoft (Azure Communication Services)", await PrivacyAsync(), StringComparison.Ordinal);
        var options = product.Get<Notifications.Privacy.PrivacyOptions>();
        options.Processors = ["Acme Mail: addresses"];
        try
        {
            Assert.Contains("to persons of every languageAcme Mail: addresses", await PrivacyAsync(), StringComparison.Ordinal);
        }
        finally
        {
            options.Processors = null;
        }
    }
}
