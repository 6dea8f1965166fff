using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Templates;

namespace Notifications.Sending;

/// <summary>
/// The send path: decide, claim, render, hand off, record. The claim inserts the message's record and replaces the address's record in one
/// commit under the ETag the decision was made on; an opt-out that committed first makes the claim fail, and the decision is taken again
/// (P1). Three table operations for a message that goes out: read, claim, record; one more to a phone whose number has two forms.
/// </summary>
public sealed partial class Dispatcher(
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
    PhoneForms forms,
    SendingOptions options,
    Instance instance,
    TimeProvider time,
    ILogger<Dispatcher> log,
    Statistics? statistics = null)
{
    // Nobody who finds a claim of before can tell which of the two it was.
    private const string NotWritten =
        "What came of the hand-off was not written down, because the process ended or the store took no writes";

    private static readonly AddressState Nothing = new() { Channel = Channel.Email };

    // Attempts are told apart by number, from a start that no other process has.
    private long _attempts = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    private readonly RememberedSends _remembered = new(options, topics);
    private readonly Settlement _settlement = new(
        new MessageRecords(tables, refusals, time, log, statistics), book, queue, topics, handOffs, refusals, options, time);

    private MessageRecords Records => _settlement.Records;

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
            ? await Records.LoadAsync(id, cancel)
            : null;
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (stored is { } found && Settled(found.Record, request))
                return await _settlement.FoundAsync(request, id, found.Record, cancel);
            if (stored is { Record.Status: MessageStatus.Sending } interrupted)
            {
                if (_settlement.Knows(interrupted.Record.Claim!))
                {
                    if (await _settlement.SettleKnownAsync(request, id, interrupted) is { } settled) return settled;
                    stored = await Records.LoadAsync(id, cancel);
                    continue;
                }

                if (StillRunning(interrupted.Record.Claim!) is { } wait) return new(WorkOutcome.Later(wait), interrupted.Record);
                if (!_settlement.MayOfferAgain(request))
                    return await _settlement.EndUnknownAsync(
                        id, interrupted,
                        $"{NotWritten}; the provider cannot tell whether it has the message, so it is not offered again.",
                        cancel);
            }

            if (await LookAsync(request, id, stored is not null, cancel) is not { } look) return new(WorkOutcome.Done, null);
            var before = stored?.Record ?? MessageRecord.Of(request);
            request = before.GivenUpAt is { } over ? look.Request with { ReplayOf = over } : look.Request;
            if (before.Status == MessageStatus.Failed)
                before = before.Move(MessageStatus.Queued, Reason.ProviderUnavailable, look.Now, MessageRecord.Replayed);
            if (look.Decision.Verdict != Verdict.Allow)
            {
                if (stored is { Record.Status: MessageStatus.Sending } lost)
                    return await _settlement.EndUnknownAsync(
                        id, lost, $"{NotWritten}, and the message may not be sent any more.", cancel);
                if (await HoldBackAsync(request, id, look, before, stored, cancel) is { } held) return held;
                stored = await Records.LoadAsync(id, cancel);
                continue;
            }

            if (before.Status == MessageStatus.Sending)
                before = before.Move(
                    MessageStatus.Sending, Reason.Allowed, look.Now, MessageRecord.AnswerLost, NotWritten + ".");
            var number = Interlocked.Increment(ref _attempts).ToString("x16", CultureInfo.InvariantCulture);
            var claim = new Claim(number, instance.Id, look.Now);
            var claimed = before.Move(MessageStatus.Sending, Reason.Allowed, look.Now, MessageRecord.Claimed) with
            {
                Receipt = ReceiptOf(look), Claim = claim, DueAt = null,
            };
            var state = look.State is null ? null : _remembered.With(look.State, id, look.Topic, request, look.Now);
            // From here on nothing is broken off: a claim could have been made, and whoever found it would have to take its message for
            // sent.
            cancel.ThrowIfCancellationRequested();
            var commit = await tables.CommitAsync(
                Tables.Addresses, id.Address.Value, ClaimRows(request, id, look, claimed, stored?.ETag, state), CancellationToken.None);
            if (commit.Committed)
                return await HandOffAsync(
                    request, id, look.Topic, state, new StoredMessage(claimed, commit.ETags[0], state is null ? null : commit.ETags[1]),
                    cancel);

            // A lost answer can have hidden our own success: then the record carries this very attempt.
            stored = await Records.LoadAsync(id, CancellationToken.None);
            if (stored is { } mine && mine.Record.Claim?.Attempt == claim.Attempt)
                return await HandOffAsync(request, id, look.Topic, state, mine, cancel);
        }

        throw StorageUnavailableException.Contended($"Message {id}");
    }

    /// <summary>
    /// Reads what the person's record says now, and decides on it. Null where the message is only for those who are known, and this one is
    /// not. <paramref name="recorded"/>: the message has a record, and the address may remember it.
    /// </summary>
    private async ValueTask<Look?> LookAsync(SendRequest request, MessageId id, bool recorded, CancellationToken cancel)
    {
        var (known, etag) = await book.LoadAsync(id.Address, cancel);
        if (request.Channel == Channel.Sms
            && (request.To.Length > 0 ? request.To : known?.Value) is { } phone
            && await forms.JoinAsync(new Address(Channel.Sms, phone), cancel))
        {
            (known, etag) = await book.LoadAsync(id.Address, cancel);
        }

        if (request.OnlyKnown && !recorded && known?.Value is null) return null;
        var state = recorded && known is not null ? RememberedSends.Without(known, id) : known;
        var now = time.UtcNowMs();
        var topic = TopicOf(request, state);
        var (watch, watchTag) = request.TrackingNumber is { } number
            ? await WatchRows.LoadAsync(tables, id.Address, number, cancel)
            : default;
        var decision = DecisionRules.Decide(new DecisionInput
        {
            State = state,
            Topic = topic,
            Channel = request.Channel,
            Now = now,
            Purpose = request.Purpose,
            ContactId = request.ContactId,
            AboutPackage = request.TrackingNumber is not null,
            Watch = watch?.Status,
            WatchSince = watch?.SaidAt,
            NewerKnown = watch is not null && await PackageChanges.NewerKnownAsync(tables, request, watch, cancel),
            DueSince = request.SendAt > request.AcceptedAt ? request.SendAt : request.AcceptedAt,
            ExpiresAt = request.ExpiresAt,
            Campaign = request.Campaign is null ? null : await gate.StatusAsync(request.Campaign, cancel),
            Options = options,
        });
        if (request.Paced && decision is { Reason: Reason.QuietHours, Until: { } opens })
            decision = decision with { Until = QuietHours.Paced(opens, now, state?.TimeZone, state?.RegionToday, options) };
        if (request.To.Length == 0)
        {
            if (state?.Value is { } address) request = request with { To = address };
            // Only its key is known: there is nothing to send to.
            else if (decision.Verdict == Verdict.Allow)
                decision = decision with { Verdict = Verdict.Skip, Reason = Reason.SuppressedInvalid };
        }

        return new Look(request, known, state, etag, topic, watch, watchTag, decision, now);
    }

    /// <summary>
    /// Writes down that a message is skipped or waits, and has one that waits brought back in time. Null where it is to be looked at again:
    /// somebody was faster, or its campaign goes on.
    /// </summary>
    private async ValueTask<Dispatched?> HoldBackAsync(
        SendRequest request, MessageId id, Look look, MessageRecord before, StoredMessage? stored, CancellationToken cancel)
    {
        var (decision, now) = (look.Decision, look.Now);
        // What may have arrived is not said to have been held back, and keeps the receipt that it would have arrived under.
        var verdict = decision.Verdict == Verdict.Skip && before.MayHaveArrived
            ? before.Move(
                MessageStatus.Unknown, Reason.Unknown, now, "unknown",
                "The answer of a hand-off was lost, and the message may not be sent any more.") with { DueAt = null }
            : before.Move(
                decision.Verdict == Verdict.Skip ? MessageStatus.Skipped : MessageStatus.Deferred, decision.Reason, now,
                decision.Verdict == Verdict.Skip ? "skipped" : "deferred",
                decision.Verdict == Verdict.Skip ? null : WaitsFor(decision)) with
                {
                    Receipt = ReceiptOf(look),
                    DueAt = decision.Reason == Reason.CampaignPaused ? null : decision.Until,
                };
        var waitsOn = stored is { } waiting && verdict.Repeats(waiting.Record);
        if (waitsOn) verdict = stored!.Value.Record;
        else if (!await Records.WriteAsync(id, verdict, stored?.ETag, cancel)) return null;
        else
        {
            Telemetry.Count(verdict.Status, verdict.Reason, request.Topic, request.Channel);
            statistics?.Message(verdict.Status, verdict.Reason, request.Topic, request.Channel);
        }

        // Resumed or ended within the gate's lease, or before this was written: the batch may have been passed by already, and nobody else
        // brings the message back (P5).
        if (decision.Reason == Reason.CampaignPaused && await gate.LookAsync(request.Campaign!, cancel) != CampaignStatus.Paused)
            return null;
        if (stored is not null && !verdict.MayHaveArrived) await _settlement.ForgetAsync(id, look.Topic, look.Known, cancel);
        if (verdict.DueAt is { } until)
            await queue.EnqueueAsync(
                request with { Recorded = true }, decision.Reason == Reason.FrequencyCap ? Looks.Next(id, until, now) : until, cancel);
        return new(WorkOutcome.Done, verdict) { WaitsOn = waitsOn };
    }

    // A message may wait several times, and its record has the last reason alone.
    private static string WaitsFor(in Decision decision) =>
        decision is { Reason: not Reason.CampaignPaused, Until: { } until }
            ? $"{EnumWord.Of(decision.Reason)} until {until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}"
            : EnumWord.Of(decision.Reason);

    /// <summary>
    /// What a claim writes in one commit: the message's record, the address's record as it was decided on, and the package's newest change.
    /// </summary>
    private static List<RowChange> ClaimRows(
        SendRequest request, MessageId id, Look look, MessageRecord claimed, string? messageTag, AddressState? state)
    {
        var rows = new List<RowChange>(3) { MessageRows.Write(id, claimed, messageTag) };
        if (state is not null) rows.Add(RowChange.Replace(Rows.State, state, CoreJson.Default.AddressState, look.ETag!));
        // A first opt-out must collide with the claim too (P1).
        else if (HeedsStops(request))
            rows.Add(RowChange.Insert(
                Rows.State, ConsentDesk.Blank(new Address(request.Channel, request.To)), CoreJson.Default.AddressState));
        if (look.Watch is { } watch && request.PackageSeq > watch.Seen)
            rows.Add(WatchRows.Write(request.TrackingNumber!, watch with { Seen = request.PackageSeq }, look.WatchETag!));
        return rows;
    }

    // An answer goes out whatever is stopped, and so does a notice by mail: they need no order with a stop, and no record where there is
    // none.
    private static bool HeedsStops(SendRequest request) =>
        request is not ({ Purpose: MessagePurpose.Reply } or { Purpose: MessagePurpose.Notice, Channel: Channel.Email });

    /// <summary>The message's topic. A confirmation of several is about the first that still waits and can still be chosen.</summary>
    private Topic TopicOf(SendRequest request, AddressState? state)
    {
        if (Asks(request.Topic, state)) return topics.Of(request.Topic);
        foreach (var also in request.AlsoTopics)
            if (Asks(also, state)) return topics.Of(also);
        return topics.Of(request.Topic);
    }

    private bool Asks(string topic, AddressState? state) =>
        state?.Find(topic) is { } one && state.StillWaits(one) && topics.Find(topic) is not null;

    private async ValueTask<Dispatched> HandOffAsync(
        SendRequest request, MessageId id, Topic topic, AddressState? state, StoredMessage claimed, CancellationToken stopping)
    {
        HandOff answer;
        CampaignTurn? turn = request.Campaign is null ? null : new CampaignTurn(gate, request.Campaign);
        var look = new LastLook(
            book, id.Address, HeedsStops(request) ? state ?? Nothing : null, topic.Key,
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
        catch (Exception unplanned)
        {
            // What goes wrong at the provider is told by the hand-off. This did before it, in making the message or in the last look:
            // nothing was offered.
            LogNotMade(request.Id, unplanned.GetType().Name, unplanned.StackTrace);
            answer = HandOff.Unavailable($"The message could not be made ({unplanned.GetType().Name}).");
        }

        return await _settlement.SettleAsync(request, id, topic, state, claimed, answer)
            ?? await DispatchAsync(request, redelivered: true, stopping);
    }

    // By the hour of the decision: a window that has closed since must not be taken for one that is still to open.
    private DateTimeOffset? NotAfter(SendRequest request, Topic topic, AddressState? state, DateTimeOffset decided)
    {
        var closes = topic.IsMarketing && request is { Channel: Channel.Sms, Purpose: MessagePurpose.Notification }
            ? QuietHours.ClosesAt(decided, state?.TimeZone, state?.RegionToday, options)
            : null;
        return request.ExpiresAt is { } end && !(closes < end) ? end : closes;
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

    private static Receipt ReceiptOf(Look look) => new(
        look.State?.Ledger.Seq ?? 0, (look.State?.Ledger ?? LedgerHead.Empty).Hash, look.State?.Find(look.Topic.Key)?.PolicyVersion,
        Array.ConvertAll(look.Decision.Results, static r => (byte)r), look.Now);

    [LoggerMessage(
        EventId = 113, EventName = "MessageNotMade", Level = LogLevel.Error,
        Message = "Message {Id} could not be made: {Exception} at {Stack}; nothing was offered, and it is tried again")]
    private partial void LogNotMade(string id, string exception, string? stack);

    /// <summary>What a decision was taken on, and the decision.</summary>
    /// <param name="Request">The message, with the address to send to where the record knows one.</param>
    /// <param name="Known">The address's record as it is stored.</param>
    /// <param name="State">The same without this very message.</param>
    /// <param name="ETag">Under which the claim replaces it.</param>
    /// <param name="Topic">What the message is about.</param>
    /// <param name="Watch">How the address follows the message's package.</param>
    /// <param name="WatchETag">Under which the claim replaces that.</param>
    /// <param name="Decision">Allow, skip or defer.</param>
    /// <param name="Now">When it was taken.</param>
    private readonly record struct Look(
        SendRequest Request, AddressState? Known, AddressState? State, string? ETag, Topic Topic, WatchRecord? Watch, string? WatchETag,
        Decision Decision, DateTimeOffset Now);
}
