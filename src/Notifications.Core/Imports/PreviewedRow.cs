namespace Notifications.Imports;

/// <summary>A row of a preview: what it says, where it could be read, and what is wrong with it or was passed over.</summary>
public sealed record PreviewedRow(long Row, ImportStatement? Says, bool Lowers, bool Rejected, IReadOnlyList<RowError> Errors);
