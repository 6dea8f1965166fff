using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Access;

/// <summary>Issues, finds and revokes API keys. A look-up is remembered for five seconds, so a revocation holds everywhere after five.</summary>
public sealed class ApiKeys(ITableStore tables, KeyRing ring, TimeProvider time)
{
    private const string Partition = "keys";
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, (ApiKey? Key, long At)> _recent = new(StringComparer.Ordinal); // By hash: no secret stays in memory, and none is compared byte by byte.

    /// <summary>Makes a key. The secret is in the answer and nowhere else.</summary>
    public async ValueTask<(ApiKey Key, string Secret)> CreateAsync(string name, string[] scopes, CancellationToken cancel)
    {
        var secret = "nk_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (await StoreAsync(secret, name, scopes, cancel), secret);
    }

    /// <summary>
    /// Makes sure that the secret named in the settings is a key with every scope: the first, with which the others are made. One that was revoked stays so, however often
    /// the product starts with it, unless no other key may administer: then it is the only way back in.
    /// </summary>
    public async ValueTask EnsureAsync(string secret, string name, CancellationToken cancel)
    {
        var known = await FindAsync(secret, cancel);
        if (known is null || (known.RevokedAt is not null && !(await ListAsync(cancel)).Any(k => k.May(Scope.Admin)))) await StoreAsync(secret, name, Scope.All, cancel);
    }

    /// <summary>The key of a secret, or null. Revoked keys are found too; <see cref="ApiKey.May"/> refuses them.</summary>
    public ValueTask<ApiKey?> FindAsync(string secret, CancellationToken cancel) => FindHashedAsync(HashOf(secret), cancel);

    /// <summary>The name a secret is stored under, for sessions that must not carry the secret.</summary>
    public string HashOf(string secret) => ring.LookupHash("api-key", secret);

    /// <summary>The key by <see cref="HashOf"/>, or null, as <see cref="FindAsync"/>. Never for what a caller sends: the hash is no secret.</summary>
    public async ValueTask<ApiKey?> FindHashedAsync(string hash, CancellationToken cancel) =>
        _recent.TryGetValue(hash, out var known) && time.GetElapsedTime(known.At) < Remembered ? known.Key : await ReadAsync(hash, cancel);

    /// <summary>Every key, oldest first.</summary>
    public async ValueTask<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancel)
    {
        var keys = new List<ApiKey>();
        await foreach (var (_, key) in RowsAsync(cancel)) keys.Add(key);
        keys.Sort((a, b) => a.CreatedAt.CompareTo(b.CreatedAt));
        return keys;
    }

    /// <summary>Refuses a key from now on; false when there is none of that id.</summary>
    public async ValueTask<bool> RevokeAsync(string id, CancellationToken cancel)
    {
        await foreach (var (row, key) in RowsAsync(cancel))
        {
            if (key.Id != id) continue;
            if (key.RevokedAt is null)
            {
                var revoked = JsonSerializer.SerializeToUtf8Bytes(key with { RevokedAt = time.UtcNowMs() }, CoreJson.Default.ApiKey);
                await tables.CommitAsync(Tables.Keys, Partition, [RowChange.Put(row.Key, revoked)], cancel);
            }

            _recent.Clear();
            return true;
        }

        return false;
    }

    private async ValueTask<ApiKey?> ReadAsync(string hash, CancellationToken cancel)
    {
        var row = await tables.GetAsync(Tables.Keys, Partition, hash, cancel);
        var key = row is null ? null : JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.ApiKey);
        if (_recent.Count > 10_000) _recent.Clear();
        _recent[hash] = (key, time.GetTimestamp());
        return key;
    }


    private async ValueTask<ApiKey> StoreAsync(string secret, string name, string[] scopes, CancellationToken cancel)
    {
        var key = new ApiKey(RandomNumberGenerator.GetHexString(12, lowercase: true), name, scopes, time.UtcNowMs());
        await tables.CommitAsync(Tables.Keys, Partition, [RowChange.Put(HashOf(secret), JsonSerializer.SerializeToUtf8Bytes(key, CoreJson.Default.ApiKey))], cancel);
        _recent.Clear();
        return key;
    }

    private async IAsyncEnumerable<(Row Row, ApiKey Key)> RowsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string? after = null;
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Keys, Partition, new RowRange(after is null ? null : after + ' ', null), 1000, cancel);
            foreach (var row in rows) yield return (row, JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.ApiKey)!);
            if (rows.Count < 1000) yield break;
            after = rows[^1].Key;
        }
    }
}
