using Notifications.Sending;

namespace Notifications.Functions.Communication;

/// <summary>
/// One row: what a status, with a code or with any, means for us. A <paramref name="Status"/> below 10 stands for its whole class, 5 for
/// every 5xx.
/// </summary>
/// <param name="Status">HTTP status, or its class.</param>
/// <param name="Code">The provider's error code, or null for any.</param>
/// <param name="Result">What it means.</param>
/// <param name="Retried">Whether the message may be offered again without a person looking at it.</param>
/// <param name="Note">Why, for the message's timeline.</param>
/// <param name="Refusal">What it says of the address or of us, where it says so.</param>
internal readonly record struct OutcomeRow(
    int Status, string? Code, HandOffResult Result, bool Retried, string Note, Refusal? Refusal = null);

/// <summary>Reads a provider's answer by its table: the code's row first, then the status's, then the class's.</summary>
internal sealed class OutcomeTable(TimeSpan pause, params OutcomeRow[] rows)
{
    /// <summary>Every row.</summary>
    public IReadOnlyList<OutcomeRow> Rows => rows;

    /// <summary>The answer's meaning. Only its status and code reach the timeline: a provider's own words may repeat an address.</summary>
    public HandOff Classify(int status, string? code, TimeSpan? retryAfter)
    {
        var row = Find(status, code)
            ?? Find(status, null)
            ?? Find(status / 100, null)
            ?? new OutcomeRow(status, null, HandOffResult.Unknown, false, "An answer that the provider does not document.");
        var detail = $"{status}{(IsCode(code) ? " " + code : "")}: {row.Note}";
        return row.Result switch
        {
            HandOffResult.Accepted => HandOff.Accepted(null),
            HandOffResult.Throttled => HandOff.Throttled(retryAfter ?? pause, detail),
            HandOffResult.Unavailable => HandOff.Unavailable(detail, retryAfter, row.Refusal),
            HandOffResult.Rejected => HandOff.Rejected(detail, row.Refusal),
            _ => HandOff.Unknown(detail),
        };
    }

    private OutcomeRow? Find(int status, string? code)
    {
        foreach (var row in rows)
            if (row.Status == status && string.Equals(row.Code, code, StringComparison.OrdinalIgnoreCase)) return row;
        return null;
    }

    private static bool IsCode(string? code) =>
        code is { Length: > 0 and <= 64 } && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_');
}
