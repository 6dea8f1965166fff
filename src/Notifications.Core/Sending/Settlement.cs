using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>
/// The end of the send path: writes down what came of a hand-off, puts back what is to come later, and lets the address forget what did
/// not arrive.
/// </summary>
internal sealed class Settlement(
    MessageRecords records, AddressBook book, SendQueue queue, TopicCatalog topics, HandOffs handOffs, Refusals refusals,
    SendingOptions options, TimeProvider time)
{
    private const string NotThere = "The provider was not there.";

    private readonly KnownAnswers _known = new();

    /// <summary>The messages' records.</summary>
    public MessageRecords Records { get; } = records;

    /// <summary>
    /// Writes down what came of a hand-off, to its end also while the process stops: a lost outcome would end as unknown, or be sent twice
    /// (P5). Null where the message is to be decided anew at once. Where the store does not take it, it is kept for
    /// <see cref="SettleKnownAsync"/>.
    /// </summary>
    public async ValueTask<Dispatched?> SettleAsync(
        SendRequest request, MessageId id, Topic topic, AddressState? state, StoredMessage claimed, HandOff answer)
    {
        var now = time.UtcNowMs();
        try
        {
            return await WriteAsync(request, id, topic, state, claimed, answer, now);
        }
        catch (StorageUnavailableException)
        {
            _known.Keep(claimed.Record.Claim!, new KnownAnswer(answer, now));
            throw;
        }
    }

    /// <summary>Whether the answer of a claim is known here, and was not written down.</summary>
    public bool Knows(Claim claim) => _known.Find(claim) is not null;

    /// <summary>
    /// Writes down the answer that the store did not take before, at the time at which it came. Null where the message is to be decided
    /// anew.
    /// </summary>
    public async ValueTask<Dispatched?> SettleKnownAsync(SendRequest request, MessageId id, StoredMessage claimed)
    {
        var claim = claimed.Record.Claim!;
        if (_known.Find(claim) is not { } known) return null; // Another delivery of it was faster.
        var (state, _) = await book.LoadAsync(id.Address, CancellationToken.None);
        var settled = await WriteAsync(request, id, topics.Of(request.Topic), state, claimed, known.Answer, known.At);
        _known.Forget(claim);
        return settled;
    }

    private async ValueTask<Dispatched?> WriteAsync(
        SendRequest request, MessageId id, Topic topic, AddressState? state, StoredMessage claimed, HandOff answer, DateTimeOffset now)
    {
        var cancel = CancellationToken.None;
        switch (answer.Result)
        {
            case HandOffResult.Accepted:
                return await Records.EndAsync(
                    id, claimed,
                    r => r.Move(
                        MessageStatus.Sent, Reason.Allowed, now, "accepted", answer.ProviderId) with { ProviderId = answer.ProviderId },
                    cancel);
            case HandOffResult.Rejected:
                // What it does to the address comes before what can be done again.
                var rejected = await Records.EndAsync(
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
                await Records.EndAsync(
                    id, claimed,
                    r => r.Move(
                        MessageStatus.Queued, answer.Result == HandOffResult.Withheld ? Reason.CampaignPaused : Reason.Allowed, now,
                        MessageRecord.Withheld),
                    cancel);
                return null;
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
            var failed = await Records.EndAsync(
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

    /// <summary>Nobody can tell whether it arrived, and it is not offered again.</summary>
    public ValueTask<Dispatched> EndUnknownAsync(MessageId id, StoredMessage claimed, string? why, CancellationToken cancel) =>
        Records.EndAsync(id, claimed, r => r.Move(MessageStatus.Unknown, Reason.Unknown, time.UtcNowMs(), "unknown", why), cancel);

    /// <summary>
    /// A message that has ended already. What follows the end of one that was never taken may be missing, for whoever ended it may have
    /// died there: what the address remembers of it, and its dead letter (P5).
    /// </summary>
    public async ValueTask<Dispatched> FoundAsync(SendRequest request, MessageId id, MessageRecord ended, CancellationToken cancel)
    {
        if (ended is not { ProviderId: null, Status: MessageStatus.Failed or MessageStatus.Bounced }) return new(WorkOutcome.Done, ended);
        var (state, _) = await book.LoadAsync(id.Address, cancel);
        await ForgetAsync(id, topics.Of(request.Topic), state, cancel);
        return ended is { Status: MessageStatus.Failed, Reason: Reason.ProviderUnavailable }
            ? new(WorkOutcome.GiveUp(ended.Timeline.LastOrDefault(static e => e.Event == MessageRecord.GivenUp)?.Detail ?? NotThere), ended)
            : new(WorkOutcome.Done, ended);
    }

    /// <summary>
    /// Whether a message may be offered again after an answer was lost. Marketing is never offered twice to a provider that would deliver
    /// it twice; a package update rather comes twice than not at all (P5).
    /// </summary>
    public bool MayOfferAgain(SendRequest request) =>
        handOffs.Deduplicates(request.Channel)
            || request.Purpose != MessagePurpose.Notification
            || topics.Find(request.Topic) is { IsMarketing: false };

    /// <summary>It did not arrive, or not yet: no cap counts it, and the next text carries the terms.</summary>
    public async ValueTask ForgetAsync(MessageId id, Topic topic, AddressState? state, CancellationToken cancel)
    {
        if (state is null || ReferenceEquals(RememberedSends.Forgotten(state, id, topic), state)) return;
        await book.ChangeAsync(
            id.Address, null, (now, _) => new Change(RememberedSends.Forgotten(now, id, topic), []), null, cancel);
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
            && await Records.TryEndAsync(id, claimed, end, forgotten, cancel) is { } ended)
        {
            return ended;
        }

        var back = await Records.EndAsync(id, claimed, end, cancel);
        if (back.Record is { Status: MessageStatus.Queued, MayHaveArrived: false }) await ForgetAsync(id, topic, state, cancel);
        return back;
    }

    private TimeSpan Backoff(int attempt) =>
        TimeSpan.FromSeconds(Math.Min(1800, 5 * Math.Pow(3, attempt - 1)) * (0.8 + options.Jitter() * 0.4));
}
