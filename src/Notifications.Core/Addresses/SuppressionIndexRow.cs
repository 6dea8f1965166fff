namespace Notifications.Addresses;

/// <summary>A row of the list of suppressed addresses. It follows the address's record, which alone decides.</summary>
public sealed record SuppressionIndexRow(Channel Channel, string? Address, Suppression Suppression);
