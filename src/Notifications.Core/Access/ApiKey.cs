namespace Notifications.Access;

/// <summary>A key as it is kept: never the secret itself, which only its row key's keyed hash proves (M12).</summary>
/// <param name="Id">Public name of the key, 12 hex digits.</param>
/// <param name="Name">What people call it; it stands as <c>service:NAME</c> in ledgers.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">Since when it is refused, or null.</param>
public sealed record ApiKey(string Id, string Name, string[] Scopes, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt = null)
{
    /// <summary>Whether the key may do what <paramref name="scope"/> covers.</summary>
    public bool May(string scope) => RevokedAt is null && Array.IndexOf(Scopes, scope) >= 0;
}
