using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>What goes out comes in again and changes nothing.</summary>
public sealed class ExportTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("Yes\n=cmd|'/C calc'!A0")]
    [InlineData("Yes\rand soon")]
    [InlineData("Yes\r\nand soon")]
    public async Task M16_P6_A_break_in_what_somebody_agreed_to_leaves_its_row_whole(string wording)
    {
        var email = $"break{wording.Length}@trip.example";
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email,
                topic = "surveys",
                action = "opt-in",
                source = "form",
                policyVersion = "1",
                wording,
                evidence = new { confirmed = true, at = "2026-05-05T05:05:05Z" },
            });
        var export = await product.GetAsync("/v1/exports/preferences.csv");
        Assert.Contains(
            $"{email},,surveys,email,subscribed,form,1,\"{wording}\",2026-05-05T05:05:05.000Z,", export.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_of_preferences_imported_again_changes_nothing_and_elsewhere_carries_its_evidence()
    {
        await product.ImportAsync(
            Header
            + Agreed("on@trip.example")
            + "off@trip.example,,newsletter,email,unsubscribed,'=form,,,2026-02-02T00:00:00Z,,pt,Europe/Lisbon,,\"a,b\"\n");
        await product.ImportAsync(
            Header
            + Agreed("stopped@trip.example")
            + "stopped@trip.example,,*,email,unsubscribed,,,,2026-04-01T00:00:00Z,,,,,\n,+14155550191,surveys,sms,unsubscribed,,,,,,,,,\n");
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "waits@trip.example",
                topic = "newsletter",
                action = "opt-in",
                source = "-form",
                policyVersion = "1",
                wording = "+ \"news\", please\nand soon",
            });
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "said@trip.example",
                topic = "surveys",
                action = "opt-in",
                source = "-form",
                policyVersion = "1",
                wording = "+ \"news\", please\nand soon",
                evidence = new { ip = "203.0.113.8", at = "2026-05-05T05:05:05Z" },
            });
        await product.WorkAsync();

        var export = await product.GetAsync("/v1/exports/preferences.csv");
        Assert.Equal("text/csv", export.MediaType);
        Assert.StartsWith(
            "email,phone,topic,channel,status,source,policyVersion,wording,at,ip,confirmed,locale,timeZone,contactId,tags\r\n", export.Text,
            StringComparison.Ordinal);
        Assert.Contains(",'+14155550191,surveys,sms,unsubscribed,", export.Text, StringComparison.Ordinal);
        Assert.Contains("off@trip.example,,newsletter,email,unsubscribed,'=form,", export.Text, StringComparison.Ordinal);
        Assert.Contains(
            "on@trip.example,,newsletter,email,subscribed,signup-form,2026-01,Send me the newsletter.,2026-03-01T10:00:00.000Z,203.0.113.7,,",
            export.Text, StringComparison.Ordinal);
        Assert.Contains(
            "said@trip.example,,surveys,email,subscribed,'-form,1,\"'+ \"\"news\"\", please\nand soon\",2026-05-05T05:05:05.000Z,203.0.113.8,,",
            export.Text, StringComparison.Ordinal);

        var again = await product.ImportAsync(export.Text);
        Assert.True(again.Counts() is { Rejected: 0, Accepted: >= 8 }, again + string.Join('\n', await product.ErrorsAsync(again)));
        Assert.Equal(export.Text, (await product.GetAsync("/v1/exports/preferences.csv")).Text);

        // In another house it stands on its own.
        var other = new ProductFixture();
        await other.InitializeAsync();
        try
        {
            var taken = await other.ImportAsync(export.Text);
            Assert.Equal("subscribed", await other.StatusAsync("said@trip.example", "surveys"));
            Assert.Equal("unsubscribed", await other.StatusAsync("stopped@trip.example"));
            // An opt-in that nobody confirmed is asked for again.
            Assert.StartsWith("none", await other.StatusAsync("waits@trip.example"), StringComparison.Ordinal);
            Assert.Equal(1, taken.Counts().Rejected);
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task P6_R26_An_export_says_confirmed_of_what_the_person_confirmed_and_of_nothing_else()
    {
        async Task SayAsync(string email, object said)
        {
            var body = System.Text.Json.JsonSerializer.SerializeToNode(said)!.AsObject();
            (body["email"], body["topic"], body["source"], body["wording"]) = (email, body["topic"] ?? "surveys", "form", "Yes.");
            Assert.Contains(
                (await product.PostAsync("/v1/consents", body.ToJsonString())).Status,
                new[] { System.Net.HttpStatusCode.OK, System.Net.HttpStatusCode.Accepted });
        }

        await SayAsync("plain@proof.example", new { action = "opt-in" });
        await SayAsync("elsewhere@proof.example", new { action = "opt-in", evidence = new { confirmed = true } });
        await SayAsync("denied@proof.example", new { action = "opt-in", evidence = new { confirmed = false } });
        await SayAsync("stepped@proof.example", new { action = "opt-in", topic = "newsletter" });
        await SayAsync("stepped@proof.example", new { action = "confirm", topic = "newsletter", evidence = new { call = "4711" } });
        // A newer consent that waits takes nothing from the one that holds.
        await SayAsync("newer@proof.example", new { action = "opt-in", topic = "newsletter", evidence = new { confirmed = true } });
        product.Time.Advance(TimeSpan.FromSeconds(1));
        await SayAsync("newer@proof.example", new { action = "opt-in", topic = "newsletter", policyVersion = "2999-01" });
        // What was confirmed once is not what was said after the stop.
        await SayAsync("again@proof.example", new { action = "opt-in", evidence = new { confirmed = true } });
        await SayAsync("again@proof.example", new { action = "opt-out" });
        product.Time.Advance(TimeSpan.FromSeconds(1));
        await SayAsync("again@proof.example", new { action = "opt-in", evidence = new { at = product.Time.GetUtcNow() } });
        await product.ImportAsync(
            $"{Header.Trim()},confirmed\n{Agreed("row@proof.example", "surveys").Trim()},true\n{Agreed("bare@proof.example", "surveys").Trim()},\n");

        var lines = (await product.GetAsync("/v1/exports/preferences.csv")).Text
            .Split("\r\n")
            .Where(l => l.Contains("@proof.example", StringComparison.Ordinal))
            .ToDictionary(
                l => l[..l.IndexOf('@', StringComparison.Ordinal)],
                l => l.Split(',') is var cells ? cells[4] + " " + cells[10] : "");
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["plain"] = "subscribed ",
                ["elsewhere"] = "subscribed true",
                ["denied"] = "subscribed ",
                ["stepped"] = "subscribed true",
                ["newer"] = "subscribed true",
                ["again"] = "subscribed ",
                ["row"] = "subscribed true",
                ["bare"] = "subscribed ",
            },
            lines);
    }

    [Fact]
    public async Task R36_An_export_says_of_what_was_objected_to_that_it_is_stopped_and_of_a_topic_that_nobody_knows_nothing()
    {
        var (address, book) = (CoreProduct.Email("objected@trip.example"), product.Get<AddressBook>());
        foreach (var topic in (string[])["newsletter", "package-updates", "vanished"])
            await book.ChangeAsync(
                product.Key(address), ConsentDesk.Blank(address),
                (s, now) =>
                    Transitions.OptIn(
                        s, new Topic { Key = topic }, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), true, now),
                null, default);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        // As it stands where an objection was said while the topics were out of the settings.
        await book.ChangeAsync(
            product.Key(address), ConsentDesk.Blank(address), (s, now) => new Change(s with { ObjectedAt = now }, []), null, default);
        var lines = (await product.GetAsync("/v1/exports/preferences.csv?channel=email")).Text
            .Split("\r\n")
            .Where(l => l.StartsWith(address.Value, StringComparison.Ordinal))
            .ToList();
        Assert.Contains(lines, l => l.StartsWith(address.Value + ",,newsletter,email,unsubscribed,objection,", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith(address.Value + ",,package-updates,email,subscribed,form,", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count);
    }

    [Fact]
    public async Task An_export_of_suppressions_imported_again_changes_nothing()
    {
        await product.ImportAsync(
            "email,phone,status\na@sup.example,,bounced\nb@sup.example,,complained\nc@sup.example,,invalid\n,+14155550192,suppressed\n");
        var export = await product.GetAsync("/v1/exports/suppressions.csv?channel=email");
        Assert.Equal(
            ["bounced", "complained", "invalid"],
            export.Text.Split("\r\n")
                .Where(l => l.Contains("@sup.example", StringComparison.Ordinal))
                .Select(l => l.Split(',')[3])
                .Order());
        Assert.DoesNotContain("+1415", export.Text, StringComparison.Ordinal);
        var whole = await product.GetAsync("/v1/exports/suppressions.csv");
        var again = await product.ImportAsync(whole.Text);
        Assert.Equal((4, 4, 0, 4), again.Counts());
        Assert.Equal(whole.Text, (await product.GetAsync("/v1/exports/suppressions.csv")).Text);
    }

    [Fact]
    public async Task Filters_are_checked_and_each_export_is_in_the_audit_M16()
    {
        var wrong = await product.GetAsync("/v1/exports/preferences.csv?topic=nope&channel=fax");
        Assert.Equal(["channel", "topic"], wrong.Fields.Order());
        await product.ImportAsync(Header + Agreed("f@filter.example") + Agreed("f@filter.example", "promotions"));
        var lines = (await product.GetAsync("/v1/exports/preferences.csv?topic=promotions&channel=email")).Text;
        Assert.Contains("f@filter.example,,promotions,", lines, StringComparison.Ordinal);
        Assert.DoesNotContain(",newsletter,", lines, StringComparison.Ordinal);
        Assert.Contains("\"export\"", (await product.GetAsync("/v1/audit?limit=1000")).Text, StringComparison.Ordinal);
    }
}
