using System.Text.Json.Serialization;
using Notifications.Imports;
using Notifications.Web.Http;

namespace Notifications.Web.Imports;

/// <summary>An import that was taken in; ask for its progress under its id.</summary>
/// <param name="Id">The import's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Failure">Why the file cannot be imported at all.</param>
internal sealed record ImportAccepted(string Id, ImportStatus Status, ImportFailure? Failure);

/// <summary>A column of a file and what it means.</summary>
/// <param name="Name">The column's name in the header.</param>
/// <param name="Field">What it is read as; left out where it is not used.</param>
internal sealed record ColumnView(string Name, string? Field);

/// <summary>An import. Counts are of rows, by what held after them.</summary>
/// <param name="Id">The import's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Shape">The shape that the header was recognised as; left out where it could not be used.</param>
/// <param name="ValidateOnly">Whether the rows are only looked at, and nothing is written.</param>
/// <param name="Rows">How many rows the file has, without the header and blank ones.</param>
/// <param name="Processed">How many of them are done.</param>
/// <param name="Accepted">How many rows stand, or stood already.</param>
/// <param name="Rejected">How many rows are listed as wrong, or do not stand against what is stored.</param>
/// <param name="Unopened">
/// How many of the rejected are about a record that no key opens: sent again once the key is back, they stand.
/// </param>
/// <param name="Lowered">How many of the accepted take permission away.</param>
/// <param name="PassedOver">How many rows that lower have a column that could not be read and was passed over.</param>
/// <param name="ErrorsUrl">Where the rows that were rejected or passed over can be read; null where there are none.</param>
/// <param name="Failure">Why nothing was imported, or no more than was.</param>
/// <param name="Resumable">Whether it was given up and can go on where it stopped, by replaying its dead letter.</param>
/// <param name="Bytes">The file's size as it was sent, in bytes.</param>
/// <param name="Actor">Who sent it.</param>
/// <param name="CreatedAt">When it was taken in.</param>
/// <param name="StartedAt">When the work on it began.</param>
/// <param name="FinishedAt">When it ended.</param>
internal sealed record ImportView(
    string Id,
    ImportStatus Status, string? Shape, bool ValidateOnly, long Rows, long Processed, long Accepted, long Rejected, long Unopened,
    long Lowered, long PassedOver,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? ErrorsUrl,
    ImportFailure? Failure, bool Resumable, long Bytes, string Actor,
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
/// <param name="Imports">The imports.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record ImportList(IReadOnlyList<ImportView> Imports, string? Next) : Listed;

/// <summary>What a row would come to.</summary>
/// <param name="Row">The row's number; the header is 1.</param>
/// <param name="Outcome">What would become of it.</param>
/// <param name="Says">What it says of the address; left out where it cannot be read.</param>
/// <param name="Problems">What is wrong with it.</param>
internal sealed record RowPreview(long Row, string Outcome, ImportStatement? Says, IReadOnlyList<RowProblem>? Problems);

/// <summary>What is wrong with a cell.</summary>
/// <param name="Column">The column's name in the header.</param>
/// <param name="Problem">What is wrong, in words.</param>
internal sealed record RowProblem(string Column, string Problem);

/// <summary>How a file would be read.</summary>
/// <param name="Shape">The shape that the header was recognised as; left out where it could not be used.</param>
/// <param name="Delimiter">What parts the columns.</param>
/// <param name="Columns">The columns in their order.</param>
/// <param name="Rows">What the first rows would come to.</param>
/// <param name="Failure">Why the file cannot be imported at all.</param>
internal sealed record ImportPreview(
    string? Shape, string? Delimiter, IReadOnlyList<ColumnView> Columns, IReadOnlyList<RowPreview> Rows, ImportFailure? Failure);
