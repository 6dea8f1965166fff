using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>
/// The process dies at any storage or queue operation, before or after it took effect, again and again; what is left goes on.
/// </summary>
public class CrashTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task P5_P9_A_crash_anywhere_in_a_campaign_loses_nobody_and_sends_nobody_two(int seed)
    {
        MortalStore? mortal = null;
        var world = new CampaignWorld(between: store =>
        {
            mortal = new MortalStore(store, new Random(seed), place => place == Tables.Addresses ? 1 / 8.0 : 1);
            return (mortal, mortal);
        });
        const int People = 400;
        await world.SubscribeAsync(0, People);
        var draft = await world.DraftAsync(d => seed % 2 == 0 ? d with { Throttle = new CampaignThrottle(36_000) } : d);
        await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        Assert.True((await world.Desk.LaunchAsync(draft.Id, null, "service:test", default)).Done);
        var (crashes, left, paused) = (0, 0, false);
        for (var second = 0; second < 120 && (await world.StatsAsync(draft.Id)).Status != CampaignStatus.Completed; second++)
        {
            mortal!.Chance = second < 60 ? 0.01 : 0;
            crashes += await world.PassAsync(TimeSpan.FromSeconds(1));
            mortal.Chance = 0;
            if (second % 2 == 0 && left < 20) await world.OptOutAsync(CampaignWorld.Person(left++ * 19));
            if (second == 2 && !paused) paused = (await world.Desk.PauseAsync(draft.Id, null, "service:test", default)).Done;
            if (second == 5 && paused) await world.Desk.ResumeAsync(draft.Id, "service:test", default);
            // As the timer does: a step that died five times over is no concern here, a lost clock is.
            if (second is 70 or 100) await world.Get<CampaignWatch>().RunAsync(default);
            await world.StatsAsync(draft.Id); // P9 holds at every moment.
        }

        Assert.True(crashes > 10, $"only {crashes} crashes");
        var stats = await world.StatsAsync(draft.Id);
        Assert.Equal((CampaignStatus.Completed, People), (stats.Status, (int)stats.Selected));
        Assert.Equal(0, stats.Forecast!.Unexplained);
        var taken = world.Provider.Emails.GroupBy(e => e.To).ToDictionary(g => g.Key, g => g.Count());
        Assert.DoesNotContain(taken, t => t.Value > 1);
        var seen = new Dictionary<string, CampaignRecipient>();
        for (string? after = null; ;)
        {
            var page = (await world.Desk.RecipientsAsync(draft.Id, null, null, after, 37, default))!;
            foreach (var recipient in page.Recipients) seen.Add(recipient.Address!, recipient);
            if ((after = page.Next) is null) break;
        }

        Assert.Equal(People, seen.Count);
        foreach (var (address, recipient) in seen)
        {
            var record = (await world.RecordAsync(draft.Id, CoreProduct.Email(address)))!;
            Assert.Equal((record.Status, record.Reason), (recipient.Status, recipient.Reason));
            if (recipient.Status == MessageStatus.Sent)
                Assert.True(taken.ContainsKey(address), $"{address} counts as sent and was never taken.");
            else if (recipient.Status == MessageStatus.Skipped)
                Assert.False(taken.ContainsKey(address), $"{address} counts as skipped and was taken.");
            else Assert.Equal(MessageStatus.Unknown, recipient.Status);
        }
    }
}
