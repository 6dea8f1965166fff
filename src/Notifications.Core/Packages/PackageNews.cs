namespace Notifications.Packages;

/// <summary>What a message about a package reads as <c>data</c>; a service that queues such a message itself may give the same.</summary>
public sealed record PackageNews(
    string? Status, string? SubStatus = null, string? Description = null, string? Location = null, DateTimeOffset? OccurredAt = null,
    string? Carrier = null, int Stage = 0);
