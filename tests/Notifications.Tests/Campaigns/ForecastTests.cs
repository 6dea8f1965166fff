using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>A dry run beside what came of it.</summary>
public class ForecastTests
{
    [Fact]
    public async Task P9_Every_difference_between_forecast_and_outcome_is_explained()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 60);
        var draft = await world.DraftAsync();
        await world.Get<Suppressions>().AddAsync(
            CampaignWorld.Person(0), SuppressionReason.Bounce, null,
            new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "test"), default);
        await Poll.UntilAsync(
            async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 59, "the blocked one leaves the index");
        var (_, forecast) = await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        Assert.Equal(59, forecast!.Selected);
        Assert.Equal(forecast!.Selected, forecast.Allowed + forecast.Skipped.Values.Sum() + forecast.Deferred.Values.Sum());

        await world.OptOutAsync(CampaignWorld.Person(1)); // left before the launch
        await world.SubscribeAsync(100, 3); // joined
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 61, "the index follows");
        Assert.True((await world.Desk.LaunchAsync(draft.Id, null, "service:test", default)).Done);
        for (var i = 10; i < 15; i++) await world.OptOutAsync(CampaignWorld.Person(i)); // changed after the launch
        world.Provider.Answer =
            email => ValueTask.FromResult(email.To == CampaignWorld.Person(20).Value ? HandOff.Rejected("no") : HandOff.Accepted(null));
        var stats = await world.CompleteAsync(draft.Id);
        var told = stats.Forecast!;
        Assert.Equal(0, told.Unexplained);
        var by = told.Differences.GroupBy(d => d.Because).ToDictionary(g => g.Key, g => g.Sum(d => d.Count));
        Assert.Equal((3L, 1L, 1L, 5L), (by["joined"], by["left"], by["provider"], by["changed"]));
        Assert.Contains(told.Differences, d => d is { Forecast: "allowed", Actual: "skipped: unsubscribed", Because: "changed" });

        // The account closes: what was said to come, less what left and came otherwise, is what came.
        Assert.Equal(stats.Selected, told.Selected - by["left"] + by["joined"]);
    }

    [Theory]
    [InlineData(Reason.Allowed, Reason.FrequencyCap, "Cap")]
    [InlineData(Reason.FrequencyCap, Reason.Allowed, "Cap")]
    [InlineData(Reason.QuietHours, Reason.FrequencyCap, "Cap")]
    [InlineData(Reason.Allowed, Reason.QuietHours, "Clock")]
    [InlineData(Reason.FrequencyCap, Reason.Expired, "Clock")]
    [InlineData(Reason.Allowed, Reason.PolicyOutdated, "Unexplained")]
    public void P9_A_difference_that_a_cap_has_made_is_not_told_as_one_of_the_clock(Reason told, Reason came, string because)
    {
        var status = came switch
        {
            Reason.Allowed => MessageStatus.Sent,
            Reason.FrequencyCap or Reason.QuietHours => MessageStatus.Deferred,
            _ => MessageStatus.Skipped,
        };
        var record = new MessageRecord { Topic = TopicKey.Newsletter, Channel = Channel.Email, Status = status, Reason = came };
        Assert.Equal(
            because,
            new ForetoldMember(Notifications.Campaigns.Foretold.Of(told), 5).Explain(new Outcome(status, came), record).ToString());
    }

    [Fact]
    public async Task R66_A_forecast_is_forgotten_though_no_key_opens_a_row_of_it()
    {
        var world = new CampaignWorld();
        await world.Store.CommitAsync(Tables.Campaigns, "c1", [RowChange.Put(Rows.Forecast("gone"), RawStorage.Shut)]);
        await world.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, "c1", [RowChange.Put(Rows.Foretold("gone", "a"), "x"u8.ToArray())]);
        await world.Get<CampaignForecasts>().ForgetAsync("c1", "gone", default);
        Assert.Empty(await world.Store.RangeAsync(Tables.Campaigns, "c1", RowRange.All, 10));
    }

    [Fact]
    public async Task P9_A_difference_that_no_stored_fact_explains_is_told_as_unexplained()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 5);
        var draft = await world.DraftAsync();
        await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        world.Options.Sending.RequiredPolicyVersion = "2"; // A setting, not the person's doing: no ledger tells of it.
        await world.Desk.LaunchAsync(draft.Id, null, "service:test", default);
        var stats = await world.CompleteAsync(draft.Id);
        Assert.Equal((5L, 5L), (stats.Skipped["policy-outdated"], stats.Forecast!.Unexplained));
    }

    [Fact]
    public async Task A_changed_definition_has_no_forecast_until_it_is_run_dry_again()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 5);
        var draft = await world.DraftAsync();
        await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        Assert.NotNull((await world.Desk.FindAsync(draft.Id, default))!.Forecast);
        Assert.Null(
            (await world.Desk.UpdateAsync(
                draft.Id, draft.Definition with { Name = "Summer" }, "service:test", default)).Campaign!.Forecast);
        await world.Desk.LaunchAsync(draft.Id, null, "service:test", default);
        await world.CompleteAsync(draft.Id);
        Assert.Equal(CampaignRefusal.WrongStatus, (await world.Desk.DryRunAsync(draft.Id, "service:test", default)).Outcome.Refusal);
    }

    [Fact]
    public async Task P9_The_counts_of_a_draft_that_was_changed_since_are_shown_to_nobody_and_confirm_nothing()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 101);
        var draft = await world.DraftAsync();
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 101, "the index follows");
        await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        await world.SubscribeAsync(200, 1);
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 102, "the index follows");
        var changed = (await world.Desk.UpdateAsync(
            draft.Id, draft.Definition with { Subject = "Another" }, "service:test", default)).Campaign!;
        Assert.Null(await world.Desk.ForecastAsync(changed, default));
        // Nor kept.
        Assert.DoesNotContain(
            await world.Store.ScanAsync(Tables.Campaigns, null, 1000), r => r.Row.Key.StartsWith("fore", StringComparison.Ordinal));
        // Near enough, had it been of this definition.
        Assert.Equal(CampaignRefusal.Unconfirmed, (await world.Desk.LaunchAsync(draft.Id, 101, "service:test", default)).Refusal);
        Assert.True((await world.Desk.LaunchAsync(draft.Id, 102, "service:test", default)).Done);
        Assert.Null((await world.CompleteAsync(draft.Id)).Forecast);
    }

    [Fact]
    public async Task P9_A_dry_run_of_more_people_than_one_request_can_decide_on_goes_on_with_the_next_and_forgets_nobody()
    {
        SlowForecasts? slow = null;
        var world = new CampaignWorld(between: store => (slow = new SlowForecasts(store), store));
        slow!.Clock = world.Clock;
        await world.SubscribeAsync(0, 200);
        var draft = await world.DraftAsync();
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 200, "the index follows");
        slow.Each = TimeSpan.FromSeconds(5);
        var parts = new List<CampaignForecast>();
        while (parts.Count == 0 || parts[^1].UnderWay)
        {
            parts.Add((await world.Desk.DryRunAsync(draft.Id, "service:test", default)).Forecast!);
            Assert.True(parts.Count < 20, "It does not come to an end.");
            var stands = (await world.Desk.FindAsync(draft.Id, default))!;
            Assert.Equal(parts[^1].UnderWay ? null : 200, (await world.Desk.ForecastAsync(stands, default))?.Selected);
            Assert.Equal(parts[^1].UnderWay ? parts[^1].Selected : null, (await world.Desk.UnderWayAsync(stands, default))?.Selected);
            // Whoever asks the API sees it too.
            var shown = (await world.Desk.StatsAsync(draft.Id, default))!;
            Assert.Equal(parts[^1].UnderWay ? parts[^1].Selected : null, shown.DryRun?.Selected);
            Assert.Equal(parts[^1].UnderWay ? null : 200, shown.Forecast?.Selected);
        }

        Assert.True(parts.Count > 2);
        Assert.Equal(parts.Select(p => p.Selected).Order(), parts.Select(p => p.Selected));
        Assert.Single(parts.DistinctBy(p => p.At));
        slow.Each = TimeSpan.Zero;
        Assert.True((await world.Desk.LaunchAsync(draft.Id, 200, "service:test", default)).Done);
        var told = (await world.CompleteAsync(draft.Id)).Forecast!;
        Assert.Equal((200L, 200L, 0L, 0), (told.Selected, told.Allowed, told.Unexplained, told.Differences.Count));
    }

    [Fact]
    public async Task P9_What_a_dry_run_had_decided_is_forgotten_when_it_grew_old_or_the_draft_was_changed_or_its_list_is_gone()
    {
        SlowForecasts? slow = null;
        var world = new CampaignWorld(between: store => (slow = new SlowForecasts(store), store));
        slow!.Clock = world.Clock;
        await world.SubscribeAsync(0, 60);
        var list = await world.Get<StaticLists>().CreateAsync("Some", default);
        await world.Get<StaticLists>().AddAsync(
            list.Id, [.. Enumerable.Range(0, 60).Select(i => world.Ring.KeyOf(CampaignWorld.Person(i)))], default);
        var draft = await world.DraftAsync(d => d with { Audience = d.Audience with { List = list.Id } });
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 60, "the index follows");
        slow.Each = TimeSpan.FromSeconds(10);
        async Task<CampaignForecast?> BeginAsync() => (await world.Desk.DryRunAsync(draft.Id, "service:test", default)).Forecast;
        var first = await BeginAsync();
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await world.Desk.UnderWayAsync(draft, default));
        var second = await BeginAsync();
        Assert.True(second!.UnderWay && second.At > first!.At && second.Selected < 60);
        Assert.True((await world.Desk.UpdateAsync(draft.Id, draft.Definition with { Subject = "x" }, "service:test", default)).Done);
        Assert.Empty(await KeptAsync());
        Assert.True((await BeginAsync())!.UnderWay);
        Assert.NotEmpty(await KeptAsync());
        Assert.True(await world.Get<StaticLists>().DeleteAsync(list.Id, default));
        Assert.Null(await BeginAsync());
        Assert.Empty(await KeptAsync());

        async Task<IEnumerable<string>> KeptAsync() =>
            (await KeysAsync(world)).Where(k => k.StartsWith("fore", StringComparison.Ordinal));
    }

    [Fact]
    public async Task P9_Of_two_dry_runs_at_once_the_slower_takes_nothing_from_the_campaign_that_was_launched_with_the_other()
    {
        InterruptedStore? hooks = null;
        var world = new CampaignWorld(between: store => (hooks = new InterruptedStore(store), store));
        await world.SubscribeAsync(0, 60);
        var draft = await world.DraftAsync();
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 60, "the index follows");
        // The first thing that the slower one writes is that a dry run has begun.
        hooks!.AfterCommit = (draft.Id, async () =>
        {
            Assert.Equal(60, (await world.Desk.DryRunAsync(draft.Id, "service:faster", default)).Forecast!.Selected);
            Assert.True((await world.Desk.LaunchAsync(draft.Id, 60, "service:faster", default)).Done);
        });
        var (outcome, forecast) = await world.Desk.DryRunAsync(draft.Id, "service:slower", default);
        Assert.Equal((CampaignRefusal.Stale, (CampaignForecast?)null), (outcome.Refusal, forecast));
        var told = (await world.CompleteAsync(draft.Id)).Forecast!;
        Assert.Equal((60L, 60L, 0L), (told.Selected, told.Allowed, told.Unexplained));
        Assert.DoesNotContain(
            await KeysAsync(world),
            k => k == "forecasting" || (k.StartsWith("forecast:", StringComparison.Ordinal) && k.Count(':') == 2));
    }

    [Fact]
    public async Task P9_A_dry_run_during_which_the_draft_is_changed_says_so_and_leaves_nothing_and_neither_does_one_before_a_launch()
    {
        SlowForecasts? slow = null;
        InterruptedStore? hooks = null;
        var world = new CampaignWorld(between: store => (hooks = new InterruptedStore(slow = new SlowForecasts(store)), store));
        slow!.Clock = world.Clock;
        await world.SubscribeAsync(0, 60);
        var draft = await world.DraftAsync();
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 60, "the index follows");
        slow.Each = TimeSpan.FromSeconds(5);
        hooks!.AfterCommit = (draft.Id, async () => Assert.True(
            (await world.Desk.UpdateAsync(draft.Id, draft.Definition with { Subject = "x" }, "service:test", default)).Done));
        Assert.Equal(CampaignRefusal.Stale, (await world.Desk.DryRunAsync(draft.Id, "service:test", default)).Outcome.Refusal);
        Assert.DoesNotContain(await KeysAsync(world), k => k.StartsWith("fore", StringComparison.Ordinal));
        Assert.True((await world.Desk.DryRunAsync(draft.Id, "service:test", default)).Forecast!.UnderWay);
        Assert.True((await world.Desk.LaunchAsync(draft.Id, 60, "service:test", default)).Done);
        Assert.DoesNotContain(await KeysAsync(world), k => k.StartsWith("fore", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(CampaignWorld world) =>
        [.. (await world.Store.ScanAsync(Tables.Campaigns, null, 1000)).Select(r => r.Row.Key)];

    /// <summary>Every write of a dry run takes a while.</summary>
    private sealed class SlowForecasts(ITableStore inner) : PassingStore(inner)
    {
        public FakeTimeProvider? Clock { get; set; }

        public TimeSpan Each { get; set; }

        public override ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (changes[0].Key.StartsWith("forecast:", StringComparison.Ordinal) && changes[0].Kind != RowChangeKind.Delete)
                Clock?.Advance(Each);
            return Inner.CommitAsync(table, partition, changes, cancel);
        }
    }

    [Fact]
    public async Task P9_A_dry_run_that_comes_to_nothing_leaves_the_counts_of_the_one_before()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 3);
        var draft = await world.DraftAsync();
        await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        await world.SubscribeAsync(10, 2);
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 5, "the index follows");
        // As far as it comes before it is refused.
        Assert.Equal(5, (await world.Get<CampaignForecasts>().MakeAsync(draft, default)).Forecast!.Selected);
        Assert.Equal(3, (await world.Desk.ForecastAsync((await world.Desk.FindAsync(draft.Id, default))!, default))!.Selected);
    }

    [Fact]
    public async Task A_dry_run_promises_nothing_that_the_launch_would_refuse()
    {
        var world = new CampaignWorld();
        var draft = await world.DraftAsync(d => d with { Template = "deleted" });
        var (outcome, forecast) = await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        Assert.Equal(
            (CampaignRefusal.NotReady, "There is no template deleted for email.", (CampaignForecast?)null),
            (outcome.Refusal, outcome.Why, forecast));
    }
}
