namespace Notifications.Imports;

/// <summary>A row of a preview: what it says, where it could be read, and what is wrong with it.</summary>
public sealed record PreviewedRow(long Row, ImportStatement? Says, bool Lowers, IReadOnlyList<RowError> Errors);
