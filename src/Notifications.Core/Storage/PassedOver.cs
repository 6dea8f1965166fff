using Notifications.Security;

namespace Notifications.Storage;

/// <summary>
/// While somebody looks at a screen or reads a list of the API, it goes on behind a row that no key of the ring opens, and that is noted
/// here, so that the screen or the answer can say that something is missing. Everywhere else such a row ends the reading: what acts on a
/// list must have all of it.
/// </summary>
public sealed class PassedOver
{
    private static readonly AsyncLocal<PassedOver?> Here = new();
    private readonly HashSet<(string Table, string Partition, string Row)> _rows = [];

    private PassedOver() { }

    /// <summary>What the present screen or list has passed over; null where nobody looks.</summary>
    public static PassedOver? Current => Here.Value;

    /// <summary>How many rows.</summary>
    public int Rows
    {
        get
        {
            lock (_rows) return _rows.Count;
        }
    }

    /// <summary>Which rows: table, partition and key of each.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_rows) return [.. _rows.Select(r => $"{r.Table}/{r.Partition}/{r.Row}").Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Until the asynchronous method that calls this ends, its reader is somebody who looks.</summary>
    public static void Begin() => Here.Value = new PassedOver();

    /// <summary>What one reading gives; to somebody who looks null where it meets a row that no key opens.</summary>
    public static async ValueTask<T?> ShownAsync<T>(string table, Func<ValueTask<T?>> readAsync) where T : class
    {
        try
        {
            return await readAsync();
        }
        catch (UnreadableRowException shut) when (Current is { } passed)
        {
            passed.Add(table, shut.Partition, shut.Row);
            return null;
        }
    }

    /// <summary>Counts a row, once however often it is met.</summary>
    internal void Add(string table, string partition, string row)
    {
        lock (_rows) _rows.Add((table, partition, row));
    }
}
