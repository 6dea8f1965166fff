using Notifications.Imports;
using Notifications.Web.Http;

namespace Notifications.Web.Imports;

/// <summary>An import that was taken in; ask for its progress under its id.</summary>
internal sealed record ImportAccepted(string Id, ImportStatus Status, ImportFailure? Failure);

/// <summary>A column of a file and what it means; <paramref name="Field"/> is null where it is not used.</summary>
internal sealed record ColumnView(string Name, string? Field);

/// <summary>
/// An import. <paramref name="Processed"/> of <paramref name="Rows"/> is its progress. Of the rejected, <paramref name="Unopened"/> are
/// about a record that no key opens: sent again once the key is back, they stand.
/// </summary>
internal sealed record ImportView(
    string Id,
    ImportStatus Status, string? Shape, bool ValidateOnly, long Rows, long Processed, long Accepted, long Rejected, long Unopened,
    long Lowered, long PassedOver,
    string? ErrorsUrl, ImportFailure? Failure, bool Resumable, long Bytes, string Actor,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    public static ImportView Of(Import import) => new(
        import.Id,
        import.Status, import.Mapping?.Shape, import.Settings.ValidateOnly, import.Rows, import.Accepted + import.Rejected, import.Accepted,
        import.Rejected, import.Unopened, import.Lowered, import.PassedOver,
        import.Rejected + import.PassedOver > 0 ? $"/v1/imports/{import.Id}/errors" : null,
        import.Failure, import.Resumable, import.Bytes, import.Actor, import.CreatedAt, import.StartedAt, import.FinishedAt);
}

/// <summary>A page of imports, newest first.</summary>
internal sealed record ImportList(IReadOnlyList<ImportView> Imports, string? Next) : Listed;

/// <summary>What a row would come to.</summary>
internal sealed record RowPreview(long Row, string Outcome, ImportStatement? Says, IReadOnlyList<RowProblem>? Problems);

/// <summary>What is wrong with a cell.</summary>
internal sealed record RowProblem(string Column, string Problem);

/// <summary>How a file would be read.</summary>
internal sealed record ImportPreview(
    string? Shape, string? Delimiter, IReadOnlyList<ColumnView> Columns, IReadOnlyList<RowPreview> Rows, ImportFailure? Failure);
