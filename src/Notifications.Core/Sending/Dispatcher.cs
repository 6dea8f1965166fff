using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Storage;
using Notifications.Templates;

namespace Notifications.Sending;

/// <summary>
/// The send path: decide, claim, render, hand off, record. The claim inserts the message's record and replaces the address's record in one
/// commit under the ETag the decision was made on; an opt-out that committed first makes the claim fail, and the decision is taken again
/// (P1). Three table operations for a message that goes out: read, claim, record.
/// </summary>
public sealed class Dispatcher(
    AddressBook book,
    ITableStore tables,
    SendQueue queue,
    TopicCatalog topics,
    Renderer renderer,
    TemplateBook templates,
    HandOffs handOffs,
    CampaignGate gate,
    CampaignMarks marks,
    Refusals refusals,
    SendingOptions options,
    Instance instance,
    TimeProvider time,
    ILogger<Dispatcher> log,
    Statistics? statistics = null)
{
    private const int MaxTries = 200;
    private const string NotThere = "The provider was not there.";
    private static readonly AddressState Nothing = new() { Channel = Channel.Email };

    // Attempts are told apart by number, from a start that no other process has.
    private long _attempts = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    private readonly RememberedSends _remembered = new(options, topics);
    private readonly MessageRecords _records = new(tables, refusals, time, log, statistics);

    /// <summary>
    /// Sends one message from the queue, as far as it may be sent. <paramref name="redelivered"/>: the queue has given it out before.
    /// </summary>
    public async ValueTask<WorkOutcome> SendAsync(SendRequest request, bool redelivered, CancellationToken cancel)
    {
        var done = await DispatchAsync(request, redelivered, cancel);
        if (done.WaitsOn && !redelivered) return done.Outcome; // Whoever has put it off had it counted.
        // Also when nothing changed: the process that changed it may have died before this.
        if (request is { Campaign: { } campaign, Batch: { } batch }) await marks.TouchAsync(campaign, batch, cancel);
        return done.Outcome;
    }

    /// <summary>
    /// The same for a campaign's batch, which keeps the account itself: with the record as it was written, or found to be settled.
    /// </summary>
    public async ValueTask<Dispatched> DispatchAsync(SendRequest request, bool redelivered, CancellationToken cancel)
    {
        if (!MessageId.TryParse(request.Id, out var id)) return new(WorkOutcome.GiveUp("The message id is not one of ours."), null);
        if (options.Hold) return new(WorkOutcome.Later(TimeSpan.FromSeconds(60 * (1 + options.Jitter()))), null);
        if (request.SendAt is { } at && at - time.GetUtcNow() > TimeSpan.FromSeconds(1))
        {
            await queue.EnqueueAsync(request, cancel);
            return new(WorkOutcome.Done, null);
        }

        // The first delivery expects no record: the claim's insert finds out, and saves a read.
        var stored = redelivered || request.Attempt > 0 || request.Recorded || request.Replayed
            ? await _records.LoadAsync(id, cancel)
            : null;
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (stored is { } found && Settled(found.Record, request)) return await FoundAsync(request, id, found.Record, cancel);
            if (stored is { Record.Status: MessageStatus.Sending } interrupted)
            {
                if (StillRunning(interrupted.Record.Claim!) is { } wait) return new(WorkOutcome.Later(wait), interrupted.Record);
                if (!MayOfferAgain(request))
                    return await EndUnknownAsync(
                        id, interrupted,
                        "The process ended during the hand-off; the provider cannot tell whether it has the message, so it is not offered again.",
                        cancel);
            }

            var (known, etag) = await book.LoadAsync(id.Address, cancel);
            var state = known;
            if (request.OnlyKnown && stored is null && state?.Value is null) return new(WorkOutcome.Done, null);
            if (stored is not null && state is not null) state = RememberedSends.Without(state, id);
            var now = time.UtcNowMs();
            var topic = TopicOf(request, state);
            var watch = request.TrackingNumber is null ? default : await WatchAsync(id.Address, request.TrackingNumber, cancel);
            var decision = DecisionRules.Decide(new DecisionInput
            {
                State = state,
                Topic = topic,
                Channel = request.Channel,
                Now = now,
                Purpose = request.Purpose,
                AboutPackage = request.TrackingNumber is not null,
                Watch = watch.Record?.Status,
                WatchSince = watch.Record?.SaidAt,
                NewerKnown = watch.Record is not null && await PackageChanges.NewerKnownAsync(tables, request, watch.Record, cancel),
                DueSince = request.SendAt > request.AcceptedAt ? request.SendAt : request.AcceptedAt,
                ExpiresAt = request.ExpiresAt,
                Campaign = request.Campaign is null ? null : await gate.StatusAsync(request.Campaign, cancel),
                Options = options,
            });
            if (request.Paced && decision is { Reason: Reason.QuietHours, Until: { } opens })
                decision = decision with { Until = QuietHours.Paced(opens, now, state?.TimeZone, state?.Region, options) };
            if (request.To.Length == 0)
            {
                if (state?.Value is { } address) request = request with { To = address };
                // Only its key is known: there is nothing to send to.
                else if (decision.Verdict == Verdict.Allow)
                    decision = decision with { Verdict = Verdict.Skip, Reason = Reason.SuppressedInvalid };
            }

            var before = stored?.Record ?? MessageRecord.Of(request);
            if (before.GivenUpAt is { } over) request = request with { ReplayOf = over };
            if (before.Status == MessageStatus.Failed)
                before = before.Move(MessageStatus.Queued, Reason.ProviderUnavailable, now, MessageRecord.Replayed);
            if (decision.Verdict != Verdict.Allow)
            {
                if (stored is { Record.Status: MessageStatus.Sending } lost)
                    return await EndUnknownAsync(
                        id, lost, "The process ended during the hand-off, and the message may not be sent any more.", cancel);
                // What may have arrived is not said to have been held back, and keeps the receipt that it would have arrived under.
                var verdict = decision.Verdict == Verdict.Skip && before.MayHaveArrived
                    ? before.Move(
                        MessageStatus.Unknown, Reason.Unknown, now, "unknown",
                        "The answer of a hand-off was lost, and the message may not be sent any more.") with { DueAt = null }
                    : before.Move(
                        decision.Verdict == Verdict.Skip ? MessageStatus.Skipped : MessageStatus.Deferred, decision.Reason, now,
                        decision.Verdict == Verdict.Skip ? "skipped" : "deferred")
                        with
                        {
                            Receipt = Receipt(state, topic, decision, now),
                            DueAt = decision.Reason == Reason.CampaignPaused ? null : decision.Until,
                        };
                var waitsOn = stored is { } waiting && verdict.Repeats(waiting.Record);
                if (waitsOn) verdict = stored!.Value.Record;
                else if (!await _records.WriteAsync(id, verdict, stored?.ETag, cancel))
                {
                    stored = await _records.LoadAsync(id, cancel);
                    continue;
                }
                else
                {
                    Telemetry.Count(verdict.Status, verdict.Reason, request.Topic, request.Channel);
                    statistics?.Message(verdict.Status, verdict.Reason, request.Topic, request.Channel);
                }

                if (decision.Reason == Reason.CampaignPaused && await gate.LookAsync(request.Campaign!, cancel) != CampaignStatus.Paused)
                {
                    // Resumed or ended within the gate's lease, or before this was written: the batch may have been passed by already, and
                    // nobody else brings the message back (P5).
                    stored = await _records.LoadAsync(id, cancel);
                    continue;
                }
                if (stored is not null && !verdict.MayHaveArrived) await ForgetAsync(id, topic, known, cancel);
                if (verdict.DueAt is { } until)
                    await queue.EnqueueAsync(
                        request with { Recorded = true }, decision.Reason == Reason.FrequencyCap ? Looks.Next(id, until, now) : until,
                        cancel);
                return new(WorkOutcome.Done, verdict) { WaitsOn = waitsOn };
            }

            if (before.Status == MessageStatus.Sending)
                before = before.Move(
                    MessageStatus.Sending, Reason.Allowed, now, MessageRecord.AnswerLost, "The process ended during the hand-off.");
            var claim = new Claim(Interlocked.Increment(ref _attempts).ToString("x16", CultureInfo.InvariantCulture), instance.Id, now);
            var claimed = before.Move(
                MessageStatus.Sending, Reason.Allowed, now,
                MessageRecord.Claimed) with { Receipt = Receipt(state, topic, decision, now), Claim = claim, DueAt = null };
            var rows = new List<RowChange>(3) { MessageRecords.RowOf(id, claimed, stored?.ETag) };
            if (state is not null)
            {
                state = _remembered.With(state, id, topic, request, now);
                rows.Add(RowChange.Replace(Rows.State, state, CoreJson.Default.AddressState, etag!));
            }
            // A first opt-out must collide with the claim too (P1).
            else if (request.Purpose != MessagePurpose.Reply)
                rows.Add(RowChange.Insert(
                    Rows.State, ConsentDesk.Blank(new Address(request.Channel, request.To)), CoreJson.Default.AddressState));
            if (watch.Record is { } seen && request.PackageSeq > seen.Seen)
                rows.Add(RowChange.Replace(
                    Rows.Watch(request.TrackingNumber!), seen with { Seen = request.PackageSeq }, CoreJson.Default.WatchRecord,
                    watch.ETag!));
            // From here on nothing is broken off: a claim could have been made, and whoever found it would have to take its message for
            // sent.
            cancel.ThrowIfCancellationRequested();
            var commit = await tables.CommitAsync(Tables.Addresses, id.Address.Value, rows, CancellationToken.None);
            if (commit.Committed)
                return await HandOffAsync(
                    request, id, topic, state, new StoredMessage(claimed, commit.ETags[0], state is null ? null : commit.ETags[1]), cancel);

            // A lost answer can have hidden our own success: then the record carries this very attempt.
            stored = await _records.LoadAsync(id, CancellationToken.None);
            if (stored is { } mine && mine.Record.Claim?.Attempt == claim.Attempt)
                return await HandOffAsync(request, id, topic, state, mine, cancel);
        }

        throw new StorageUnavailableException($"Message {id} lost {MaxTries} races for its claim.");
    }

    /// <summary>The message's topic. A confirmation of several is about the first that still waits and can still be chosen.</summary>
    private Topic TopicOf(SendRequest request, AddressState? state)
    {
        if (Asks(request.Topic, state)) return topics.Of(request.Topic);
        foreach (var also in request.AlsoTopics)
            if (Asks(also, state)) return topics.Of(also);
        return topics.Of(request.Topic);
    }

    private bool Asks(string topic, AddressState? state) => state?.Find(topic) is { Waits: true } && topics.Find(topic) is not null;

    private async ValueTask<Dispatched> HandOffAsync(
        SendRequest request, MessageId id, Topic topic, AddressState? state, StoredMessage claimed, CancellationToken stopping)
    {
        HandOff answer;
        CampaignTurn? turn = request.Campaign is null ? null : new CampaignTurn(gate, request.Campaign);
        var look = new LastLook(
            book, id.Address, request.Purpose == MessagePurpose.Reply ? null : state ?? Nothing, topic.Key,
            NotAfter(request, topic, state, claimed.Record.Claim!.At), time, time.GetTimestamp());
        try
        {
            var set = await templates.FindAsync(request.Template, request.Channel, CancellationToken.None);
            answer = request.Channel == Channel.Email
                ? await handOffs.SendAsync(renderer.Email(request, id, topic, state, set), turn, look, stopping)
                : await handOffs.SendAsync(
                    renderer.Sms(request, id, topic, state, set) with { FirstOfferedAt = claimed.Record.FirstOfferedAt }, turn, look,
                    stopping);
        }
        catch (TemplateException broken)
        {
            // Ours to mend, as a provider that is away: it waits, and then an operator can put it back (R18).
            answer = broken.Unfit ? HandOff.Unavailable(broken.Message) : HandOff.Rejected(broken.Message);
        }
        catch (StorageUnavailableException)
        {
            answer = HandOff.Waits(TimeSpan.FromSeconds(1), "The store did not answer."); // Of the template.
        }

        return await SettleAsync(request, id, topic, state, claimed, answer, stopping);
    }

    // By the hour of the decision: a window that has closed since must not be taken for one that is still to open.
    private DateTimeOffset? NotAfter(SendRequest request, Topic topic, AddressState? state, DateTimeOffset decided)
    {
        var closes = topic.IsMarketing && request is { Channel: Channel.Sms, Purpose: MessagePurpose.Notification }
            ? QuietHours.ClosesAt(decided, state?.TimeZone, state?.Region, options)
            : null;
        return request.ExpiresAt is { } end && !(closes < end) ? end : closes;
    }

    /// <summary>
    /// Writes down what came of a hand-off, to its end also while the process stops: a lost outcome would end as unknown, or be sent twice
    /// (P5).
    /// </summary>
    private async ValueTask<Dispatched> SettleAsync(
        SendRequest request, MessageId id, Topic topic, AddressState? state, StoredMessage claimed, HandOff answer,
        CancellationToken stopping)
    {
        var (now, cancel) = (time.UtcNowMs(), CancellationToken.None);
        switch (answer.Result)
        {
            case HandOffResult.Accepted:
                return await _records.EndAsync(
                    id, claimed,
                    r => r.Move(
                        MessageStatus.Sent, Reason.Allowed, now, "accepted", answer.ProviderId) with { ProviderId = answer.ProviderId },
                    cancel);
            case HandOffResult.Rejected:
                // What it does to the address comes before what can be done again.
                var rejected = await _records.EndAsync(
                    id, claimed, r => r.Move(MessageStatus.Failed, Reason.ProviderRejected, now, "rejected", answer.Detail), cancel,
                    answer.Refusal);
                if (answer.Refusal is { } refusal) await refusals.FollowAsync(id, request.Channel, refusal, cancel);
                await ForgetAsync(id, topic, state, cancel);
                return rejected;
            case HandOffResult.Unknown when !MayOfferAgain(request):
                return await EndUnknownAsync(id, claimed, answer.Detail, cancel);
            case HandOffResult.Withheld or HandOffResult.Overtaken:
                // The campaign was stopped, the person said something, or the hour passed, between the decision and here: decided anew, it
                // goes out, waits or is skipped like those whose turn had not come.
                await _records.EndAsync(
                    id, claimed,
                    r => r.Move(
                        MessageStatus.Queued, answer.Result == HandOffResult.Withheld ? Reason.CampaignPaused : Reason.Allowed, now,
                        MessageRecord.Withheld),
                    cancel);
                return await DispatchAsync(request, redelivered: true, stopping);
        }

        // Throttled, unavailable, or unknown at a provider that tells repetitions apart: back to the queue, where it is decided anew. What
        // was not offered is never given up for it.
        var throttled = answer.Result == HandOffResult.Throttled;
        var next = request with
        {
            Attempt = throttled || answer.Unoffered ? request.Attempt : request.Attempt + 1,
            Barred = answer.Unoffered && !throttled ? request.Barred + 1 : 0,
            Replayed = false,
        };
        var enough = throttled ? now - claimed.Record.OfferedSince > options.GiveUpAfter : next.Attempt >= options.MaxAttempts;
        if (enough && !answer.Unoffered)
        {
            if (answer.Result == HandOffResult.Unknown) return await EndUnknownAsync(id, claimed, answer.Detail, cancel);
            var failed = await _records.EndAsync(
                id, claimed,
                r => r.Move(MessageStatus.Failed, Reason.ProviderUnavailable, now, MessageRecord.GivenUp, answer.Detail), cancel);
            if (answer.Refusal is { } refusal) await refusals.FollowAsync(id, request.Channel, refusal, cancel);
            await ForgetAsync(id, topic, state, cancel);
            return failed with { Outcome = WorkOutcome.GiveUp(answer.Detail ?? NotThere) };
        }

        var back = await PutBackAsync(
            id, topic, state, claimed,
            r => r.Move(
                MessageStatus.Queued, throttled ? Reason.Allowed : Reason.ProviderUnavailable, now,
                answer.Unoffered ? MessageRecord.Withheld
                : throttled ? MessageRecord.Throttled
                : answer.Result == HandOffResult.Unknown ? MessageRecord.AnswerLost
                : MessageRecord.Unavailable,
                answer.Detail),
            cancel);
        // A provider that is away may ask for seconds: a message that kept to them would be given up within a minute or two.
        var pause = throttled ? TimeSpan.FromSeconds(1) : Backoff(Math.Max(next.Attempt, next.Barred));
        await queue.EnqueueAsync(next, answer.RetryAfter > pause ? answer.RetryAfter.Value : pause, cancel);
        return back;
    }

    /// <summary>
    /// Ends a claim for now. While the message waits another one may come first, so the address forgets it: in the same commit, unless
    /// somebody has changed one of the two records since the claim.
    /// </summary>
    private async ValueTask<Dispatched> PutBackAsync(
        MessageId id, Topic topic, AddressState? state, StoredMessage claimed, Func<MessageRecord, MessageRecord> end,
        CancellationToken cancel)
    {
        if (state is not null
            && RememberedSends.Forgotten(state, id, topic) is var forgotten
            && !ReferenceEquals(forgotten, state)
            && !end(claimed.Record).MayHaveArrived
            && await _records.TryEndAsync(id, claimed, end, forgotten, cancel) is { } ended)
        {
            return ended;
        }

        var back = await _records.EndAsync(id, claimed, end, cancel);
        if (back.Record is { Status: MessageStatus.Queued, MayHaveArrived: false }) await ForgetAsync(id, topic, state, cancel);
        return back;
    }

    private ValueTask<Dispatched> EndUnknownAsync(MessageId id, StoredMessage claimed, string? why, CancellationToken cancel) =>
        _records.EndAsync(id, claimed, r => r.Move(MessageStatus.Unknown, Reason.Unknown, time.UtcNowMs(), "unknown", why), cancel);

    /// <summary>
    /// A message that has ended already. What follows the end of one that was never taken may be missing, for whoever ended it may have
    /// died there: what the address remembers of it, and its dead letter (P5).
    /// </summary>
    private async ValueTask<Dispatched> FoundAsync(SendRequest request, MessageId id, MessageRecord ended, CancellationToken cancel)
    {
        if (ended is not { ProviderId: null, Status: MessageStatus.Failed or MessageStatus.Bounced }) return new(WorkOutcome.Done, ended);
        var (state, _) = await book.LoadAsync(id.Address, cancel);
        await ForgetAsync(id, topics.Of(request.Topic), state, cancel);
        return ended is { Status: MessageStatus.Failed, Reason: Reason.ProviderUnavailable }
            ? new(WorkOutcome.GiveUp(ended.Timeline.LastOrDefault(static e => e.Event == MessageRecord.GivenUp)?.Detail ?? NotThere), ended)
            : new(WorkOutcome.Done, ended);
    }

    private static bool Settled(MessageRecord record, SendRequest request) =>
        record.IsFinal
            && !(request.Replayed
                && (request.ReplayOf is null || request.ReplayOf == record.GivenUpAt) // Else it was given up anew since.
                && record is { Status: MessageStatus.Failed, Reason: Reason.ProviderUnavailable });

    /// <summary>How long to wait for the worker that holds the claim; null when it is certainly gone.</summary>
    private TimeSpan? StillRunning(Claim claim)
    {
        if (instance.Exclusive && claim.Instance != instance.Id) return null;
        var ends = claim.At + options.Visibility - time.GetUtcNow();
        return ends > TimeSpan.Zero ? ends : null;
    }

    // Marketing is never offered twice to a provider that would deliver it twice; a package update rather comes twice than not at all.
    private bool MayOfferAgain(SendRequest request) =>
        handOffs.Deduplicates(request.Channel)
            || request.Purpose != MessagePurpose.Notification
            || topics.Find(request.Topic) is { IsMarketing: false };

    private async ValueTask<(WatchRecord? Record, string? ETag)> WatchAsync(
        AddressKey address, string trackingNumber, CancellationToken cancel)
    {
        var row = await tables.GetAsync(Tables.Addresses, address.Value, Rows.Watch(trackingNumber), cancel);
        return row is null ? default : (row.Read(CoreJson.Default.WatchRecord), row.ETag);
    }

    private static Receipt Receipt(AddressState? state, Topic topic, Decision decision, DateTimeOffset now) => new(
        state?.Ledger.Seq ?? 0,
        (state?.Ledger ?? LedgerHead.Empty).Hash, state?.Find(topic.Key)?.PolicyVersion, Array.ConvertAll(decision.Results, r => (byte)r),
        now);

    // It did not arrive, or not yet: no cap counts it, and the next text carries the terms.
    private async ValueTask ForgetAsync(MessageId id, Topic topic, AddressState? state, CancellationToken cancel)
    {
        if (state is null || ReferenceEquals(RememberedSends.Forgotten(state, id, topic), state)) return;
        await book.ChangeAsync(
            id.Address, null, (now, _) => new Change(RememberedSends.Forgotten(now, id, topic), []), null, cancel);
    }

    private TimeSpan Backoff(int attempt) =>
        TimeSpan.FromSeconds(Math.Min(1800, 5 * Math.Pow(3, attempt - 1)) * (0.8 + options.Jitter() * 0.4));
}
