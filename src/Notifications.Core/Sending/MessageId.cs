using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Notifications.Addresses;
using Notifications.Security;

namespace Notifications.Sending;

/// <summary>
/// The name of one message: <c>{address key}.{suffix}</c>, so that reading one is a point read. The suffix is 12 bytes, random or derived
/// from what must not be sent twice (P5), and 6 bytes of MAC: an id that we gave out can be told from one that was made up without a
/// look-up.
/// </summary>
public readonly record struct MessageId(AddressKey Address, string Suffix)
{
    /// <summary>Length of the suffix.</summary>
    public const int SuffixLength = 24;

    /// <inheritdoc/>
    public override string ToString() => string.Concat(Address.Value, ".", Suffix);

    /// <summary>Reads the shape of an id; <see cref="MessageIds.IsOurs"/> tells whether it was given out here.</summary>
    public static bool TryParse(string? text, out MessageId id)
    {
        id = default;
        if (text is null || text.Length != AddressKey.Length + 1 + SuffixLength || text[AddressKey.Length] != '.') return false;
        if (!AddressKey.TryParse(text.AsSpan(0, AddressKey.Length), out var address)) return false;
        var suffix = text[(AddressKey.Length + 1)..];
        foreach (var c in suffix)
            // Stricter than a decoder, which would let white space into a row key.
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        id = new MessageId(address, suffix);
        return true;
    }

    /// <summary>
    /// Reads an id that somebody may have copied out of a file of ours, where a quote stands in front of what a spreadsheet would run.
    /// </summary>
    public static bool TryParseCopied(string? text, out MessageId id) =>
        TryParse(text is null ? null : Imports.Formula.Unescape(text), out id);

    /// <summary>
    /// The id as a GUID, for providers whose operation ids are GUIDs: the same for every attempt. It is the first 16 bytes of the suffix,
    /// which hold all that is not derived from the address: a report that names the recipient and this GUID leads back to the message
    /// without an index (<see cref="MessageIds.Find"/>).
    /// </summary>
    public Guid OperationId
    {
        get
        {
            Span<byte> suffix = stackalloc byte[18];
            Base64Url.DecodeFromChars(Suffix, suffix);
            return new Guid(suffix[..16]);
        }
    }
}

/// <summary>Makes and recognises message ids.</summary>
public sealed class MessageIds(KeyRing ring)
{
    // The lowest number of the ring, not the current one: ids must stay the same across rotation.
    private readonly KeyedHash _hash = new(ring.Derive(ring.Ids.First(), "message-id")!);

    /// <summary>A new id.</summary>
    public MessageId New(AddressKey address) => Make(address, RandomNumberGenerator.GetBytes(12));

    /// <summary>The id that <paramref name="seed"/> always gives for this address.</summary>
    public MessageId Derive(AddressKey address, string seed)
    {
        Span<byte> core = stackalloc byte[12];
        _hash.Write(Encoding.UTF8.GetBytes($"seed\0{address.Value}\0{seed}"), core);
        return Make(address, core);
    }

    /// <summary>
    /// The message that a provider names by its operation id, or null when the id is not of this address and this product.
    /// </summary>
    public MessageId? Find(AddressKey address, Guid operationId)
    {
        Span<byte> bytes = stackalloc byte[16];
        operationId.TryWriteBytes(bytes);
        var id = Make(address, bytes[..12]);
        return id.OperationId == operationId ? id : null;
    }

    /// <summary>Whether the id was made here.</summary>
    public bool IsOurs(MessageId id)
    {
        Span<byte> suffix = stackalloc byte[18];
        Base64Url.DecodeFromChars(id.Suffix, suffix);
        Span<byte> expected = stackalloc byte[6];
        Sign(id.Address, suffix[..12], expected);
        return CryptographicOperations.FixedTimeEquals(expected, suffix[12..]);
    }

    private MessageId Make(AddressKey address, ReadOnlySpan<byte> core)
    {
        Span<byte> suffix = stackalloc byte[18];
        core.CopyTo(suffix);
        Sign(address, core, suffix[12..]);
        return new MessageId(address, Base64Url.EncodeToString(suffix));
    }

    private void Sign(AddressKey address, ReadOnlySpan<byte> core, Span<byte> mac)
    {
        Span<byte> input = stackalloc byte[28];
        address.CopyTo(input);
        core.CopyTo(input[16..]);
        _hash.Write(input, mac);
    }
}
