using System.Text.Json.Serialization;

namespace Notifications.Imports;

/// <summary>Where an import stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImportStatus>))]
public enum ImportStatus
{
    /// <summary>Taken in, not begun.</summary>
    [JsonStringEnumMemberName("queued")] Queued,

    /// <summary>Being worked on.</summary>
    [JsonStringEnumMemberName("running")] Running,

    /// <summary>Every row was either taken in or listed as wrong.</summary>
    [JsonStringEnumMemberName("completed")] Completed,

    /// <summary>
    /// <see cref="Import.Failure"/> says why. Nothing was written, unless it is <see cref="Import.Resumable"/>: then what was done stands.
    /// </summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>One file and what became of it. Nothing in it names a person.</summary>
/// <remarks>
/// Counts are of rows, by what held after them, whether the row brought it about or it held already: so working on a row again after a
/// crash counts the same.
/// </remarks>
public sealed record Import
{
    /// <summary>Its id; ids of newer imports come first in ordinal order.</summary>
    public required string Id { get; init; }

    /// <summary>Where it stands.</summary>
    public ImportStatus Status { get; init; }

    /// <summary>Who sent it.</summary>
    public required string Actor { get; init; }

    /// <summary>What tells the request that made it from every other, where that can be repeated (an Idempotency-Key).</summary>
    public string? Request { get; init; }

    /// <summary>When it was taken in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the work on it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How it is to be done.</summary>
    public required ImportSettings Settings { get; init; }

    /// <summary>What its columns mean; null where the header could not be used.</summary>
    public ImportMapping? Mapping { get; init; }

    /// <summary>The file's size as it was sent.</summary>
    public long Bytes { get; init; }

    /// <summary>In how many pieces it is kept.</summary>
    public int Parts { get; init; }

    /// <summary>Rows in the file, without the header and blank ones.</summary>
    public long Rows { get; init; }

    /// <summary>Whether the pass that only looks at every row is done, where there is one.</summary>
    public bool Checked { get; init; }

    /// <summary>Pieces that are done in this pass.</summary>
    public int Done { get; init; }

    /// <summary>The number of the first row that is not done; the header is 1.</summary>
    public long NextRow { get; init; } = 1;

    /// <summary>Rows whose word stands, or stood already.</summary>
    public long Accepted { get; init; }

    /// <summary>Rows that are listed as wrong, or as not standing against what is stored.</summary>
    public long Rejected { get; init; }

    /// <summary>
    /// Of the rejected: those that are about a record that no key opens. Nothing is wrong with the rows, and what they say is lost until
    /// they are sent again.
    /// </summary>
    public long Unopened { get; init; }

    /// <summary>Of the accepted: those that take permission away.</summary>
    public long Lowered { get; init; }

    /// <summary>Rows that lower, of which a column that could not be read was passed over; it is listed with what was wrong.</summary>
    public long PassedOver { get; init; }

    /// <summary>Which turn of a worker wrote its progress: whoever is refused tells by it whether that was its own write.</summary>
    public string? Turn { get; init; }

    /// <summary>Why nothing was imported, or no more than was; null otherwise.</summary>
    public ImportFailure? Failure { get; init; }

    /// <summary>The work on it was given up and its file is kept: replaying its dead letter goes on where it stopped.</summary>
    public bool Resumable { get; init; }

    /// <summary>
    /// Whether the present pass only looks at every row. There is one only where nothing may be written, or nothing yet; what spoils a
    /// whole file was found when it came in.
    /// </summary>
    [JsonIgnore]
    public bool IsLooking => Settings.ValidateOnly || (Settings.AbortOnError && !Checked);

    /// <summary>Whether it has ended.</summary>
    [JsonIgnore]
    public bool IsFinal => Status is ImportStatus.Completed or ImportStatus.Failed;
}

/// <summary>An item of the queue: go on with this import.</summary>
public sealed record ImportWork(string Id);
