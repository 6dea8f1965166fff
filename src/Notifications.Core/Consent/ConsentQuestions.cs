using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Consent;

/// <summary>Asks an address to confirm what waits there: one message per window, over everything that does (R63).</summary>
public sealed class ConsentQuestions(
    AddressBook book, MessageIds ids, SendQueue queue, TopicCatalog topics, SendingOptions options, TimeProvider time)
{
    /// <summary>How soon the person may have the confirmation sent again.</summary>
    internal static readonly TimeSpan AgainAfter = TimeSpan.FromHours(1);

    /// <summary>
    /// What the newest confirmation message asks about and can still be chosen; what was chosen after it waits too, and is not among them.
    /// </summary>
    public Subscription[] Asked(AddressState state) =>
        Array.FindAll(state.Subscriptions, s => s.ConfirmationAt is not null && StillWaits(state, s));

    /// <summary>
    /// The record with everything that waits, and can still be chosen, asked about now. The same record where nothing does, or where a
    /// question is younger than <paramref name="window"/> and <paramref name="stop"/> has not answered it. The sign-up form's question
    /// about a package is one too.
    /// </summary>
    internal AddressState Ask(AddressState state, StopAll? stop, DateTimeOffset now, TimeSpan window, long seq)
    {
        bool Stands(DateTimeOffset? asked) => asked > now - window && !(stop?.Since >= asked);
        return Array.Exists(state.Subscriptions, s => StillWaits(state, s))
            && !Stands(state.PackageAskedAt)
            && !Array.Exists(state.Subscriptions, s => StillWaits(state, s) && Stands(s.ConfirmationAt))
            ? state with { Subscriptions = Array.ConvertAll(state.Subscriptions, s => StillWaits(state, s) ? s.Ask(now, seq) : s) }
            : state;
    }

    /// <summary>
    /// Sends what the record says was asked, and has what was chosen within its window asked about when that ends. The message's id is
    /// derived from the entry it asks about: again within the window, or after a crash right here, it is the same message (P5).
    /// </summary>
    internal async ValueTask SendAsync(AddressKey key, Address address, AddressState state, string? locale, CancellationToken cancel)
    {
        await SendAsync(key, address, Asked(state), locale ?? state.Locale, cancel);
        if (state.AskedAt() is { } opened && Unasked(state) is { } unasked)
            await queue.EnqueueAsync(Later(key, address, unasked.Topic, opened, locale), cancel);
    }

    /// <summary>
    /// The person asks for the confirmation once more, behind their own link: one message about everything that waits, and none within an
    /// hour of the last one, whoever asked for that.
    /// </summary>
    public ValueTask AskAgainAsync(AddressKey key, CancellationToken cancel) => AskAgainAsync(key, AgainAfter, cancel);

    /// <summary>Somebody else asks for it once more: none goes out within the window of the last one (R63).</summary>
    public ValueTask AskOnceMoreAsync(AddressKey key, CancellationToken cancel) =>
        AskAgainAsync(key, options.ConfirmationWindow, cancel);

    private async ValueTask AskAgainAsync(AddressKey key, TimeSpan window, CancellationToken cancel)
    {
        var result = await book.ChangeAsync(
            key, null, (state, now) => new Change(Ask(state, state.Stopped, now, window, state.Ledger.Seq), []), null, cancel);
        if (result?.State is { Address: { } address } asked) await SendAsync(key, address, Asked(asked), asked.Locale, cancel);
    }

    /// <summary>
    /// The window of a confirmation ended: what was chosen in it is asked about now, with all that waits, unless it was stopped or
    /// something was asked meanwhile (R63).
    /// </summary>
    public async ValueTask<WorkOutcome> AskWhenDueAsync(SendRequest question, CancellationToken cancel)
    {
        if (!MessageId.TryParse(question.Id, out var id)) return WorkOutcome.GiveUp("The message id is not one of ours.");
        // A queue counts in whole seconds, and may be one early.
        if (question.SendAt - time.GetUtcNow() is { } early && early > TimeSpan.Zero)
            return WorkOutcome.Later(early + TimeSpan.FromSeconds(1));
        var result = await book.ChangeAsync(
            id.Address, null,
            (state, now) =>
                new Change(
                    Unasked(state) is null ? state : Ask(state, state.Stopped, now, options.ConfirmationWindow, state.Ledger.Seq), []),
            null, cancel);

        // Also where the record was changed by a delivery that died right after: the id finds the same message (P5).
        if (result?.State is { Address: { } address } after
            && Asked(after) is [{ ConfirmationAt: { } at }, ..] asked
            && at >= question.SendAt)
        {
            await SendAsync(id.Address, address, asked, question.Locale ?? after.Locale, cancel);
        }

        // A package was asked about meanwhile, and that question asks about no topic. It waits in the schedule, where an erasure finds it
        // (R34).
        if (result?.State is { } held
            && Unasked(held) is not null
            && held.PackageAskedAt + options.ConfirmationWindow is { } free
            && free > time.GetUtcNow())
        {
            await queue.EnqueueAsync(question with { SendAt = free }, cancel);
        }

        return WorkOutcome.Done;
    }

    /// <summary>
    /// Something that waits, that nobody was asked about and that no stop has answered since it was chosen; null for none.
    /// </summary>
    private Subscription? Unasked(AddressState state) =>
        Array.Find(
            state.Subscriptions,
            s => s.ConfirmationAt is null && StillWaits(state, s) && !(state.StoppedAt(s.Topic) >= s.Unconfirmed!.Since));

    // Nobody is asked about a topic that is not in the settings any more (P8).
    private bool StillWaits(AddressState state, Subscription one) => state.StillWaits(one) && topics.Find(one.Topic) is not null;

    // One per window, however many are chosen in it: its id and its time are those of the question that opened the window.
    private SendRequest Later(AddressKey key, Address address, string topic, DateTimeOffset opened, string? locale) =>
        Question(ids.Derive(key, $"ask/{opened.ToUnixTimeMilliseconds()}"), address, topic, locale) with
        {
            AskWhenDue = true,
            SendAt = opened + options.ConfirmationWindow,
        };

    private async ValueTask SendAsync(AddressKey key, Address address, Subscription[] asked, string? locale, CancellationToken cancel)
    {
        if (asked is not [var first, .. var others]) return;
        var id = ids.Derive(key, $"confirm/{first.ConfirmationSeq}/{first.ConfirmationAt?.ToUnixTimeMilliseconds()}");
        if (await queue.IsRecordedAsync(id, cancel)) return;
        await queue.EnqueueAsync(
            Question(id, address, first.Topic, locale) with { AlsoTopics = Array.ConvertAll(others, s => s.Topic) }, cancel);
    }

    private SendRequest Question(MessageId id, Address address, string topic, string? locale) => new()
    {
        Id = id.ToString(),
        Channel = address.Channel,
        To = address.Value,
        Topic = topic,
        Purpose = MessagePurpose.Confirmation,
        Locale = locale,
        AcceptedAt = time.UtcNowMs(),
    };
}
