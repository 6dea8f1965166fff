using Notifications.Audit;
using Notifications.Consent;
using Notifications.Events;

namespace Notifications.Campaigns;

/// <summary>Moves that a campaign makes by itself: each stands in the audit, and what people must know of is an alert.</summary>
public sealed class CampaignStops(CampaignStore store, CampaignGate gate, OperatorAlerts alerts, AuditLog audit)
{
    /// <summary>How the campaign's own acts stand in the audit.</summary>
    public const string Itself = Actors.Itself + "campaigns";

    /// <summary>Pauses the campaign, unless somebody has moved it meanwhile.</summary>
    public async ValueTask HoldAsync(string id, int epoch, string why, CancellationToken cancel)
    {
        if (await ActAsync(
            id, epoch, "campaign.pause", $"{nameof(CampaignStatus.Paused)}: {why}",
            (c, now) => CampaignLife.Pause(c, new CampaignHold(now, Itself, why), now), cancel,
            ("campaign-paused", $"Campaign {id} pauses itself, unless somebody has moved it meanwhile. {why}")))
        {
            await gate.ShutAsync(id, cancel);
        }
    }

    /// <summary>A scheduled campaign could not be launched: it is a draft again.</summary>
    public async ValueTask UnscheduleAsync(string id, int epoch, string why, CancellationToken cancel) =>
        await ActAsync(
            id, epoch, "campaign.unschedule", $"{nameof(CampaignStatus.Draft)}: {why}",
            (c, now) => CampaignLife.Unschedule(c, new CampaignHold(now, Itself, why), now), cancel,
            ("campaign-not-launched", $"Campaign {id} cannot be launched. {why}"));

    /// <summary>Completes the campaign.</summary>
    public async ValueTask CompleteAsync(string id, int epoch, CancellationToken cancel) =>
        await ActAsync(id, epoch, "campaign.complete", nameof(CampaignStatus.Completed), CampaignLife.Complete, cancel);

    // As with the acts of people, the entry comes first, so that none is without it (R68); so does the alert, for after the move nobody
    // comes by again (R19). Repeated, it meets its own row of the hour.
    private async ValueTask<bool> ActAsync(
        string id, int epoch, string act, string becomes, Func<Campaign, DateTimeOffset, Campaign?> move, CancellationToken cancel,
        (string Kind, string Detail)? alert = null)
    {
        if ((await store.LoadAsync(id, cancel)).Campaign is not { } stands
            || stands.Epoch != epoch
            || move(stands, stands.ChangedAt) is null)
        {
            return false;
        }

        await audit.WriteAsync(Itself, act, id, stands.Status.ToString(), becomes, cancel);
        if (alert is { } told) await alerts.RaiseAsync(told.Kind, told.Detail, id, cancel);
        return (await store.MoveAsync(id, (c, now) => c.Epoch == epoch ? move(c, now) : null, cancel)).After is not null;
    }
}
