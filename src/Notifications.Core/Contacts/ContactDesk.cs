using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Contacts;

/// <summary>
/// Contacts and the addresses they own. The contact's own rows are written first and the addresses' records after them: whoever disables
/// the account reaches every address that could be sent to by contact id. Each address's record alone decides its sends. What leaves is
/// marked in one commit with the profile, and is the contact's no longer; whoever comes next finishes what a crash cut off there.
/// </summary>
public sealed class ContactDesk(
    AddressBook book, ITableStore tables, KeyRing ring, TopicCatalog topics, PrivacyRequests requests, TimeProvider time)
{
    /// <summary>How many addresses a contact may own.</summary>
    public const int MaxAddresses = 50;

    /// <summary>How many rows one commit writes.</summary>
    private const int MostRows = 100;

    private readonly OwnedAddresses _addresses = new(book, topics, requests);

    /// <summary>The contact, or null.</summary>
    public async ValueTask<ContactView?> GetAsync(string id, CancellationToken cancel) => (await LoadAsync(id, cancel)).Contact;

    private async ValueTask<Stored> LoadAsync(string id, CancellationToken cancel)
    {
        ContactProfile? profile = null;
        string? etag = null;
        var rows = new List<OwnedRow>();
        foreach (var row in await tables.RangeAsync(Tables.Contacts, id, RowRange.All, 1000, cancel))
        {
            if (row.Key == Rows.Profile) (profile, etag) = (row.Read(CoreJson.Default.ContactProfile), row.ETag);
            else if (OwnedRow.Read(row) is { } owned) rows.Add(owned);
        }

        var contact = profile is null ? null : new ContactView(profile, [.. rows.Where(r => !r.IsLeaving).Select(r => (r.Key, r.Address))]);
        return new Stored(contact, etag, rows);
    }

    /// <summary>Creates a contact or brings it up to date. <paramref name="addresses"/> null leaves its addresses as they are,
    /// <paramref name="tags"/> null (else normalised) its tags. <paramref name="first"/> is done before anything is written, with the
    /// contact as it stands, null where there is none, and as it will: the audit's line (R68). <paramref name="expected"/> says whether the
    /// contact as it stands may be changed, else it is stale. Both are asked again where somebody else was faster.</summary>
    public async ValueTask<(ContactResult Result, bool Created)> PutAsync(
        string id,
        string? name, string? locale, string? timeZone, IReadOnlyList<Address>? addresses, string actor, CancellationToken cancel,
        string[]? tags = null, Func<ContactView?, ContactView, ValueTask>? first = null, Func<ContactView?, bool>? expected = null)
    {
        // Whoever was slower decides again on what the faster one wrote.
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var found = await LoadAsync(id, cancel);
            if (expected?.Invoke(found.Contact) == false) return (ContactResult.Stale, false);
            if (await TryPutAsync(id, found, name, locale, timeZone, addresses, tags, actor, first, copy: true, cancel) is { } done)
                return done;
        }

        throw StorageUnavailableException.Contended($"Contact {id}");
    }

    /// <summary>
    /// Puts one more address under a contact, which is created where there is none. A contact that is there keeps what it says of itself.
    /// </summary>
    public async ValueTask<ContactResult> AddAsync(
        string id, Address address, AddressKey key, string? locale, string? timeZone, string actor, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var found = await LoadAsync(id, cancel);
            var addresses = found.Contact?.Addresses ?? [];
            if (addresses.Count >= MaxAddresses && !addresses.Any(a => a.Key == key)) return ContactResult.TooManyAddresses;
            var profile = found.Contact?.Profile;
            if (await TryPutAsync(
                id, found, profile?.Name, profile?.Locale ?? locale, profile?.TimeZone ?? timeZone,
                [.. addresses.Select(a => a.Address), address], null, actor, null, copy: false, cancel) is { } done)
            {
                return done.Result;
            }
        }

        throw StorageUnavailableException.Contended($"Contact {id}");
    }

    /// <summary>
    /// Puts one address in another's place. The contact and each of its addresses keep what they say of themselves. Null when there is no
    /// such contact.
    /// </summary>
    public async ValueTask<ContactResult?> ReplaceAsync(string id, Address from, Address to, string actor, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var found = await LoadAsync(id, cancel);
            if (found.Contact is not { Profile: var profile } before) return null;
            if (await TryPutAsync(
                id, found, profile.Name, profile.Locale, profile.TimeZone,
                [.. before.Addresses.Select(a => a.Address == from ? to : a.Address)], null, actor, null, copy: false, cancel) is { } done)
            {
                return done.Result;
            }
        }

        throw StorageUnavailableException.Contended($"Contact {id}");
    }

    /// <summary>Writes a contact as it is to be over what was read of it; null where somebody was faster.</summary>
    private async ValueTask<(ContactResult Result, bool Created)?> TryPutAsync(
        string id,
        Stored found, string? name, string? locale, string? timeZone, IReadOnlyList<Address>? addresses, string[]? tags,
        string actor, Func<ContactView?, ContactView, ValueTask>? first, bool copy, CancellationToken cancel)
    {
        var before = found.Contact;
        var wanted = addresses?.Select(a => (Key: ring.KeyOf(a), Address: a)).DistinctBy(a => a.Key).ToList()
            ?? before?.Addresses.ToList()
            ?? [];
        foreach (var one in wanted.ToArray())
        {
            var (state, _) = await book.LoadAsync(one.Key, cancel);
            if (state?.ContactId is { } owner && owner != id) return (ContactResult.AddressTaken, false);
            if (state is not { IsErased: true }) continue;
            if (before?.Addresses.Any(a => a.Key == one.Key) != true) return (ContactResult.AddressErased, false);
            wanted.Remove(one); // It stands here from before: it goes.
        }

        var now = After(before?.Profile);
        var profile = new ContactProfile(
            id, before?.Profile.Status ?? ContactStatus.Active, name, locale, timeZone, before?.Profile.CreatedAt ?? now, now,
            before?.Profile.RestrictedBy)
        {
            Tags = tags ?? before?.Profile.Tags,
            ObjectedAt = before?.Profile.ObjectedAt,
        };
        List<OwnedRow> gone =
            before is null ? [] : [.. found.Rows.Where(r => !r.IsLeaving && !wanted.Exists(w => w.Key == r.Key))];
        if (first is not null) await first(before, new ContactView(profile, [.. wanted.OrderBy(w => w.Key.Value, StringComparer.Ordinal)]));
        if (gone.Count > 0 && 1 + wanted.Count + gone.Count > MostRows)
        {
            // All of very many are exchanged: some leave before, and it is decided again on the rest.
            await CommitAsync(
                id, [ProfileRow(before!.Profile, found.ETag), .. gone.Take(MaxAddresses).Select(r => r.Leave())], cancel);
            return null;
        }

        var commit = await tables.CommitAsync(
            Tables.Contacts, id,
            [
                ProfileRow(profile, found.ETag), .. wanted.Select(w => OwnedRow.Put(w.Key, w.Address)), .. gone.Select(r => r.Leave()),
            ],
            cancel);
        if (commit.Committed) gone = [.. gone.Select((row, i) => row with { IsLeaving = true, ETag = commit.ETags[1 + wanted.Count + i] })];
        else
        {
            // Its answer may have been lost, and repeated it then stands in its own way.
            var stands = await LoadAsync(id, cancel);
            if (!IsSame(stands.Contact?.Profile, profile)) return null;
            gone = [.. stands.Leaving.Where(r => gone.Exists(g => g.Key == r.Key))];
        }

        foreach (var (key, address) in wanted)
        {
            var attached = await _addresses.AttachAsync(key, address, profile, copy, actor, cancel);
            if (attached == ContactResult.Done) continue;
            // Another contact took it, or its owner was erased, since we looked. What was to go for it stays.
            await tables.CommitAsync(Tables.Contacts, id, [RowChange.Delete(Rows.Address(key.Value))], cancel);
            foreach (var row in gone) await tables.CommitAsync(Tables.Contacts, id, [row.Stay()], cancel);
            return (attached, before is null);
        }

        foreach (var row in gone.Concat(found.Leaving.Where(r => !wanted.Exists(w => w.Key == r.Key))))
            await LetGoAsync(profile, row, actor, cancel);

        // Whoever deleted the contact since then found its addresses not yet attached: it must not own them from the grave.
        if (await tables.GetAsync(Tables.Contacts, id, Rows.Profile, cancel) is null)
            foreach (var (key, address) in wanted) await _addresses.DetachAsync(key, address, profile, cancel);
        return (ContactResult.Done, before is null);
    }

    /// <summary>Lets go what has left the contact and was cut off, or still goes on; which addresses that was.</summary>
    public async ValueTask<IReadOnlyList<Address>> SettleAsync(string id, string actor, CancellationToken cancel)
    {
        var found = await LoadAsync(id, cancel);
        if (found.Contact is not { Profile: var profile }) return [];
        foreach (var row in found.Leaving) await LetGoAsync(profile, row, actor, cancel);
        return [.. found.Leaving.Select(r => r.Address)];
    }

    /// <summary>Lets a marked address go: its own record first, then the row that says who has to be let go.</summary>
    private async ValueTask LetGoAsync(ContactProfile profile, OwnedRow row, string actor, CancellationToken cancel)
    {
        await _addresses.DetachAsync(row.Key, row.Address, profile, cancel);
        if (await CommitAsync(profile.Id, [row.Delete()], cancel)) return;
        // Somebody else finished it, or has put it under the contact again: that must stand.
        if ((await LoadAsync(profile.Id, cancel)).Contact is { } contact && contact.Addresses.Any(a => a.Key == row.Key))
            await _addresses.AttachAsync(row.Key, row.Address, contact.Profile, copy: false, actor, cancel);
    }

    /// <summary>
    /// The contact's addresses on a channel, but for one, that have not said "stop everything": what a stop of the whole channel has yet to
    /// reach (M7).
    /// </summary>
    public async ValueTask<IReadOnlyList<AddressKey>> OpenAsync(
        ContactView contact, Channel channel, AddressKey besides, CancellationToken cancel)
    {
        var open = new List<AddressKey>();
        foreach (var (key, address) in contact.Addresses)
        {
            if (address.Channel != channel || key == besides) continue;
            if ((await book.LoadAsync(key, cancel)).State is { Stopped: null, IsErased: false }) open.Add(key);
        }

        return open;
    }

    /// <summary>
    /// Disables or enables a contact: every address of it, before this returns (M8). Where <paramref name="since"/> is given, what was
    /// disabled from then on stays so (P6): it is when a request first came that is repeated here. Null when there is no such contact.
    /// </summary>
    public async ValueTask<ContactView?> SetStatusAsync(
        string id, ContactStatus status, string source, string actor, CancellationToken cancel, DateTimeOffset? since = null)
    {
        if (await ChangeAsync(id, profile => IsDisabledSince(profile, since) ? null : profile with { Status = status }, cancel)
            is not { } contact)
        {
            return null;
        }

        if (contact.Profile.Status == status) await _addresses.SetStatusAsync(contact, status, source, actor, cancel);
        return contact;
    }

    /// <summary>Whether a contact is disabled, and was so, or was changed then, at a moment or after it. Not where that is null.</summary>
    public static bool IsDisabledSince(ContactProfile profile, DateTimeOffset? since) =>
        profile.Status == ContactStatus.Disabled && profile.UpdatedAt >= since;

    /// <summary>
    /// Remembers that a privacy request restricts the contact, or with null that none does, so that addresses that come later are
    /// restricted too (R35). Its present addresses are the request's own. Null when there is no such contact.
    /// </summary>
    public ValueTask<ContactView?> SetRestrictionAsync(string id, string? request, CancellationToken cancel) =>
        ChangeAsync(id, profile => profile.RestrictedBy == request ? null : profile with { RestrictedBy = request }, cancel);

    /// <summary>
    /// Remembers when the contact's owner objected to direct marketing, so that it holds at addresses that come later (R36). Its present
    /// addresses are the caller's. Null when there is no such contact.
    /// </summary>
    public ValueTask<ContactView?> SetObjectionAsync(string id, DateTimeOffset at, CancellationToken cancel) =>
        ChangeAsync(id, profile => profile.ObjectedAt >= at ? null : profile with { ObjectedAt = at }, cancel);

    /// <summary>
    /// Corrects what a contact says of itself (R33); null leaves as it is, here and at each address, to which only what is corrected is
    /// copied. An empty name leaves it without one. Null when there is no such contact.
    /// </summary>
    public async ValueTask<ContactView?> CorrectAsync(string id, string? name, string? locale, string? timeZone, CancellationToken cancel)
    {
        if ((name ?? locale ?? timeZone) is null) return await GetAsync(id, cancel);
        if (await ChangeAsync(
            id,
            profile =>
                profile with
                {
                    Name = name is "" ? null : name ?? profile.Name,
                    Locale = locale ?? profile.Locale,
                    TimeZone = timeZone ?? profile.TimeZone,
                },
            cancel) is not { } contact)
        {
            return null;
        }

        foreach (var (key, _) in contact.Addresses)
        {
            await book.ChangeAsync(key, null, (state, _) =>
            {
                var next = state with
                {
                    Name = contact.Profile.Name, Locale = locale ?? state.Locale, TimeZone = timeZone ?? state.TimeZone,
                };
                return next == state || state.ContactId != id ? new Change(state, []) : new Change(next, []);
            }, null, cancel);
        }

        return contact;
    }

    /// <summary>
    /// Changes a profile as it stands now; where <paramref name="change"/>, which may be asked again, says null, nothing is written. Null
    /// when there is no such contact.
    /// </summary>
    private async ValueTask<ContactView?> ChangeAsync(string id, Func<ContactProfile, ContactProfile?> change, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var found = await LoadAsync(id, cancel);
            if (found.Contact is not { } contact || change(contact.Profile) is not { } next) return found.Contact;
            var profile = next with { UpdatedAt = After(contact.Profile) };
            if (await CommitAsync(id, [ProfileRow(profile, found.ETag)], cancel)) return contact with { Profile = profile };
        }

        throw StorageUnavailableException.Contended($"Contact {id}");
    }

    /// <summary>Whether it is the profile that was just written, which its time tells from every other.</summary>
    private static bool IsSame(ContactProfile? stands, ContactProfile written) =>
        stands is not null
            && stands with { Tags = null } == written with { Tags = null }
            && (stands.Tags ?? []).SequenceEqual(written.Tags ?? []);

    /// <summary>Now, and after the last change: the time tells the one state from the other.</summary>
    private DateTimeOffset After(ContactProfile? before) =>
        time.UtcNowMs() is var now && before?.UpdatedAt >= now ? before.UpdatedAt.AddMilliseconds(1) : now;

    /// <summary>Forgets the contact. Its addresses keep their consents and, where the account was disabled, stay silent (P6).</summary>
    public async ValueTask<bool> DeleteAsync(string id, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var found = await LoadAsync(id, cancel);
            // Its answer may have been lost, and repeated it finds nothing any more.
            if (found.Contact is not { } contact) return attempt > 0;
            foreach (var row in found.Rows) await _addresses.DetachAsync(row.Key, row.Address, contact.Profile, cancel);
            foreach (var row in found.Leaving) await CommitAsync(id, [row.Delete()], cancel);
            if (await CommitAsync(
                id,
                [
                    RowChange.Delete(Rows.Profile, found.ETag),
                    .. contact.Addresses.Select(a => RowChange.Delete(Rows.Address(a.Key.Value))),
                ],
                cancel))
            {
                return true;
            }
        }

        throw StorageUnavailableException.Contended($"Contact {id}");
    }

    private async ValueTask<bool> CommitAsync(string id, IReadOnlyList<RowChange> rows, CancellationToken cancel) =>
        (await tables.CommitAsync(Tables.Contacts, id, rows, cancel)).Committed;

    // Under the ETag of what was read: an update that began before a "disable" must not write the old status back (M8).
    private static RowChange ProfileRow(ContactProfile profile, string? etag) =>
        RowChange.Write(Rows.Profile, profile, CoreJson.Default.ContactProfile, etag);

    /// <summary>A contact as it was read, null where there is none; its profile's ETag; and the rows of its addresses.</summary>
    private readonly record struct Stored(ContactView? Contact, string? ETag, IReadOnlyList<OwnedRow> Rows)
    {
        /// <summary>What is the contact's no longer, and has yet to be let go.</summary>
        public IEnumerable<OwnedRow> Leaving => Rows.Where(r => r.IsLeaving);
    }
}
