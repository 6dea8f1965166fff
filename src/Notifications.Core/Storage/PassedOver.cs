using Notifications.Security;

namespace Notifications.Storage;

/// <summary>
/// While somebody looks at a screen, its lists go on behind a row that no key of the ring opens, and it is counted here, so that the screen
/// can say that something is missing. Everywhere else such a row ends the reading: what acts on a list must have all of it.
/// </summary>
public sealed class PassedOver
{
    private static readonly AsyncLocal<PassedOver?> Here = new();
    private readonly HashSet<(string Table, string Partition, string Row)> _rows = [];

    private PassedOver() { }

    /// <summary>What the present screen has passed over; null where nobody looks.</summary>
    public static PassedOver? Current => Here.Value;

    /// <summary>How many rows.</summary>
    public int Rows
    {
        get
        {
            lock (_rows) return _rows.Count;
        }
    }

    /// <summary>Until the asynchronous method that calls this ends, its reader is somebody at a screen.</summary>
    public static void Begin() => Here.Value = new PassedOver();

    /// <summary>What one reading gives; on a screen null where it meets a row that no key opens.</summary>
    internal static async ValueTask<T?> ShownAsync<T>(string table, Func<ValueTask<T?>> readAsync) where T : class
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
