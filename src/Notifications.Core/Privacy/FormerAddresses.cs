using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>An address that a person had before.</summary>
/// <param name="Address">The address.</param>
/// <param name="Request">The request that changed it.</param>
/// <param name="IsLeft">Whether it is as the person left it. Else somebody may have had it, or spoken there, who is not the person.</param>
public sealed record FormerAddress(Address Address, string Request, bool IsLeft);

/// <summary>
/// The addresses that a person had before a change of address (R33), and before that one, and so on. What is held there stays the person's
/// until somebody speaks there again: a mailbox or a phone may have a new owner by then.
/// </summary>
public sealed class FormerAddresses(PrivacyRequests requests, AddressBook book, KeyRing ring)
{
    /// <summary>
    /// The former addresses of whoever has these now. Who has an address that somebody left before has nothing of what that one had: such a
    /// change of address is not followed, and no more than named.
    /// </summary>
    public async ValueTask<IReadOnlyList<FormerAddress>> OfAsync(IReadOnlyList<Address> addresses, CancellationToken cancel)
    {
        // Where somebody moved to may be erased since: that they left is known all the same.
        var moves = new List<(Address From, Address? To, PrivacyRequest Request)>();
        await foreach (var one in requests.AllAsync(static () => { }, cancel))
            if (one is { Type: PrivacyRight.Rectification, TakenOver: true, Addresses: not [] })
                moves.Add((one.Named()[0], one.Next(), one));
        var (former, doubtful) = (new List<FormerAddress>(), new List<FormerAddress>());
        var known = addresses.ToHashSet();
        var ahead = new Queue<(Address Address, PrivacyRequest? Left)>(addresses.Select(a => (a, (PrivacyRequest?)null)));
        while (ahead.TryDequeue(out var at))
        {
            foreach (var (from, _, move) in moves.Where(m => m.To == at.Address && !IsBefore(at.Left, m.Request)))
            {
                var passedOn = moves.Exists(
                    m => m.From == at.Address && m.Request != at.Left && !IsBefore(m.Request, move) && !IsBefore(at.Left, m.Request));
                if (passedOn || (at.Left is { } end && !IsBefore(move, end) && !IsOfOneAccount(move, end)))
                {
                    doubtful.Add(new FormerAddress(from, move.Id, false));
                    continue;
                }

                if (!known.Add(from)) continue;
                var left = await IsLeftAsync(from, move, cancel);
                former.Add(new FormerAddress(from, move.Id, left));
                if (left) ahead.Enqueue((from, move));
            }
        }

        return [.. former, .. doubtful.Where(d => known.Add(d.Address))];
    }

    /// <summary>
    /// The former addresses that a request is about as well, and what is to be said of the others: a link proves one address and no other,
    /// and where somebody has spoken since, it may not be the person. An erasure by link is no exception, though it only lowers: it bars
    /// the address for good, and who holds the new one may be a stranger, where that was mistyped or has passed on.
    /// </summary>
    public async ValueTask<(IReadOnlyList<Address> Theirs, string Others)> OfAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var former = await OfAsync(request.Named(), cancel);
        bool Reaches(FormerAddress one) => one.IsLeft && request.Actor != Actors.Person;
        string[] others = [.. former.Where(f => !Reaches(f)).Select(f => f.Request)];
        return (
            [.. former.Where(Reaches).Select(f => f.Address)],
            others.Length == 0
                ? ""
                : $" Not of the former address that request {string.Join(" and request ", others)} names: it may be somebody else's by now. Where it is still the person's, record the same for it.");
    }

    /// <summary>
    /// The addresses that take the place of one that an erasure is of, by a change which goes on while it does, or ended since it came; not
    /// one of another account. Whoever records a change after this has looked finds the old address erased.
    /// </summary>
    public async ValueTask<IReadOnlyList<Address>> TakingPlaceAsync(PrivacyRequest erasure, CancellationToken cancel)
    {
        var taking = new List<Address>();
        await foreach (var one in requests.AllAsync(static () => { }, cancel))
        {
            if (one is not { Type: PrivacyRight.Rectification, Addresses: not [] }
                || one.Next() is not { } to
                || !(one.CompletedAt is null || one.CompletedAt >= erasure.RecordedAt)
                || !erasure.AddressKeys.Contains(one.AddressKeys[0])
                || erasure.AddressKeys.Contains(ring.KeyOf(to).Value))
            {
                continue;
            }

            var there = (await book.LoadAsync(ring.KeyOf(to), cancel)).State;
            var others = there?.ContactId is { } owner && owner != erasure.ContactId;
            if (there is not { IsErased: true } && !others) taking.Add(to);
        }

        return taking;
    }

    /// <summary>Whether one was at its end when the other came. One may wait long for an address that is taken.</summary>
    private static bool IsBefore(PrivacyRequest? one, PrivacyRequest other) => one?.CompletedAt < other.RecordedAt;

    /// <summary>Whether two are of the same account, and so of one person, whichever was at its end first.</summary>
    private static bool IsOfOneAccount(PrivacyRequest one, PrivacyRequest other) =>
        one.ContactId is { } account && account == other.ContactId;

    /// <summary>Whether an address is as the change of address left it. Of what no key opens nobody can tell.</summary>
    private async ValueTask<bool> IsLeftAsync(Address address, PrivacyRequest move, CancellationToken cancel)
    {
        try
        {
            var key = ring.KeyOf(address);
            if ((await book.LoadAsync(key, cancel)).State?.ContactId is not null) return false;
            var ledger = await book.LedgerAsync(key, cancel);
            var left = ledger.FirstOrDefault(e => e.At >= move.RecordedAt && IsOwn(e) && e.Action == LedgerAction.StopAll)?.Seq;
            return ledger.All(e => (left is { } seq ? e.Seq <= seq : e.At <= move.RecordedAt) || Follows(e, move));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool IsOwn(LedgerEntry entry) => entry.Detail?.Source == PrivacyDesk.Source;

    /// <summary>
    /// Whether an entry is nobody's word: the rest of the leaving itself, the end of a restriction that was lifted, a mailbox that bounces.
    /// </summary>
    private static bool Follows(LedgerEntry entry, PrivacyRequest move) => entry.Action switch
    {
        LedgerAction.Rectify => IsOwn(entry) && entry.At <= move.CompletedAt, // What the same request corrected besides.
        LedgerAction.OptOut or LedgerAction.Unwatch or LedgerAction.Unrestrict => IsOwn(entry),
        LedgerAction.Suppress or LedgerAction.Expire or LedgerAction.Reviewed or LedgerAction.Erase => true,
        _ => false,
    };
}
