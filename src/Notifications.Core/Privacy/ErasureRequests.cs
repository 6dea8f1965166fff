using System.Globalization;
using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// Carries out requests to be forgotten: over every address that the request is about, those that come meanwhile and former ones, and in
/// other requests. Every step can be done again.
/// </summary>
public sealed class ErasureRequests(
    PrivacyRequests requests, ContactDesk contacts, KeyRing ring, FormerAddresses formers, Erasure erasure, TimeProvider time)
{
    private const int MaxRounds = 20;

    /// <summary>Erases; the answer is the outcome.</summary>
    /// <exception cref="StorageUnavailableException">The account changed in every of 20 rounds, or the store is down.</exception>
    public async ValueTask<string> CarryOutAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var (former, others) = await formers.OfAsync(request, cancel);
        request = await ReachAsync(request, former, cancel);
        int unreadable;
        var rounds = 0;
        do
        {
            // Also what has come under the account since, and while the rest of it was erased.
            if (++rounds > MaxRounds) throw new StorageUnavailableException("The account changes faster than it is erased.");
            request = await ReachAsync(request, await OwnedAsync(request, cancel) ?? [], cancel);
            AddressKey[] keys =
                [
                    .. request.AddressKeys.Select(
                        k => AddressKey.TryParse(k, out var key)
                            ? key
                            : throw new InvalidOperationException("A stored address key is not one.")),
                ];
            unreadable = await erasure.RunAsync(request.Named(), keys, request.ContactId, PrivacyDesk.Source, request.Actor, cancel);
        }
        while (await OwnedAsync(request, cancel) is not null);
        unreadable += await ScrubRequestsAsync(request, cancel);
        return "Erased. The keyed hash of each address stays, with a block, so that no import adds it again."
            + others
            + (unreadable == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" Not looked through: {unreadable} stored rows, files or queue items that no key of the ring opens. Should their key come back, erase once more."));
    }

    /// <summary>
    /// The request over these addresses too, written down first and at once, so that it is carried on over all of them: of those that it
    /// names nobody can tell any more which are former ones.
    /// </summary>
    private async ValueTask<PrivacyRequest> ReachAsync(
        PrivacyRequest request, IReadOnlyList<Address> addresses, CancellationToken cancel)
    {
        PrivacyRequest Over(PrivacyRequest some) => addresses.Aggregate(some, (all, one) => all.With(one, ring.KeyOf(one)));
        return Over(request) == request ? request : await requests.ChangeAsync(request.Id, Over, cancel) ?? request;
    }

    /// <summary>
    /// The addresses of the account that a request is about as a whole; null where it is about none, or there is none that can be read.
    /// </summary>
    private async ValueTask<IReadOnlyList<Address>?> OwnedAsync(PrivacyRequest request, CancellationToken cancel)
    {
        try
        {
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
    /// Other requests lose what names the person, and keep what is of others. An erasure under way needs its addresses until it has been
    /// everywhere, and drops them then. How many no key opens.
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
            await requests.ChangeAsync(
                other.Id,
                r => (next ? r.WithoutNext(Rectifications.Gone) : r).Without(erased.AddressKeys, account, traces.In, time.UtcNowMs()),
                cancel);
        }

        return unreadable;
    }
}
