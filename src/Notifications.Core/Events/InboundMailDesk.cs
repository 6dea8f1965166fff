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
/// machine's mail that asks for nothing (an out-of-office) is nobody's request. Until it is read, marketing to an address that it says it
/// is from waits (R41): nobody has proven that, and it only lowers. A feedback report speaks for whoever got the mail that it encloses
/// (R19), a bounce of whoever did not (R20). We answer no mail at all, so no two machines write to each other (R14).
/// </summary>
public sealed partial class InboundMailDesk(
    LinkTokens tokens, Unsubscriber unsubscriber, ProviderReports reports, AddressBook book, ReviewDesk reviews, KeyRing ring,
    ILogger<InboundMailDesk> log)
{
    /// <summary>The ledger's word for an opt-out that a mailbox provider has passed on.</summary>
    private const string FeedbackLoop = "feedback-loop";

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
        if (mail.Feedback is not null || mail.Bounce is not null) await FollowAsync(mail, happening, cancel);
        else if (honoured == 0 && (mail.Asks || !(mail.AutoSubmitted || mail.NullReturnPath)))
        {
            var known = Address.TryParse(Channel.Email, mail.From, out var from, out _);
            var item = await reviews.IdOfAsync(happening.Id, happening.At, cancel);
            await AskAsync(item, mail, known ? ring.KeyOf(from) : null, known ? from.Value : null, happening.At, cancel);
        }

        return WorkOutcome.Done;
    }

    private async ValueTask FollowAsync(InboundMail mail, InboundEvent happening, CancellationToken cancel)
    {
        var item = await reviews.IdOfAsync(happening.Id, happening.At, cancel);
        var about = (mail.Enclosed ?? []).Take(20)
            .Select(t => tokens.Read(LinkPurpose.Unsubscribe, t)).FirstOrDefault(t => t is { Channel: Channel.Email });
        if (!await HeardAsync(mail, about, happening.Id, ReviewDesk.AtOf(item), cancel))
            await AskAsync(item, mail, mail.Bounce is null ? about?.Address : null, null, happening.At, cancel);
    }

    // RFC 5965 section 7.3, RFC 6430. What names nobody, and what is of no such type (fraud, virus, other), is for a person to read. So is
    // a bounce of another recipient than ours: it was forwarded, and who forwards it has a mailbox that takes it.
    private async ValueTask<bool> HeardAsync(InboundMail mail, LinkToken? about, string id, DateTimeOffset at, CancellationToken cancel)
    {
        var type = mail.Feedback;
        if (type == "not-spam") return true; // It lowers nothing, and nothing raises what a complaint has lowered (P6).
        if (about is null || type is not (null or "abuse" or "opt-out" or "opt-out-list")) return false;
        if (type is null && !IsOf(about, mail.Undelivered)) return false;
        if (type is null) await reports.BounceAsync(about, mail.Bounce!, id, at, cancel);
        else if (type == "abuse") await reports.ComplainAsync(about, id, at, cancel);
        else await unsubscriber.StopAsync(about, UnsubscribeScope.Named, FeedbackLoop, cancel);
        return true;
    }

    private bool IsOf(LinkToken about, string? recipient) =>
        Address.TryParse(Channel.Email, recipient, out var address, out _) && ring.KeyOf(address) == about.Address;

    /// <summary>Has a person read it; until then marketing to whom it may be from, or is about, waits.</summary>
    private async ValueTask AskAsync(
        string item, InboundMail mail, AddressKey? whose, string? from, DateTimeOffset at, CancellationToken cancel)
    {
        // Delivered again: the record has known it for longer than the desk.
        if (await reviews.FindAsync(item, cancel) is not null) return;
        if (whose is { } key)
        {
            var draft = new LedgerDraft(
                LedgerAction.Review, LedgerDraft.AllTopics, mail.Feedback is null ? "mailto" : FeedbackLoop, "unproven")
            {
                Evidence = $$"""{"review":"{{item}}"}""",
            };
            await book.ChangeAsync(
                key, null,
                (state, _) =>
                    state.IsErased
                        ? new Change(state, [])
                        : AddressTransitions.OpenReview(state, item, draft),
                null, cancel);
        }

        await reviews.OpenAsync(new ReviewItem
        {
            Id = item,
            Channel = Channel.Email,
            AddressKey = whose?.Value,
            From = from,
            Text = mail.Text,
            At = at,
        }, cancel);

        // Delivered twice at once, it may have been read between the two: then it holds nothing back again.
        if (whose is { } reached && await reviews.FindAsync(item, cancel) is { Verdict: not null } read)
            await reviews.ReachAsync(reached, item, ReviewVerdict.NotARevocation, read.Actor!, cancel);
    }

    private static InboundMail? Parse(JsonElement data)
    {
        try
        {
            return data.Deserialize(CoreJson.Default.InboundMail) is { Tokens: not null, Text: not null } mail
                && Array.TrueForAll([.. mail.Tokens, .. mail.Enclosed ?? []], t => t is not null)
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
