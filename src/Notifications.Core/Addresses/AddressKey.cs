using System.Buffers.Text;
using System.Text;

namespace Notifications.Addresses;

/// <summary>
/// The keyed hash of an address, 128 bits as 22 base64url characters: the only name an address has in storage, tokens and logs (P7).
/// Made by <see cref="Security.KeyRing.KeyOf"/>.
/// </summary>
public readonly record struct AddressKey
{
    /// <summary>Length of the text form.</summary>
    public const int Length = 22;

    /// <summary>Length of the hash in bytes.</summary>
    public const int Bytes = 16;

    private AddressKey(string value) => Value = value;

    /// <summary>22 base64url characters.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>From 16 bytes of hash.</summary>
    public static AddressKey From(ReadOnlySpan<byte> hash) => new(Base64Url.EncodeToString(hash[..Bytes]));

    /// <summary>Reads the text form; false unless it is exactly what <see cref="From"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out AddressKey key)
    {
        key = default;
        Span<byte> hash = stackalloc byte[Bytes];
        if (text.Length != Length || !Base64Url.IsValid(text, out var bytes) || bytes != Bytes) return false;
        Base64Url.DecodeFromChars(text, hash);
        key = From(hash);
        return text.SequenceEqual(key.Value);
    }

    /// <summary>Writes the 16 bytes of the hash.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Span<byte> text = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(Value, text);
        Base64Url.DecodeFromUtf8(text, destination[..Bytes]);
    }
}
