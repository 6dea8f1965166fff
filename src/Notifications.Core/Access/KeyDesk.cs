using Notifications.Audit;

namespace Notifications.Access;

/// <summary>
/// Makes and revokes keys as the API and the console do it: with a line in the audit that comes before the act, so that none is without its
/// entry (R68).
/// </summary>
public sealed class KeyDesk(ApiKeys keys, AuditLog audit)
{
    /// <summary>
    /// Makes a key, under an id that is given or a new one; null where an active one has the name. The secret is in the answer and nowhere
    /// else.
    /// </summary>
    public ValueTask<(ApiKey Key, string Secret)?> CreateAsync(string name, string[] scopes, string actor, string? id = null) =>
        keys.TryCreateAsync(
            name, scopes, CancellationToken.None,
            planned => WriteAsync(actor, "key.create", planned, null, $"{name}: {string.Join(' ', scopes)}"), id,
            lost => WriteAsync(actor, "key.create", lost, name, "not made: the name was taken"));

    /// <summary>
    /// Refuses a key that is active from now on. Several who do it at the same moment have done one act.
    /// </summary>
    public async ValueTask RevokeAsync(ApiKey key, string actor)
    {
        await audit.WriteOnceAsync(actor, "key.revoke", key.Id, "active", "revoked", CancellationToken.None);
        await keys.RevokeAsync(key.Id, CancellationToken.None);
    }

    private ValueTask WriteAsync(string actor, string action, ApiKey key, string? before, string after) =>
        audit.WriteAsync(actor, action, key.Id, before, after, CancellationToken.None);
}
