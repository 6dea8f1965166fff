using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>Everything that people do with campaigns. The API and the console both call it; every act stands in the audit (R68).</summary>
public sealed class CampaignDesk(
    CampaignStore store,
    CampaignLauncher launcher,
    CampaignForecasts forecasts,
    CampaignGate gate,
    CampaignQueue queue,
    CampaignRecipients recipients,
    SendQueue sends,
    MessageIds ids,
    KeyRing ring,
    ITableStore tables,
    AuditLog audit,
    TimeProvider time)
{
    /// <summary>How many addresses a test goes to at most.</summary>
    public const int MostTests = 10;

    /// <summary>Creates a draft. The same <paramref name="id"/> again gives the first one back; null makes a new one.</summary>
    public async ValueTask<Campaign> CreateAsync(CampaignDefinition definition, string? id, string actor, CancellationToken cancel)
    {
        if (id is not null && await FindAsync(id, cancel) is { } stands) return stands;
        var now = time.UtcNowMs();
        var campaign = new Campaign
        {
            Id = id ?? RandomNumberGenerator.GetHexString(16, lowercase: true),
            Definition = definition,
            CreatedAt = now,
            CreatedBy = actor,
            ChangedAt = now,
        };
        await audit.WriteAsync(actor, "campaign.create", campaign.Id, null, definition.Name, cancel);
        return await store.AddAsync(campaign, cancel);
    }

    /// <summary>The campaign, or null.</summary>
    public async ValueTask<Campaign?> FindAsync(string id, CancellationToken cancel) => (await store.LoadAsync(id, cancel)).Campaign;

    /// <summary>Campaigns, newest first; <paramref name="after"/> is the <see cref="CampaignPage.Next"/> of the page before.</summary>
    public ValueTask<CampaignPage> ListAsync(CampaignStatus? status, string? after, int limit, CancellationToken cancel) =>
        store.ListAsync(status, after, limit, cancel);

    /// <summary>
    /// Changes a draft. A scheduled campaign becomes a draft again. <paramref name="seen"/> is the epoch that its author saw, or null for
    /// whatever it is.
    /// </summary>
    public async ValueTask<CampaignOutcome> UpdateAsync(
        string id, CampaignDefinition definition, string actor, CancellationToken cancel, long? seen = null)
    {
        if (await FindAsync(id, cancel) is not { } before) return CampaignLauncher.NotFound;
        if (Clash(definition) is { } clash) return new CampaignOutcome(before, CampaignRefusal.NotReady, clash);
        var outcome = await ActAsync(
            id, "update", actor, (c, now) => seen is null || c.Epoch == seen ? CampaignLife.Update(c, definition, now) : null, cancel);
        if (outcome is { Refusal: CampaignRefusal.WrongStatus, Campaign.Status: CampaignStatus.Draft or CampaignStatus.Scheduled })
            return Changed(outcome.Campaign);
        if (!outcome.Done) return outcome;
        if (before.Forecast is { } told) await forecasts.ForgetAsync(id, told, cancel);
        await forecasts.DropAsync(outcome.Campaign!, cancel);
        return outcome;
    }

    /// <summary>
    /// Decides on everyone in the audience as it would be now, and keeps the counts as the campaign's forecast; null where it was refused.
    /// Of a large audience the counts so far, <see cref="CampaignForecast.UnderWay"/>: asked for again, it goes on.
    /// </summary>
    public async ValueTask<(CampaignOutcome Outcome, CampaignForecast? Forecast)> DryRunAsync(
        string id, string actor, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is not { } campaign) return (CampaignLauncher.NotFound, null);
        if (CampaignLife.Foretell(campaign, "") is null) return (CampaignLauncher.WrongStatus(campaign, "a dry run"), null);
        // As its launch would be refused.
        if (await launcher.PinAsync(campaign.Definition, cancel) is { Pinned: null, Problem: var problem })
            return (new CampaignOutcome(campaign, CampaignRefusal.NotReady, problem), null);
        string generation;
        CampaignForecast? forecast;
        try
        {
            (generation, forecast) = await forecasts.MakeAsync(campaign, cancel);
        }
        catch (AudienceException gone)
        {
            return (new CampaignOutcome(campaign, CampaignRefusal.NotReady, gone.Message), null);
        }

        var (stands, _) = await store.LoadAsync(id, cancel);
        if (forecast is null || stands is null || stands.Epoch != campaign.Epoch)
        {
            // Unless another request has ended the same one, and the campaign was launched with it.
            if (stands?.Forecast != generation) await forecasts.ForgetAsync(id, generation, cancel);
            return (Changed(stands ?? campaign), null);
        }

        await audit.WriteAsync(
            actor, "campaign.dry-run", id, null, $"{forecast.Allowed} of {forecast.Selected}{(forecast.UnderWay ? " so far" : "")}",
            cancel);
        if (forecast.UnderWay) return (new CampaignOutcome(campaign), forecast);
        var (before, after) = await store.MoveAsync(
            id, (c, _) => c.Epoch == campaign.Epoch ? CampaignLife.Foretell(c, generation) : null, cancel);
        if (after is null)
        {
            if (before?.Forecast != generation) await forecasts.ForgetAsync(id, generation, cancel);
            return (Changed(before!), null);
        }

        await forecasts.EndAsync(id, generation, cancel);
        if (before!.Forecast is { } old && old != generation) await forecasts.ForgetAsync(id, old, cancel);
        return (new CampaignOutcome(after), forecast);
    }

    private static CampaignOutcome Changed(Campaign campaign) =>
        new(campaign, CampaignRefusal.Stale, "Somebody else has changed the campaign meanwhile.");

    /// <summary>The counts of its dry run; null where there was none since it was last changed.</summary>
    public ValueTask<CampaignForecast?> ForecastAsync(Campaign campaign, CancellationToken cancel) => forecasts.FindAsync(campaign, cancel);

    /// <summary>The counts so far of a dry run that is to go on; null where none is.</summary>
    public ValueTask<CampaignForecast?> UnderWayAsync(Campaign campaign, CancellationToken cancel) =>
        forecasts.UnderWayAsync(campaign, cancel);

    /// <summary>
    /// Sends the campaign to at most ten named addresses, marked as a test and outside its numbers, whatever its state. Whoever has said
    /// stop, or is blocked, gets no test either. The answer is the message ids: derived from <paramref name="seed"/> where one is given, so
    /// that a request which comes again sends nothing twice (P5).
    /// </summary>
    public async ValueTask<(CampaignOutcome Outcome, IReadOnlyList<string> MessageIds)> TestAsync(
        string id, IReadOnlyList<Address> addresses, string actor, CancellationToken cancel, string? seed = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addresses.Count, MostTests);
        if (await FindAsync(id, cancel) is not { } campaign) return (CampaignLauncher.NotFound, []);
        addresses = [.. addresses.Distinct()]; // Typed twice, it is one mailbox all the same.
        var definition = campaign.Definition;
        var (pinned, problem) = await launcher.PinAsync(
            definition with { Template = campaign.PinnedTemplate ?? definition.Template }, cancel);
        if (pinned is null) return (new CampaignOutcome(campaign, CampaignRefusal.NotReady, problem), []);
        await audit.WriteAsync(actor, "campaign.test", id, null, addresses.Count == 1 ? "1 address" : $"{addresses.Count} addresses", cancel);
        var sent = new List<string>();
        IReadOnlyList<string?> subjects = definition.SubjectTest is { } test ? [.. test.Subjects] : (string?[])[definition.Subject];
        foreach (var address in addresses)
        {
            foreach (var subject in subjects)
            {
                var key = ring.KeyOf(address);
                var message = (seed is null ? ids.New(key) : ids.Derive(key, $"campaign-test/{seed}/{sent.Count}")).ToString();
                await sends.EnqueueAsync(
                    new SendRequest
                    {
                        Id = message,
                        Channel = definition.Channel,
                        To = address.Value,
                        Topic = definition.Topic,
                        Purpose = MessagePurpose.Test,
                        Template = pinned,
                        Data = definition.Data,
                        Subject = subject,
                        Client = actor,
                        AcceptedAt = time.UtcNowMs(),
                    },
                    cancel);
                sent.Add(message);
            }
        }

        return (new CampaignOutcome(campaign), sent);
    }

    /// <summary>Those of the addresses that a test would not go to, each with why.</summary>
    public async ValueTask<IReadOnlyList<(Address Address, Reason Why)>> WithheldAsync(
        Campaign campaign, IEnumerable<Address> addresses, CancellationToken cancel)
    {
        var withheld = new List<(Address, Reason)>();
        foreach (var address in addresses.Distinct())
            if (await forecasts.TestAsync(campaign.Definition, ring.KeyOf(address), cancel) is { Verdict: Verdict.Skip } decision)
                withheld.Add((address, decision.Reason));
        return withheld;
    }

    /// <summary>What is wrong with the definition's template, or null.</summary>
    public async ValueTask<string?> TemplateProblemAsync(CampaignDefinition definition, CancellationToken cancel) =>
        (await launcher.PinAsync(definition, cancel)).Problem;

    /// <summary>
    /// Lets it launch by itself. <paramref name="schedule"/> null takes the definition's; <paramref name="confirm"/> and
    /// <paramref name="seen"/> as for a launch.
    /// </summary>
    public async ValueTask<CampaignOutcome> ScheduleAsync(
        string id, CampaignSchedule? schedule, long? confirm, string actor, CancellationToken cancel, int? seen = null)
    {
        if (await FindAsync(id, cancel) is not { } campaign) return CampaignLauncher.NotFound;
        var planned = schedule ?? campaign.Definition.Schedule;
        if (planned?.Due() is not { } due)
            return new CampaignOutcome(campaign, CampaignRefusal.NotReady, "The campaign has no time to be scheduled for.");
        if (CampaignLife.Schedule(campaign, due, time.UtcNowMs()) is null) return CampaignLauncher.WrongStatus(campaign, "schedule");
        if (planned.Problem(time.GetUtcNow()) is { } late)
            return new CampaignOutcome(campaign, CampaignRefusal.NotReady, $"The scheduled time {late}.");
        if (Clash(campaign.Definition with { Schedule = planned }) is { } clash)
            return new CampaignOutcome(campaign, CampaignRefusal.NotReady, clash);
        if (await launcher.PinAsync(campaign.Definition, cancel) is { Pinned: null, Problem: var problem })
            return new CampaignOutcome(campaign, CampaignRefusal.NotReady, problem);
        if (await UnconfirmedAsync(campaign, confirm, seen, cancel) is { } refused) return refused;
        await store.LookAfterAsync(id, cancel);
        await queue.EnqueueAsync(new CampaignWork(CampaignStep.Start, id, campaign.Epoch + 1, At: time.GetUtcNow()), TimeSpan.Zero, cancel);
        var outcome = await ActAsync(
            id, "schedule", actor,
            (c, now) =>
                c.Epoch == campaign.Epoch
                    ? CampaignLife.Schedule(c with { Definition = c.Definition with { Schedule = planned } }, due, now)
                    : null,
            cancel);
        // The watch may have found a draft meanwhile, and looked after it no more.
        if (outcome.Done) await store.LookAfterAsync(id, cancel);
        return outcome;
    }

    /// <summary>
    /// Launches it now, whatever it was scheduled for. <paramref name="confirm"/> must be the number of recipients where that is over the
    /// configured size; <paramref name="seen"/> is the epoch that it was confirmed of: of another one nothing is confirmed.
    /// </summary>
    public async ValueTask<CampaignOutcome> LaunchAsync(string id, long? confirm, string actor, CancellationToken cancel, int? seen = null)
    {
        if (await FindAsync(id, cancel) is not { } campaign) return CampaignLauncher.NotFound;
        if (campaign.Status is not (CampaignStatus.Draft or CampaignStatus.Scheduled))
            return CampaignLauncher.WrongStatus(campaign, "launch");
        if (await UnconfirmedAsync(campaign, confirm, seen, cancel) is { } refused) return refused;
        return await launcher.LaunchAsync(id, campaign.Epoch, now: true, actor, cancel);
    }

    /// <summary>Pauses it: once this returns, no hand-off of the campaign begins before it is resumed.</summary>
    public async ValueTask<CampaignOutcome> PauseAsync(string id, string? why, string actor, CancellationToken cancel)
    {
        var outcome = await ActAsync(
            id, "pause", actor,
            (campaign, now) => CampaignLife.Pause(campaign, new CampaignHold(now, actor, why ?? "Paused by hand."), now), cancel);
        // Also for who is told that it stands still: the first answer may have been lost.
        if (outcome.Campaign is not null) await gate.ShutAsync(id, cancel);
        return outcome;
    }

    /// <summary>Lets a paused campaign go on.</summary>
    public async ValueTask<CampaignOutcome> ResumeAsync(string id, string actor, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is not { } campaign) return CampaignLauncher.NotFound;
        if (campaign.Status != CampaignStatus.Paused) return CampaignLauncher.WrongStatus(campaign, "resume");
        await queue.EnqueueAsync(new CampaignWork(CampaignStep.Go, id, campaign.Epoch + 1, At: time.GetUtcNow()), TimeSpan.Zero, cancel);
        var outcome = await ActAsync(
            id, "resume", actor, (c, now) => c.Epoch == campaign.Epoch ? CampaignLife.Resume(c, now) : null, cancel);
        gate.Forget(id);
        return outcome;
    }

    /// <summary>Ends it: once this returns, no hand-off of the campaign begins any more.</summary>
    public async ValueTask<CampaignOutcome> CancelAsync(string id, string? why, string actor, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is { Status: CampaignStatus.Running or CampaignStatus.Paused })
            await queue.EnqueueAsync(new CampaignWork(CampaignStep.End, id, At: time.GetUtcNow()), TimeSpan.Zero, cancel);
        var outcome = await ActAsync(
            id, "cancel", actor,
            (campaign, now) => CampaignLife.Cancel(campaign, why is null ? null : new CampaignHold(now, actor, why), now), cancel);
        if (outcome.Campaign is not null) await gate.ShutAsync(id, cancel);
        return outcome;
    }

    /// <summary>The campaign in numbers, as of now; null where there is no such campaign.</summary>
    public async ValueTask<CampaignStats?> StatsAsync(string id, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is not { } campaign) return null;
        var forecast = await forecasts.FindAsync(campaign, cancel);
        var buckets = campaign.LaunchedAt is null ? [] : await CampaignBatchReader.BucketsAsync(tables, id, cancel);
        var tally = new CampaignTally(campaign);
        await foreach (var page in CampaignBatchReader.PagesAsync(tables, id, null, cancel))
            foreach (var batch in page) tally.Add(batch.Row);
        var selecting = campaign.Status is CampaignStatus.Running or CampaignStatus.Paused
            && !AudienceBuckets.All.All(c => buckets.GetValueOrDefault(c)?.Done == true);
        return tally.Stats(selecting, forecast) with
        {
            DryRun = campaign.LaunchedAt is null ? await forecasts.UnderWayAsync(campaign, cancel) : null,
        };
    }

    /// <summary>
    /// Its recipients in the order of their batches, those of a status or a reason where one is given; null where there is no such
    /// campaign.
    /// </summary>
    public async ValueTask<RecipientPage?> RecipientsAsync(
        string id, MessageStatus? status, Reason? reason, string? after, int limit, CancellationToken cancel) =>
        await FindAsync(id, cancel) is { } campaign ? await recipients.ListAsync(campaign, status, reason, after, limit, cancel) : null;

    /// <summary>
    /// Writes down that the list of its recipients is taken away, before its first line goes out: one entry, wherever it was asked for
    /// (M16).
    /// </summary>
    public ValueTask NoteExportAsync(string id, MessageStatus? status, Reason? reason, string actor, CancellationToken cancel) =>
        audit.WriteAsync(
            actor, "campaign.export", id, null, $"{status?.Name() ?? "any"}, {reason?.Name() ?? "any"}", cancel);

    // No campaign has fewer recipients than none.
    private async ValueTask<CampaignOutcome?> UnconfirmedAsync(Campaign campaign, long? confirm, int? seen, CancellationToken cancel) =>
        await launcher.UnconfirmedAsync(
            campaign, await forecasts.FindAsync(campaign, cancel), seen is null || seen == campaign.Epoch ? confirm : -1, cancel);

    // The one rate, and the one winner, are for everybody together, and those zones are for each by themselves.
    private static string? Clash(CampaignDefinition definition) => definition switch
    {
        { Throttle: not null, Schedule.ByRecipient: true } =>
            "A campaign with a throttle cannot be scheduled in the zone of each recipient.",
        { SubjectTest: not null, Schedule.ByRecipient: true } =>
            "A campaign that tries subjects cannot be scheduled in the zone of each recipient: the better one is chosen once, for everybody.",
        _ => null,
    };

    private async ValueTask<CampaignOutcome> ActAsync(
        string id, string act, string actor, Func<Campaign, DateTimeOffset, Campaign?> move, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is not { } stands) return CampaignLauncher.NotFound;
        if (move(stands, time.UtcNowMs()) is not { } planned) return CampaignLauncher.WrongStatus(stands, act);

        // Before the act, so that none is without its entry; one that somebody else was faster than stands there too, as it was asked for.
        await audit.WriteAsync(
            actor, "campaign." + act, id, stands.Status.ToString(),
            planned.Hold is { } hold ? $"{planned.Status}: {hold.Why}" : planned.Status.ToString(), cancel);
        var (before, after) = await store.MoveAsync(id, move, cancel);
        return after is null ? CampaignLauncher.WrongStatus(before!, act) : new CampaignOutcome(after);
    }
}
