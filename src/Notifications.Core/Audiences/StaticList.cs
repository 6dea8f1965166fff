namespace Notifications.Audiences;

/// <summary>A list somebody put together by hand or by import. Being on it gives no permission and leaving it takes none (P6).</summary>
/// <param name="Id">12 hex characters.</param>
/// <param name="Name">What people call it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When its name last changed.</param>
/// <param name="DeletedAt">When its deletion began; it is gone for everybody from then on, and its members follow.</param>
public sealed record StaticList(
    string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? DeletedAt = null);

/// <summary>How many are on a list, kept in the commit that changes it.</summary>
/// <param name="Members">So many.</param>
/// <param name="Turn">What tells the commit from every other; null where a former version wrote it.</param>
public sealed record ListSize(long Members, string? Turn = null);
