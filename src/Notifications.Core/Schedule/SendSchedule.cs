using System.Globalization;
using Notifications.Storage;

namespace Notifications.Schedule;

/// <summary>
/// Where messages wait that are due later than a queue can hold them: partition by due hour, row by due time and message id, so that what
/// is due next stands first. Durable once <see cref="AddAsync"/> returns.
/// </summary>
internal static class SendSchedule
{
    public static async ValueTask AddAsync(
        ITableStore tables, string messageId, DateTimeOffset due, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        await tables.CommitAsync(Tables.Schedule, Partition(due), [RowChange.Put(Row(due, messageId), body)], cancel);

    public static string Partition(DateTimeOffset due) => due.UtcDateTime.ToString("yyyyMMddHH", CultureInfo.InvariantCulture);

    public static string Row(DateTimeOffset due, string messageId) =>
        string.Create(CultureInfo.InvariantCulture, $"{due.ToUnixTimeMilliseconds():D15}-{messageId}");

    /// <summary>When a row is due.</summary>
    public static DateTimeOffset DueOf(string row) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(row.AsSpan(0, 15), CultureInfo.InvariantCulture));
}
