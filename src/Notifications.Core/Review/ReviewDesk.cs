using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sms;
using Notifications.Storage;

namespace Notifications.Review;

/// <summary>What resolving came to.</summary>
public enum ReviewResult
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>There is no such item.</summary>
    NotFound,

    /// <summary>Somebody has resolved it before.</summary>
    AlreadyResolved,
}

/// <summary>
/// What people must read: open items, oldest first, and the decision on each. A decision stands in the audit first (R68), then changes the
/// address, and closes the item last: a crash in between leaves the item open, and deciding it again changes nothing twice.
/// </summary>
public sealed partial class ReviewDesk(ITableStore tables, AddressBook book, KeyRing ring, AuditLog audit, TimeProvider time)
{
    private const string Partition = "items";
    private const string FirstDelivered = "deliveries";
    private const string Open = "open:";
    private const string Done = "done:";

    /// <summary>The id of the item that an event gives, always the same.</summary>
    public string IdOf(string eventId, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, at.ToUnixTimeMilliseconds()):D15}-{ring.LookupHash("event", eventId)}");

    /// <summary>
    /// The id of the item that an event gives whose own time nobody knows, only when it was delivered: that of the first delivery, however
    /// often it is delivered again (R65).
    /// </summary>
    public async ValueTask<string> IdOfAsync(string eventId, DateTimeOffset deliveredAt, CancellationToken cancel)
    {
        var id = IdOf(eventId, deliveredAt);
        var hash = id[(id.IndexOf('-', StringComparison.Ordinal) + 1)..];
        await tables.CommitAsync(
            Tables.Review, FirstDelivered, [RowChange.Insert(hash, Encoding.UTF8.GetBytes(id))], cancel);
        var first = await tables.GetAsync(Tables.Review, FirstDelivered, hash, cancel);
        return first is null ? id : Encoding.UTF8.GetString(first.Value.Span);
    }

    /// <summary>Whether a text can be the id of an item.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    [GeneratedRegex(@"^[0-9]{15}-[A-Za-z0-9_-]{22}\z")]
    private static partial Regex Id();

    /// <summary>When the item of an id was written.</summary>
    internal static DateTimeOffset AtOf(string id) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(long.Parse(id.AsSpan(0, 15), CultureInfo.InvariantCulture), 253_402_300_799_999));

    /// <summary>Opens an item. Opening it again changes nothing, also after it was resolved.</summary>
    public async ValueTask OpenAsync(ReviewItem item, CancellationToken cancel)
    {
        if (await tables.GetAsync(Tables.Review, Partition, Done + item.Id, cancel) is not null) return;
        var kept = item with { Text = SmsText.Cut(item.Text) };
        await tables.CommitAsync(
            Tables.Review, Partition, [RowChange.Insert(Open + item.Id, kept, CoreJson.Default.ReviewItem)], cancel);
    }

    /// <summary>Open items, or resolved ones, oldest first, after an id; <paramref name="limit"/> (1 to 1,000) at most.</summary>
    public async ValueTask<IReadOnlyList<ReviewItem>> ListAsync(bool resolved, string? after, int limit, CancellationToken cancel)
    {
        var prefix = resolved ? Done : Open;
        var rows = await tables.ListAsync(
            Tables.Review, Partition, RowRange.Prefix(prefix, after is null ? null : prefix + after), limit, cancel);
        var items = new ReviewItem[rows.Count];
        for (var i = 0; i < items.Length; i++) items[i] = Read(rows[i]);
        return items;
    }

    /// <summary>One item, open or resolved, or null.</summary>
    public async ValueTask<ReviewItem?> FindAsync(string id, CancellationToken cancel)
    {
        var row = await tables.GetAsync(Tables.Review, Partition, Open + id, cancel)
            ?? await tables.GetAsync(Tables.Review, Partition, Done + id, cancel);
        return row is null ? null : Read(row);
    }

    /// <summary>
    /// Decides an open item. <paramref name="actor"/>, for example <c>agent:NAME</c>, stands in the ledger with it (R42).
    /// </summary>
    public async ValueTask<ReviewResult> ResolveAsync(string id, ReviewVerdict verdict, string actor, CancellationToken cancel)
    {
        if (await tables.GetAsync(Tables.Review, Partition, Open + id, cancel) is not { } row)
            return await tables.GetAsync(Tables.Review, Partition, Done + id, cancel) is null
                ? ReviewResult.NotFound
                : ReviewResult.AlreadyResolved;
        var item = Read(row);
        await audit.WriteAsync(actor, "review.decide", id, "open", verdict == ReviewVerdict.Revoke ? "revoke" : "not-a-revocation", cancel);
        if (AddressKey.TryParse(item.AddressKey, out var key)) await DecideAsync(key, item, verdict, actor, cancel);
        var done = item with { Verdict = verdict, Actor = actor, ResolvedAt = time.UtcNowMs() };
        var moved = await tables.CommitAsync(
            Tables.Review, Partition,
            [RowChange.Delete(Open + id, row.ETag), RowChange.Insert(Done + id, done, CoreJson.Default.ReviewItem)], cancel);
        // Its answer may have been lost, and repeated it then stands in its own way.
        return moved.Committed || await FindAsync(id, cancel) == done ? ReviewResult.Done : ReviewResult.AlreadyResolved;
    }

    /// <summary>
    /// Forgets what was decided before a moment, with the words of it; the decision stands in the ledger. How many. What is open stays.
    /// </summary>
    public async ValueTask<int> PurgeAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var written = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, before.ToUnixTimeMilliseconds()):D15}");
        await Purge.RowsAsync(
            tables, Tables.Review, FirstDelivered, RowRange.All,
            row => string.CompareOrdinal(Encoding.UTF8.GetString(row.Value.Span), written) < 0, cancel);
        return await Purge.RowsAsync(
            tables, Tables.Review, Partition, new RowRange(Done, Done + written), row => Read(row).ResolvedAt < before, cancel);
    }

    private async ValueTask DecideAsync(AddressKey key, ReviewItem item, ReviewVerdict verdict, string actor, CancellationToken cancel)
    {
        var draft = Draft(item.Id, actor);
        var blank = verdict == ReviewVerdict.Revoke ? new AddressState { Channel = item.Channel, Value = item.From } : null;
        var decided = await book.ChangeAsync(key, blank, (state, now) => Decide(state, item.Id, verdict, draft, now), null, cancel);

        await FollowAsync(key, decided?.State.MovedTo ?? [], item.Id, verdict, actor, cancel);
    }

    /// <summary>
    /// What waits to be read at an address that is erased will be read by nobody: it holds nothing back any longer where its person has
    /// moved to (R33, R34).
    /// </summary>
    internal async ValueTask LetGoAsync(AddressKey key, AddressState state, string actor, CancellationToken cancel)
    {
        foreach (var item in state.Reviews)
        {
            // What came along from another address is still read: its decision must reach those behind the one that goes.
            if (AddressKey.TryParse((await FindAsync(item, cancel))?.AddressKey, out var holder) && holder != key)
                await book.ChangeAsync(
                    holder, null,
                    (s, _) => new Change(s with { MovedTo = [.. s.MovedTo.Union(state.MovedTo).Where(to => to != holder.Value)] }, []),
                    null, cancel);
            else await FollowAsync(key, state.MovedTo, item, ReviewVerdict.NotARevocation, actor, cancel);
        }
    }

    /// <summary>Whoever has moved since is meant where they are now (R33), and from there perhaps elsewhere again.</summary>
    private async ValueTask FollowAsync(
        AddressKey from, string[] movedTo, string item, ReviewVerdict verdict, string actor, CancellationToken cancel)
    {
        var places = new Queue<string>(movedTo);
        var reached = new HashSet<string>(StringComparer.Ordinal) { from.Value };
        while (places.TryDequeue(out var place))
        {
            if (!reached.Add(place) || !AddressKey.TryParse(place, out var there)) continue;
            try
            {
                foreach (var further in await ReachAsync(there, item, verdict, actor, cancel)) places.Enqueue(further);
            }
            catch (CryptographicException)
            {
                // What no key opens gets nothing sent (P8); the others are reached all the same.
            }
        }
    }

    /// <summary>
    /// A decision reaches an address that its person has moved to. Where the item holds marketing back there, it does what it does at the
    /// old one; where that still waits for the confirmation, it ends what waits with it, and nothing else, for anybody can name another's
    /// address. The answer is the keys of the addresses that the person has moved on to.
    /// </summary>
    internal async ValueTask<string[]> ReachAsync(
        AddressKey key, string item, ReviewVerdict verdict, string actor, CancellationToken cancel)
    {
        var draft = Draft(item, actor);
        var result = await book.ChangeAsync(
            key, null,
            (state, now) =>
                Array.IndexOf(state.Reviews, item) >= 0
                    ? Decide(state, item, verdict, draft, now)
                    : DecideWaiting(state, item, verdict, draft),
            null, cancel);
        return result?.State.MovedTo ?? [];
    }

    /// <summary>
    /// What was decided while <paramref name="holds"/> went along to another address, and so found nothing there yet, reaches it now: a
    /// revocation has stopped the old address, and of an erased one nobody reads anything.
    /// </summary>
    internal async ValueTask SettleAsync(Restraint? holds, AddressKey from, AddressKey to, string actor, CancellationToken cancel)
    {
        if (holds is not { Reviews.Length: > 0 } || (await book.LoadAsync(from, cancel)).State is not { } old) return;
        foreach (var item in holds.Reviews.Except(old.Reviews))
            await ReachAsync(to, item, old.Stopped is null ? ReviewVerdict.NotARevocation : ReviewVerdict.Revoke, actor, cancel);
    }

    private static Change Decide(AddressState state, string item, ReviewVerdict verdict, LedgerDraft draft, DateTimeOffset now)
    {
        var change = verdict == ReviewVerdict.Revoke
            ? Transitions.StopAll(state, draft with { Action = LedgerAction.StopAll }, now)
            : new Change(state, []);
        // It may come with something else that waits here: that would hold back once more what was read.
        return change.Then(s => AddressTransitions.CloseReview(s, item, draft)).Then(s => DecideWaiting(s, item, verdict, draft));
    }

    private static Change DecideWaiting(AddressState state, string item, ReviewVerdict verdict, LedgerDraft draft)
    {
        var change = new Change(state, []);
        foreach (var waiting in state.Subscriptions)
        {
            if (waiting.AlsoHolds is not { } holds || !holds.Reviews.Contains(item)) continue;
            change = change.Then(
                s => verdict == ReviewVerdict.Revoke
                    ? Transitions.Expire(s, waiting.Topic, draft with { Action = LedgerAction.Expire })
                    : new Change(s.With(waiting with { AlsoHolds = holds.Without(item) }), []));
        }

        return change;
    }

    private static LedgerDraft Draft(string item, string actor) =>
        new(LedgerAction.Reviewed, LedgerDraft.AllTopics, "review", actor) { Evidence = $$"""{"review":"{{item}}"}""" };

    private static ReviewItem Read(Row row) => row.Read(CoreJson.Default.ReviewItem);
}
