using Microsoft.Extensions.DependencyInjection;
using Notifications.Campaigns;

namespace Notifications.Tests.Faults;

/// <summary>
/// Whoever the campaign is of: launches it, pauses it and lets it go on, now and then cancels it, and looks at its numbers until it has
/// ended.
/// </summary>
/// <remarks>
/// Launches by the launcher, past the desk, because the desk counts the audience in the pool first; the number is not what is tried here.
/// </remarks>
internal sealed class Marketer(Stage stage, IServiceProvider services, CampaignAccount account)
{
    private const string Self = "service:test";
    private readonly CampaignDesk _desk = services.GetRequiredService<CampaignDesk>();

    public async Task RunAsync()
    {
        await stage.StepAsync(stage.Random.Next(100));
        await stage.InsistAsync(
            () => services.GetRequiredService<CampaignLauncher>().LaunchAsync(FaultWorld.Campaign, null, now: true, Self, default));
        var (pauses, cancels) = (stage.Random.Next(3) > 0, stage.Random.Next(5) == 0);
        await PassAsync(2500);
        if (pauses)
        {
            if ((await stage.InsistAsync(() => _desk.PauseAsync(FaultWorld.Campaign, null, Self, default))).Done) account.Stopped = true;
            await PassAsync(400);
            // Now and then for so long that what a worker has left comes back meanwhile.
            if (stage.Random.Next(2) == 0)
                for (var rests = 0; rests < 5; rests++) await stage.RestAsync();
        }

        // Also what was paused by an answer that was lost.
        await ResumeAsync();
        if (cancels)
        {
            await PassAsync(1500);
            if ((await stage.InsistAsync(() => _desk.CancelAsync(FaultWorld.Campaign, null, Self, default))).Done) account.Stopped = true;
        }

        while ((await LookAsync()).Status is not (CampaignStatus.Completed or CampaignStatus.Cancelled))
        {
            await ResumeAsync(); // A process that died may have paused it.
            await stage.RestAsync();
        }
    }

    private async Task ResumeAsync()
    {
        if ((await stage.InsistAsync(() => _desk.FindAsync(FaultWorld.Campaign, default)))!.Status != CampaignStatus.Paused) return;
        account.Stopped = false; // From the moment it is asked.
        await stage.InsistAsync(() => _desk.ResumeAsync(FaultWorld.Campaign, Self, default));
    }

    private async Task<CampaignStats> LookAsync()
    {
        var stats = (await stage.InsistAsync(() => _desk.StatsAsync(FaultWorld.Campaign, default)))!;
        account.Look(stats);
        return stats;
    }

    /// <summary>Some steps, some of the clock, and a look.</summary>
    private async Task PassAsync(int most)
    {
        await stage.StepAsync(stage.Random.Next(most));
        await LookAsync();
        for (var rests = stage.Random.Next(3); rests > 0; rests--) await stage.RestAsync();
        await LookAsync();
    }
}
