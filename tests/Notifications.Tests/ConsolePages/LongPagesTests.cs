using System.Globalization;
using System.Net;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>What the console shows of more than fits into a page or into one request.</summary>
public sealed class LongPagesTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P2_Of_somebody_with_thousands_of_messages_the_newest_are_shown()
    {
        var key = await product.PersonAsync("often@example.com");
        var store = product.Get<ITableStore>();
        var now = product.Time.GetUtcNow();
        var ages = Enumerable.Range(0, 2100).Select(i => (i * 7919) % 2100).ToList(); // In no order, as ids are.
        foreach (var some in Enumerable.Range(0, 2100).Chunk(100))
        {
            await store.CommitAsync(
                Tables.Addresses, key.Value,
                [.. some.Select(i => RowChange.Insert(Rows.Message($"m{i:D5}"), Sent(ages[i]), CoreJson.Default.MessageRecord))]);
        }

        var console = await product.SignedInAsync("olga", Scope.All);
        var text = (await console.GetAsync("/console/people/" + key.Value)).Text;
        Assert.Contains("The newest 100 of 2,100.", text, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Range(0, 2100).OrderBy(i => ages[i]).Take(100).Select(i => $"m{i:D5}"),
            text.Split("/messages/").Skip(1).Select(t => t[..6]));

        MessageRecord Sent(int minutesAgo) => new()
        {
            Topic = TopicKey.Newsletter,
            Channel = Channel.Email,
            Status = MessageStatus.Sent,
            Timeline = [new MessageEvent(now.AddMinutes(-minutesAgo), "sent")],
        };
    }

    [Fact]
    public async Task P10_More_ledgers_than_one_request_can_read_are_verified_part_by_part_and_the_screen_says_how_far_it_is()
    {
        var store = product.Get<ITableStore>();
        var ring = product.Get<KeyRing>();
        var keys = Enumerable.Range(0, 10_050)
            .Select(i => ring.KeyOf(CoreProduct.Email($"ledger{i}@example.com")).Value).Order(StringComparer.Ordinal).ToList();
        var empty = new AddressState { Channel = Channel.Email };
        foreach (var key in keys)
            await store.CommitAsync(
                Tables.Addresses, key,
                [
                    RowChange.Insert(
                        Rows.State, key == keys[3] ? empty with { Ledger = new LedgerHead(1, new string('a', 64)) } : empty,
                        CoreJson.Default.AddressState),
                ]);
        var console = await product.SignedInAsync("otto", Scope.All);
        await console.GetAsync("/console/ledger");
        var first = await console.PostAsync("/console/ledger");
        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Contains("10,000", first.Text, StringComparison.Ordinal);
        Assert.Contains("Go on with the next", first.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Every ledger verifies", first.Text, StringComparison.Ordinal);

        var second = await console.PostAsync("/console/ledger", first.Fields("/console/ledger"));
        Assert.DoesNotContain("Go on with the next", second.Text, StringComparison.Ordinal);
        Assert.Contains("1 ledgers do not verify", second.Text, StringComparison.Ordinal); // What the first part found is not forgotten.
        Assert.Contains(keys[3], second.Text, StringComparison.Ordinal);
        Assert.Contains(
            (await CountAsync(store)).ToString("N0", CultureInfo.InvariantCulture), second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P9_A_dry_run_that_is_not_through_says_so_and_its_button_goes_on_from_there()
    {
        var desk = product.Get<CampaignDesk>();
        var campaign = await desk.DraftAsync(
            "Long",
            d => d with
            {
                Topic = TopicKey.Promotions,
                Template = "promotions",
                Audience = new Audience(TopicKey.Promotions, Channel.Email),
            });
        // As an earlier request left it: one bucket is done, with twelve hundred people.
        var run = new ForecastRun("0123abcd", campaign.Epoch, product.Time.GetUtcNow(), campaign.Definition.Audience);
        await product.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, campaign.Id,
            [
                RowChange.Insert(Rows.ForecastRun, run, CoreJson.Default.ForecastRun),
                RowChange.Insert(
                    Rows.ForecastPart(run.Generation, 'A'),
                    new ForecastPart("A", true, [new ForecastCount(Verdict.Allow, Reason.Allowed, 1200)]), CoreJson.Default.ForecastPart),
            ]);
        var console = await product.SignedInAsync("mia", Scope.All);
        var path = "/console/campaigns/" + campaign.Id;
        var screen = (await console.GetAsync(path)).Text;
        Assert.Contains("it has decided for 1,200 so far, of whom 1,200 would be sent it", screen, StringComparison.Ordinal);
        Assert.Contains("Go on counting", screen, StringComparison.Ordinal);
        Assert.Contains("Nobody has counted it as it stands", screen, StringComparison.Ordinal);

        Assert.Equal(path + "?said=counted", (await console.PostAsync(path + "/dry-run")).Location);
        screen = (await console.GetAsync(path)).Text;
        Assert.Contains("Count again", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("so far", screen, StringComparison.Ordinal);
        Assert.True((await desk.ForecastAsync((await desk.FindAsync(campaign.Id, default))!, default))!.Selected >= 1200);
    }

    private static async Task<int> CountAsync(ITableStore store)
    {
        var partitions = new HashSet<string>(StringComparer.Ordinal);
        (string, string)? after = null;
        while (await store.ScanAsync(Tables.Addresses, after, 1000) is { Count: > 0 } rows)
        {
            partitions.UnionWith(rows.Select(r => r.Partition));
            after = (rows[^1].Partition, rows[^1].Row.Key);
        }

        return partitions.Count;
    }
}
