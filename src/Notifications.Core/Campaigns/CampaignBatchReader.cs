using System.Runtime.CompilerServices;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>Walks the result rows of a campaign, a page at a time.</summary>
internal static class CampaignBatchReader
{
    private const int Page = 500;

    /// <summary>Every batch, or those of one bucket, in the order of their names.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<NamedBatch>> PagesAsync(
        ITableStore tables, string campaign, string? bucket, [EnumeratorCancellation] CancellationToken cancel)
    {
        var prefix = Rows.Batch(bucket ?? "");
        string? after = null;
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Campaigns, campaign, RowRange.Prefix(prefix, after), Page, cancel);
            if (rows.Count > 0)
                yield return
                    [.. rows.Select(r => new NamedBatch(r.Key[Rows.Batch("").Length..], r.Read(CoreJson.Default.BatchRow), r.ETag))];
            if (rows.Count < Page) yield break;
            after = rows[^1].Key;
        }
    }

    /// <summary>
    /// Puts on the queue, perhaps once more, whatever was let go and has not gone: all of it, or that of one bucket. For when it is not
    /// known whether the one who let it go came so far: it died, or its write was refused because a lost answer hid that it had taken
    /// effect.
    /// </summary>
    public static async ValueTask EnqueueAgainAsync(
        ITableStore tables, CampaignQueue queue, string campaign, string? bucket, CancellationToken cancel)
    {
        await foreach (var page in PagesAsync(tables, campaign, bucket, cancel))
            await queue.EnqueueAsync(campaign, [.. page.Where(b => b.IsUnderWay)], cancel);
    }

    /// <summary>The rows of the buckets, by bucket.</summary>
    public static async ValueTask<Dictionary<char, BucketRow>> BucketsAsync(ITableStore tables, string campaign, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(Tables.Campaigns, campaign, RowRange.Prefix(Rows.Bucket("")), 1000, cancel);
        return rows.ToDictionary(r => r.Key[^1], r => r.Read(CoreJson.Default.BucketRow));
    }
}
