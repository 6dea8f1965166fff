using Notifications.Audit;
using Notifications.Events;

namespace Notifications.Campaigns;

/// <summary>Moves that a campaign makes by itself: each stands in the audit, and what people must know of is an alert.</summary>
public sealed class CampaignStops(CampaignStore store, CampaignGate gate, OperatorAlerts alerts, AuditLog audit)
{
    /// <summary>How the campaign's own acts stand in the audit.</summary>
    public const string Itself = "service:campaigns";

    /// <summary>Pauses the campaign, unless somebody has moved it meanwhile.</summary>
    public async ValueTask HoldAsync(string id, int epoch, string why, CancellationToken cancel)
    {
        var (_, after) = await store.MoveAsync(id, (c, now) => c.Epoch == epoch ? CampaignLife.Pause(c, new CampaignHold(now, Itself, why), now) : null, cancel);
        if (after is null) return;
        await gate.ShutAsync(id, cancel);
        await audit.WriteAsync(Itself, "campaign.pause", id, nameof(CampaignStatus.Running), $"{nameof(CampaignStatus.Paused)}: {why}", cancel);
        await alerts.RaiseAsync("campaign-paused", $"Campaign {id} paused itself. {why}", id, cancel);
    }

    /// <summary>A scheduled campaign could not be launched: it is a draft again.</summary>
    public async ValueTask UnscheduleAsync(string id, int epoch, string why, CancellationToken cancel)
    {
        var (_, after) = await store.MoveAsync(id, (c, now) => c.Epoch == epoch ? CampaignLife.Unschedule(c, new CampaignHold(now, Itself, why), now) : null, cancel);
        if (after is null) return;
        await audit.WriteAsync(Itself, "campaign.unschedule", id, nameof(CampaignStatus.Scheduled), $"{nameof(CampaignStatus.Draft)}: {why}", cancel);
        await alerts.RaiseAsync("campaign-not-launched", $"Campaign {id} could not be launched. {why}", id, cancel);
    }

    /// <summary>Completes the campaign.</summary>
    public async ValueTask CompleteAsync(string id, int epoch, CancellationToken cancel)
    {
        var (_, after) = await store.MoveAsync(id, (c, now) => c.Epoch == epoch ? CampaignLife.Complete(c, now) : null, cancel);
        if (after is not null) await audit.WriteAsync(Itself, "campaign.complete", id, nameof(CampaignStatus.Running), nameof(CampaignStatus.Completed), cancel);
    }
}
