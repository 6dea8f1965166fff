using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>What whoever has some scopes is shown, and how much of a large list at a time.</summary>
public sealed partial class ConsoleScreensTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task M12_Every_link_and_every_form_that_a_scope_is_shown_leads_to_where_it_may_go()
    {
        var key = await product.PersonAsync("shown@example.com");
        await product.Get<ContactDesk>().PutAsync("c-shown", "Rita", "en", null, [CoreProduct.Email("shown@example.com")], "test", default);
        var list = await product.Get<StaticLists>().CreateAsync("Shown", default);
        await product.Get<StaticLists>().AddAsync(list.Id, [key], default);
        var campaign = await product.Get<CampaignDesk>().DraftAsync("Shown", d => d with { Audience = d.Audience with { List = list.Id } });
        await product.Get<CampaignDesk>().LaunchAsync(campaign.Id, null, "test", default);
        await product.WorkAsync();
        await product.BlockAsync(CoreProduct.Email("shown-blocked@example.com"));
        await product.Get<ReviewDesk>().OpenAsync(
            new ReviewItem
            {
                Id = product.Get<ReviewDesk>().IdOf("shown", product.Time.GetUtcNow()),
                Channel = Channel.Email,
                AddressKey = key.Value,
                From = "shown@example.com",
                Text = "Enough",
                At = product.Time.GetUtcNow(),
            },
            default);
        await product.Get<DeadLetters>().KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("shown"), 5, default);
        var given = new SendRequest
        {
            Id = product.Get<MessageIds>().Derive(key, "shown").ToString(),
            Channel = Channel.Email,
            To = "shown@example.com",
            Topic = TopicKey.Newsletter,
            AcceptedAt = product.Time.GetUtcNow(),
        };
        await product.Get<DeadLetters>().KeepAsync(
            Queues.Send, JsonSerializer.SerializeToUtf8Bytes(given, CoreJson.Default.SendRequest), 5, default);

        string[][] users = [.. Scope.All.Select(s => new[] { s }), [Scope.Campaigns, Scope.Contacts], [Scope.Privacy, Scope.Contacts]];
        foreach (var scopes in users)
        {
            var who = string.Join('+', scopes);
            var browser = await product.SignedInAsync("shown-" + who.Replace('+', '-'), scopes);
            HashSet<string> seen = ["/console"], posted = [];
            // Where looking somebody up leads to.
            if (scopes.Contains(Scope.Privacy)) seen.UnionWith(["/console/people/" + key.Value, "/console/contacts/c-shown"]);
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
                    if (posted.Add(action))
                        Assert.True(
                            (await browser.SendAsync(HttpMethod.Post, action, null)).Status == HttpStatusCode.BadRequest,
                            $"{who} is shown a form for {action} on {path}");
                }
            }

            Assert.True(seen.Count >= 2 && posted.Count >= 1, $"{who} saw {string.Join(' ', seen)}");
            if (!scopes.Contains(Scope.Privacy))
                Assert.DoesNotContain(seen, s => s.StartsWith("/console/people", StringComparison.Ordinal));
        }

        // Who may run campaigns sees that there are people, and not who; who may look people up sees them.
        var recipients = $"/console/campaigns/{campaign.Id}/recipients";
        var marketer = await (await product.SignedInAsync("masked", Scope.Campaigns)).GetAsync(recipients);
        Assert.Contains("s•••@example.com", marketer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("shown@example.com", marketer.Text, StringComparison.Ordinal);
        Assert.Contains(
            "shown@example.com", (await (await product.SignedInAsync("whole", Scope.Campaigns, Scope.Privacy)).GetAsync(recipients)).Text,
            StringComparison.Ordinal);
        var file = await (await product.SignedInAsync("download", Scope.Campaigns)).PostAsync(recipients);
        Assert.Equal("text/csv", file.Response.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("shown@example.com", file.Text, StringComparison.Ordinal);
        Assert.Contains("s•••@example.com", file.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M1_M9_The_look_up_says_of_each_package_what_would_be_sent_and_calls_a_stopped_one_unsubscribed()
    {
        var mail = CoreProduct.Email("parcel.only@example.com");
        await product.FollowAsync(mail, "RR123456785PT");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var browser = await product.SignedInAsync("parcel-only", Scope.Privacy);
        async Task<(string Topic, string Package)> RowsAsync()
        {
            var text = (await browser.GetAsync("/console/people/" + product.Key(mail).Value)).Text;
            string Row(string name)
            {
                var row = text[text.IndexOf(name, StringComparison.Ordinal)..];
                return row[..row.IndexOf("</tr>", StringComparison.Ordinal)];
            }

            return (Row("Package updates"), Row("RR123456785PT"));
        }

        var (topic, package) = await RowsAsync();
        Assert.Contains(
            "<strong>Yes.</strong> For one package that is followed: Every rule allows it. For any other: ", topic,
            StringComparison.Ordinal);
        Assert.Contains("followed", package, StringComparison.Ordinal);
        Assert.Contains("<strong>Yes.</strong> Every rule allows it.", package, StringComparison.Ordinal);

        await product.PostAsync(
            "/v1/consents", new { email = mail.Value, topic = "package-updates", action = "opt-out", source = "phone" });
        (topic, package) = await RowsAsync();
        Assert.Contains("<strong>No.</strong> The person had said stop.", topic, StringComparison.Ordinal);
        Assert.DoesNotContain("active", package, StringComparison.Ordinal);
        Assert.Contains("unsubscribed", package, StringComparison.Ordinal);
        Assert.Contains("<strong>No.</strong> The person had said stop.", package, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_100000_recipients_reads_a_page()
    {
        const int batches = 1000;
        var tables = product.Get<ITableStore>();
        var campaign = await product.Get<CampaignDesk>().DraftAsync("Large");
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
        var recipients = new CampaignRecipients(new AddressBook(counting, product.Time), product.Get<MessageIds>(), counting);
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
        var browser = await product.SignedInAsync("pager", Scope.Campaigns);
        var path = $"/console/campaigns/{campaign.Id}/recipients";
        var first = await browser.GetAsync(path);
        Assert.Contains($"after={Rows.BatchName("0", 0)}-50", first.Text, StringComparison.Ordinal);
        var last = await browser.GetAsync($"{path}?after={Rows.BatchName("0", batches - 1)}-50");
        Assert.Equal(51, Regex.Count(last.Text, "<tr>"));
    }

    [GeneratedRegex("href=\"(/console[^\"#]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<form (?:class=\"[^\"]*\" )?method=\"post\" action=\"(/console[^\"]*)\"")]
    private static partial Regex Forms();

    /// <summary>Counts the rows that were read.</summary>
    private sealed class CountingStore(ITableStore inner) : PassingStore(inner)
    {
        public int Rows { get; set; }

        public override async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
        {
            Rows++;
            return await Inner.GetAsync(table, partition, row, cancel);
        }

        public override async ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            var rows = await Inner.RangeAsync(table, partition, range, limit, cancel);
            Rows += rows.Count;
            return rows;
        }
    }
}
