using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Imports;

/// <summary>What is wrong with a row. It never repeats a value: the list of what was wrong holds nothing personal.</summary>
public sealed record RowError(long Row, string Column, string Problem);

/// <summary>One row that can be read.</summary>
internal sealed class ImportRow
{
    /// <summary>Its number in the file; the header is 1.</summary>
    public required long Number { get; init; }

    /// <summary>Whose it is.</summary>
    public required Address Address { get; init; }

    /// <summary>Which field it was read from.</summary>
    public required ImportField Column { get; init; }

    /// <summary>That address's key.</summary>
    public required AddressKey Key { get; init; }

    /// <summary>What it says.</summary>
    public required ImportStatement Says { get; init; }

    /// <summary>Of which topic; null is everything on the channel.</summary>
    public Topic? Topic { get; init; }

    /// <summary>Where the consent was given.</summary>
    public string? Source { get; init; }

    /// <summary>Under which policy.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>In which words.</summary>
    public string? Wording { get; init; }

    /// <summary>When it counts as said; never later than when the file came in.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>When it was said, as the row has it.</summary>
    public DateTimeOffset? StatedAt { get; init; }

    /// <summary>From where.</summary>
    public string? Ip { get; init; }

    /// <summary>Whether a second step confirmed it; null where the row does not say.</summary>
    public bool? Confirmed { get; init; }

    /// <summary>Language tag.</summary>
    public string? Locale { get; init; }

    /// <summary>IANA time zone.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The owning contact.</summary>
    public string? ContactId { get; init; }

    /// <summary>Normalised.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>Whether it takes permission away.</summary>
    public bool Lowers => Says.Lowers();

    /// <summary>The block it asks for, or null.</summary>
    public SuppressionReason? Blocks => Says switch
    {
        ImportStatement.Suppressed => SuppressionReason.Manual,
        ImportStatement.Bounced => SuppressionReason.Bounce,
        ImportStatement.Complained => SuppressionReason.Complaint,
        ImportStatement.Invalid => SuppressionReason.Invalid,
        _ => null,
    };

    /// <summary>Whose word it is, in the ledger.</summary>
    public string From => Source ?? "import";

    /// <summary>
    /// The first thing that is missing from the evidence of an opt-in (P6), or null when it is whole: where it was given, under which
    /// policy, in which words and when. A topic with double opt-in takes none that says it was not confirmed; after an objection marketing
    /// needs a sign that it was, whatever the topic does (R36).
    /// </summary>
    public ImportField? Lacks(AddressState state)
    {
        if (Source is null) return ImportField.Source;
        if (PolicyVersion is null) return ImportField.PolicyVersion;
        if (Wording is null) return ImportField.Wording;
        if (At is null) return ImportField.At;
        var objected = Topic!.IsMarketing && state.ObjectedAt is not null;
        if (Confirmed == true || !(objected || Topic.DoubleOptIn)) return null;
        return Confirmed == false ? ImportField.Confirmed : objected && Ip is null ? ImportField.Ip : null;
    }

    /// <summary>The ledger entry that this row becomes.</summary>
    public LedgerDraft Draft(LedgerAction action, string import, string actor) =>
        new(action, Topic?.Key ?? LedgerDraft.AllTopics, From, actor)
        {
            PolicyVersion = action == LedgerAction.OptIn ? PolicyVersion : null,
            Wording = action == LedgerAction.OptIn ? Wording : null,
            Evidence = Evidence(import, action == LedgerAction.OptIn),
        };

    /// <summary>Which row of an import an entry's evidence names, or null where it is of another, or of none.</summary>
    public static long? NumberIn(string? evidence, string import) =>
        LedgerEvidence.Read<long?>(
            evidence,
            root => root.TryGetProperty("import"u8, out var of) && of.ValueKind == JsonValueKind.String && of.ValueEquals(import)
                && root.TryGetProperty("row"u8, out var row) && row.ValueKind == JsonValueKind.Number && row.TryGetInt64(out var number)
                ? number
                : null);

    // It says what the row said and no more. That the opt-in held at once a fold of the ledger reads from "import" (LedgerFold).
    private string Evidence(string import, bool optIn) => LedgerEvidence.Of(json =>
    {
        if (StatedAt is { } at) json.WriteString("at"u8, at.UtcDateTime);
        if (Ip is not null) json.WriteString("ip"u8, Ip);
        if (optIn && Confirmed is { } confirmed) json.WriteBoolean("confirmed"u8, confirmed);
        json.WriteString("import"u8, import);
        json.WriteNumber("row"u8, Number);
    });
}
