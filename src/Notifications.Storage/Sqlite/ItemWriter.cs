using System.Globalization;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>The queue port's statements that write.</summary>
internal sealed class ItemWriter(Connection connection, Writer writer, SteadyClock clock)
{
    private readonly sqlite3_stmt _insert = connection.Prepare(
        "INSERT INTO items(queue, due, id, receipt, received, body) VALUES(?1, ?2, ?3, 0, 0, ?4)");
    private readonly sqlite3_stmt _due = connection.Prepare(
        "SELECT id, received, body FROM items WHERE queue=?1 AND due<=?2 ORDER BY due, id LIMIT ?3");
    private readonly sqlite3_stmt _take = connection.Prepare("UPDATE items SET due=?2, receipt=?3, received=received+1 WHERE id=?1");
    private readonly sqlite3_stmt _move = connection.Prepare("UPDATE items SET due=?4, receipt=0 WHERE id=?1 AND due=?2 AND receipt=?3");
    private readonly sqlite3_stmt _delete = connection.Prepare("DELETE FROM items WHERE id=?1 AND due=?2 AND receipt=?3");
    private readonly List<ItemReceipt> _taken = [];

    public void Enqueue(QueueState queue, ReadOnlySpan<byte> body, TimeSpan delay)
    {
        Connection.Check(sqlite3_bind_blob(_insert, 1, queue.Key));
        Connection.Check(sqlite3_bind_int64(_insert, 2, clock.NowMs() + (long)delay.TotalMilliseconds));
        Connection.Check(sqlite3_bind_int64(_insert, 3, writer.NextNumber()));
        Connection.Check(sqlite3_bind_blob(_insert, 4, body));
        Connection.Run(_insert);
        writer.Touch(queue, 1, stirred: true);
    }

    public IReadOnlyList<QueueItem> Receive(string name, QueueState queue, int max, TimeSpan visibility)
    {
        var now = clock.NowMs();
        var hidden = now + (long)visibility.TotalMilliseconds;
        var items = new List<QueueItem>(max);
        _taken.Clear();
        Connection.Check(sqlite3_bind_blob(_due, 1, queue.Key));
        Connection.Check(sqlite3_bind_int64(_due, 2, now));
        Connection.Check(sqlite3_bind_int64(_due, 3, max));
        using (new Walk(_due))
        {
            while (Connection.Step(_due))
            {
                var receipt = new ItemReceipt(sqlite3_column_int64(_due, 0), hidden, writer.NextNumber());
                _taken.Add(receipt);
                items.Add(new QueueItem(
                    name,
                    receipt.Id.ToString(CultureInfo.InvariantCulture), receipt.ToString(), sqlite3_column_int(_due, 1) + 1,
                    sqlite3_column_blob(_due, 2).ToArray()));
            }
        }

        // After the walk, because an item that is hidden moves to where the walk would meet it again.
        foreach (var receipt in _taken)
        {
            Bind(_take, receipt);
            Connection.Run(_take);
        }

        return items;
    }

    public bool Complete(QueueState queue, ItemReceipt receipt)
    {
        Bind(_delete, receipt);
        Connection.Run(_delete);
        if (connection.Changes != 1) return false;
        writer.Touch(queue, -1, stirred: false);
        return true;
    }

    public bool Release(QueueState queue, ItemReceipt receipt, TimeSpan delay)
    {
        Bind(_move, receipt);
        Connection.Check(sqlite3_bind_int64(_move, 4, clock.NowMs() + (long)delay.TotalMilliseconds));
        Connection.Run(_move);
        if (connection.Changes != 1) return false;
        writer.Touch(queue, 0, stirred: true);
        return true;
    }

    private static void Bind(sqlite3_stmt statement, in ItemReceipt receipt)
    {
        Connection.Check(sqlite3_bind_int64(statement, 1, receipt.Id));
        Connection.Check(sqlite3_bind_int64(statement, 2, receipt.Due));
        Connection.Check(sqlite3_bind_int64(statement, 3, receipt.Number));
    }
}
