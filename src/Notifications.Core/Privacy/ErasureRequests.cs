using System.Globalization;
using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// Carries out requests to be forgotten: over every address that the request is about, those that come meanwhile and former ones, in other
/// requests, and at last in everything that is kept for others. Every step can be done again.
/// </summary>
public sealed class ErasureRequests(
    PrivacyRequests requests, ContactDesk contacts, KeyRing ring, FormerAddresses formers, AddressMove move, PhoneForms forms,
    Erasure erasure, ErasureSweep sweep, AuditLog audit, TimeProvider time)
{
    private const int MaxRounds = 20;

    private const string GoesOn =
        " Of this address alone: the person has moved on to another address, under which the rest of what is held, and the account where there is one, goes on. To erase that too, record an erasure by the account (contactId), or by the address that the person has now.";

    private const string Rest =
        " What else names the person (in reviews, dead letters, answers to programs, alerts, files and queues) is still being looked for: a timer goes through all of those, within hours as a rule, and then completes this request.";

    /// <summary>
    /// Erases; the answer is the outcome, and whether that is all. It is not where the answer would have to wait for the sweep, or where
    /// the timer, which sweeps for all at once, does it (<paramref name="byTimer"/>).
    /// </summary>
    /// <exception cref="StorageUnavailableException">The account changed in every of 20 rounds, or the store is down.</exception>
    public async ValueTask<(bool Done, string Outcome)> CarryOutAsync(PrivacyRequest request, bool byTimer, CancellationToken cancel)
    {
        if (request.EmptiedAt is null) request = await EmptyAsync(request, cancel);
        return !byTimer && await sweep.TryAsync(new PersonTraces(request.Named(), request.AddressKeys), cancel) is { } unreadable
            ? (true, Swept(request, unreadable))
            : (false, request.Outcome!);
    }

    /// <summary>The outcome once everything was looked through; so much of it no key opens.</summary>
    public static string Swept(PrivacyRequest request, int unreadable) =>
        request.Outcome!.Replace(Rest, "", StringComparison.Ordinal)
            + (request.Unreadable + unreadable == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" Not looked through: {request.Unreadable + unreadable} stored rows, files or queue items that no key of the ring opens. Should their key come back, erase once more."));

    private async ValueTask<PrivacyRequest> EmptyAsync(PrivacyRequest request, CancellationToken cancel)
    {
        // First, for what is just leaving the account is a former address of it.
        request = await ReachAsync(request, await OwnedAsync(request, cancel) ?? [], cancel);
        var (former, others) = await formers.OfAsync(request, cancel);
        request = await ReachAsync(request, former, cancel);
        if (!request.GoesOn && await GoesOnAsync(request, cancel))
            request = await requests.ChangeAsync(request.Id, r => r with { GoesOn = true }, cancel) ?? request;
        IReadOnlyList<Address> more = [];
        int unreadable;
        for (var rounds = 1; ; rounds++)
        {
            // Also what has come under the account since, what takes an erased one's place, and what came while the rest was erased.
            if (rounds > MaxRounds) throw new StorageUnavailableException("The account changes faster than it is erased.");
            request = await ReachAsync(request, more, cancel);
            AddressKey[] keys =
                [
                    .. request.AddressKeys.Select(
                        k => AddressKey.TryParse(k, out var key)
                            ? key
                            : throw new InvalidOperationException("A stored address key is not one.")),
                ];
            unreadable = await erasure.RunAsync(request.Named(), keys, request.ContactId, PrivacyDesk.Source, request.Actor, cancel);
            var (owned, taking) = (await OwnedAsync(request, cancel), await formers.TakingPlaceAsync(request, cancel));
            if (request.WholeContact)
            {
                more = [.. owned ?? [], .. taking];
                foreach (var one in taking) more = [.. more, await move.CurrentAsync(one, cancel)]; // It may have moved on.
            }
            else if (taking.Count > 0) request = request with { GoesOn = true };
            if (owned is null && (taking.Count == 0 || !request.WholeContact)) break;
        }

        unreadable += await ScrubRequestsAsync(request, cancel);
        PrivacyRequest Emptied(PrivacyRequest some) => some with
        {
            EmptiedAt = time.UtcNowMs(),
            Unreadable = unreadable,
            // The sweep needs the addresses, and nothing else.
            ContactId = null,
            Note = null,
            Notice = null,
            Change = null,
            Outcome = "Erased. The keyed hash of each address stays, with a block, so that no import adds it again."
                + (request.GoesOn ? GoesOn : "")
                + others
                + Rest,
        };
        var stands = await requests.ChangeAsync(
            request.Id, r => r is { Status: PrivacyStatus.Running, EmptiedAt: null } ? Emptied(r) : null, cancel)
            ?? await requests.FindAsync(request.Id, cancel);
        return stands is { Outcome: not null } ? stands : Emptied(request);
    }

    /// <summary>
    /// Whether the person of one of the addresses has moved on to one that the request is not about. Known before the records are emptied.
    /// </summary>
    private async ValueTask<bool> GoesOnAsync(PrivacyRequest request, CancellationToken cancel)
    {
        foreach (var address in request.Named())
        {
            var current = await move.CurrentAsync(address, cancel);
            if (!request.AddressKeys.Contains(ring.KeyOf(current).Value)) return true;
        }

        return false;
    }

    /// <summary>
    /// The request over these addresses too, written down first and at once, so that it is carried on over all of them: of those that it
    /// names nobody can tell any more which are former ones. A phone is reached by the other form of its number too, where a record is
    /// left.
    /// </summary>
    private async ValueTask<PrivacyRequest> ReachAsync(
        PrivacyRequest request, IReadOnlyList<Address> addresses, CancellationToken cancel)
    {
        var reached = addresses.Select(a => (Address: a, Key: ring.KeyOf(a))).ToList();
        foreach (var one in request.Named().Concat(addresses))
            if (await forms.OtherAsync(one, cancel) is var (phone, key, _)) reached.Add((phone, key));
        PrivacyRequest Over(PrivacyRequest some) => reached.Aggregate(some, (all, one) => all.With(one.Address, one.Key));
        return Over(request) == request ? request : await requests.ChangeAsync(request.Id, Over, cancel) ?? request;
    }

    /// <summary>
    /// The addresses of the account that a request is about as a whole; null where it is about none, or there is none that can be read.
    /// </summary>
    private async ValueTask<IReadOnlyList<Address>?> OwnedAsync(PrivacyRequest request, CancellationToken cancel)
    {
        try
        {
            // What has left the account is not of it, and must not keep its name there.
            if (request.ContactId is { } account) await contacts.SettleAsync(account, request.Actor, cancel);
            return request is { WholeContact: true, ContactId: { } id } && await contacts.GetAsync(id, cancel) is { } contact
                ? [.. contact.Addresses.Select(a => a.Address)]
                : null;
        }
        catch (CryptographicException)
        {
            return null; // What stands there and no key opens is counted with the rest.
        }
    }

    /// <summary>
    /// Other requests lose what names the person, and keep what is of others; one that is about nobody else is ended. An erasure under way
    /// needs its addresses until it has been everywhere, and drops them then. How many no key opens.
    /// </summary>
    private async ValueTask<int> ScrubRequestsAsync(PrivacyRequest erased, CancellationToken cancel)
    {
        var unreadable = 0;
        var traces = new PersonTraces(erased.Named(), erased.AddressKeys);
        await foreach (var other in requests.AllAsync(() => unreadable++, cancel))
        {
            if (other.Id == erased.Id || other is { Type: PrivacyRight.Erasure, Status: PrivacyStatus.Running }) continue;
            var next = other.Next() is { } to && erased.AddressKeys.Contains(ring.KeyOf(to).Value);
            if (!next
                && !other.AddressKeys.Intersect(erased.AddressKeys).Any()
                && (other.ContactId is null || other.ContactId != erased.ContactId))
            {
                continue;
            }

            var account = other.ContactId is { } id && await contacts.GetAsync(id, cancel) is not null;
            PrivacyRequest Scrubbed(PrivacyRequest some) =>
                (next ? some.WithoutNext(Rectifications.Gone) : some).Without(erased.AddressKeys, account, traces.In, time.UtcNowMs());
            // Before the act, so that none is without its entry (R68).
            if (other.Status == PrivacyStatus.Running && Scrubbed(other) is { Status: PrivacyStatus.Completed } ended)
                await audit.WriteAsync(erased.Actor, "privacy.complete", other.Id, null, $"{other.Type}: {ended.Outcome}", cancel);
            await requests.ChangeAsync(other.Id, Scrubbed, cancel);
        }

        return unreadable;
    }
}
