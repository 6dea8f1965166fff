using System.Text.Json;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Infra;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Web.Console;

namespace Notifications.Tests.ConsolePages;

/// <summary>What a record holds by a machine's word, the console says in words.</summary>
public sealed partial class RecordWordsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static IElement Row(IDocument page, string holding) =>
        page.QuerySelectorAll("tbody tr").First(r => r.TextContent.Contains(holding, StringComparison.Ordinal));

    private static string Cell(IElement row, string name) => row.QuerySelector($"td[data-label='{name}']")!.TextContent.Trim();

    [Fact]
    public void P2_R68_Every_machine_word_of_a_record_has_words_in_the_console_and_every_alert_what_to_do()
    {
        Assert.All(DecisionRules.All, r => Assert.NotNull(RecordWords.Rule(r.Name)));
        foreach (var action in Enum.GetValues<LedgerAction>().Except([LedgerAction.OptIn, LedgerAction.Confirm, LedgerAction.Erase]))
            Assert.NotEqual(Notifications.Web.Console.Parts.Word(action), RecordWords.Of(action));
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operate.md"));
        guide = guide[guide.IndexOf("### `operator-needed`", StringComparison.Ordinal)..];
        var alerts = Kinds().Matches(guide[..guide.IndexOf("\n## ", StringComparison.Ordinal)]).Select(m => m.Groups[1].Value).ToList();
        Assert.Contains("request-due", alerts);
        Assert.All(alerts, a => Assert.True(RecordWords.Alert(a) is not null, a + " has no words"));
        Assert.All(alerts, a => Assert.True(RecordWords.Remedy(a) is { Length: > 20 }, a + " has nothing to do"));

        // Whatever the sources name as an act of the audit.
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith("AuditWords.cs", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal));
        var acts = sources.SelectMany(f => Acts().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)).Distinct().ToList();
        Assert.True(acts.Count > 35, string.Join(' ', acts));
        Assert.All(acts, a => Assert.True(AuditWords.Act(a) is not null, a + " has no words"));
    }

    [Fact]
    public void R68_What_the_product_does_by_itself_is_told_from_what_a_key_of_the_same_name_does()
    {
        Assert.Equal("by itself", RecordWords.Actor(CampaignStops.Itself));
        Assert.Equal("campaigns, a program", RecordWords.Actor("service:campaigns"));
        Assert.Equal("campaigns", RecordWords.Actor("agent:campaigns"));
    }

    [Fact]
    public async Task P2_A_look_up_and_a_receipt_name_ledger_entries_ways_people_and_rules_in_words()
    {
        var key = await product.PersonAsync("words@records.example");
        var console = await product.SignedInAsync("sofia", Scope.All);
        await product.PostAsync(
            "/v1/messages",
            new { topic = "newsletter", to = new { email = "words@records.example" }, data = new { subject = "s", intro = "i" } });
        await product.WorkAsync();
        await console.PostAsync($"/console/people/{key.Value}/stop", ("topic", LedgerDraft.AllTopics), ("source", "phone"));
        var person = (await console.GetAsync("/console/people/" + key.Value)).Document;
        var day = product.Time.GetUtcNow().UtcDateTime.ToString("d MMM yyyy", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"Stopped everything on {day}: by phone", person.QuerySelector(".badges")!.TextContent.Trim());
        var stop = Row(person, "stopped everything");
        Assert.Equal(("by phone", "sofia"), (Cell(stop, "Source"), Cell(stop, "Who")));
        foreach (var word in (string[])["stop-all", "console-phone", "opt-in", "agent:"])
            Assert.DoesNotContain(word, person.QuerySelector("main")!.TextContent, StringComparison.Ordinal);

        var receipt = (await console.GetAsync(person.QuerySelector("a[href*='/messages/']")!.GetAttribute("href")!)).Document;
        var rules = receipt.QuerySelectorAll("tbody tr").ToDictionary(
            r => Cell(r, "In records"), r => Cell(r, "Rule"));
        Assert.Equal(DecisionRules.All.Select(r => (r.Name, RecordWords.Rule(r.Name)!)), rules.Select(r => (r.Key, r.Value)));
        Assert.Equal(
            ["taken in", "allowed, and begun to be handed off", "taken by the provider"],
            receipt.QuerySelectorAll(".timeline strong").Select(e => e.TextContent).Take(3));
    }

    [Fact]
    public async Task R68_The_audit_says_acts_segments_and_blocks_in_words_and_leads_to_what_they_were_done_to()
    {
        var desk = product.Get<AudienceDesk>();
        async Task<StoredSegment> KeepAsync(string filter) =>
            await desk.CreateSegmentAsync("Words", JsonSerializer.Deserialize(filter, CoreJson.Default.Segment)!, "agent:sofia", default);
        var simple = await KeepAsync("""{"engagedSince":"P60D","locale":["de"]}""");
        var nested = await KeepAsync("""{"any":[{"not":{"tag":["vip"]}},{"all":[{"country":["PT"]},{"watching":true}]}]}""");
        await product.PostAsync("/v1/suppressions", new { email = "audit@records.example", reason = "bounce" });
        var key = product.Key(CoreProduct.Email("audit@records.example")).Value;
        var console = await product.SignedInAsync("audits-words", Scope.All);
        var audit = (await console.GetAsync("/console/audit")).Document;
        foreach (var (subject, path, act, change) in ((string, string, string, string)[])
        [
            (simple.Id, "/console/segments/", "made a segmentsegment.create", "opened or clicked in the last 60 days; language de"),
            (nested.Id, "/console/segments/", "made a segmentsegment.create", "one of: not tag vip, or (country PT; follows a package)"),
            (key, "/console/people/", "blocked an addresssuppression.add", "it refuses mail"),
        ])
        {
            var row = Row(audit, subject);
            Assert.Equal((act, change), (Cell(row, "Act"), Cell(row, "Change")));
            Assert.Equal(path + subject, row.QuerySelector("td[data-label=On] a")!.GetAttribute("href"));
        }

        Assert.Equal("sofia", Cell(Row(audit, simple.Id), "Who"));
        Assert.Contains(
            "not tag vip", (await console.GetAsync("/console/segments")).Document.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R31_The_alert_of_a_request_that_is_due_says_what_it_is_and_whose_and_leads_there_for_whoever_may_look()
    {
        var request = await product.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Portability, [CoreProduct.Email("due@records.example")], null, null, null, "test", default,
            came: product.Time.GetUtcNow().AddDays(-26));
        await product.Get<PrivacyDesk>().RunAsync(default);
        var page = (await (await product.SignedInAsync("alerts-words", Scope.All)).GetAsync("/console/alerts")).Document;
        var row = Row(page, "request-due");
        var day = request.DueAt.UtcDateTime.ToString("d MMM yyyy", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal("A rights request is due soonrequest-due", Cell(row, "Kind"));
        Assert.Equal($"Portability of due@records.example, to be answered by {day}.", Cell(row, "What"));
        Assert.StartsWith("Answer the person, or extend", Cell(row, "What to do"), StringComparison.Ordinal);
        Assert.Equal("/console/requests/" + request.Id, row.QuerySelector("td[data-label=What] a")!.GetAttribute("href"));

        // Whoever may not look people up is told what the log tells.
        var admin = Row((await (await product.SignedInAsync("alerts-admin", Scope.Admin)).GetAsync("/console/alerts")).Document, "request-due");
        Assert.DoesNotContain("due@records.example", admin.TextContent, StringComparison.Ordinal);
        Assert.Contains(request.Id, admin.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R34_Of_an_erased_person_it_is_said_that_they_are_and_not_that_nothing_was_ever_agreed_or_sent()
    {
        var key = await product.PersonAsync("gone@records.example");
        var console = await product.SignedInAsync("erased-words", Scope.All);
        await console.PostAsync("/console/requests", ("type", "erasure"), ("who", "gone@records.example"), ("sure", "yes"));
        var main = (await console.GetAsync("/console/people/" + key.Value)).Document.QuerySelector("main")!;
        Assert.Equal(
            ["erased", "erased"],
            main.QuerySelectorAll("table.grid")[0].QuerySelectorAll("td[data-label=Status]").Select(s => s.TextContent.Trim()).Take(2));
        Assert.Contains("What was sent to it is erased.", main.TextContent, StringComparison.Ordinal);
        Assert.Contains("Nothing is left to do", main.TextContent, StringComparison.Ordinal);
        Assert.Empty(main.QuerySelectorAll($"form[action='/console/people/{key.Value}/stop']"));
        Assert.DoesNotContain("never agreed", main.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R42_M9_How_a_person_said_stop_to_an_agent_stands_in_their_export_in_their_language_and_in_the_console_in_words()
    {
        var console = await product.SignedInAsync("nuno", Scope.All);
        foreach (var texts in Notifications.Web.Pages.Texts.All)
        {
            var mail = CoreProduct.Email($"told.{texts.Language}@records.example");
            await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = mail.Value,
                    topic = "newsletter",
                    action = "opt-in",
                    source = "form",
                    wording = "Send it to me.",
                    locale = texts.Language,
                });
            var key = product.Key(mail);
            foreach (var (topic, source) in ((string, string)[])[(TopicKey.Newsletter, "phone"), (LedgerDraft.AllTopics, "counter")])
                await console.PostAsync($"/console/people/{key.Value}/stop", ("topic", topic), ("source", source));
            var sources = (await console.GetAsync("/console/people/" + key.Value)).Document
                .QuerySelectorAll("td[data-label=Source]").Select(s => s.TextContent.Trim()).ToList();
            foreach (var words in (string[])["by phone", "in person"]) Assert.Contains(words, sources);
            var link = new Uri(product.Get<Notifications.Unsubscribe.Links>().Preferences(key, mail.Channel)).AbsolutePath;
            var shown = (await product.FormAsync(link, texts.Language, ("export", "html"))).Body;
            Assert.Contains(texts.SaidByPhone, shown, StringComparison.Ordinal);
            Assert.Contains(texts.SaidInPerson, shown, StringComparison.Ordinal);
            Assert.DoesNotContain("console-", shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_dead_letters_call_an_event_and_a_topic_by_their_names()
    {
        var letters = product.Get<DeadLetters>();
        var now = product.Time.GetUtcNow();
        var report = Notifications.Sms.InboundEvent.Of("e1", ProviderReports.EmailReport, JsonElement.Parse("{}"), now, now);
        await letters.KeepAsync(
            Notifications.Storage.Queues.Inbound, JsonSerializer.SerializeToUtf8Bytes(report, CoreJson.Default.InboundEvent), 5, default);
        var message = new SendRequest
        {
            Id = product.Get<MessageIds>().Derive(product.Key(CoreProduct.Email("dead@records.example")), "dead").ToString(),
            Channel = Channel.Email,
            To = "dead@records.example",
            Topic = TopicKey.PackageUpdates,
            AcceptedAt = now,
        };
        await letters.KeepAsync(
            Notifications.Storage.Queues.Send, JsonSerializer.SerializeToUtf8Bytes(message, CoreJson.Default.SendRequest), 5, default);
        var page = (await (await product.SignedInAsync("dead-words", Scope.Admin)).GetAsync("/console/dead-letters")).Document;
        Assert.Equal(
            "A report of what came of a mail" + ProviderReports.EmailReport, Cell(Row(page, ProviderReports.EmailReport), "What"));
        Assert.Equal("A message of Package updates", Cell(Row(page, "Package updates"), "What"));
    }

    [Fact]
    public void P2_A_message_that_came_back_is_not_said_to_be_one_that_could_not_be_rendered() =>
        Assert.Equal("The address refused it for good.", Explainer.Words(MessageStatus.Bounced, Reason.ProviderRejected));

    // The first cell of a row of the table of alerts.
    [GeneratedRegex(@"^\| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Kinds();

    [GeneratedRegex(
        "\"((?:campaign|consent|contact|dead-letter|import|key|list|privacy|review|segment|suppression|template)"
        + "\\.(?!id\")[a-z-]+)\"")]
    private static partial Regex Acts();
}
