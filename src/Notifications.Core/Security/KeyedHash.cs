using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Notifications.Security;

/// <summary>
/// HMAC-SHA256 (RFC 2104, RFC 6234) under one key, for any number of threads. Those set up are kept: setting one up costs more than hashing
/// a short text.
/// </summary>
internal sealed class KeyedHash(byte[] key)
{
    /// <summary>Bytes of a whole hash.</summary>
    public const int Size = 32;

    private readonly ConcurrentBag<IncrementalHash> _resting = [];

    /// <summary>Writes the first bytes of the text's hash, as many as there is room for, at most <see cref="Size"/>.</summary>
    public void Write(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        Span<byte> whole = stackalloc byte[Size];
        var ready = _resting.TryTake(out var rested) ? rested : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        ready.AppendData(text);
        ready.GetHashAndReset(whole);
        _resting.Add(ready);
        whole[..hash.Length].CopyTo(hash);
    }
}
