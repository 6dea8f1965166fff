using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>Carries out requests to have something corrected: details first, then the address. Every step can be done again.</summary>
public sealed class Rectifications(
    PrivacyRequests requests, AddressBook book, ContactDesk contacts, ConsentQuestions questions, KeyRing ring, Restrictions restrictions,
    AddressMove move)
{
    /// <summary>What is told where the owner of the new address was erased before the move.</summary>
    internal const string Gone =
        "The owner of the new address was erased before it could take the old one's place, so nothing moves there any more. Ask the person for another one and record it anew; end this with what the person was told.";

    private const string Former =
        " The address that was named is a former one of the person: what was changed is the one that had its place.";

    private const string Taken =
        "The new address belongs to another account. Take it away there, and this is carried on within the hour; or end it with what the person was told.";

    /// <summary>Corrects. Not done where something stands in its way, which the outcome names.</summary>
    public async ValueTask<(bool Done, string Outcome)> CarryOutAsync(PrivacyRequest request, CancellationToken cancel)
    {
        if (!request.Corrected)
        {
            await CorrectAsync(request, request.Change ?? new Rectification(), cancel);
            request = await requests.ChangeAsync(request.Id, r => r with { Corrected = true }, cancel) ?? request;
        }

        if (request.NewAddressGone) return (false, Gone);
        return request.Next() is { } next ? await MoveAsync(next, request, cancel) : (true, "Corrected.");
    }

    private async ValueTask CorrectAsync(PrivacyRequest request, Rectification change, CancellationToken cancel)
    {
        var draft = new LedgerDraft(LedgerAction.Rectify, LedgerDraft.AllTopics, PrivacyDesk.Source, request.Actor);
        foreach (var address in request.Named())
        {
            await book.ChangeAsync(ring.KeyOf(address), ConsentDesk.Blank(address), (state, _) =>
            {
                var next = state with { Locale = change.Locale ?? state.Locale, TimeZone = change.TimeZone ?? state.TimeZone };
                return next == state || state.IsErased ? new Change(state, []) : new Change(next, [draft]);
            }, null, cancel);
        }

        if (request.ContactId is { } id) await contacts.CorrectAsync(id, change.Name, change.Locale, change.TimeZone, cancel);
    }

    private async ValueTask<(bool Done, string Outcome)> MoveAsync(Address to, PrivacyRequest request, CancellationToken cancel)
    {
        var from = request.Named()[0];
        if (from == to)
        {
            await questions.AskOnceMoreAsync(ring.KeyOf(to), cancel);
            return (true,
                "Corrected. This address had the old one's place already, and what holds there stays as it is"
                    + (await move.IsAskedAsync(to, cancel) ? "; it has yet to confirm what it was asked." : "."));
        }

        AddressState? read = null;
        if (!request.TakenOver)
        {
            if (await move.IsTakenAsync(to, request, cancel)) return (false, Taken);
            await restrictions.SpreadAsync(from, to, cancel);
            read = await move.TakeOverAsync(from, to, request, cancel);
            if (read is null && (await book.LoadAsync(ring.KeyOf(from), cancel)).State is { IsErased: true })
                return (true, PrivacyDesk.AddressErased); // In this moment; the erasure takes it out of the request.
            request = await requests.ChangeAsync(request.Id, r => r with { TakenOver = true }, cancel) ?? request;
        }

        switch (await move.LeaveAsync(from, to, request, read, cancel))
        {
            case null:
                var current = await move.CurrentAsync(from, cancel);
                var account = (await book.LoadAsync(ring.KeyOf(current), cancel)).State?.ContactId;
                return await requests.ChangeAsync(request.Id, r => r.About(current, ring.KeyOf(current), account), cancel) is { } moved
                    ? await MoveAsync(to, moved, cancel)
                    : (true, PrivacyDesk.AddressErased);
            case ContactResult.Done: return (true, "Corrected." + (request.FromFormer ? Former : "") + await AsksAsync(to, cancel));
            case ContactResult.AddressErased:
                return (true,
                    "The old address is stopped. The new one belongs to a person who was erased: it stays blocked and takes nothing over.");
            default: return (false, Taken);
        }
    }

    /// <summary>What the new address is asked, in words.</summary>
    private async ValueTask<string> AsksAsync(Address to, CancellationToken cancel)
    {
        if ((await book.LoadAsync(ring.KeyOf(to), cancel)).State?.Contact == ContactStatus.Disabled)
            return " The account is disabled, so the new address gets nothing, nor a question what of it to confirm.";
        return await move.IsAskedAsync(to, cancel)
            ? $" The new address is asked to confirm each subscription, and each followed package (of these the newest {move.MostPackages} at most); until then it gets none of them."
            : " The new address is asked nothing: nothing was on at the old one, or the new one has it already, or has itself said stop.";
    }
}
