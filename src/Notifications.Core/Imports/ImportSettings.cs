using Notifications.Addresses;

namespace Notifications.Imports;

/// <summary>How a file is to be imported: as the caller said, and what stands in for columns the file does not have.</summary>
public sealed record ImportSettings
{
    /// <summary>Whether only to say what would become of it.</summary>
    public bool ValidateOnly { get; init; }

    /// <summary>
    /// Whether one row in error stops the whole import before anything is written. Else such rows are left out, one by one.
    /// </summary>
    public bool AbortOnError { get; init; }

    /// <summary>Whether every row is a block, whatever its status says.</summary>
    public bool SuppressionsOnly { get; init; }

    /// <summary>The topic of rows without one.</summary>
    public string? Topic { get; init; }

    /// <summary>The channel of rows that have both an email address and a phone number and do not say which they are about.</summary>
    public Channel? Channel { get; init; }

    /// <summary>The status of rows without one; for another product's file, of every row.</summary>
    public ImportStatement? Status { get; init; }

    /// <summary>The source of rows without one.</summary>
    public string? Source { get; init; }

    /// <summary>The policy version of rows without one.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>The wording of rows without one: what the form said that all of them came through.</summary>
    public string? Wording { get; init; }

    /// <summary>Tags given to every address.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>Columns the caller named for fields; they go before what the shape says.</summary>
    public Dictionary<ImportField, string> Columns { get; init; } = [];

    /// <summary>
    /// Where in the header those of <see cref="Columns"/> stand that the caller pointed at, from 0: a name may be that of two columns.
    /// </summary>
    public Dictionary<ImportField, int> Places { get; init; } = [];
}
