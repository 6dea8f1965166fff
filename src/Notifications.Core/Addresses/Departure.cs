namespace Notifications.Addresses;

/// <summary>That a person has left an address for another (R33).</summary>
/// <param name="To">The key of the address that took its place; null where the person is coming back, and has yet to confirm that.</param>
/// <param name="Seq">The ledger's last entry about the leaving: what is said after it may be somebody else's word.</param>
/// <param name="ContactId">The account that it belonged to then, or null.</param>
/// <param name="At">Of when the stop is that the leaving set; null in a record of before that was noted.</param>
public sealed record Departure(string? To, long Seq, string? ContactId, DateTimeOffset? At = null);
