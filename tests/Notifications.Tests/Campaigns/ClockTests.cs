using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>What a campaign's clock makes of a night, a hold, an outage that is over, and a clock that was set back.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task R52_A_throttle_holds_when_what_was_let_go_by_night_goes_out_by_day()
    {
        var world = new CampaignWorld();
        world.Clock.Advance(TimeSpan.FromHours(4)); // 12:00 UTC, 07:00 in New York: it has been quiet for ten hours, for one more.
        await SubscribeByTextAsync(world, 150);
        var campaign = await world.LaunchAsync(d => ByText(d) with { Throttle = new CampaignThrottle(12) });
        var hours = new List<int>();
        for (var sent = 0; hours.Count < 14; sent = world.Provider.Texts.Count)
        {
            await world.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromMinutes(5));
            hours.Add(world.Provider.Texts.Count - sent);
        }

        Assert.InRange(hours[0], 0, 1); // Of its last moment, when it is day.
        Assert.All(hours, h => Assert.InRange(h, 0, 15));
        Assert.Equal((150, 150), (hours.Sum(), world.Provider.Texts.DistinctBy(t => t.To).Count()));
        Assert.Equal(150, (await world.StatsAsync(campaign.Id)).Sent);
    }

    [Fact]
    public async Task R52_A_campaign_that_only_waits_for_the_morning_is_looked_at_seldom_and_ends_with_it()
    {
        CountedLooks? looks = null;
        var world = new CampaignWorld(between: store => (looks = new CountedLooks(store), store)); // 08:00 UTC, 03:00 in New York.
        Assert.True(Address.TryParse(Channel.Sms, "+12125550123", out var phone, out _));
        await world.SubscribeAsync(phone, TopicKey.Promotions, s => s with { TimeZone = "America/New_York" });
        var campaign = await world.LaunchAsync(ByText);
        await world.PassAsync(TimeSpan.FromMinutes(30));
        Assert.InRange(looks!.Count, 30, 90); // Every half minute, after more often at the beginning.
        await world.PassAsync(TimeSpan.FromHours(5), TimeSpan.FromSeconds(30));
        Assert.Equal((CampaignStatus.Completed, 1), ((await world.StatsAsync(campaign.Id)).Status, world.Provider.Texts.Count));
    }

    [Fact]
    public async Task R52_A_campaign_that_waits_for_the_winner_of_its_subjects_is_looked_at_seldom_and_chooses_it_in_time()
    {
        CountedLooks? looks = null;
        var world = new CampaignWorld(between: store => (looks = new CountedLooks(store), store));
        await world.SubscribeAsync(0, 10);
        var campaign = await world.LaunchAsync(
            d => d with { SubjectTest = new SubjectTest(["Quiet", "Loud"], 50, TimeSpan.FromMinutes(30)) });
        await world.PassAsync(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(2));
        Assert.InRange(looks!.Count, 30, 90);
        Assert.InRange(world.Provider.Emails.Count, 1, 9);
        await world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(10, world.Provider.Emails.Count);
        Assert.Equal(CampaignStatus.Completed, (await world.StatsAsync(campaign.Id)).Status);
    }

    [Fact]
    public async Task R52_What_slept_until_after_a_pause_began_goes_out_at_the_rate_of_the_throttle_when_the_campaign_goes_on()
    {
        var world = new CampaignWorld(); // 08:00 UTC, 03:00 in New York.
        var batch = await SubscribeByTextAsync(world, 150);
        var campaign = await world.LaunchAsync(d => ByText(d) with { Throttle = new CampaignThrottle(120) });
        await world.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        await world.Desk.PauseAsync(campaign.Id, null, "service:test", default);
        await world.PassAsync(TimeSpan.FromHours(13), TimeSpan.FromMinutes(10)); // To 17:00: it opened at 08:00.
        Assert.InRange((await world.StatsAsync(campaign.Id)).DeferredBy["campaign-paused"], 110, 130);
        Assert.Empty(world.Provider.Texts);
        await world.Desk.ResumeAsync(campaign.Id, "service:test", default);
        var minutes = new List<int>();
        for (var sent = 0; minutes.Count < 90; sent = world.Provider.Texts.Count)
        {
            await world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(20));
            minutes.Add(world.Provider.Texts.Count - sent);
        }

        Assert.All(minutes, m => Assert.InRange(m, 0, 2 + batch)); // A batch goes as a whole, and a later look lets go at once.
        for (var i = 0; i + 10 <= minutes.Count; i++) Assert.InRange(minutes.Skip(i).Take(10).Sum(), 0, 22 + batch);
        Assert.Equal((150, 150), (minutes.Sum(), world.Provider.Texts.DistinctBy(t => t.To).Count()));
        Assert.Equal(CampaignStatus.Completed, (await world.StatsAsync(campaign.Id)).Status);
    }

    [Fact]
    public async Task R52_What_woke_into_a_pause_a_moment_ago_goes_out_at_the_rate_of_the_throttle_too()
    {
        var world = new CampaignWorld(o => o.Campaigns.RecountAfter = TimeSpan.FromMinutes(10)); // 08:00 UTC, 03:00 in New York.
        await SubscribeByTextAsync(world, 150);
        var campaign = await world.LaunchAsync(d => ByText(d) with { Throttle = new CampaignThrottle(3600) });
        await world.PassAsync(TimeSpan.FromMinutes(4));
        await world.Desk.PauseAsync(campaign.Id, null, "service:test", default);
        await world.PassAsync(TimeSpan.FromMinutes(650), TimeSpan.FromMinutes(10));
        await world.PassAsync(TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(1)); // To 19:03: six hours after the opening, as let go.
        Assert.Equal(150, (await world.StatsAsync(campaign.Id)).DeferredBy["quiet-hours"]); // The account does not know yet.
        await world.Desk.ResumeAsync(campaign.Id, "service:test", default);
        var counts = new List<int>();
        for (var sent = 0; counts.Count < 60; sent = world.Provider.Texts.Count)
        {
            await world.PassAsync(TimeSpan.FromSeconds(10));
            counts.Add(world.Provider.Texts.Count - sent);
        }

        Assert.InRange(counts[0], 0, 110); // What the throttle had allowed by the pause and not let go, and ten seconds.
        Assert.All(counts.Skip(1), c => Assert.InRange(c, 0, 45)); // Ten, and what a look that came later lets go at once.
        Assert.Equal((150, 150), (counts.Sum(), world.Provider.Texts.DistinctBy(t => t.To).Count()));
        Assert.Equal(CampaignStatus.Completed, (await world.StatsAsync(campaign.Id)).Status);
    }

    /// <summary>How many come into the largest batch: which ones stand together is another with every key ring.</summary>
    private static async Task<int> SubscribeByTextAsync(CampaignWorld world, int count)
    {
        var batches = new Dictionary<char, int>();
        for (var i = 0; i < count; i++)
        {
            Assert.True(Address.TryParse(Channel.Sms, $"+1212555{i:D4}", out var phone, out _));
            await world.SubscribeAsync(phone, TopicKey.Promotions, s => s with { TimeZone = "America/New_York" });
            var bucket = AudienceBuckets.Of(world.Ring.KeyOf(phone));
            batches[bucket] = batches.GetValueOrDefault(bucket) + 1;
        }

        return batches.Values.Max();
    }

    private static CampaignDefinition ByText(CampaignDefinition definition) => definition with
    {
        Topic = TopicKey.Promotions,
        Channel = Channel.Sms,
        Template = "promotions",
        Audience = new Audience(TopicKey.Promotions, Channel.Sms),
    };

    private sealed class CountedLooks(ITableStore inner) : PassingStore(inner)
    {
        public int Count { get; private set; }

        public override ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (changes.Any(c => c.Key == Rows.Tick)) Count++;
            return Inner.CommitAsync(table, partition, changes, cancel);
        }
    }

    [Fact]
    public async Task R52_Of_a_night_each_comes_as_long_after_the_opening_as_it_came_after_the_closing_and_without_a_throttle_at_it()
    {
        var options = new SendingOptions();
        var opens = new DateTimeOffset(2026, 11, 25, 13, 0, 0, TimeSpan.Zero); // 08:00 in New York; it closed at 02:00 UTC.
        DateTimeOffset Paced(string now, string? region = "US") =>
            QuietHours.Paced(opens, DateTimeOffset.Parse(now, null), region is null ? null : "America/New_York", region, options);
        Assert.Equal(opens, Paced("2026-11-25T02:00:00Z"));
        Assert.Equal(opens.AddHours(1.5), Paced("2026-11-25T03:30:00Z"));
        Assert.Equal(opens.AddHours(11).AddSeconds(-1), Paced("2026-11-25T12:59:59Z"));
        Assert.Equal(opens, Paced("2026-11-25T03:30:00Z", region: null)); // Nobody knows when that night began.

        var world = new CampaignWorld();
        Assert.True(Address.TryParse(Channel.Sms, "+12125550100", out var phone, out _));
        await world.SubscribeAsync(phone, TopicKey.Promotions, s => s with { TimeZone = "America/New_York" });
        var campaign = await world.LaunchAsync(ByText);
        await world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(opens.AddDays(-1), (await world.RecordAsync(campaign.Id, phone))!.DueAt);
    }

    [Fact]
    public async Task P5_What_a_throttle_would_have_let_go_while_every_hand_off_was_held_is_not_made_up_for()
    {
        var world = new CampaignWorld(o => o.Sending.Hold = true);
        await world.SubscribeAsync(0, 60);
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(720) }); // One in five seconds.
        await world.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10));
        world.Options.Sending.Hold = false;
        await world.PassAsync(TimeSpan.FromSeconds(130)); // Whatever was held has looked again.
        Assert.InRange(world.Provider.Emails.Count, 20, 35);
        Assert.Equal(60, (await world.CompleteAsync(campaign.Id)).Sent);
    }

    [Fact]
    public async Task Resuming_when_the_provider_is_back_does_not_pause_again_for_what_had_found_it_away()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 300);
        var away = true;
        world.Provider.Answer = _ =>
            ValueTask.FromResult(away ? HandOff.Unavailable("away", TimeSpan.FromMinutes(10)) : HandOff.Accepted(null));
        var campaign = await world.LaunchAsync();
        await world.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(CampaignStatus.Paused, (await world.StatsAsync(campaign.Id)).Status);
        away = false;
        Assert.True((await world.Desk.ResumeAsync(campaign.Id, "service:test", default)).Done);
        await world.PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(CampaignStatus.Running, (await world.StatsAsync(campaign.Id)).Status);
        Assert.Equal(300, (await world.CompleteAsync(campaign.Id, TimeSpan.FromMinutes(15))).Sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R19_A_campaign_goes_on_after_the_clock_was_set_back_though_its_last_look_lies_ahead(bool itemLives)
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 60);
        var campaign = await world.LaunchAsync(d => d with { Throttle = new CampaignThrottle(7200) });
        await world.PassAsync(TimeSpan.FromSeconds(4));
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        while (!itemLives && await world.Store.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(2)) is { Count: > 0 } items)
            foreach (var item in items) await world.Store.CompleteAsync(item);
        var ahead = world.Clock.GetUtcNow().AddHours(1);
        await world.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, campaign.Id,
            [RowChange.Put(Rows.Tick, new TickRow(campaign.Epoch, ahead, 0, 0), CoreJson.Default.TickRow)]);
        if (itemLives)
            await world.Get<CampaignQueue>().EnqueueAsync(
                new CampaignWork(CampaignStep.Tick, campaign.Id, campaign.Epoch, At: ahead), TimeSpan.Zero, default);
        else await world.Get<CampaignWatch>().RunAsync(default);
        Assert.Equal(60, (await world.CompleteAsync(campaign.Id)).Sent);
    }
}
