using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Packages;

/// <summary>
/// Begins, confirms and ends the following of packages by bare addresses. A watch stands in its address's partition and is written with the
/// address's record under one ETag, so it and every stop are in one order; the package's follower row comes after it.
/// </summary>
public sealed class Watches(
    AddressBook book, ITableStore tables, KeyRing ring, WatchQuestions questions, ReviewDesk reviews,
    WatchOptions options, SendingOptions sending, TimeProvider time)
{
    /// <summary>
    /// Follows a package. It holds at once for a trusted source, or with evidence that the address was confirmed; after a stop of the
    /// person only with evidence of later date (P6). Otherwise it waits, and one confirmation goes out per window (R63); for what anybody
    /// can ask for, one over all packages and topics.
    /// </summary>
    public async ValueTask<WatchAnswer> WatchAsync(WatchRequest request, CancellationToken cancel)
    {
        var key = ring.KeyOf(request.Address);
        var number = request.Number.Value;
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (stored, etag) = await book.LoadAsync(key, cancel);
            var (watch, watchTag) = await WatchRows.LoadAsync(tables, key, number, cancel);
            var state = stored ?? ConsentDesk.Blank(request.Address);
            var now = time.UtcNowMs();
            if (state.IsErased)
                return new WatchAnswer(
                    WatchStatus.Unwatched, now, request.Filter ?? default, request.Daily ?? false, Reason.SuppressedErased);

            var stop = WatchMoves.StoppedAt(state, watch);
            if (stop is { } word && request.IsOfTheSecondOf(word) && await WasToldAsync(key, request, word, cancel))
                request = request with { ActedBy = null };
            var proven = (request.Confirmed || (request.AlsoStops is null && options.Trusts(request.Source)))
                && request.IsLaterThan(stop, now);
            var active = watch is { Status: WatchStatus.Active } && !(watch.Since < stop);
            var waits = !active && !proven;
            var (filter, daily) = request.Wanted(watch, waits, now);
            if (waits && request is { Told: true, Confirmed: true, ActedAt: null })
                return new WatchAnswer(WatchStatus.Unwatched, now, filter, daily, Reason.Unsubscribed) { StoppedAt = stop };
            if (waits && stop >= request.SaidAt)
                return new WatchAnswer(WatchStatus.Unwatched, now, filter, daily, Reason.Unsubscribed);
            if (active
                && (!proven || (watch!.Filter == filter && watch.Daily == daily && (request.Locale ?? watch.Locale) == watch.Locale)))
            {
                await WatchIndex.PutAsync(tables, number, key, state, watch!, cancel);
                return WatchMoves.Answer(watch!, state);
            }

            // A stop answers what waited: what is asked for after it begins anew.
            var waiting = watch is not null && watch.StillWaits(state) ? watch : null;
            var due = waits && !(waiting?.ConfirmationAt > now - sending.ConfirmationWindow);
            var ask = due && !(request.SharesWindow && state.AskedAt() > now - sending.ConfirmationWindow);
            var later = due && !ask;
            var stops = waits ? WatchMoves.Union(waiting?.AlsoStops, request.AlsoStops) : null;
            var from = waits ? WatchMoves.Union(waiting?.MovedFrom, request.MovedFrom is { } former ? [former] : null) : null;
            var newer = PolicyVersions.Compare(request.PolicyVersion, waiting?.PolicyVersion);
            if (waits
                && waiting is not null
                && (!due || (later && waiting.ConfirmationAt is null))
                && newer <= 0
                && stops?.Length == waiting.AlsoStops?.Length
                && from?.Length == waiting.MovedFrom?.Length)
            {
                await questions.AskAsync(key, request, waiting, state, cancel);
                return WatchMoves.Answer(waiting, state);
            }

            if (waits && watch is not { Status: WatchStatus.Pending } && await PendingAsync(key, cancel) >= options.MaxPending)
                return new WatchAnswer(WatchStatus.Pending, now, filter, daily) { Dropped = true };

            // What moved here from another address waits from then on: its stops count from its own moment (R33).
            var since = !waits
                ? active ? watch!.Since : state.FollowedFrom(now)
                : waiting is not null && (!later || waiting.AlsoStops is not null) ? waiting.Since : now;
            var next = new WatchRecord(waits ? WatchStatus.Pending : WatchStatus.Active, since)
            {
                Filter = filter,
                Daily = daily,
                ChosenAt = request.ChosenAt(watch, proven, now),
                Locale = request.Locale ?? watch?.Locale,
                PolicyVersion = waits && waiting is not null && newer < 0 ? waiting.PolicyVersion : request.PolicyVersion,
                Seen = watch?.Seen ?? 0,
                StoppedAt = !waits ? null : watch?.Status == WatchStatus.Unwatched ? watch.Since : watch?.StoppedAt,
                CoveredSince = !waits ? null : watch?.Status == WatchStatus.Active ? watch.Since : watch?.CoveredSince,
                ConfirmationAt = ask ? now : later ? null : watch?.ConfirmationAt,
                AskedBefore = !waits ? null : due ? waiting?.AskedBefore.Then(waiting.ConfirmationAt) : waiting?.AskedBefore,
                AlsoStops = stops,
                MovedFrom = from,
            };
            if (waits && waiting is not null) next = next with { Replaced = waiting.ReplacedBy(next, now) };
            var draft = new LedgerDraft(LedgerAction.Watch, TopicKey.PackageUpdates, request.Source, request.Actor)
            {
                PolicyVersion = request.PolicyVersion,
                Wording = request.Wording,
                Evidence = LedgerEvidence.OfPackage(number, request.Evidence),
            };
            var known = state with
            {
                Value = request.Address.Value,
                Locale = state.Locale ?? request.Locale,
                Watching = WatchMoves.Counted(state, watch, next),
                FollowedAt = waits || active ? state.FollowedAt : state.Followed(since).FollowedAt,
                PackageAskedAt = ask && request.SharesWindow ? now : state.PackageAskedAt,
            };
            if (await book.TryCommitAsync(
                key, etag, etag is null ? null : state, new Change(known, [draft]), now, [WatchRows.Write(number, next, watchTag)],
                cancel) is not { } done)
            {
                continue;
            }

            if (waits) await questions.AskAsync(key, request, next, done.State, cancel);
            else await WatchIndex.PutAsync(tables, number, key, done.State, next, cancel);
            return WatchMoves.Answer(next, done.State);
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    /// <summary>
    /// Whether the ledger has a following of the package of the second that is told, which the stop ended: told again it is no news (P6).
    /// </summary>
    private async ValueTask<bool> WasToldAsync(AddressKey key, WatchRequest request, DateTimeOffset stop, CancellationToken cancel) =>
        (await book.LedgerAsync(key, cancel)).Any(
            e => e.Action == LedgerAction.Watch
                && e.At >= request.ActedAt
                && e.At <= stop
                && LedgerEvidence.PackageOf(e.Detail?.Evidence) == request.Number.Value);

    /// <summary>
    /// The address confirmed a waiting watch; a stop over everything that was said before it was asked for gives way to it, and to nothing
    /// else. Null when none waits that no stop has answered, and none holds.
    /// </summary>
    public async ValueTask<WatchAnswer?> ConfirmAsync(
        AddressKey key, string number, string source, string? evidence, CancellationToken cancel, string? wording = null)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (state, etag) = await book.LoadAsync(key, cancel);
            var (watch, watchTag) = await WatchRows.LoadAsync(tables, key, number, cancel);
            if (state is null || watch is null or { Status: WatchStatus.Unwatched }) return null;
            if (watch.Status == WatchStatus.Active)
            {
                if (watch.Since <= WatchMoves.StoppedAt(state, watch)) return null; // A stop has overtaken it.
                if (state.Stopped is null)
                {
                    await WatchIndex.PutAsync(tables, number, key, state, watch, cancel);
                    return WatchMoves.Answer(watch, state);
                }
            }

            if (watch.Status == WatchStatus.Pending && !watch.StillWaits(state)) return null;
            var now = time.UtcNowMs();
            var confirmed = await ConfirmedAsync(key, state, number, watch, watchTag, watch, source, wording, evidence, now, cancel);
            if (await book.TryCommitAsync(key, etag, state, confirmed.Change, now, [confirmed.Row], cancel) is not { } done) continue;
            await SettleAsync(key, confirmed, cancel);
            await WatchIndex.PutAsync(tables, number, key, done.State, confirmed.Watch, cancel);
            return WatchMoves.Answer(confirmed.Watch, done.State);
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    /// <summary>
    /// What it changes that the person confirmed a package by a text of <paramref name="said"/>, for the caller to write in one commit with
    /// the text, so that the text is answered by what it came to. It may come late: it confirms what had been asked for by then, and a
    /// question or a stop of later date stands. Null where none of <see cref="OpenAsync"/> waits any more.
    /// </summary>
    internal async ValueTask<WatchConfirmation?> ConfirmedAsync(
        AddressKey key, AddressState state, string number, DateTimeOffset said, string source, string? wording, string? evidence,
        DateTimeOffset now, CancellationToken cancel)
    {
        var (watch, watchTag) = await WatchRows.LoadAsync(tables, key, number, cancel);
        return watch is { Status: WatchStatus.Pending } && IsOpen(state, watch, said) && watch.WaitedAt(said) is { } asked
            ? await ConfirmedAsync(key, state, number, watch, watchTag, asked, source, wording, evidence, now, cancel)
            : null;
    }

    /// <summary>What follows the commit of a confirmation at the addresses that the watch was moved from.</summary>
    internal async ValueTask SettleAsync(AddressKey key, WatchConfirmation confirmed, CancellationToken cancel)
    {
        foreach (var (from, held) in confirmed.Former) await reviews.SettleAsync(held, from, key, Actors.Person, cancel);
    }

    /// <summary>
    /// What follows it at the packages, safe to do again: each has the address among its followers, unless a stop has overtaken that.
    /// </summary>
    internal async ValueTask IndexAsync(AddressKey key, IReadOnlyList<string> numbers, CancellationToken cancel)
    {
        foreach (var number in numbers)
            if ((await book.LoadAsync(key, cancel)).State is { } state
                && (await WatchRows.LoadAsync(tables, key, number, cancel)).Watch is { Status: WatchStatus.Active } watch
                && !(watch.Since <= WatchMoves.StoppedAt(state, watch)))
            {
                await WatchIndex.PutAsync(tables, number, key, state, watch, cancel);
            }
    }

    /// <summary>
    /// Watches of an address in the order of their numbers, after one, and what keeps each silent: also a stop over the topic that covers
    /// it.
    /// </summary>
    public async ValueTask<IReadOnlyList<(TrackingNumber Number, WatchAnswer Watch)>> PageAsync(
        AddressKey key, string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(
            Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix, after is null ? null : Rows.Watch(after)), limit, cancel);
        if (rows.Count == 0 || (await book.LoadAsync(key, cancel)).State is not { } state) return [];
        var found = new List<(TrackingNumber, WatchAnswer)>(rows.Count);
        foreach (var row in rows)
        {
            if (!TrackingNumber.TryParse(row.Key[Rows.WatchPrefix.Length..], out var number, out _)) continue;
            var watch = row.Read(CoreJson.Default.WatchRecord);
            var covered = watch.Status == WatchStatus.Active && watch.Since <= WatchMoves.StoppedAt(state, watch);
            var answer = WatchMoves.Answer(watch, state);
            found.Add((number, covered ? answer with { Blocked = answer.Blocked ?? Reason.Unsubscribed } : answer));
        }

        return found;
    }

    /// <summary>
    /// The packages that an answer given at <paramref name="at"/> is for, such as a YES by text. It does not answer what was asked later.
    /// </summary>
    public async ValueTask<IReadOnlyList<(string Number, DateTimeOffset Asked)>> OpenAsync(
        AddressKey key, AddressState state, DateTimeOffset at, CancellationToken cancel) =>
        [
            .. (await OfAsync(key, cancel))
                .Where(
                    w => w.Watch.Status == WatchStatus.Pending
                        && w.Watch.WaitedAt(at) is not null
                        && IsOpen(state, w.Watch, at))
                .Select(w => (w.Number, w.Watch.AskedBy(at)!.Value)),
        ];

    /// <summary><paramref name="asked"/>: the watch as the request was that is confirmed.</summary>
    private async ValueTask<WatchConfirmation> ConfirmedAsync(
        AddressKey key, AddressState state, string number, WatchRecord watch, string? watchTag, WatchRecord asked, string source,
        string? wording, string? evidence, DateTimeOffset now, CancellationToken cancel)
    {
        var next = asked.Answered() with { Status = WatchStatus.Active, Since = state.FollowedFrom(now), ChosenAt = now };
        var draft = new LedgerDraft(LedgerAction.Confirm, TopicKey.PackageUpdates, source, Actors.Person)
        {
            PolicyVersion = asked.PolicyVersion,
            Wording = wording,
            Evidence = LedgerEvidence.OfPackage(number, evidence),
        };
        var former = await FormerAsync(key, watch, cancel);
        var holds = former.Aggregate((Restraint?)null, (all, one) => Restraint.Both(all, one.Holds));
        var answered = state with { Watching = WatchMoves.Counted(state, watch, next), PackageAskedAt = null };
        return new WatchConfirmation(
            next, Transitions.Follow(answered, draft, now, watch.AlsoStops, holds, watch.Since), WatchRows.Write(number, next, watchTag),
            former);
    }

    /// <summary>Whether an answer of a moment is one to the question about a watch that waits, and no stop was said after that.</summary>
    private static bool IsOpen(AddressState state, WatchRecord watch, DateTimeOffset at) =>
        watch.AskedBy(at) is { } asked && state.IsOpen(asked, at) && WatchMoves.IsOpen(state, watch, asked);

    /// <summary>
    /// What holds marketing back, now, at the addresses that a watch was moved from. A text that waits there to be read, and is not noted
    /// to have moved along, stays there: its decision would not come here.
    /// </summary>
    private async ValueTask<List<(AddressKey From, Restraint? Holds)>> FormerAsync(
        AddressKey key, WatchRecord watch, CancellationToken cancel)
    {
        var former = new List<(AddressKey, Restraint?)>();
        foreach (var text in watch.MovedFrom ?? [])
        {
            try
            {
                if (!AddressKey.TryParse(text, out var from) || (await book.LoadAsync(from, cancel)).State is not { } state) continue;
                former.Add((from, Restraint.Of(state.MovedTo.Contains(key.Value) ? state : state with { Reviews = [] })));
            }
            catch (CryptographicException)
            {
                // What no key opens keeps nobody from confirming.
            }
        }

        return former;
    }

    /// <summary>
    /// The person stops following. Recorded also where nothing was followed but the address is known: it then stands against updates of
    /// this package. False when there was nothing to stop.
    /// </summary>
    public async ValueTask<bool> UnwatchAsync(
        AddressKey key, string number, string source, string actor, string? evidence, CancellationToken cancel)
    {
        var draft = new LedgerDraft(LedgerAction.Unwatch, TopicKey.PackageUpdates, source, actor)
        {
            Evidence = LedgerEvidence.OfPackage(number, evidence),
        };
        return await EndAsync(key, null, number, draft, cancel) is not null;
    }

    /// <summary>
    /// Writes down that the person stops following, and takes the follower's row away. Said again it counts from then, without an entry in
    /// the ledger. A record that is not there begins as <paramref name="blank"/>; null where that is null too. Of an erased person nothing
    /// is written, least of all the package: nothing is sent to them as it is (R34).
    /// </summary>
    internal async ValueTask<ChangeResult?> EndAsync(
        AddressKey key, AddressState? blank, string number, LedgerDraft draft, CancellationToken cancel)
    {
        if (await WriteEndAsync(key, blank, number, draft, cancel) is not { } done) return null;
        try
        {
            await WatchIndex.RemoveAsync(tables, number, key, cancel);
        }
        catch (StorageUnavailableException)
        {
            // The stop is durable and every send reads it: it is not answered with a failure. The timer removes the row.
        }

        return done;
    }

    private async ValueTask<ChangeResult?> WriteEndAsync(
        AddressKey key, AddressState? blank, string number, LedgerDraft draft, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            cancel.ThrowIfCancellationRequested();
            var (stored, etag) = await book.LoadAsync(key, cancel);
            var (watch, watchTag) = await WatchRows.LoadAsync(tables, key, number, cancel);
            if ((stored ?? blank) is not { } state) return null;
            if (state.IsErased) return new ChangeResult(state, []);
            var now = time.UtcNowMs();
            var again = watch is { Status: WatchStatus.Unwatched };
            if (again && now - watch!.Since < Transitions.SameStop) return new ChangeResult(state, []);
            // What it stops lies ahead where the clock was set back: no evidence of then overrules it (P6).
            var since = watch?.Since > now ? watch.Since : now;
            var next = (watch?.Answered() ?? new WatchRecord(WatchStatus.Unwatched, since)) with
            {
                Status = WatchStatus.Unwatched, Since = since,
            };
            if (await book.TryCommitAsync(
                key, etag, stored, new Change(state with { Watching = WatchMoves.Counted(state, watch, next) }, again ? [] : [draft]), now,
                [WatchRows.Write(number, next, watchTag)], cancel) is { } done)
            {
                return done;
            }
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    /// <summary>
    /// A stop was taken back: packages that it had covered, and that somebody asked for anew meanwhile without the person's confirmation,
    /// are followed as before (R49).
    /// </summary>
    public async ValueTask UncoverAsync(AddressKey key, CancellationToken cancel)
    {
        foreach (var (number, watch) in await OfAsync(key, cancel))
            if (watch.CoveredSince is not null) await UncoverAsync(key, number, expired: false, cancel);
    }

    /// <summary>
    /// The same for one package, and also under its stop where the question has <paramref name="expired"/>. True where there was such a
    /// watch.
    /// </summary>
    /// <param name="key">The address.</param>
    /// <param name="number">The package.</param>
    /// <param name="expired">Whether the time to answer the question is over.</param>
    /// <param name="cancel">Ends it between its steps.</param>
    /// <param name="judged">The watch's ETag when the caller judged it; null where the caller did not.</param>
    internal async ValueTask<bool> UncoverAsync(
        AddressKey key, string number, bool expired, CancellationToken cancel, string? judged = null)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var (state, etag) = await book.LoadAsync(key, cancel);
            var (watch, watchTag) = await WatchRows.LoadAsync(tables, key, number, cancel);
            if (state is null || watch is not { Status: WatchStatus.Pending, CoveredSince: { } since }) return false;
            if (judged is not null && judged != watchTag) return false;
            if (!expired && since <= WatchMoves.StoppedAt(state, watch)) return false;
            var next = watch.Answered() with { Status = WatchStatus.Active, Since = since, ConfirmationAt = null };
            var now = time.UtcNowMs();
            if (await book.TryCommitAsync(
                key, etag, state, new Change(state, []), now, [WatchRows.Write(number, next, watchTag)], cancel) is null)
            {
                continue;
            }

            await WatchIndex.PutAsync(tables, number, key, state, next, cancel);
            return true;
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    /// <summary>Every package an address follows, waits to follow, or has stopped following.</summary>
    public ValueTask<IReadOnlyList<(string Number, WatchRecord Watch)>> OfAsync(AddressKey key, CancellationToken cancel) =>
        WatchRows.OfAsync(tables, key, cancel);

    /// <summary>The packages whose news the address gets: followed, with no stop since; the newest first.</summary>
    public async ValueTask<IReadOnlyList<(string Number, WatchRecord Watch)>> FollowedAsync(
        AddressKey key, AddressState state, CancellationToken cancel) =>
        [
            .. (await OfAsync(key, cancel))
                .Where(w => w.Watch.Status == WatchStatus.Active && !(w.Watch.Since <= WatchMoves.StoppedAt(state, w.Watch)))
                .OrderByDescending(w => w.Watch.Since),
        ];

    /// <summary>
    /// Removes an address from every package, for erasure: its watches and the followers' rows, which hold the address itself.
    /// </summary>
    public async ValueTask ForgetAsync(AddressKey key, CancellationToken cancel)
    {
        while (await OfAsync(key, cancel) is { Count: > 0 } watches)
        {
            foreach (var (number, _) in watches)
            {
                await WatchIndex.RemoveAsync(tables, number, key, cancel);
                await tables.CommitAsync(Tables.Addresses, key.Value, [RowChange.Delete(Rows.Watch(number))], cancel);
            }
        }
    }

    private async ValueTask<int> PendingAsync(AddressKey key, CancellationToken cancel)
    {
        var pending = 0;
        foreach (var (_, watch) in await OfAsync(key, cancel))
            if (watch.Status == WatchStatus.Pending) pending++;
        return pending;
    }
}
