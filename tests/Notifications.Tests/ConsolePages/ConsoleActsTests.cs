using System.Text;
using Microsoft.AspNetCore.Routing;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Console;

namespace Notifications.Tests.ConsolePages;

/// <summary>Everything that can be done in the console, once. The routes are derived, so that a new one cannot escape.</summary>
public sealed class ConsoleActsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R68_Every_act_of_the_console_stands_in_the_audit_or_its_route_says_why_not()
    {
        var browser = await product.SignedInAsync("olga", Scope.All);
        var audit = product.Get<AuditLog>();
        var done = new HashSet<string>();
        async Task<Screen> CheckedAsync(string pattern, Func<Task<Screen>> act)
        {
            var before = (await audit.NewestAsync(default)).Seq;
            var answer = await act();
            Assert.True((int)answer.Status < 400, $"{pattern}: {answer.Status} {answer.Text}");
            Assert.True(
                (await audit.ListAsync(before, 100, default)).Any(e => e.Actor == "agent:olga"), $"{pattern} left nothing in the audit");
            done.Add(pattern);
            return answer;
        }

        Task<Screen> ActAsync(string pattern, string path, params (string, string)[] form) =>
            CheckedAsync(pattern, () => browser.PostAsync(path, form));
        static string Id(Screen answer) => answer.Location!.Split('?')[0].Split('/')[^1];

        // The marketer's.
        await product.PersonAsync("acts@example.com");
        var list = Id(await ActAsync("/console/lists", "/console/lists", ("name", "Fair")));
        await ActAsync("/console/lists/{id}", "/console/lists/" + list, ("addresses", "acts@example.com"), ("act", "add"));
        var segment =
            Id(await ActAsync("/console/segments/new", "/console/segments/new", ("name", "Here"), ("locale", "en"), ("act", "save")));
        await ActAsync(
            "/console/segments/{id}", "/console/segments/" + segment,
            ("seen", (await browser.GetAsync("/console/segments/" + segment)).Fields("/console/segments/" + segment)["seen"]),
            ("name", "Here and there"), ("locale", "en, de"), ("act", "save"));
        (string, string)[] template =
            [("topic", "newsletter"), ("subject", "Hello"), ("html", "<p>Hello</p>"), ("layout", "standard"), ("act", "save")];
        await ActAsync(
            "/console/templates/new", "/console/templates/new",
            [.. template, ("name", "acts"), ("channel", "email"), ("locale", "en"), ("seen", "0")]);
        await ActAsync("/console/templates/{id}", "/console/templates/acts:email:en", [.. template, ("seen", "1")]);
        (string, string)[] draft =
            [("name", "Acts"), ("topic", "newsletter"), ("channel", "email"), ("template", "acts"), ("list", list), ("act", "save")];
        var campaign = Id(await ActAsync("/console/campaigns/new", "/console/campaigns/new", draft));
        var path = "/console/campaigns/" + campaign;
        await ActAsync("/console/campaigns/{id}/edit", path + "/edit", [.. draft, ("seen", "0"), ("per-hour", "600")]);
        var copy = Id(await ActAsync("/console/campaigns/{id}/copy", path + "/copy"));
        var (first, second) = (
            (await product.Get<CampaignDesk>().FindAsync(campaign, default))!,
            (await product.Get<CampaignDesk>().FindAsync(copy, default))!);
        Assert.Equal((CampaignStatus.Draft, first.Definition with { Name = "Acts (copy)" }), (second.Status, second.Definition));
        await ActAsync("/console/campaigns/{id}/dry-run", path + "/dry-run");
        await ActAsync("/console/campaigns/{id}/test", path + "/test", ("to", "acts@example.com"));
        var asked = await browser.PostAsync(path + "/schedule", ("at", "2026-12-01T09:00"), ("zone", "Europe/Lisbon"), ("confirm", "-1"));
        Assert.Contains("This goes to <strong>1</strong> recipient.", asked.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"zone\" value=\"Europe/Lisbon\"", asked.Text, StringComparison.Ordinal);
        await ActAsync(
            "/console/campaigns/{id}/schedule", path + "/schedule", ("at", "2026-12-01T09:00:00"), ("zone", "Europe/Lisbon"),
            ("confirm", "1"));
        Assert.Equal(CampaignStatus.Scheduled, (await product.Get<CampaignDesk>().FindAsync(campaign, default))!.Status);
        Assert.Contains(
            "This goes to <strong>1</strong> recipient.", (await browser.PostAsync(path + "/launch", ("confirm", "7"))).Text,
            StringComparison.Ordinal);
        await ActAsync("/console/campaigns/{id}/launch", path + "/launch", ("confirm", "1"));
        await ActAsync("/console/campaigns/{id}/pause", path + "/pause");
        await ActAsync("/console/campaigns/{id}/resume", path + "/resume");
        await ActAsync("/console/campaigns/{id}/recipients", path + "/recipients");
        Assert.Contains("Cancel the campaign Acts?", (await browser.PostAsync(path + "/cancel")).Text, StringComparison.Ordinal);
        Assert.NotEqual(CampaignStatus.Cancelled, (await product.Get<CampaignDesk>().FindAsync(campaign, default))!.Status);
        await ActAsync("/console/campaigns/{id}/cancel", path + "/cancel", ("sure", "yes"));
        await ActAsync("/console/templates/{id}/delete", "/console/templates/acts:email:en/delete", ("seen", "2"), ("sure", "yes"));
        await ActAsync(
            "/console/segments/{id}/delete", $"/console/segments/{segment}/delete",
            ("seen", (await browser.GetAsync("/console/segments/" + segment)).Fields($"/console/segments/{segment}")["seen"]),
            ("sure", "yes"));
        await ActAsync("/console/lists/{id}/delete", $"/console/lists/{list}/delete", ("sure", "yes"));
        await CheckedAsync("/console/imports", async () =>
        {
            using var upload = new MultipartFormDataContent
            {
                { new StringContent(browser.Token!), "form" },
                { new StringContent("import"), "act" },
                { new ByteArrayContent(
                    "email,topic,status\nimported@example.com,newsletter,unsubscribed\n"u8.ToArray()), "file", "people.csv" },
            };
            return await browser.SendAsync(HttpMethod.Post, "/console/imports", upload);
        });

        // The agent's.
        var key = await product.PersonAsync("agent-acts@example.com");
        await ActAsync("/console/people/{key}/stop", $"/console/people/{key.Value}/stop", ("topic", "newsletter"), ("source", "phone"));
        await ActAsync("/console/people/{key}/block", $"/console/people/{key.Value}/block", ("reason", "manual"));
        await ActAsync("/console/people/{key}/unblock", $"/console/people/{key.Value}/unblock", ("sure", "yes"));
        await product.Get<ContactDesk>().PutAsync(
            "c-acts", "Olga", "en", null, [CoreProduct.Email("agent-acts@example.com")], "test", default);
        await ActAsync("/console/contacts/{id}/status", "/console/contacts/c-acts/status", ("to", "disabled"), ("sure", "yes"));
        await ActAsync("/console/blocked", "/console/blocked", ("who", "blocked-acts@example.com"), ("reason", "manual"));
        await ActAsync(
            "/console/blocked/{key}/lift",
            $"/console/blocked/{product.Get<KeyRing>().KeyOf(CoreProduct.Email("blocked-acts@example.com")).Value}/lift", ("sure", "yes"));
        var access = Id(await ActAsync("/console/requests", "/console/requests", ("type", "access"), ("who", "acts@example.com")));
        await ActAsync("/console/requests/{id}/export", $"/console/requests/{access}/export", ("as", "json"));
        await ActAsync("/console/requests/{id}/complete", $"/console/requests/{access}/complete", ("notice", "Sent by letter."));
        var restriction = Id(await browser.PostAsync("/console/requests", ("type", "restriction"), ("who", "acts@example.com")));
        await ActAsync("/console/requests/{id}/lift", $"/console/requests/{restriction}/lift", ("notice", "Told by mail."));
        await ActAsync(
            "/console/requests/{id}/extend", $"/console/requests/{await InterruptedAsync(key)}/extend", ("notice", "Told by mail."));

        // The operator's.
        var reviews = product.Get<ReviewDesk>();
        var item = new ReviewItem
        {
            Id = reviews.IdOf("acts", product.Time.GetUtcNow()),
            Channel = Channel.Email,
            AddressKey = key.Value,
            From = "agent-acts@example.com",
            Text = "Enough",
            At = product.Time.GetUtcNow(),
        };
        await reviews.OpenAsync(item, default);
        await ActAsync("/console/review/{id}", "/console/review/" + item.Id, ("verdict", "revoke"), ("sure", "yes"));
        await product.Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("acts"), 5, default);
        var letter = (await product.Get<DeadLetters>().ListAsync(Queues.Inbound, null, 1, default))[0].Id;
        await ActAsync("/console/dead-letters/{queue}/{id}/replay", $"/console/dead-letters/{Queues.Inbound}/{letter}/replay");
        for (var i = 0; i < 3; i++)
            await product.Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("acts" + i), 5, default);
        letter = (await product.Get<DeadLetters>().ListAsync(Queues.Inbound, null, 1, default))[0].Id;
        var kept = await ActAsync(
            "/console/dead-letters/{queue}/{id}/discard", $"/console/dead-letters/{Queues.Inbound}/{letter}/discard", ("sure", "yes"),
            ("list", Queues.Inbound));
        Assert.Equal($"/console/dead-letters?queue={Queues.Inbound}&said=discarded", kept.Location);
        await ActAsync("/console/dead-letters/{queue}/replay-all", $"/console/dead-letters/{Queues.Inbound}/replay-all");
        Assert.Empty(await product.Get<DeadLetters>().ListAsync(Queues.Inbound, null, 1, default));
        await ActAsync("/console/keys", "/console/keys", ("name", "acts"), ("scope-send", "yes"));
        var made = (await product.Get<ApiKeys>().ListAsync(default)).Single(k => k.Name == "acts");
        await ActAsync("/console/keys/{id}/revoke", $"/console/keys/{made.Id}/revoke", ("sure", "yes"));

        var posts = product.Routes.Where(
            r => r.Metadata.GetMetadata<ConsoleRoute>() is not null
                && r.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("POST")).ToList();
        var silent = posts.Where(r => r.Metadata.GetMetadata<ConsoleRoute>()!.Unaudited is not null)
            .Select(r => r.RoutePattern.RawText)
            .Order(StringComparer.Ordinal);
        Assert.Equal(["/console/audit", "/console/ledger", "/console/people", "/console/sign-out", "/console/{**rest}"], silent);
        Assert.Equal(
            posts.Where(r => r.Metadata.GetMetadata<ConsoleRoute>()!.Unaudited is null)
                .Select(r => r.RoutePattern.RawText!)
                .Order(StringComparer.Ordinal),
            done.Order(StringComparer.Ordinal));
        Assert.Equal((true, null), await audit.VerifyAsync(default));
    }

    [Fact]
    public async Task What_lifts_a_block_disables_revokes_erases_or_deletes_asks_first_by_name_and_leaving_it_leads_back_without_scripts_too()
    {
        var browser = await product.SignedInAsync("asked", Scope.All);
        var key = await product.PersonAsync("asked@example.com");
        await product.BlockAsync(CoreProduct.Email("asked@example.com"));
        await product.Get<ContactDesk>().PutAsync("c-asked", "Asked", "en", null, [], "test", default);
        var list = await product.Get<Notifications.Audiences.StaticLists>().CreateAsync("Asked", default);
        var segment = await product.Get<Notifications.Audiences.StoredSegments>().CreateAsync(
            "Asked", new Notifications.Audiences.LocaleIn(["de"]), default);
        await product.Get<Notifications.Templates.TemplateDesk>().SaveAsync(
            new Notifications.Templates.TemplateSource
            {
                Name = "asked",
                Topic = "newsletter",
                Channel = Channel.Email,
                Locale = "en",
                Subject = "Hello",
                Html = "<p>Hello</p>",
            },
            0, "test", default);
        var (made, _) = await product.Get<ApiKeys>().CreateAsync("asked-key", [Scope.Send], default);
        var campaign = await product.Get<CampaignDesk>().DraftAsync("Asked", d => d with { Template = "asked" });
        await product.Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("asked"), 5, default);
        var letter = (await product.Get<DeadLetters>().ListAsync(Queues.Inbound, null, 1, default))[0].Id;
        var newest = await product.Get<AuditLog>().NewestAsync(default);
        foreach (var (path, form, heading, back) in ((string, (string, string)[], string, string?)[])
        [
            ($"/console/blocked/{key.Value}/lift", [], "Lift the block of asked@example.com?", "/console/blocked"),
            ($"/console/people/{key.Value}/unblock", [], "Lift the block of asked@example.com?", "/console/people/" + key.Value),
            (
                "/console/contacts/c-asked/status", [("to", "disabled")], "Disable the account of Asked?", "/console/contacts/c-asked"),
            ($"/console/lists/{list.Id}/delete", [], "Delete the list Asked?", "/console/lists/" + list.Id),
            ($"/console/segments/{segment.Id}/delete", [], "Delete the segment Asked?", "/console/segments/" + segment.Id),
            (
                "/console/templates/asked:email:en/delete", [("seen", "1")], "Delete the language en of the template asked?",
                "/console/templates/asked:email:en"),
            ($"/console/keys/{made.Id}/revoke", [], "Revoke the key asked-key?", "/console/keys"),
            ($"/console/campaigns/{campaign.Id}/cancel", [], "Discard the draft Asked?", "/console/campaigns/" + campaign.Id),
            (
                $"/console/dead-letters/{Queues.Inbound}/{letter}/discard", [("list", Queues.Inbound)],
                $"Discard “A letter of 5 bytes”, given up on {product.Time.GetUtcNow().UtcDateTime:d MMM yyyy, HH:mm}?",
                "/console/dead-letters?queue=" + Queues.Inbound),
            (
                "/console/requests", [("type", "erasure"), ("who", "asked@example.com")], "Erase everything about asked@example.com?",
                null), // A button, which brings back what was filled in.
        ])
        {
            var asked = await browser.PostAsync(path, form);
            var page = asked.Document;
            Assert.Equal(
                (heading, back),
                (page.QuerySelector("h1")!.TextContent, page.QuerySelector("main form a.button")?.GetAttribute("href")));
            Assert.Equal("yes", asked.Fields(path)["sure"]);
        }

        Assert.Equal(newest, await product.Get<AuditLog>().NewestAsync(default)); // Nothing was done.
        Assert.Equal(
            "/console/contacts/c-asked?said=enabled",
            (await browser.PostAsync("/console/contacts/c-asked/status", ("to", "active"))).Location);
    }

    // As a crash leaves it: recorded, and not yet carried out.
    private async Task<string> InterruptedAsync(AddressKey key)
    {
        var now = product.Time.UtcNowMs();
        var request = new PrivacyRequest
        {
            Id = $"{now.ToUnixTimeMilliseconds():D15}-0acc0acc",
            Type = PrivacyRight.Objection,
            AddressKeys = [key.Value],
            OpenedAt = now,
            DueAt = now.AddMonths(1),
            Actor = "test",
        };
        await product.Get<PrivacyRequests>().AddAsync(request, default);
        return request.Id;
    }
}
