using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Addresses;

namespace Notifications.Security;

/// <summary>
/// The secrets everything keyed is derived from (HKDF-SHA256, RFC 5869): one lookup secret that never changes, and numbered secrets of
/// which one is current. Rotation adds a number and makes it current; the older ones stay so that old rows open and old links verify (R22).
/// The environment's name is part of every derivation: another environment's token never verifies here (R60).
/// </summary>
public sealed class KeyRing
{
    private readonly byte[]?[] _secrets = new byte[byte.MaxValue + 1][]; // By number.
    private readonly byte[] _lookup;
    private readonly KeyedHash _lookupHash;

    private KeyRing(byte[] lookup, byte current, string environment)
    {
        _lookup = lookup;
        Current = current;
        Environment = environment;
        _lookupHash = new KeyedHash(Expand(lookup, "lookup"));
    }

    /// <summary>The number that new things are made with.</summary>
    public byte Current { get; }

    /// <summary>The environment's name, for example <c>local</c> or <c>prod</c>.</summary>
    public string Environment { get; }

    /// <summary>Every number in the ring.</summary>
    public IEnumerable<byte> Ids => Enumerable.Range(1, byte.MaxValue).Where(id => _secrets[id] is not null).Select(id => (byte)id);

    /// <summary>A fresh ring with one number, as JSON to be kept where only the product can read it.</summary>
    public static string NewJson() => JsonSerializer.Serialize(
        new KeyRingFile(
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), 1,
            new() { ["1"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) }),
        KeyRingJson.Default.KeyRingFile);

    /// <summary>The same ring with one more number, which becomes current.</summary>
    public string RotatedJson()
    {
        var last = Ids.Max();
        if (last == byte.MaxValue) throw new InvalidOperationException("The key ring is full: it numbers its keys 1 to 255.");
        var next = last + 1;
        var keys = Ids.ToDictionary(id => id.ToString(CultureInfo.InvariantCulture), id => Convert.ToBase64String(_secrets[id]!));
        keys[next.ToString(CultureInfo.InvariantCulture)] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        return JsonSerializer.Serialize(new KeyRingFile(Convert.ToBase64String(_lookup), next, keys), KeyRingJson.Default.KeyRingFile);
    }

    /// <summary>Reads a ring.</summary>
    /// <exception cref="ArgumentException">It is not one; the message says what is wrong and never repeats a secret.</exception>
    public static KeyRing Parse(string json, string environment)
    {
        KeyRingFile? file;
        try
        {
            file = JsonSerializer.Deserialize(json, KeyRingJson.Default.KeyRingFile);
        }
        catch (JsonException)
        {
            file = null;
        }

        if (file is null)
            throw new ArgumentException(
                "The key ring is not JSON of the form {\"lookup\":\"...\",\"current\":1,\"keys\":{\"1\":\"...\"}}.");
        var ring = new KeyRing(Secret("lookup", file.Lookup), (byte)Math.Clamp(file.Current, 0, byte.MaxValue), environment);
        foreach (var (id, secret) in file.Keys ?? [])
        {
            if (!byte.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                throw new ArgumentException("The key ring numbers its keys 1 to 255.");
            ring._secrets[number] = Secret("keys." + id, secret);
        }

        if (file.Current != ring.Current || ring._secrets[ring.Current] is null)
            throw new ArgumentException($"The key ring's current key, {file.Current}, is not among its keys.");
        return ring;
    }

    /// <summary>The keyed hash under which an address is stored.</summary>
    public AddressKey KeyOf(Address address) => HashOf(address.Channel, address.Known);

    /// <summary>The key that builds of before gave to the other form of a phone's number; null where it has none.</summary>
    internal AddressKey? FormerKeyOf(Address address) =>
        address.OtherForm is { } other ? HashOf(other.Channel, other.Value) : null;

    private AddressKey HashOf(Channel channel, string value)
    {
        Span<byte> input = stackalloc byte[1 + 256 * 4];
        input[0] = (byte)channel;
        var length = 1 + Encoding.UTF8.GetBytes(value, input[1..]);
        Span<byte> hash = stackalloc byte[KeyedHash.Size];
        _lookupHash.Write(input[..length], hash);
        return AddressKey.From(hash);
    }

    /// <summary>Keyed hash of something else that must be found again without being stored, 22 base64url characters.</summary>
    public string LookupHash(string purpose, string text)
    {
        Span<byte> hash = stackalloc byte[KeyedHash.Size];
        _lookupHash.Write(Encoding.UTF8.GetBytes(purpose + "\0" + text), hash);
        return AddressKey.From(hash).Value;
    }

    /// <summary>A 256-bit key for one purpose under one number, or null when the ring has no such number.</summary>
    public byte[]? Derive(byte id, string purpose) => _secrets[id] is { } secret ? Expand(secret, purpose) : null;

    private byte[] Expand(byte[] secret, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.UTF8.GetBytes($"notifications/{Environment}/{purpose}"));

    private static byte[] Secret(string name, string? text)
    {
        var bytes = new byte[64];
        if (text is null || !Convert.TryFromBase64String(text, bytes, out var length) || length < 32)
            throw new ArgumentException($"The key ring's {name} must be base64 of at least 32 bytes.");
        return bytes[..length];
    }
}

/// <summary>A key ring as it is kept.</summary>
internal sealed record KeyRingFile(string? Lookup, int Current, Dictionary<string, string>? Keys);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(KeyRingFile))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
