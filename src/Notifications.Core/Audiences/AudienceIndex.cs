using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Storage;
using Channel = Notifications.Addresses.Channel;

namespace Notifications.Audiences;

/// <summary>
/// One committed change of an address's record, as the index must follow it. <paramref name="Before"/> is null where there was no record.
/// </summary>
public readonly record struct AudienceChange(AddressKey Key, AddressState? Before, AddressState After);

/// <summary>
/// Keeps the audience index behind the address records. A row stands for every topic an address is subscribed to while nothing stands over
/// the subscription: no stop, no block, no disabled account, no restriction, no erasure. What raises is written before the caller goes on;
/// what lowers is taken out in the background, within seconds, because nobody is sent anything by the index alone: every send reads the
/// record again.
/// </summary>
/// <remarks>
/// A crash between the record's commit and the index's: a lost raise leaves somebody out of audiences, a lost lowering leaves a row whose
/// sends are skipped, until <see cref="AudienceRepair"/> comes by. The same holds where the store answers the first write and not the
/// second: the record stands and the caller is told so. Whoever writes reads the record once more and corrects itself, so that of two
/// writers the slower one leaves nothing wrong.
/// </remarks>
public sealed partial class AudienceIndex(ITableStore tables, ILogger<AudienceIndex> log)
{
    private const int MostInCommit = 100;
    private const int MostWaiting = 200_000;
    private const int MostAtOnce = 5_000;
    private const int AtOnce = 16;

    private readonly Channel<(AddressKey Key, string Topic, Channel Channel)> _removals =
        System.Threading.Channels.Channel.CreateBounded<(AddressKey, string, Channel)>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    private int _removing;

    /// <summary>
    /// How long removals gather, so that those of one part go in one commit. Real time, whatever the product's clock says.
    /// </summary>
    internal TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether no removal waits or is under way.</summary>
    internal bool IsIdle => Volatile.Read(ref _removing) == 0 && !_removals.Reader.TryPeek(out _);

    /// <summary>
    /// Follows one change. Never fails the caller, whose record is committed: what the store refuses is logged and left to the repair.
    /// </summary>
    public async ValueTask FollowAsync(AddressKey key, AddressState? before, AddressState after)
    {
        if (!Differs(before, after)) return;
        try
        {
            var written = before;
            for (var settled = false; !settled;)
            {
                var put = false;
                foreach (var subscription in after.Subscriptions)
                {
                    if (Row(after, subscription) is not { } row
                        || (written?.Find(subscription.Topic) is { } old && row.Equals(Row(written, old))))
                    {
                        continue;
                    }

                    await tables.CommitAsync(
                        Tables.Audience, Partition(after.Channel, subscription.Topic, key), [Put(key, row)], CancellationToken.None);
                    put = true;
                }

                Remove(key, written, after);
                if (!put) return;
                var now = await StateAsync(key);
                settled = now is null || !Differs(after, now);
                if (!settled) (written, after) = (after, now!);
            }
        }
        catch (StorageUnavailableException error)
        {
            LogBehind(key.Value, error.Message);
        }
    }

    /// <summary>
    /// Follows many changes, for imports: rows of one part go in one commit of up to 100, what lowers is taken out before it returns, and
    /// what the store refuses is thrown, for the caller to come again with the same changes. Unlike the single form it does not read the
    /// records once more for what it raises; a row that somebody else lowered in that moment stays until the repair, and its sends are
    /// skipped.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The store is down; part of the changes may be written.</exception>
    public async ValueTask FollowAsync(IReadOnlyCollection<AudienceChange> changes)
    {
        var puts = new Dictionary<string, Dictionary<string, RowChange>>(StringComparer.Ordinal);
        var removals = new List<(AddressKey, string, Channel)>();
        foreach (var (key, before, after) in changes)
        {
            if (!Differs(before, after)) continue;
            foreach (var subscription in after.Subscriptions)
            {
                if (Row(after, subscription) is not { } row
                    || (before?.Find(subscription.Topic) is { } old && row.Equals(Row(before, old))))
                {
                    continue;
                }

                var partition = Partition(after.Channel, subscription.Topic, key);
                if (!puts.TryGetValue(partition, out var rows)) puts[partition] = rows = new(StringComparer.Ordinal);
                rows[key.Value] = Put(key, row);
            }

            foreach (var topic in Left(before, after)) removals.Add((key, topic, after.Channel));
        }

        await Parallel.ForEachAsync(puts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (part, _) =>
        {
            foreach (var rows in part.Value.Values.Chunk(MostInCommit))
                await tables.CommitAsync(Tables.Audience, part.Key, rows, CancellationToken.None);
        });
        await RemoveAsync(removals);
    }

    /// <summary>
    /// Makes one row say what the record says now, and reads the record again afterwards. For the repair and the removals, which know that
    /// a row may be wrong. True when something was written.
    /// </summary>
    internal async ValueTask<bool> SettleAsync(AddressKey key, string topic, Channel channel, CancellationToken cancel)
    {
        var partition = Partition(channel, topic, key);
        var wrote = false;
        while (true)
        {
            var state = await StateAsync(key);
            var wanted = state is null || state.Channel != channel
                ? null
                : state.Find(topic) is { } subscription ? Row(state, subscription) : null;
            var stored = await tables.GetAsync(Tables.Audience, partition, key.Value, cancel);
            if (wanted is null ? stored is null : stored is not null && wanted.Equals(Read(stored))) return wrote;
            RowChange change = wanted is not null ? Put(key, wanted) : RowChange.Delete(key.Value, stored!.ETag);
            wrote |= (await tables.CommitAsync(Tables.Audience, partition, [change], cancel)).Committed;
        }
    }

    /// <summary>The row of one subscription; null where the address is in no audience by it.</summary>
    internal static AudienceRow? Row(AddressState state, Subscription subscription)
    {
        if (subscription.Status != SubscriptionStatus.Subscribed || !IsOpen(state)) return null;
        return new AudienceRow(subscription.Since)
        {
            Locale = state.Locale,
            Country = CountryOf(state),
            TimeZone = state.TimeZone,
            Tags = state.Tags.Length == 0 ? null : state.Tags,
            EngagedAt = state.EngagedAt,
            Watching = state.Watching,
        };
    }

    internal static AudienceRow Read(Row row) => row.Read(CoreJson.Default.AudienceRow);

    internal static RowChange Put(AddressKey key, AudienceRow row) => RowChange.Put(key.Value, row, CoreJson.Default.AudienceRow);

    /// <summary>
    /// Makes every row of an address say what its record says, before it returns: an erasure does not wait for the background, and may be
    /// run again after a crash.
    /// </summary>
    internal async ValueTask SettleAsync(AddressKey key, IEnumerable<Topic> topics, CancellationToken cancel)
    {
        foreach (var topic in topics)
            foreach (var channel in (Channel[])[Channel.Email, Channel.Sms]) await SettleAsync(key, topic.Key, channel, cancel);
    }

    private static bool IsOpen(AddressState state) =>
        state is { Stopped: null, Suppression: null, RestrictedSince: null, Contact: ContactStatus.Active };

    private static string? CountryOf(AddressState state)
    {
        if (state.RegionToday is { Length: 2 } region && region != "ZZ" && region[0] != '+') return region;
        if (state.Locale is { } locale)
        {
            // BCP 47: the region is the two-letter subtag after the language, before any extension.
            var start = locale.IndexOf('-', StringComparison.Ordinal) + 1;
            while (start > 0)
            {
                var end = locale.IndexOf('-', start);
                var length = (end < 0 ? locale.Length : end) - start;
                if (length == 1) break;
                if (length == 2 && char.IsAsciiLetter(locale[start]) && char.IsAsciiLetter(locale[start + 1]))
                    return locale.Substring(start, 2).ToUpperInvariant();
                start = end + 1;
            }
        }

        return state.TimeZone is { } zone ? ZoneCountry.Of(zone) : null;
    }

    /// <summary>Whether two states may give different rows. Cheap, because every change of any record asks.</summary>
    private static bool Differs(AddressState? before, AddressState after)
    {
        if (before is null) return after.Subscriptions.Length > 0 && IsOpen(after);
        var open = IsOpen(before);
        if (!open && !IsOpen(after)) return false;
        if (open != IsOpen(after)) return before.Subscriptions.Length > 0 || after.Subscriptions.Length > 0;
        return !ReferenceEquals(before.Subscriptions, after.Subscriptions)
            || before.Locale != after.Locale
            || before.TimeZone != after.TimeZone
            || before.Region != after.Region
            || before.EngagedAt != after.EngagedAt || before.Watching != after.Watching || !before.Tags.AsSpan().SequenceEqual(after.Tags);
    }

    /// <summary>The topics whose rows an address had and has no longer.</summary>
    private static IEnumerable<string> Left(AddressState? before, AddressState after)
    {
        if (before is null) yield break;
        foreach (var subscription in before.Subscriptions)
            if (Row(before, subscription) is not null && !(after.Find(subscription.Topic) is { } now && Row(after, now) is not null))
                yield return subscription.Topic;
    }

    private void Remove(AddressKey key, AddressState? before, AddressState after)
    {
        foreach (var topic in Left(before, after))
        {
            if (!_removals.Writer.TryWrite((key, topic, after.Channel)))
            {
                LogBehind(key.Value, "too many removals wait");
                continue;
            }

            if (Interlocked.Exchange(ref _removing, 1) == 0) _ = Task.Run(RemoveAllAsync);
        }
    }

    private async Task RemoveAllAsync()
    {
        var batch = new List<(AddressKey Key, string Topic, Channel Channel)>();
        do
        {
            try
            {
                await Task.Delay(Gather, TimeProvider.System);
                while (_removals.Reader.TryPeek(out _))
                {
                    batch.Clear();
                    while (batch.Count < MostAtOnce && _removals.Reader.TryRead(out var removal)) batch.Add(removal);
                    await RemoveAsync(batch);
                }
            }
            catch (Exception error) when (error is StorageUnavailableException or CryptographicException)
            {
                LogBehind(batch.Count == 0 ? "" : batch[0].Key.Value, error.Message);
            }
            finally
            {
                Volatile.Write(ref _removing, 0);
            }
        }
        while (_removals.Reader.TryPeek(out _) && Interlocked.Exchange(ref _removing, 1) == 0);
    }

    private async ValueTask RemoveAsync(List<(AddressKey Key, string Topic, Channel Channel)> batch)
    {
        var together = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(batch.GroupBy(r => Partition(r.Channel, r.Topic, r.Key)), together, async (part, _) =>
        {
            foreach (var keys in part.Select(r => r.Key).Distinct().Chunk(MostInCommit))
            {
                var rows = keys.Select(k => RowChange.Delete(k.Value)).ToList();
                // Out already.
                while (rows.Count > 0
                    && await tables.CommitAsync(Tables.Audience, part.Key, rows, CancellationToken.None) is { Committed: false } gone)
                {
                    rows.RemoveAt(gone.ConflictAt);
                }
            }
        });

        // Whoever was subscribed anew in the meantime is put back.
        await Parallel.ForEachAsync(batch, together, async (removed, _) =>
        {
            if (await StateAsync(removed.Key) is { } state
                && state.Find(removed.Topic) is { } subscription
                && Row(state, subscription) is not null)
            {
                await SettleAsync(removed.Key, removed.Topic, removed.Channel, CancellationToken.None);
            }
        });
    }

    private ValueTask<AddressState?> StateAsync(AddressKey key) =>
        tables.ReadAsync(Tables.Addresses, key.Value, Rows.State, CoreJson.Default.AddressState, CancellationToken.None);

    private static string Partition(Channel channel, string topic, AddressKey key) =>
        AudienceBuckets.Partition(topic, channel, AudienceBuckets.Of(key));

    [LoggerMessage(
        EventId = 201, EventName = "AudienceBehind", Level = LogLevel.Warning,
        Message = "The audience index did not follow the record of {Key} and others with it; the repair will: {Why}")]
    private partial void LogBehind(string key, string why);
}
