using System.Runtime.ExceptionServices;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;

namespace Notifications.Campaigns;

/// <summary>
/// Sends batches and counts them. A batch can be run again at any time: message ids are derived from campaign and address, so what was
/// claimed before is found and not sent again (P5), and the result row is derived from the records of its messages.
/// </summary>
public sealed class CampaignBatches(
    CampaignStore store, CampaignGate gate, CampaignForecasts forecasts, AddressBook book, Dispatcher dispatcher, SendSlots slots,
    ITableStore tables, SendQueue queue, MessageIds ids, TimeProvider time)
{
    /// <summary>After this long a worker gives the rest of a batch back to the queue, well before its item is taken for lost.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    /// <summary>What a message id of a campaign is derived from.</summary>
    public static string Seed(string campaign) => "campaign/" + campaign;

    /// <summary>Sends what is not settled of a batch, as long as the campaign runs.</summary>
    public async ValueTask<WorkOutcome> SendAsync(string id, string batch, bool redelivered, CancellationToken cancel)
    {
        var (campaign, _) = await store.LoadAsync(id, cancel);
        if (campaign is null) return WorkOutcome.Done;
        // Resuming brings back what is not settled.
        if (campaign.Status != CampaignStatus.Running) return await SettleAsync(campaign, batch, redelivered, cancel);
        if (await LoadAsync(id, batch, cancel) is not { } found || await AwakeAsync(campaign, batch, found, cancel) is not { } loaded)
            return WorkOutcome.Done;
        // Whoever releases it queues it, as one that nobody has begun: what a dead worker had begun is seen to now (P5).
        if (loaded.Row.Waits) return redelivered ? await SettleAsync(campaign, batch, redelivered, cancel) : WorkOutcome.Done;
        // Due later than a queue holds anything.
        if (loaded.Row.DueAt - time.GetUtcNow() is { TotalSeconds: > 1 } early) return WorkOutcome.Later(CampaignQueue.Within(early));
        var (row, etag, members) = loaded;
        var told = await forecasts.OfAsync(campaign, members, cancel);
        var run = new BatchRun(campaign, batch, row, members, told);
        var sends = new List<Task>(members.Length);
        var beginning = BeginAsync(run, sends, redelivered, cancel);
        await ((Task)beginning).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // What did go out is waited for and written down, also when one of them failed, or the store was away before the last was begun.
        var all = Task.WhenAll(sends);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (sends.Count > 0 && !await WriteAsync(id, batch, row with { Outcomes = run.Bytes() }, etag, CancellationToken.None))
            await CountAsync(id, batch, cancel);
        if (all.Exception is { } failed) ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
        var (cut, stopped) = await beginning;
        cancel.ThrowIfCancellationRequested();
        // Stopped since it was read: what a dead worker was handing off is nobody else's.
        if (stopped && redelivered) return await SettleAsync(campaign, batch, redelivered, cancel);
        if (cut || run.Held) return WorkOutcome.Later(run.Wait);
        return run.Wait > TimeSpan.Zero ? WorkOutcome.LaterAnew(run.Wait) : WorkOutcome.Done;
    }

    /// <summary>
    /// The batch, which waits anew where messages of it slept into a pause: they wait for the campaign alone, and would go out all
    /// together. The account may not say yet that they woke, so they are counted. Null where the batch is gone.
    /// </summary>
    private async ValueTask<(BatchRow Row, string ETag, AddressKey[] Members)?> AwakeAsync(
        Campaign campaign, string batch, (BatchRow Row, string ETag, AddressKey[] Members) found, CancellationToken cancel)
    {
        if (campaign.Definition.Throttle is null || found.Row is { Waits: true } or { Outcomes: null }) return found;
        if (found.Row.ReleasedIn == campaign.Epoch) return found;
        await CountAsync(campaign.Id, batch, cancel);
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await LoadAsync(campaign.Id, batch, cancel) is not { } counted) return null;
            if (counted.Row is { Waits: true } or { Goes: 0 }) return counted;
            await WriteAsync(campaign.Id, batch, counted.Row with { Waits = true }, counted.ETag, cancel);
        }

        throw StorageUnavailableException.Contended($"A batch of campaign {campaign.Id}");
    }

    /// <summary>Begins one message after the other, until the worker's turn is over or the campaign stands still.</summary>
    private async Task<(bool Cut, bool Stopped)> BeginAsync(BatchRun run, List<Task> sends, bool redelivered, CancellationToken cancel)
    {
        var id = run.Campaign.Id;
        var free = slots.Of(run.Campaign.Definition.Channel);
        var started = time.GetTimestamp();
        for (var i = 0; i < run.Members.Length; i++)
        {
            // What was given up may have died on its way to the dead letters.
            if (run.Outcomes[i] is { Settled: true } ended && !(redelivered && ended.GivenUp)) continue;
            // Whoever resumes it from now on finds this batch unsettled.
            if (await gate.StatusAsync(id, cancel) != CampaignStatus.Running && await gate.LookAsync(id, cancel) != CampaignStatus.Running)
                return (false, true);
            await free.WaitAsync(cancel);
            sends.Add(OneAsync(run, i, redelivered, cancel));
            if (time.GetElapsedTime(started) > Turn) return (true, false);
        }

        return (false, false);
    }

    /// <summary>
    /// The campaign stands still. Where a worker has died at the batch, what it was handing off is settled, and what it had done is
    /// counted; what it had put off may have no item of its own, and is decided again, to wait for the campaign or for its time. Where
    /// nobody resumes the campaign any more, what had been put off is decided too, or it would be put off for ever.
    /// </summary>
    private async ValueTask<WorkOutcome> SettleAsync(Campaign campaign, string batch, bool redelivered, CancellationToken cancel)
    {
        if (redelivered) await CountAsync(campaign.Id, batch, cancel);
        if (await LoadAsync(campaign.Id, batch, cancel) is not { } loaded) return WorkOutcome.Done;
        var (wait, any, held) = (TimeSpan.Zero, false, false);
        for (var i = 0; i < loaded.Members.Length; i++)
        {
            if (!IsLeft(campaign, loaded.Row.Of(i), redelivered)) continue;
            any = true;
            var request = Request(campaign, batch, loaded.Row, ids.Derive(loaded.Members[i], Seed(campaign.Id)));
            var (outcome, found) = await dispatcher.DispatchAsync(request, redelivered: true, cancel);
            if (outcome.Result == WorkResult.Later && outcome.Delay > wait) wait = outcome.Delay;
            held |= outcome.Result == WorkResult.Later && found is null;
            if (outcome.Result == WorkResult.GiveUp) await queue.GiveUpAsync(request, outcome.Why!);
        }

        if (any) await CountAsync(campaign.Id, batch, cancel);
        if (held) return WorkOutcome.Later(wait);
        return wait > TimeSpan.Zero ? WorkOutcome.LaterAnew(wait) : WorkOutcome.Done;
    }

    private static bool IsLeft(Campaign campaign, Outcome outcome, bool redelivered) =>
        outcome.Status == MessageStatus.Sending
            || (redelivered && (outcome.GivenUp || outcome is { PutOff: true, Reason: not Reason.CampaignPaused }))
            || campaign.Status switch
            {
                CampaignStatus.Cancelled => outcome.PutOff,
                CampaignStatus.Completed => outcome is { PutOff: true, Reason: Reason.CampaignPaused },
                _ => false,
            };

    /// <summary>
    /// Counts a batch anew from the records of its messages. True where it is to be worked on: a message waits for the campaign to go on,
    /// and whoever let the campaign go on has not seen it (it was put back from the dead letters while the campaign stood still).
    /// </summary>
    public async ValueTask<bool> RecountAsync(string id, string batch, CancellationToken cancel)
    {
        // The note goes first: what changes while this counts is noted again.
        await tables.CommitAsync(Tables.Campaigns, id, [RowChange.Delete(Rows.Stale(batch))], cancel);
        return await CountAsync(id, batch, cancel) is { Goes: > 0 }
            && (await store.LoadAsync(id, cancel)).Campaign is { Status: not CampaignStatus.Paused };
    }

    private async ValueTask<BatchRow?> CountAsync(string id, string batch, CancellationToken cancel)
    {
        var (campaign, _) = await store.LoadAsync(id, cancel);
        for (var attempt = 0; campaign is not null && attempt < Tries.Most; attempt++)
        {
            if (await LoadAsync(id, batch, cancel) is not { } loaded) return null;
            var run = new BatchRun(campaign, batch, loaded.Row, loaded.Members, await forecasts.OfAsync(campaign, loaded.Members, cancel));
            var reads = new Task[loaded.Members.Length];
            for (var i = 0; i < reads.Length; i++) reads[i] = ReadAsync(run, i, cancel);
            await Task.WhenAll(reads);
            var bytes = run.Bytes();
            if (loaded.Row.Outcomes is { } before && bytes.AsSpan().SequenceEqual(before)) return loaded.Row;
            var counted = loaded.Row with { Outcomes = bytes };
            if (await WriteAsync(id, batch, counted, loaded.ETag, cancel)) return counted;
        }

        return null;
    }

    private async Task ReadAsync(BatchRun run, int i, CancellationToken cancel)
    {
        var id = IdOf(run, i);
        var record = await RecordAsync(id, cancel);
        if (record is null && run.Outcomes[i] is { Settled: false } known && known.Has(OutcomeMarks.Recorded))
        {
            var erased = (await book.LoadAsync(id.Address, cancel)).State is { IsErased: true };
            run.Lose(i, erased);
            return;
        }

        run.Set(i, record);
        if (record is { Receipt: { } receipt }
            && run.Outcomes[i].Sent
            && !run.Outcomes[i].Has(OutcomeMarks.Unsubscribed)
            && await HasLeftAsync(id, receipt.LedgerSeq, cancel))
        {
            run.Mark(i, OutcomeMarks.Unsubscribed);
        }
    }

    /// <summary>Whether the person has unsubscribed with the message's own link: the ledger's entry names the message.</summary>
    private async ValueTask<bool> HasLeftAsync(MessageId id, long since, CancellationToken cancel)
    {
        if ((await book.LoadAsync(id.Address, cancel)).State is not { } state || state.Ledger.Seq <= since) return false;
        var name = id.ToString();
        await foreach (var row in tables.AllRowsAsync(
            Tables.Addresses, id.Address.Value, new RowRange(Rows.Ledger(since + 1), Rows.Ledger(state.Ledger.Seq) + ' '), cancel))
        {
            var entry = row.Read(CoreJson.Default.LedgerEntry);
            if (entry.Action is LedgerAction.OptOut or LedgerAction.StopAll
                && entry.Detail?.Evidence?.Contains(name, StringComparison.Ordinal) == true)
            {
                return true;
            }
        }

        return false;
    }

    private async Task OneAsync(BatchRun run, int i, bool redelivered, CancellationToken cancel)
    {
        try
        {
            var id = IdOf(run, i);
            var known = run.Outcomes[i];
            if (known.Has(OutcomeMarks.Recorded) && !redelivered)
            {
                // It was decided before. Unless it waits for the campaign alone, the queue has an item that brings it back by itself.
                var record = await RecordAsync(id, cancel);
                if (record is not null
                    && !(record.Status == MessageStatus.Sending || record is { IsFinal: false, Reason: Reason.CampaignPaused }))
                {
                    run.Set(i, record);
                    return;
                }
            }

            var request = Request(run.Campaign, run.Batch, run.Row, id, run.Merge);
            var (outcome, written) = await dispatcher.DispatchAsync(request, redelivered || run.Row.Outcomes is not null, cancel);
            if (outcome.Result == WorkResult.GiveUp) await queue.GiveUpAsync(request, outcome.Why!);
            run.Set(i, written);
            if (outcome.Result == WorkResult.Later) run.WaitFor(outcome.Delay, written);
        }
        finally
        {
            slots.Of(run.Campaign.Definition.Channel).Release();
        }
    }

    private MessageId IdOf(BatchRun run, int i) => ids.Derive(run.Members[i], run.Seed);

    /// <summary>
    /// A message of a campaign as the send path takes it: without the address, which stands in the record that is read anyway.
    /// </summary>
    private static SendRequest Request(Campaign campaign, string batch, BatchRow row, MessageId id, MailMerge? merge = null) => new()
    {
        Id = id.ToString(),
        Channel = campaign.Definition.Channel,
        To = "",
        Topic = campaign.Definition.Topic,
        Template = campaign.PinnedTemplate,
        Data = campaign.Definition.Data,
        Subject = SubjectOf(campaign, row),
        Merge = merge,
        Campaign = campaign.Id,
        Batch = batch,
        Paced = campaign.Definition.Throttle is not null,
        AcceptedAt = campaign.LaunchedAt ?? campaign.ChangedAt,
    };

    private static string? SubjectOf(Campaign campaign, BatchRow row) =>
        campaign.Definition.SubjectTest is { } test ? test.Subjects[row.Subject ?? campaign.Winner ?? 0] : campaign.Definition.Subject;

    private async ValueTask<(BatchRow Row, string ETag, AddressKey[] Members)?> LoadAsync(string id, string batch, CancellationToken cancel)
    {
        if (await tables.GetAsync(Tables.Campaigns, id, Rows.Batch(batch), cancel) is not { } row
            || await tables.GetAsync(Tables.Campaigns, id, Rows.Members(batch), cancel) is not { } members)
        {
            return null;
        }

        return (row.Read(CoreJson.Default.BatchRow), row.ETag, BatchMembers.Read(members.Value.Span));
    }

    private async ValueTask<bool> WriteAsync(string id, string batch, BatchRow row, string etag, CancellationToken cancel) =>
        (await tables.CommitAsync(
            Tables.Campaigns, id, [RowChange.Replace(Rows.Batch(batch), row, CoreJson.Default.BatchRow, etag)], cancel)).Committed;

    private async ValueTask<MessageRecord?> RecordAsync(MessageId id, CancellationToken cancel) =>
        (await MessageRows.LoadAsync(tables, id, cancel)).Record;
}
