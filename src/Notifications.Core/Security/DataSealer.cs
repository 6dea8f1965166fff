using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Notifications.Security;

/// <summary>
/// AES-256-GCM over everything that is stored (P7). A sealed value is: format (1 byte), key number (1), nonce (12), ciphertext, tag (16);
/// where it stands is authenticated with it, so a value moved to another row does not open.
/// </summary>
/// <remarks>
/// Nonces are 64 random bits drawn per process and a 32-bit counter, drawn anew when the counter ends: they do not repeat under a key in
/// any number of messages this product will see, which 96 random bits would not promise past 2^32.
/// </remarks>
public sealed class DataSealer(KeyRing ring)
{
    private const byte Format = 1;
    private const int Head = 14;
    private const int Tag = 16;
    private readonly ConcurrentBag<AesGcm>?[] _ciphers = new ConcurrentBag<AesGcm>[byte.MaxValue + 1]; // By key number.
    private readonly Lock _gate = new();
    private ulong _prefix;
    private uint _counter = uint.MaxValue;

    /// <summary>Bytes that sealing adds.</summary>
    public const int Overhead = Head + Tag;

    /// <summary>Seals under the current key.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> place)
    {
        var output = new byte[plain.Length + Overhead];
        output[0] = Format;
        output[1] = ring.Current;
        NextNonce(output.AsSpan(2, 12));
        var cipher = Rent(ring.Current);
        cipher.Encrypt(output.AsSpan(2, 12), plain, output.AsSpan(Head, plain.Length), output.AsSpan(Head + plain.Length), place);
        Return(ring.Current, cipher);
        return output;
    }

    /// <summary>Opens what any key of the ring has sealed.</summary>
    /// <exception cref="CryptographicException">It was not sealed here, for this place, or was altered.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedValue, ReadOnlySpan<byte> place)
    {
        if (sealedValue.Length < Overhead || sealedValue[0] != Format) throw new CryptographicException("Not a sealed value.");
        var plain = new byte[sealedValue.Length - Overhead];
        var id = sealedValue[1];
        var cipher = Rent(id);
        cipher.Decrypt(sealedValue.Slice(2, 12), sealedValue[Head..^Tag], sealedValue[^Tag..], plain, place);
        Return(id, cipher);
        return plain;
    }

    /// <summary>Whether bytes look like a sealed value: no JSON begins as one does.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> value) => value.Length >= Overhead && value[0] == Format;

    /// <summary>
    /// The number of the key a value was sealed with, to find what a rotation has still to seal anew; 0, which no key has, of one that is
    /// too short to be a sealed value.
    /// </summary>
    public static byte KeyOf(ReadOnlySpan<byte> sealedValue) => sealedValue is [_, var id, ..] ? id : (byte)0;

    // An AesGcm must not be used by two threads at once; a rented one is dropped, not returned, when an operation throws.
    private AesGcm Rent(byte id) =>
        Volatile.Read(ref _ciphers[id]) is { } bag && bag.TryTake(out var cipher)
            ? cipher
            : new AesGcm(ring.Derive(id, "seal") ?? throw new CryptographicException($"The key ring has no key {id}."), Tag);

    private void Return(byte id, AesGcm cipher) =>
        (Volatile.Read(ref _ciphers[id]) ?? Interlocked.CompareExchange(ref _ciphers[id], [], null) ?? _ciphers[id]!).Add(cipher);

    private void NextNonce(Span<byte> nonce)
    {
        lock (_gate)
        {
            if (_counter == uint.MaxValue)
            {
                _counter = 0;
                _prefix = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
            }

            BinaryPrimitives.WriteUInt64LittleEndian(nonce, _prefix);
            BinaryPrimitives.WriteUInt32LittleEndian(nonce[8..], _counter++);
        }
    }
}
