using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Console;

namespace Notifications.Tests.ConsolePages;

/// <summary>Everything that can be done in the console, once; the routes are derived, so a new one cannot escape.</summary>
public sealed partial class ConsoleActsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private T Get<T>() where T : notnull => product.Services.GetRequiredService<T>();

    private async Task<ConsoleClient> SignedInAsync(string name, params string[] scopes)
    {
        var (_, secret) = await Get<ApiKeys>().CreateAsync(name, scopes, default);
        var browser = new ConsoleClient(product.Anonymous);
        await browser.SignInAsync(secret);
        return browser;
    }

    private async Task<AddressKey> PersonAsync(string email)
    {
        var address = CoreProduct.Email(email);
        await Get<ConsentDesk>().OptInAsync(address, Get<TopicCatalog>().Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "test", "person"), confirmed: true, "en", default);
        return Get<KeyRing>().KeyOf(address);
    }

    [Fact]
    public async Task R68_Every_act_of_the_console_stands_in_the_audit_or_its_route_says_why_not()
    {
        var browser = await SignedInAsync("olga", Scope.All);
        var audit = Get<AuditLog>();
        var done = new HashSet<string>();
        async Task<Screen> CheckedAsync(string pattern, Func<Task<Screen>> act)
        {
            var before = await audit.NewestAsync(default);
            var answer = await act();
            Assert.True((int)answer.Status < 400, $"{pattern}: {answer.Status} {answer.Text}");
            Assert.True((await audit.ListAsync(before, 100, default)).Any(e => e.Actor == "agent:olga"), $"{pattern} left nothing in the audit");
            done.Add(pattern);
            return answer;
        }

        Task<Screen> ActAsync(string pattern, string path, params (string, string)[] form) => CheckedAsync(pattern, () => browser.PostAsync(path, form));
        static string Id(Screen answer) => answer.Location!.Split('?')[0].Split('/')[^1];

        // The marketer's.
        await PersonAsync("acts@example.com");
        var list = Id(await ActAsync("/console/lists", "/console/lists", ("name", "Fair")));
        await ActAsync("/console/lists/{id}", "/console/lists/" + list, ("addresses", "acts@example.com"), ("act", "add"));
        var segment = Id(await ActAsync("/console/segments/new", "/console/segments/new", ("name", "Here"), ("locale", "en"), ("act", "save")));
        await ActAsync("/console/segments/{id}", "/console/segments/" + segment, ("name", "Here and there"), ("locale", "en, de"), ("act", "save"));
        (string, string)[] template = [("topic", "newsletter"), ("subject", "Hello"), ("html", "<p>Hello</p>"), ("layout", "standard"), ("act", "save")];
        await ActAsync("/console/templates/new", "/console/templates/new", [.. template, ("name", "acts"), ("channel", "email"), ("locale", "en"), ("seen", "0")]);
        await ActAsync("/console/templates/{id}", "/console/templates/acts:email:en", [.. template, ("seen", "1")]);
        (string, string)[] draft = [("name", "Acts"), ("topic", "newsletter"), ("channel", "email"), ("template", "acts"), ("list", list), ("act", "save")];
        var campaign = Id(await ActAsync("/console/campaigns/new", "/console/campaigns/new", draft));
        var path = "/console/campaigns/" + campaign;
        await ActAsync("/console/campaigns/{id}/edit", path + "/edit", [.. draft, ("per-hour", "600")]);
        await ActAsync("/console/campaigns/{id}/dry-run", path + "/dry-run");
        await ActAsync("/console/campaigns/{id}/test", path + "/test", ("to", "acts@example.com"));
        var asked = await browser.PostAsync(path + "/schedule", ("at", "2026-12-01T09:00"), ("zone", "Europe/Lisbon"), ("confirm", "-1"));
        Assert.Contains("This goes to <strong>1</strong> recipient.", asked.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"zone\" value=\"Europe/Lisbon\"", asked.Text, StringComparison.Ordinal);
        await ActAsync("/console/campaigns/{id}/schedule", path + "/schedule", ("at", "2026-12-01T09:00:00"), ("zone", "Europe/Lisbon"), ("confirm", "1"));
        Assert.Equal(CampaignStatus.Scheduled, (await Get<CampaignDesk>().FindAsync(campaign, default))!.Status);
        Assert.Contains("This goes to <strong>1</strong> recipient.", (await browser.PostAsync(path + "/launch", ("confirm", "7"))).Text, StringComparison.Ordinal);
        await ActAsync("/console/campaigns/{id}/launch", path + "/launch", ("confirm", "1"));
        await ActAsync("/console/campaigns/{id}/pause", path + "/pause");
        await ActAsync("/console/campaigns/{id}/resume", path + "/resume");
        await ActAsync("/console/campaigns/{id}/recipients", path + "/recipients");
        await ActAsync("/console/campaigns/{id}/cancel", path + "/cancel");
        await ActAsync("/console/templates/{id}/delete", "/console/templates/acts:email:en/delete", ("seen", "2"));
        await ActAsync("/console/segments/{id}/delete", $"/console/segments/{segment}/delete");
        await ActAsync("/console/lists/{id}/delete", $"/console/lists/{list}/delete");
        await CheckedAsync("/console/imports", async () =>
        {
            using var upload = new MultipartFormDataContent { { new StringContent(browser.Token!), "form" }, { new StringContent("import"), "act" }, { new ByteArrayContent("email,topic,status\nimported@example.com,newsletter,unsubscribed\n"u8.ToArray()), "file", "people.csv" } };
            return await browser.SendAsync(HttpMethod.Post, "/console/imports", upload);
        });

        // The agent's.
        var key = await PersonAsync("agent-acts@example.com");
        await ActAsync("/console/people/{key}/stop", $"/console/people/{key}/stop", ("topic", "newsletter"), ("source", "phone"));
        await ActAsync("/console/people/{key}/block", $"/console/people/{key}/block", ("reason", "manual"));
        await ActAsync("/console/people/{key}/unblock", $"/console/people/{key}/unblock");
        await Get<ContactDesk>().PutAsync("c-acts", "Olga", "en", null, [CoreProduct.Email("agent-acts@example.com")], "test", default);
        await ActAsync("/console/contacts/{id}/status", "/console/contacts/c-acts/status", ("to", "disabled"));
        await ActAsync("/console/blocked", "/console/blocked", ("who", "blocked-acts@example.com"), ("reason", "manual"));
        await ActAsync("/console/blocked/{key}/lift", $"/console/blocked/{Get<KeyRing>().KeyOf(CoreProduct.Email("blocked-acts@example.com"))}/lift");
        var access = Id(await ActAsync("/console/requests", "/console/requests", ("type", "access"), ("who", "acts@example.com")));
        await ActAsync("/console/requests/{id}/export", $"/console/requests/{access}/export", ("as", "json"));
        var restriction = Id(await browser.PostAsync("/console/requests", ("type", "restriction"), ("who", "acts@example.com")));
        await ActAsync("/console/requests/{id}/lift", $"/console/requests/{restriction}/lift", ("notice", "Told by mail."));
        await ActAsync("/console/requests/{id}/extend", $"/console/requests/{await InterruptedAsync(key)}/extend", ("notice", "Told by mail."));

        // The operator's.
        var reviews = Get<ReviewDesk>();
        var item = new ReviewItem { Id = reviews.IdOf("acts", product.Time.GetUtcNow()), Channel = Channel.Email, AddressKey = key.Value, From = "agent-acts@example.com", Text = "Enough", At = product.Time.GetUtcNow() };
        await reviews.OpenAsync(item, default);
        await ActAsync("/console/review/{id}", "/console/review/" + item.Id, ("verdict", "revoke"));
        await Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("acts"), 5, default);
        var letter = (await Get<DeadLetters>().ListAsync(Queues.Inbound, null, 1, default))[0].Id;
        await ActAsync("/console/dead-letters/{queue}/{id}/replay", $"/console/dead-letters/{Queues.Inbound}/{letter}/replay");
        await ActAsync("/console/keys", "/console/keys", ("name", "acts"), ("scope-send", "yes"));
        var made = (await Get<ApiKeys>().ListAsync(default)).Single(k => k.Name == "acts");
        await ActAsync("/console/keys/{id}/revoke", $"/console/keys/{made.Id}/revoke");

        var posts = product.Routes.Where(r => r.Metadata.GetMetadata<ConsoleRoute>() is not null && r.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("POST")).ToList();
        var silent = posts.Where(r => r.Metadata.GetMetadata<ConsoleRoute>()!.Unaudited is not null).Select(r => r.RoutePattern.RawText).Order(StringComparer.Ordinal);
        Assert.Equal(["/console/ledger", "/console/people", "/console/sign-out"], silent);
        Assert.Equal(posts.Where(r => r.Metadata.GetMetadata<ConsoleRoute>()!.Unaudited is null).Select(r => r.RoutePattern.RawText!).Order(StringComparer.Ordinal), done.Order(StringComparer.Ordinal));
        Assert.True(await audit.VerifyAsync(default));
    }

    // As a crash leaves it: recorded, and not yet carried out.
    private async Task<string> InterruptedAsync(AddressKey key)
    {
        var now = product.Time.UtcNowMs();
        var request = new PrivacyRequest { Id = $"{now.ToUnixTimeMilliseconds():D15}-0acc0acc", Type = PrivacyRight.Objection, AddressKeys = [key.Value], OpenedAt = now, DueAt = now.AddMonths(1), Actor = "test" };
        await Get<ITableStore>().CommitAsync(Tables.Requests, "requests", [RowChange.Put(request.Id, JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.PrivacyRequest))]);
        return request.Id;
    }

    [Fact]
    public async Task M12_Every_link_and_every_form_that_a_scope_is_shown_leads_to_where_it_may_go()
    {
        var key = await PersonAsync("shown@example.com");
        await Get<ContactDesk>().PutAsync("c-shown", "Rita", "en", null, [CoreProduct.Email("shown@example.com")], "test", default);
        var list = await Get<StaticLists>().CreateAsync("Shown", default);
        await Get<StaticLists>().AddAsync(list.Id, [key], default);
        var campaign = await Get<CampaignDesk>().CreateAsync(new CampaignDefinition { Name = "Shown", Topic = TopicKey.Newsletter, Channel = Channel.Email, Template = "newsletter", Audience = new Audience(TopicKey.Newsletter, Channel.Email) { List = list.Id } }, null, "test", default);
        await Get<CampaignDesk>().LaunchAsync(campaign.Id, null, "test", default);
        await product.WorkAsync();
        await Get<Suppressions>().AddAsync(CoreProduct.Email("shown-blocked@example.com"), SuppressionReason.Manual, null, new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "test"), default);
        await Get<ReviewDesk>().OpenAsync(new ReviewItem { Id = Get<ReviewDesk>().IdOf("shown", product.Time.GetUtcNow()), Channel = Channel.Email, AddressKey = key.Value, From = "shown@example.com", Text = "Enough", At = product.Time.GetUtcNow() }, default);
        await Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("shown"), 5, default);

        string[][] users = [.. Scope.All.Select(s => new[] { s }), [Scope.Campaigns, Scope.Contacts], [Scope.Privacy, Scope.Contacts]];
        foreach (var scopes in users)
        {
            var who = string.Join('+', scopes);
            var browser = await SignedInAsync("shown-" + who.Replace('+', '-'), scopes);
            HashSet<string> seen = ["/console"], posted = [];
            var next = new Queue<string>(seen);
            while (next.TryDequeue(out var path))
            {
                var screen = await browser.GetAsync(path);
                Assert.True(screen.Status == HttpStatusCode.OK, $"{who} is led to {path}, which answers {screen.Status}");
                foreach (Match link in Links().Matches(screen.Text))
                    if (WebUtility.HtmlDecode(link.Groups[1].Value) is var to && seen.Add(to)) next.Enqueue(to);
                foreach (Match form in Forms().Matches(screen.Text))
                {
                    // Without its token it does nothing, and the scope is asked before.
                    var action = WebUtility.HtmlDecode(form.Groups[1].Value);
                    if (posted.Add(action)) Assert.True((await browser.SendAsync(HttpMethod.Post, action, null)).Status == HttpStatusCode.BadRequest, $"{who} is shown a form for {action} on {path}");
                }
            }

            Assert.True(seen.Count >= 3 && posted.Count >= 1, $"{who} saw {string.Join(' ', seen)}");
            if (!scopes.Contains(Scope.Privacy)) Assert.DoesNotContain(seen, s => s.StartsWith("/console/people", StringComparison.Ordinal));
        }

        // Who may run campaigns sees that there are people, and not who; who may look people up sees them.
        var recipients = $"/console/campaigns/{campaign.Id}/recipients";
        var marketer = await (await SignedInAsync("masked", Scope.Campaigns)).GetAsync(recipients);
        Assert.Contains("s•••@example.com", marketer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("shown@example.com", marketer.Text, StringComparison.Ordinal);
        Assert.Contains("shown@example.com", (await (await SignedInAsync("whole", Scope.Campaigns, Scope.Privacy)).GetAsync(recipients)).Text, StringComparison.Ordinal);
        var file = await (await SignedInAsync("download", Scope.Campaigns)).PostAsync(recipients);
        Assert.Equal("text/csv", file.Response.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("shown@example.com", file.Text, StringComparison.Ordinal);
        Assert.Contains("s•••@example.com", file.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_100000_recipients_reads_a_page()
    {
        const int batches = 1000;
        var tables = Get<ITableStore>();
        var campaign = await Get<CampaignDesk>().CreateAsync(new CampaignDefinition { Name = "Large", Topic = TopicKey.Newsletter, Channel = Channel.Email, Template = "newsletter", Audience = new Audience(TopicKey.Newsletter, Channel.Email) }, null, "test", default);
        var random = new Random(5);
        var outcomes = new byte[100 * Outcome.Bytes];
        for (var i = 0; i < 100; i++) new Outcome(MessageStatus.Sent, Reason.Allowed).Write(outcomes, i);
        var row = JsonSerializer.SerializeToUtf8Bytes(new BatchRow { Size = 100, Outcomes = outcomes }, CoreJson.Default.BatchRow);
        var bytes = new byte[100 * AddressKey.Bytes];
        for (var i = 0; i < batches; i += 40)
        {
            var changes = new List<RowChange>();
            for (var k = i; k < i + 40; k++)
            {
                random.NextBytes(bytes);
                changes.Add(RowChange.Insert(Rows.Batch(Rows.BatchName("0", k)), row));
                changes.Add(RowChange.Insert(Rows.Members(Rows.BatchName("0", k)), bytes.ToArray()));
            }

            await tables.CommitAsync(Tables.Campaigns, campaign.Id, changes);
        }

        var counting = new CountingStore(tables);
        var recipients = new CampaignRecipients(new AddressBook(counting, product.Time), Get<MessageIds>(), counting);
        string? after = null;
        for (var page = 0; page < 5; page++)
        {
            counting.Rows = 0;
            var found = await recipients.ListAsync(campaign, null, null, after, 50, default);
            Assert.Equal(50, found.Recipients.Count);
            Assert.True(counting.Rows <= 75, $"Page {page} read {counting.Rows} rows");
            after = found.Next;
        }

        // And so it is shown, up to the last of them.
        var browser = await SignedInAsync("pager", Scope.Campaigns);
        var path = $"/console/campaigns/{campaign.Id}/recipients";
        var first = await browser.GetAsync(path);
        Assert.Contains($"after={Rows.BatchName("0", 0)}-50", first.Text, StringComparison.Ordinal);
        var last = await browser.GetAsync($"{path}?after={Rows.BatchName("0", batches - 1)}-50");
        Assert.Equal(51, Regex.Count(last.Text, "<tr>"));
    }

    [GeneratedRegex("href=\"(/console[^\"#]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<form method=\"post\" action=\"(/console[^\"]*)\"")]
    private static partial Regex Forms();

    /// <summary>Counts the rows that were read.</summary>
    private sealed class CountingStore(ITableStore inner) : ITableStore
    {
        public int Rows { get; set; }

        public async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
        {
            Rows++;
            return await inner.GetAsync(table, partition, row, cancel);
        }

        public async ValueTask<IReadOnlyList<Row>> RangeAsync(string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            var rows = await inner.RangeAsync(table, partition, range, limit, cancel);
            Rows += rows.Count;
            return rows;
        }

        public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default) => inner.CommitAsync(table, partition, changes, cancel);

        public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) => inner.ScanAsync(table, after, limit, cancel);
    }
}
