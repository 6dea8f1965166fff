using Notifications.Addresses;
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

    [Fact]
    public async Task A_difference_that_no_stored_fact_explains_is_told_as_unexplained()
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
    public async Task P9_A_dry_run_that_comes_to_nothing_leaves_the_counts_of_the_one_before()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 3);
        var draft = await world.DraftAsync();
        await world.Desk.DryRunAsync(draft.Id, "service:test", default);
        await world.SubscribeAsync(10, 2);
        await Poll.UntilAsync(async () => await world.Get<CampaignLauncher>().CountAsync(draft, default) == 5, "the index follows");
        // As far as it comes before it is refused.
        Assert.Equal(5, (await world.Get<CampaignForecasts>().MakeAsync(draft, default)).Forecast.Selected);
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
