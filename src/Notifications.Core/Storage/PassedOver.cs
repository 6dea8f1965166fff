using Notifications.Security;

namespace Notifications.Storage;

/// <summary>
/// While somebody looks at a screen, reads a list of the API or takes a file, it goes on behind a row that no key of the ring opens, and
/// that is noted here, so that the screen, the answer or the file can say that something is missing. Everywhere else such a row ends the
/// reading: what acts on a list must have all of it.
/// </summary>
public sealed class PassedOver
{
    /// <summary>How many rows are named.</summary>
    public const int MostNamed = 20;

    // Of so many it is known whether they were met before: where all of a table is shut, that is no list to keep.
    private const int MostTold = 10_000;

    private static readonly AsyncLocal<PassedOver?> Here = new();
    private readonly HashSet<(string Table, string Partition, string Row)> _rows = [];
    private readonly List<string> _names = [];
    private readonly int _most;
    private int _more;

    private PassedOver(int most) => _most = most;

    /// <summary>What the present screen, list or file has passed over; null where nobody looks.</summary>
    public static PassedOver? Current => Here.Value;

    /// <summary>How many rows.</summary>
    public int Rows
    {
        get
        {
            lock (_rows) return _rows.Count + _more;
        }
    }

    /// <summary>
    /// Which rows: table, partition and key of each, as <c>table/partition/row</c>; of the first <see cref="MostNamed"/> that were met.
    /// </summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_rows) return [.. _names.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>
    /// Whether a page has passed over as many as it may: it ends there, and the next goes on. Without that a list whose key is missing
    /// would read all of the table for one page.
    /// </summary>
    public bool IsFull => Rows >= _most;

    /// <summary>
    /// The key of the row behind which a page ended because of that, which is no sign that there are no more; or null. What stands before
    /// it is still of that page, however much of it is shut elsewhere.
    /// </summary>
    public string? EndedAt { get; internal set; }

    /// <summary>Until the asynchronous method that calls this ends, its reader is somebody who looks.</summary>
    /// <param name="most">How many rows one page may pass over, where there are pages that go on.</param>
    public static void Begin(int most = int.MaxValue) => Here.Value = new PassedOver(most);

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

    /// <summary>Notes a row that no key opens.</summary>
    /// <exception cref="UnreadableRowException">Nobody looks.</exception>
    internal static void Note(string table, string partition, string row)
    {
        if (Current is not { } passed) throw new UnreadableRowException { Partition = partition, Row = row };
        passed.Add(table, partition, row);
    }

    /// <summary>Counts a row, once however often it is met.</summary>
    internal void Add(string table, string partition, string row)
    {
        lock (_rows)
        {
            if (_rows.Count == MostTold && !_rows.Contains((table, partition, row))) _more++;
            else if (_rows.Add((table, partition, row)) && _names.Count < MostNamed) _names.Add($"{table}/{partition}/{row}");
        }
    }
}
