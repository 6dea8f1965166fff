using Notifications.Events;

namespace Notifications.Sending;

/// <summary>What a refusal at the hand-off says beyond its one message: of the address, or of us.</summary>
/// <param name="Outcome">The row of the table by which the provider's reports are read too.</param>
/// <param name="AlertKind">Which alert it raises where the fault is ours.</param>
/// <param name="Code">The enhanced status code (RFC 3463) or status that it was read by; it names no address.</param>
public sealed record Refusal(ReportOutcome Outcome, string AlertKind, string Code);
