namespace Notifications.Audiences;

/// <summary>A segment kept under an id, for more than one campaign.</summary>
/// <param name="Id">12 hex characters.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Filter">Who matches.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record StoredSegment(string Id, string Name, Segment Filter, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
