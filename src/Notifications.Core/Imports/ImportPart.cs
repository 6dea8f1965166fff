using Notifications.Addresses;

namespace Notifications.Imports;

/// <summary>Rows of one address, in the order of the file.</summary>
internal sealed record AddressRows(AddressKey Key, List<ImportRow> Rows);

/// <summary>One piece of the file, and what became of it.</summary>
internal sealed class ImportPart(ImportMapping mapping)
{
    private readonly Lock _gate = new();

    public List<AddressRows> Groups { get; } = [];

    public List<RowError> Errors { get; } = [];

    public HashSet<long> Rejected { get; } = [];

    public int Rows { get; set; }

    public int Lowered { get; private set; }

    public int Unopened { get; private set; }

    /// <summary>The rows of which a column was passed over, be they accepted or not.</summary>
    public HashSet<long> PassedOver { get; } = [];

    public long NextRow { get; set; }

    /// <summary>Counts a row.</summary>
    public void Settle(ImportRow row, RowResult result)
    {
        if (result.Problem is null && !row.Lowers) return;
        lock (_gate)
        {
            if (result.Problem is null) Lowered++;
            else
            {
                if (result.Unopened) Unopened++;
                Rejected.Add(row.Number);
                Errors.Add(new RowError(row.Number, mapping.ColumnOf(result.Column), result.Problem));
            }
        }
    }
}
