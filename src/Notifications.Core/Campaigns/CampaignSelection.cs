using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>
/// Selects recipients, bucket by bucket and all buckets side by side. Batches, their members and the bucket's cursor are one commit:
/// whatever dies meanwhile, everyone is in exactly one batch. The batches go on the queue after it, and again when the work is given out
/// again.
/// </summary>
public sealed class CampaignSelection(
    CampaignStore store, CampaignQueue queue, AudienceReader audiences, ITableStore tables, TimeProvider time)
{
    /// <summary>The most recipients of a batch.</summary>
    public const int BatchSize = 100;

    private const int Page = 1000;
    private const int MostBatches = 49; // Two rows each and the cursor, in one commit of 100.
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    /// <summary>Selects the recipients of a bucket, or as many as fit into one turn.</summary>
    public async ValueTask<WorkOutcome> SelectAsync(string id, string bucket, bool redelivered, CancellationToken cancel)
    {
        var (campaign, _) = await store.LoadAsync(id, cancel);
        if (campaign?.Status is not (CampaignStatus.Running or CampaignStatus.Paused)) return WorkOutcome.Done;
        var (row, etag) = await LoadAsync(id, bucket, cancel);
        if (redelivered) await CampaignBatchReader.EnqueueAgainAsync(tables, queue, id, bucket, cancel);
        var started = time.GetTimestamp();
        var waiting = new List<AudienceMember>();
        var next = row.Cursor;
        var ended = false;
        while (!row.Done)
        {
            if (!ended && waiting.Count < Page)
            {
                var page = await audiences.PageAsync(campaign.Selection ?? campaign.Definition.Audience, bucket[0], next, Page, cancel);
                waiting.AddRange(page.Members);
                next = page.Next;
                ended = next is null;
            }

            var (batches, taken) = Cut(campaign, waiting, ended);
            if (batches.Count == 0 && !ended) continue;
            var after = new BucketRow(
                taken > 0 ? waiting[taken - 1].Key.Value : row.Cursor, row.Batches + batches.Count, Done: ended && taken == waiting.Count);
            var named = new List<NamedBatch>(batches.Count);
            var changes = new List<RowChange>(batches.Count * 2 + 1)
            {
                RowChange.Write(Rows.Bucket(bucket), after, CoreJson.Default.BucketRow, etag),
            };
            foreach (var (batch, members) in batches)
            {
                var name = Rows.BatchName(bucket, row.Batches + named.Count);
                named.Add(new(name, batch));
                changes.Add(RowChange.Insert(Rows.Batch(name), batch, CoreJson.Default.BatchRow));
                changes.Add(RowChange.Insert(Rows.Members(name), BatchMembers.Write(members)));
            }

            var commit = await tables.CommitAsync(Tables.Campaigns, id, changes, cancel);
            if (!commit.Committed)
            {
                // Another worker has the bucket as well, or this very write took effect and its answer was lost, and then nobody else puts
                // its batches on the queue. Go on from where it stands.
                await CampaignBatchReader.EnqueueAgainAsync(tables, queue, id, bucket, cancel);
                waiting.Clear();
                (row, etag) = await LoadAsync(id, bucket, cancel);
                (next, ended) = (row.Cursor, false);
                continue;
            }

            await queue.EnqueueAsync(id, [.. named.Where(b => !b.Row.Waits)], cancel);
            waiting.RemoveRange(0, taken);
            (row, etag) = (after, commit.ETags[0]);
            if (row.Done || time.GetElapsedTime(started) < Turn) continue;
            return WorkOutcome.LaterAnew(TimeSpan.Zero);
        }

        return WorkOutcome.Done;
    }

    /// <summary>
    /// Cuts batches from the beginning of what was read. Everyone in a batch has the same due time and the same part in the subject test,
    /// so it may be a small one there; without either, only full batches are cut before the end.
    /// </summary>
    private static (List<(BatchRow Row, List<AddressKey> Members)> Batches, int Taken) Cut(
        Campaign campaign, List<AudienceMember> waiting, bool atEnd)
    {
        var definition = campaign.Definition;
        var throttled = definition.Throttle is not null;
        var size = definition.Throttle?.BatchSize ?? BatchSize;
        var due = definition.Schedule is { ByRecipient: true } schedule ? new DueTimes(schedule) : null;
        var batches = new List<(BatchRow, List<AddressKey>)>();
        var open = new Dictionary<(DateTimeOffset?, int?, bool), List<AddressKey>>();
        var taken = 0;
        var most = due is null && definition.SubjectTest is null && !atEnd ? waiting.Count / size * size : waiting.Count;
        for (; taken < most; taken++)
        {
            var member = waiting[taken];
            var (subject, held) = definition.SubjectTest is { } test ? Part(campaign.Id, test, member.Key) : (null, false);
            var group = (due?.Of(member.Row.TimeZone), subject, held);
            if (!open.TryGetValue(group, out var members))
            {
                if (batches.Count == MostBatches) break;
                open[group] = members = new List<AddressKey>(size);
                batches.Add(
                    (new BatchRow { Size = 0, DueAt = group.Item1, Subject = subject, Held = held, Waits = throttled || held }, members));
            }

            members.Add(member.Key);
            if (members.Count == size) open.Remove(group);
        }

        return ([.. batches.Select(b => (b.Item1 with { Size = b.Item2.Count }, b.Item2))], taken);
    }

    /// <summary>Which subject an address tries, or that it waits for the winner: always the same for one campaign and address.</summary>
    internal static (int? Subject, bool Held) Part(string campaign, SubjectTest test, AddressKey key)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.ASCII.GetBytes(campaign + key.Value), hash);
        var place = BinaryPrimitives.ReadUInt32LittleEndian(hash) % 100;
        return place < test.Share
            ? ((int)(BinaryPrimitives.ReadUInt32LittleEndian(hash[4..]) % (uint)test.Subjects.Count), false)
            : (null, true);
    }

    private async ValueTask<(BucketRow Row, string? ETag)> LoadAsync(string id, string bucket, CancellationToken cancel)
    {
        var (row, etag) = await tables.LoadAsync(Tables.Campaigns, id, Rows.Bucket(bucket), CoreJson.Default.BucketRow, cancel);
        return (row ?? new BucketRow(null, 0, false), etag);
    }

    /// <summary>The moment of a local time in each zone.</summary>
    private sealed class DueTimes(CampaignSchedule schedule)
    {
        private readonly Dictionary<string, DateTimeOffset> _known = new(StringComparer.Ordinal);

        public DateTimeOffset? Of(string? zone)
        {
            var name = zone ?? schedule.FallbackZone ?? "Etc/UTC";
            if (!_known.TryGetValue(name, out var due))
                _known[name] = due = schedule.InZone(name) ?? schedule.InZone(schedule.FallbackZone ?? "Etc/UTC")!.Value;
            return due;
        }
    }
}
