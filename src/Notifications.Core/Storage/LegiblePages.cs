using Notifications.Security;

namespace Notifications.Storage;

/// <summary>
/// A reading of many rows, page by page, that goes on behind one that no key of the ring opens: it must not hold up what is done to its
/// neighbours.
/// </summary>
/// <param name="readAsync">Reads so many rows after a place.</param>
/// <param name="page">Rows that are read at once, at most.</param>
internal sealed class LegiblePages(
    Func<(string Partition, string Row)?, int, ValueTask<IReadOnlyList<ScannedRow>>> readAsync, int page)
{
    private readonly int _page = page;
    private int _limit = page;

    /// <summary>Where the reading goes on: behind this row.</summary>
    public (string Partition, string Row)? After { get; set; }

    /// <summary>Whether everything was read.</summary>
    public bool Ended { get; private set; }

    /// <summary>The next rows; where the very next is shut, none and that one.</summary>
    public async ValueTask<(IReadOnlyList<ScannedRow> Rows, UnreadableRowException? Shut)> NextAsync()
    {
        while (true)
        {
            try
            {
                var rows = await readAsync(After, _limit);
                Ended = rows.Count < _limit;
                if (rows.Count > 0) After = (rows[^1].Partition, rows[^1].Row.Key);
                _limit = Math.Min(_page, _limit * 2);
                return (rows, null);
            }
            catch (UnreadableRowException shut) when (shut.Before > 0)
            {
                _limit = shut.Before; // Those before it first; then it is the first itself.
            }
            catch (UnreadableRowException shut)
            {
                After = (shut.Partition, shut.Row);
                _limit = 1; // Where one is shut its neighbours often are: one by one, and more at once the longer it goes well.
                return ([], shut);
            }
        }
    }
}
