using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;

namespace Notifications.Unsubscribe;

/// <summary>
/// Writes and reads link tokens: base64url of version (1 byte), key number (1), channel and flags (1), address key (16), scope (1 and its
/// text), message suffix (18, when flagged), and the first 128 bits of an HMAC-SHA256 under a key of the purpose and the environment.
/// Verification needs no look-up, so forging costs the attacker more than us. Tokens never expire, and verify under every key of the ring
/// (R22).
/// </summary>
public sealed class LinkTokens
{
    private const byte Version = 1;
    private const int Mac = 16;
    private const int Fixed = 20;
    private const int MaxLength = 400;
    private const byte SmsFlag = 1, MessageFlag = 2, PackageFlag = 4;
    private static readonly string[] ShortTopics = ["", TopicKey.PackageUpdates, TopicKey.Promotions, TopicKey.Newsletter];
    private readonly KeyedHash?[][] _keys;
    private readonly byte _current;

    /// <summary>Derives the keys of every purpose and number.</summary>
    public LinkTokens(KeyRing ring)
    {
        _current = ring.Current;
        _keys = new KeyedHash?[4][];
        for (var purpose = 1; purpose <= 3; purpose++)
        {
            _keys[purpose] = new KeyedHash?[256];
            foreach (var id in ring.Ids) _keys[purpose][id] = new KeyedHash(ring.Derive(id, "link/" + purpose)!);
        }
    }

    /// <summary>The token's text: 48 to 400 base64url characters.</summary>
    public string Write(LinkToken token)
    {
        Span<byte> bytes = stackalloc byte[300];
        bytes[0] = Version;
        bytes[1] = _current;
        bytes[2] =
            (byte)((token.Channel == Channel.Sms ? SmsFlag : 0)
                | (token.Message is null ? 0 : MessageFlag) | (token.TrackingNumber is null ? 0 : PackageFlag));
        token.Address.CopyTo(bytes[3..]);
        var length = Fixed - 1;
        var scope = token.TrackingNumber ?? token.Topic ?? "";
        var known = token.TrackingNumber is null ? Array.IndexOf(ShortTopics, scope) : -1;
        if (known >= 0) bytes[length++] = (byte)known;
        else
        {
            var written = Encoding.UTF8.GetBytes(scope, bytes[(length + 1)..]);
            if (written is 0 or > 128)
                throw new ArgumentException("A topic or tracking number of 1 to 128 bytes fits a token.", nameof(token));
            bytes[length] = (byte)(written + 16);
            length += 1 + written;
        }

        if (token.Message is not null) length += Base64Url.DecodeFromChars(token.Message, bytes[length..]);
        _keys[(int)token.Purpose][_current]!.Write(bytes[..length], bytes.Slice(length, Mac));
        return Base64Url.EncodeToString(bytes[..(length + Mac)]);
    }

    /// <summary>
    /// Reads a token of one purpose; null for anything that is not exactly what <see cref="Write"/> has written under a key of the ring.
    /// </summary>
    public LinkToken? Read(LinkPurpose purpose, string text)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (text.Length is < 48 or > MaxLength || !Base64Url.IsValid(text.AsSpan(), out var length) || length < Fixed + Mac) return null;
        Base64Url.DecodeFromChars(text, bytes);
        var body = bytes[..(length - Mac)];
        if (body[0] != Version || _keys[(int)purpose][body[1]] is not { } key) return null;
        Span<byte> expected = stackalloc byte[Mac];
        key.Write(body, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes.Slice(body.Length, Mac))) return null;

        // The last character may carry bits that decode to nothing: only the spelling we wrote is the token.
        Span<char> spelled = stackalloc char[MaxLength];
        Base64Url.EncodeToChars(bytes[..length], spelled);
        return text.AsSpan().SequenceEqual(spelled[..text.Length]) ? Parse(purpose, body) : null;
    }

    private static LinkToken? Parse(LinkPurpose purpose, ReadOnlySpan<byte> body)
    {
        var flags = body[2];
        var address = AddressKey.From(body[3..]);
        int code = body[Fixed - 1];
        var at = Fixed;
        string scope;
        if (code < ShortTopics.Length) scope = ShortTopics[code];
        else
        {
            scope = Encoding.UTF8.GetString(body.Slice(at, code - 16));
            at += code - 16;
        }

        var package = (flags & PackageFlag) != 0;
        return new LinkToken(purpose, address, (flags & SmsFlag) != 0 ? Channel.Sms : Channel.Email)
        {
            Topic = package ? TopicKey.PackageUpdates : scope.Length == 0 ? null : scope,
            TrackingNumber = package ? scope : null,
            Message = (flags & MessageFlag) != 0 ? Base64Url.EncodeToString(body.Slice(at, MessageId.SuffixLength / 4 * 3)) : null,
        };
    }
}
