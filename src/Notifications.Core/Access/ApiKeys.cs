using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Access;

/// <summary>
/// Issues, finds and revokes API keys. A look-up is remembered for five seconds, so a revocation holds everywhere after five.
/// </summary>
public sealed class ApiKeys(ITableStore tables, KeyRing ring, TimeProvider time)
{
    /// <summary>Who stands in the audit for what the settings say.</summary>
    public const string Settings = Actors.Itself + "settings";

    /// <summary>How many characters a secret that somebody chose may have: every request carries it in a header.</summary>
    public const int LongestSecret = 256;

    private const string Partition = "keys";
    private const string Turn = "turn"; // No hash of a secret is so short.
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    // By hash: no secret stays in memory, and none is compared byte by byte.
    private readonly ConcurrentDictionary<string, (ApiKey? Key, long At)> _recent = new(StringComparer.Ordinal);

    /// <summary>Makes a key, without an entry in the audit. The secret is in the answer and nowhere else.</summary>
    public async ValueTask<(ApiKey Key, string Secret)> CreateAsync(string name, string[] scopes, CancellationToken cancel)
    {
        var secret = NewSecret();
        var key = new ApiKey(NewId(), name, scopes, time.UtcNowMs());
        await tables.CommitAsync(Tables.Keys, Partition, [RowChange.Put(HashOf(secret), key, CoreJson.Default.ApiKey)], cancel);
        _recent.Clear();
        return (key, secret);
    }

    /// <summary>
    /// Makes a key where no active one has the name, and answers null where one has: two of one name would be one in the audit (R68).
    /// <paramref name="first"/> is told of the key before there is one, so that none is without its entry there. Whoever makes keys at the
    /// same moment takes turns: <paramref name="lost"/> is told of the key that <paramref name="first"/> was told of where it was not made
    /// after all. <paramref name="id"/> is the key's id, or null for a new one.
    /// </summary>
    public async ValueTask<(ApiKey Key, string Secret)?> TryCreateAsync(
        string name, string[] scopes, CancellationToken cancel, Func<ApiKey, ValueTask>? first = null, string? id = null,
        Func<ApiKey, ValueTask>? lost = null)
    {
        var secret = NewSecret();
        var key = new ApiKey(id ?? NewId(), name, scopes, time.UtcNowMs());
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var turn = await tables.GetAsync(Tables.Keys, Partition, Turn, cancel);
            if (await IsTakenAsync(name, cancel))
            {
                if (attempt > 0 && lost is not null) await lost(key);
                return null;
            }

            if (attempt == 0 && first is not null) await first(key);
            var written = await tables.CommitAsync(
                Tables.Keys, Partition,
                [RowChange.Put(HashOf(secret), key, CoreJson.Default.ApiKey), RowChange.Write(Turn, "1"u8.ToArray(), turn?.ETag)], cancel);
            _recent.Clear();
            // Its answer may have been lost, and repeated it then stands in its own way.
            if (written.Committed || await FindAsync(secret, cancel) is not null) return (key, secret);
        }

        throw StorageUnavailableException.Contended($"The turn to make key {key.Id}");
    }

    /// <summary>
    /// Makes sure that the secret named in the settings is a key with every scope: the first, with which the others are made. One that was
    /// revoked stays so, however often the product starts with it, unless no other key may administer: then it is the only way back in. It
    /// stands in the audit before there is one (R68).
    /// </summary>
    public async ValueTask EnsureAsync(string secret, string name, AuditLog audit, CancellationToken cancel)
    {
        var known = await FindAsync(secret, cancel);
        if (known is not null && (known.RevokedAt is null || (await ListAsync(cancel)).Any(k => k.May(Scope.Admin)))) return;

        // Of several instances that start together each comes here, with one id, and one of them writes.
        var hash = HashOf(secret);
        var (stands, etag) = await tables.LoadAsync(Tables.Keys, Partition, hash, CoreJson.Default.ApiKey, cancel);
        if (stands is not null && (known is null || stands.Id != known.Id)) return;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{hash} {stands?.RevokedAt?.ToUnixTimeMilliseconds()}")));
        var key = new ApiKey(
            Convert.ToHexStringLower(digest)[..12], await FreeNameAsync(name, cancel), Scope.All, time.UtcNowMs());
        await audit.WriteAsync(Settings, "key.create", key.Id, null, $"{key.Name}: {string.Join(' ', key.Scopes)}", cancel);
        await tables.CommitAsync(Tables.Keys, Partition, [RowChange.Write(hash, key, CoreJson.Default.ApiKey, etag)], cancel);
        _recent.Clear();
    }

    /// <summary>Whether an active key has the name: two of one name would be one in the audit (R68).</summary>
    public async ValueTask<bool> IsTakenAsync(string name, CancellationToken cancel) =>
        (await ListAsync(cancel)).Any(k => k.RevokedAt is null && string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase));

    private async ValueTask<string> FreeNameAsync(string name, CancellationToken cancel)
    {
        var free = name;
        for (var number = 2; await IsTakenAsync(free, cancel); number++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
        return free;
    }

    /// <summary>The key of a secret, or null. Revoked keys are found too; <see cref="ApiKey.May"/> refuses them.</summary>
    public ValueTask<ApiKey?> FindAsync(string secret, CancellationToken cancel) => FindHashedAsync(HashOf(secret), cancel);

    /// <summary>The name a secret is stored under, for sessions that must not carry the secret.</summary>
    public string HashOf(string secret) => ring.LookupHash("api-key", secret);

    /// <summary>
    /// The key by <see cref="HashOf"/>, or null, as <see cref="FindAsync"/>. Never for what a caller sends: the hash is no secret.
    /// </summary>
    public async ValueTask<ApiKey?> FindHashedAsync(string hash, CancellationToken cancel) =>
        _recent.TryGetValue(hash, out var known) && time.GetElapsedTime(known.At) < Remembered ? known.Key : await ReadAsync(hash, cancel);

    /// <summary>Every key, oldest first.</summary>
    public async ValueTask<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancel)
    {
        var keys = new List<ApiKey>();
        await foreach (var (_, key) in RowsAsync(cancel)) keys.Add(key);
        return [.. keys.OrderBy(k => k.CreatedAt).ThenBy(k => k.Id, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Refuses a key from now on. False where there is none of that id, or it was revoked before: since then it is refused.
    /// </summary>
    public async ValueTask<bool> RevokeAsync(string id, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            Row? stored = null;
            ApiKey? known = null;
            await foreach (var (row, key) in RowsAsync(cancel))
                if (key.Id == id) (stored, known) = (row, key);
            if (stored is null || known is not { RevokedAt: null }) return false;
            var revoked = known with { RevokedAt = time.UtcNowMs() };
            var written = await tables.CommitAsync(
                Tables.Keys, Partition, [RowChange.Replace(stored.Key, revoked, CoreJson.Default.ApiKey, stored.ETag)], cancel);
            _recent.Clear();
            if (written.Committed) return true;
        }

        throw StorageUnavailableException.Contended($"Key {id}");
    }

    private static string NewSecret() => "nk_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string NewId() => RandomNumberGenerator.GetHexString(12, lowercase: true);

    private async ValueTask<ApiKey?> ReadAsync(string hash, CancellationToken cancel)
    {
        var key = await tables.ReadAsync(Tables.Keys, Partition, hash, CoreJson.Default.ApiKey, cancel);
        if (_recent.Count > 10_000) _recent.Clear();
        _recent[hash] = (key, time.GetTimestamp());
        return key;
    }

    private async IAsyncEnumerable<(Row Row, ApiKey Key)> RowsAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in tables.RowsAsync(Tables.Keys, Partition, RowRange.All, cancel))
            if (row.Key != Turn) yield return (row, row.Read(CoreJson.Default.ApiKey));
    }
}
