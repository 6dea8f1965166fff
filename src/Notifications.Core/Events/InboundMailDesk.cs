using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Unsubscribe;

namespace Notifications.Events;

/// <summary>
/// Carries out an unsubscribe request by mail (R13): the token alone says whose subscription changes. Without one a person reads it; a
/// machine's mail without one (an out-of-office, a bounce) is nobody's request. Until it is read, marketing to an address that it says it
/// is from waits (R41): nobody has proven that, and it only lowers. We answer no mail at all, so no two machines write to each other (R14).
/// </summary>
public sealed partial class InboundMailDesk(
    LinkTokens tokens, Unsubscriber unsubscriber, AddressBook book, ReviewDesk reviews, KeyRing ring, ILogger<InboundMailDesk> log)
{
    // From is whatever somebody wrote: beyond so many unread mails of one address a further one is read, and lets its record grow no more.
    private const int MostOpen = 20;

    /// <summary>Handles one mail.</summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        if (Parse(happening.Data) is not { } mail) return WorkOutcome.GiveUp("Not a mail.");
        var honoured = 0;
        foreach (var text in mail.Tokens.Take(20))
        {
            if (tokens.Read(LinkPurpose.Unsubscribe, text.Trim()) is not { } token) continue;
            await unsubscriber.StopAsync(token, UnsubscribeScope.Named, "mailto", cancel);
            honoured++;
        }

        LogMail(happening.Id, honoured);
        if (honoured > 0 || mail.AutoSubmitted || mail.NullReturnPath) return WorkOutcome.Done;
        var known = Address.TryParse(Channel.Email, mail.From, out var from, out _);
        var item = await reviews.IdOfAsync(happening.Id, happening.At, cancel);
        // Delivered again: the record has known it for longer than the desk.
        if (await reviews.FindAsync(item, cancel) is not null) return WorkOutcome.Done;
        if (known)
        {
            var draft = new LedgerDraft(LedgerAction.Review, LedgerDraft.AllTopics, "mailto", "unproven")
            {
                Evidence = $$"""{"review":"{{item}}"}""",
            };
            await book.ChangeAsync(
                ring.KeyOf(from), null,
                (state, _) =>
                    state.Contact == ContactStatus.Erased || state.Reviews.Length >= MostOpen
                        ? new Change(state, [])
                        : AddressTransitions.OpenReview(state, item, draft),
                null, cancel);
        }

        await reviews.OpenAsync(new ReviewItem
        {
            Id = item,
            Channel = Channel.Email,
            AddressKey = known ? ring.KeyOf(from).Value : null,
            From = known ? from.Value : null,
            Text = mail.Text,
            At = happening.At,
        }, cancel);

        // Delivered twice at once, it may have been read between the two: then it holds nothing back again.
        if (known && await reviews.FindAsync(item, cancel) is { Verdict: not null } read)
            await reviews.ReachAsync(ring.KeyOf(from), item, ReviewVerdict.NotARevocation, read.Actor!, cancel);
        return WorkOutcome.Done;
    }

    private static InboundMail? Parse(JsonElement data)
    {
        try
        {
            return data.Deserialize(CoreJson.Default.InboundMail) is { Tokens: not null, Text: not null } mail
                && Array.TrueForAll(mail.Tokens, t => t is not null)
                ? mail
                : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null; // The caller gives it up: it is kept as a dead letter.
        }
    }

    [LoggerMessage(
        EventId = 143, EventName = "MailHandled", Level = LogLevel.Information,
        Message = "Inbound mail {Event}: {Tokens} unsubscribe tokens honoured")]
    private partial void LogMail(string @event, int tokens);
}
