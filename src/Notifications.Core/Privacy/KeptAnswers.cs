using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>
/// The answers that stand under Idempotency-Keys. After a week nobody repeats a request; a message is then still told from its repetition
/// by its record (P5).
/// </summary>
internal static class KeptAnswers
{
    private const int Page = 100; // An answer may have 256 KiB.
    private static readonly TimeSpan Time = TimeSpan.FromDays(7);

    /// <summary>Purges those whose time is over, and what a request left that died before it was answered.</summary>
    public static async ValueTask PurgeAsync(ITableStore tables, DateTimeOffset now, CancellationToken cancel)
    {
        await foreach (var (partition, row) in Legible.ScanAsync(
            tables, Tables.Idempotency, Page, static (_, _) => ValueTask.CompletedTask, cancel))
        {
            var answer = row.Read(CoreJson.Default.IdempotencyRecord);
            if (now - answer.At > Time)
                await tables.CommitAsync(Tables.Idempotency, partition, [RowChange.Delete(row.Key, row.ETag)], cancel);
        }
    }
}
