using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>Carries out requests to have something corrected: details first, then the address. Every step can be done again.</summary>
public sealed class Rectifications(
    PrivacyRequests requests, AddressBook book, ContactDesk contacts, KeyRing ring, Restrictions restrictions, AddressMove move)
{
    /// <summary>What is told where the owner of the new address was erased before the move.</summary>
    internal const string Gone =
        "The owner of the new address was erased before it could take the old one's place, so nothing moves there any more. Ask the person for another one and record it anew; end this with what the person was told.";

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
        return request.Next() is { } next && next != request.Named()[0]
            ? await MoveAsync(request.Named()[0], next, request, cancel)
            : (true, "Corrected.");
    }

    private async ValueTask CorrectAsync(PrivacyRequest request, Rectification change, CancellationToken cancel)
    {
        var draft = new LedgerDraft(LedgerAction.Rectify, LedgerDraft.AllTopics, PrivacyDesk.Source, request.Actor);
        foreach (var address in request.Named())
        {
            await book.ChangeAsync(ring.KeyOf(address), ConsentDesk.Blank(address), (state, _) =>
            {
                var next = state with { Locale = change.Locale ?? state.Locale, TimeZone = change.TimeZone ?? state.TimeZone };
                return next == state || state.Contact == ContactStatus.Erased ? new Change(state, []) : new Change(next, [draft]);
            }, null, cancel);
        }

        if (request.ContactId is { } id) await contacts.CorrectAsync(id, change.Name, change.Locale, change.TimeZone, cancel);
    }

    private async ValueTask<(bool Done, string Outcome)> MoveAsync(
        Address from, Address to, PrivacyRequest request, CancellationToken cancel)
    {
        if (!request.TakenOver)
        {
            if (await move.IsTakenAsync(to, request, cancel)) return (false, Taken);
            await restrictions.SpreadAsync(from, to, cancel);
            await move.TakeOverAsync(from, to, request, cancel);
            request = await requests.ChangeAsync(request.Id, r => r with { TakenOver = true }, cancel) ?? request;
        }

        return await move.LeaveAsync(from, to, request, cancel) switch
        {
            ContactResult.Done when (await book.LoadAsync(ring.KeyOf(to), cancel)).State?.Contact == ContactStatus.Disabled =>
                (true, "Corrected. The account is disabled, so the new address gets nothing, nor a question what of it to confirm."),
            ContactResult.Done =>
                (true,
                    $"Corrected. The new address is asked to confirm each subscription, and each followed package (of these the newest {move.MostPackages} at most); until then it gets none of them."),
            ContactResult.AddressErased =>
                (true,
                    "The old address is stopped. The new one belongs to a person who was erased: it stays blocked and takes nothing over."),
            _ => (false, Taken),
        };
    }
}
