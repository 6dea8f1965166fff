using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>Everything that people do with campaigns. The API and the console both call it; every act stands in the audit (R68).</summary>
public sealed class CampaignDesk(CampaignStore store, AuditLog audit, TimeProvider time)
{
    /// <summary>Creates a draft. The same <paramref name="id"/> again gives the first one back; null makes a new one.</summary>
    public async ValueTask<Campaign> CreateAsync(CampaignDefinition definition, string? id, string actor, CancellationToken cancel)
    {
        var now = time.UtcNowMs();
        var campaign = new Campaign { Id = id ?? RandomNumberGenerator.GetHexString(16, lowercase: true), Definition = definition, CreatedAt = now, CreatedBy = actor, ChangedAt = now };
        var stands = await store.AddAsync(campaign, cancel);
        if (ReferenceEquals(stands, campaign)) await audit.WriteAsync(actor, "campaign.create", campaign.Id, null, definition.Name, cancel);
        return stands;
    }

    /// <summary>The campaign, or null.</summary>
    public async ValueTask<Campaign?> FindAsync(string id, CancellationToken cancel) => (await store.LoadAsync(id, cancel)).Campaign;

    /// <summary>Campaigns, newest first; <paramref name="after"/> is the <see cref="CampaignPage.Next"/> of the page before.</summary>
    public ValueTask<CampaignPage> ListAsync(CampaignStatus? status, string? after, int limit, CancellationToken cancel) => store.ListAsync(status, after, limit, cancel);

    /// <summary>Changes a draft. A scheduled campaign becomes a draft again.</summary>
    public ValueTask<CampaignOutcome> UpdateAsync(string id, CampaignDefinition definition, string actor, CancellationToken cancel) =>
        ActAsync(id, "update", actor, (campaign, now) => CampaignLife.Update(campaign, definition, now), cancel);

    /// <summary>Decides on everyone in the audience as it would be now, and keeps the counts as the campaign's forecast; null where it was refused.</summary>
    public async ValueTask<(CampaignOutcome Outcome, CampaignForecast? Forecast)> DryRunAsync(string id, string actor, CancellationToken cancel) => (await NotYetAsync(id, cancel), null);

    /// <summary>Sends the campaign to at most ten named addresses, marked as a test and outside its numbers. The answer is their message ids.</summary>
    public async ValueTask<(CampaignOutcome Outcome, IReadOnlyList<string> MessageIds)> TestAsync(string id, IReadOnlyList<Address> addresses, string actor, CancellationToken cancel) =>
        (await NotYetAsync(id, cancel), []);

    /// <summary>Lets it launch by itself. <paramref name="schedule"/> null takes the definition's; <paramref name="confirm"/> as for a launch.</summary>
    public ValueTask<CampaignOutcome> ScheduleAsync(string id, CampaignSchedule? schedule, long? confirm, string actor, CancellationToken cancel) => NotYetAsync(id, cancel);

    /// <summary>Launches it. <paramref name="confirm"/> must be the number of recipients where that is over the configured size.</summary>
    public ValueTask<CampaignOutcome> LaunchAsync(string id, long? confirm, string actor, CancellationToken cancel) => NotYetAsync(id, cancel);

    /// <summary>Pauses it: once this returns, no hand-off of the campaign begins before it is resumed.</summary>
    public ValueTask<CampaignOutcome> PauseAsync(string id, string? why, string actor, CancellationToken cancel) =>
        ActAsync(id, "pause", actor, (campaign, now) => CampaignLife.Pause(campaign, new CampaignHold(now, actor, why ?? "Paused by hand."), now), cancel);

    /// <summary>Lets a paused campaign go on.</summary>
    public ValueTask<CampaignOutcome> ResumeAsync(string id, string actor, CancellationToken cancel) => ActAsync(id, "resume", actor, CampaignLife.Resume, cancel);

    /// <summary>Ends it: once this returns, no hand-off of the campaign begins any more.</summary>
    public ValueTask<CampaignOutcome> CancelAsync(string id, string actor, CancellationToken cancel) => ActAsync(id, "cancel", actor, CampaignLife.Cancel, cancel);

    /// <summary>The campaign in numbers, as of now; null where there is no such campaign.</summary>
    public async ValueTask<CampaignStats?> StatsAsync(string id, CancellationToken cancel) => await FindAsync(id, cancel) is { } campaign ? new CampaignStats { Status = campaign.Status } : null;

    /// <summary>Its recipients in the order of their batches, those of a status or a reason where one is given; null where there is no such campaign.</summary>
    public async ValueTask<RecipientPage?> RecipientsAsync(string id, Sending.MessageStatus? status, Sending.Reason? reason, string? after, int limit, CancellationToken cancel) =>
        await FindAsync(id, cancel) is null ? null : new RecipientPage([], null);

    private async ValueTask<CampaignOutcome> NotYetAsync(string id, CancellationToken cancel) =>
        await FindAsync(id, cancel) is { } campaign ? new(campaign, CampaignRefusal.NotReady, "This version cannot launch campaigns yet.") : new(null, CampaignRefusal.NotFound, "No campaign has this id.");

    private async ValueTask<CampaignOutcome> ActAsync(string id, string act, string actor, Func<Campaign, DateTimeOffset, Campaign?> move, CancellationToken cancel)
    {
        var (before, after) = await store.MoveAsync(id, move, cancel);
        if (before is null) return new CampaignOutcome(null, CampaignRefusal.NotFound, "No campaign has this id.");
        if (after is null) return new CampaignOutcome(before, CampaignRefusal.WrongStatus, $"A campaign that is {before.Status.ToString().ToLowerInvariant()} does not allow: {act}.");
        await audit.WriteAsync(actor, "campaign." + act, id, before.Status.ToString(), after.Status.ToString(), cancel);
        return new CampaignOutcome(after);
    }
}
