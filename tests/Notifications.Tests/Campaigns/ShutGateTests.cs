using Notifications.Campaigns;

namespace Notifications.Tests.Campaigns;

/// <summary>
/// A pause is answered when nobody goes by what was read before it, also not a hand-off that has its leave from before something else had
/// the gate look anew.
/// </summary>
public sealed class ShutGateTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task P1_A_pause_waits_for_the_hand_off_whose_leave_a_second_resume_has_left_behind()
    {
        var (world, campaign, pass) = await EnteredAsync();
        world.Get<CampaignGate>().Forget(campaign); // As a resume does that somebody else was faster than.
        var pausing = PauseAsync(world, campaign, default);
        Assert.NotSame(pausing, await Task.WhenAny(pausing, Task.Delay(Moment)));
        Assert.True(pass.Stands); // Its hand-off may begin.
        pass.Dispose();
        Assert.True((await pausing).Done);
    }

    [Fact]
    public async Task P1_A_pause_asked_for_again_waits_for_the_hand_off_that_the_first_was_not_waited_for_with()
    {
        var (world, campaign, pass) = await EnteredAsync();
        using var gone = new CancellationTokenSource();
        var first = PauseAsync(world, campaign, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var again = PauseAsync(world, campaign, default);
        Assert.NotSame(again, await Task.WhenAny(again, Task.Delay(Moment)));
        pass.Dispose();
        Assert.False((await again).Done); // It stands still already.
    }

    private static async Task<(CampaignWorld World, string Campaign, CampaignPass Pass)> EnteredAsync()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 1);
        var campaign = (await world.LaunchAsync()).Id;
        return (world, campaign, (await world.Get<CampaignGate>().EnterAsync(campaign, default))!.Value);
    }

    private static Task<CampaignOutcome> PauseAsync(CampaignWorld world, string campaign, CancellationToken cancel) =>
        world.Desk.PauseAsync(campaign, null, "service:test", cancel).AsTask();
}
