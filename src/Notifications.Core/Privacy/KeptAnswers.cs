using System.Text.Json;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>The answers that stand under Idempotency-Keys. After a week nobody repeats a request; a message is then still told from its repetition by its record (P5).</summary>
internal static class KeptAnswers
{
    private const int Page = 100; // An answer may have 256 KiB.
    private static readonly TimeSpan Time = TimeSpan.FromDays(7);

    /// <summary>Purges those whose time is over, and what a request left that died before it was answered.</summary>
    public static async ValueTask PurgeAsync(ITableStore tables, DateTimeOffset now, CancellationToken cancel)
    {
        (string Partition, string Row)? after = null;
        while (true)
        {
            var rows = await tables.ScanAsync(Tables.Idempotency, after, Page, cancel);
            foreach (var (partition, row) in rows)
            {
                var answer = JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.IdempotencyRecord)!;
                if (now - answer.At > Time) await tables.CommitAsync(Tables.Idempotency, partition, [RowChange.Delete(row.Key, row.ETag)], cancel);
            }

            if (rows.Count < Page) return;
            after = (rows[^1].Partition, rows[^1].Row.Key);
        }
    }
}
