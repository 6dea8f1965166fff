using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Privacy;

/// <summary>
/// The timer that keeps nothing longer than it is needed: finished messages, and opt-ins that nobody confirmed (R28). Of an address whose
/// processing is restricted everything is kept (R35). Ended watches are purged by the watch repair, answers kept for repeated requests by
/// <see cref="KeptAnswers"/>; exports are never stored. It keeps its place, so a run that is cut off goes on where it was.
/// </summary>
public sealed class Retention(
    ITableStore tables, AddressBook book, PrivacyOptions options, WatchOptions watches, SendingOptions sending, TimeProvider time)
{
    /// <summary>Rows that are read at once, and after which the place is kept.</summary>
    internal int Page { get; init; } = 500;

    /// <summary>Purges what is over, to the end of the table; the answer is how many messages and how many opt-ins.</summary>
    /// <exception cref="Security.UnreadableRowException">Everything is done but what no key opens, which stays.</exception>
    public async ValueTask<(int Messages, int Unconfirmed)> RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (finished, texts) = (Before(now, options.MessageDays), Before(now, options.LeftoverDays));
        int messages = 0, unconfirmed = 0;
        var unread = new Unread();
        var pass = new Pass(tables, "retention", Tables.Addresses, unread) { Page = Page };
        await foreach (var page in pass.PagesAsync(cancel))
        {
            await Pass.EachAsync(page, async scanned =>
            {
                var (partition, row) = scanned;
                if (!AddressKey.TryParse(partition, out var key)) return;
                var message = row.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal) && IsOver(row, finished);
                if (message
                    || (row.Key.StartsWith(Rows.EventPrefix, StringComparison.Ordinal)
                        && row.Read(CoreJson.Default.InboundText).At < texts))
                {
                    if ((await book.LoadAsync(key, cancel)).State is { IsRestricted: true }) return;
                    if ((await tables.CommitAsync(Tables.Addresses, partition, [RowChange.Delete(row.Key, row.ETag)], cancel)).Committed
                        && message)
                    {
                        Interlocked.Increment(ref messages);
                    }
                }
                else if (row.Key == Rows.State)
                {
                    Interlocked.Add(ref unconfirmed, await ExpireAsync(key, row, now, cancel));
                }
            }, unread);
        }

        unread.Tell();

        return (messages, unconfirmed);
    }

    private static DateTimeOffset Before(DateTimeOffset now, int days) => now - TimeSpan.FromDays(days);

    private static bool IsOver(Row row, DateTimeOffset before)
    {
        var record = row.Read(CoreJson.Default.MessageRecord);
        return record.IsFinal && record.Timeline is [.., var last] && last.At < before;
    }

    // What waits unasked is there when its question comes, and has its days from then.
    private bool IsOver(Subscription waits, DateTimeOffset now) =>
        waits.WaitsSince < Before(now, options.UnconfirmedDays)
            - (waits.ConfirmationAt is null ? watches.LongestWait(sending) : TimeSpan.Zero);

    private async ValueTask<int> ExpireAsync(AddressKey key, Row row, DateTimeOffset now, CancellationToken cancel)
    {
        var state = row.Read(CoreJson.Default.AddressState);
        if (state.IsRestricted) return 0;
        var expired = state.Subscriptions.Count(s => IsOver(s, now));
        if (expired == 0 && state.Subscriptions.Length > 0) return 0;

        // Somebody typed an address in and its owner never answered: nothing of it was ever theirs to keep. What they ever said besides
        // stays, and what was sent or not sent to them until its own time is over.
        if (state.Subscriptions.All(s => s.Status == SubscriptionStatus.Pending && IsOver(s, now))
            && state is { Stopped: null,
                Suppression: null, ContactId: null, ObjectedAt: null, Contact: ContactStatus.Active, Reviews: [],
                Watching: 0, Ledger.Seq: > 0 }
            && await AllOfItAsync(key, cancel) is { } rows && rows.All(IsOfTheQuestion))
        {
            return await ForgetAsync(key, rows, row.ETag, cancel) ? expired : 0;
        }

        if (expired == 0) return 0;
        await book.ChangeAsync(key, null, (current, _) =>
        {
            if (current.IsRestricted) return new Change(current, []);
            var entries = new List<LedgerDraft>();
            foreach (var subscription in current.Subscriptions)
            {
                if (!IsOver(subscription, now)) continue;
                var change = Transitions.Expire(
                    current, subscription.Topic,
                    new LedgerDraft(LedgerAction.Expire, subscription.Topic, "retention", Actors.Itself + "retention"));
                current = change.State;
                entries.AddRange(change.Entries);
            }

            return new Change(current, entries);
        }, null, cancel);
        return expired;
    }

    /// <summary>Every row of an address; null where there are more than one commit can take.</summary>
    private async ValueTask<IReadOnlyList<Row>?> AllOfItAsync(AddressKey key, CancellationToken cancel) =>
        await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.All, 99, cancel) is { Count: < 99 } rows ? rows : null;

    /// <summary>Whether a row says no more than that somebody gave the address and its owner was asked.</summary>
    private static bool IsOfTheQuestion(Row row) => row.Key switch
    {
        Rows.State => true,
        _ when row.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal) =>
            row.Read(CoreJson.Default.LedgerEntry).Action is LedgerAction.OptIn or LedgerAction.Expire,
        _ when row.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal) =>
            row.Read(CoreJson.Default.MessageRecord).Purpose == MessagePurpose.Confirmation,
        _ => false,
    };

    /// <summary>The state goes under its ETag: whoever answers meanwhile keeps everything.</summary>
    private async ValueTask<bool> ForgetAsync(AddressKey key, IReadOnlyList<Row> rows, string etag, CancellationToken cancel) =>
        (await tables.CommitAsync(
            Tables.Addresses, key.Value, [.. rows.Select(r => RowChange.Delete(r.Key, r.Key == Rows.State ? etag : null))],
            cancel)).Committed;
}
