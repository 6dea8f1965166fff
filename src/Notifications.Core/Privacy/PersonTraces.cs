using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Imports;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>
/// Recognises a person in stored bytes: their addresses as whole words, however people write them, their address keys, their contact. JSON
/// is read string by string, because an escaped plus sign is not the one that was typed; bytes within JSON (base64) are looked into as
/// well. With <paramref name="ring"/>, whatever looks like an address is hashed and compared: so a person is known by their keys alone,
/// after their addresses are gone from everywhere.
/// </summary>
internal sealed partial class PersonTraces(IReadOnlyList<Address> addresses, IReadOnlyList<string> keys, KeyRing? ring = null)
{
    private readonly HashSet<Address> _addresses = [.. addresses];
    private readonly string[] _words = [.. addresses.SelectMany(Forms).SelectMany(Spellings)];
    private readonly Regex[] _numbers = [.. addresses.Where(a => a.Channel == Channel.Sms).SelectMany(Forms).Select(NumberOf)];

    /// <summary>Whether a row key or a text names the person.</summary>
    public bool In(string text)
    {
        foreach (var key in keys)
            if (text.Contains(key, StringComparison.Ordinal)) return true;
        foreach (var word in _words)
            if (Holds(text, word)) return true;
        foreach (var number in _numbers)
            if (number.IsMatch(text)) return true;
        return ring is not null && HoldsKeyed(text);
    }

    /// <summary>Whether a cell of a file, read as an import reads it, is an address of the person.</summary>
    public bool InCell(string cell)
    {
        var text = Formula.Unescape(cell.Trim());
        var channel = text.Contains('@', StringComparison.Ordinal) ? Channel.Email : Channel.Sms;
        return Address.TryParse(channel, text, out var address, out _) && _addresses.Contains(address);
    }

    // A text from the phone, or an older list, may have another form of its number than the one that is stored.
    private static IEnumerable<Address> Forms(Address address) =>
        address.OtherForm is { } other ? [address with { Value = address.Known }, other] : [address];

    private static IEnumerable<string> Spellings(Address address)
    {
        yield return address.Value.TrimStart('+'); // Event Grid writes phones without it.
        var at = address.Value.LastIndexOf('@') + 1;
        if (at > 0 && address.Value.Contains("xn--", StringComparison.Ordinal))
            yield return address.Value[..at] + new IdnMapping().GetUnicode(address.Value, at); // As it is typed (RFC 5891).
    }

    /// <summary>
    /// A phone number as people write it: in groups, with 00 for the plus sign, with the zero that is dialled at home in brackets. Where it
    /// has neither sign, digits that stand right before it belong to another number.
    /// </summary>
    private static Regex NumberOf(Address phone)
    {
        const string Between = @"(?:\(0\)|[ \u00A0.()/\u2010-\u2015-]){0,4}";
        return new Regex(
            @"(?:\+|(?<![\p{L}\p{Nd}]|\p{Nd}[ \u00A0.()/-]{1,3})(?:00)?)"
                + Between
                + string.Join(Between, phone.Value.TrimStart('+').ToCharArray())
                + @"(?![\p{L}\p{Nd}]|[.-]\p{Nd})",
            RegexOptions.CultureInvariant);
    }

    private bool HoldsKeyed(string text)
    {
        foreach (var match in AddressLike().EnumerateMatches(text))
        {
            var found = text.Substring(match.Index, match.Length).TrimEnd('.', '-');
            var email = found.Contains('@', StringComparison.Ordinal);
            var typed = email || found[0] == '+' || found.StartsWith("00", StringComparison.Ordinal) ? found : "+" + found;
            if (Address.TryParse(email ? Channel.Email : Channel.Sms, typed, out var address, out _)
                && keys.Contains(ring!.KeyOf(address).Value))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex("[^\\s<>\"',;:()\\[\\]{}]{1,64}@[\\w.-]{3,255}|\\+?[0-9]{7,17}", RegexOptions.CultureInvariant)]
    private static partial Regex AddressLike();

    /// <summary>Whether stored bytes name the person.</summary>
    public bool In(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) continue;
                var text = reader.GetString()!;
                if (In(text)) return true;
                if (text.Length >= 24
                    && reader.TokenType == JsonTokenType.String
                    && reader.TryGetBytesFromBase64(out var inner)
                    && In(inner))
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return In(Encoding.UTF8.GetString(bytes)); // Not JSON: a file of lines, or a raw mail.
        }
    }

    private static bool Holds(string text, string word)
    {
        for (var at = text.IndexOf(
            word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + word.Length;
            var before = at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '.' or '_' or '-');
            var after = end == text.Length
                || !(char.IsLetterOrDigit(text[end])
                    || text[end] == '-'
                    || (text[end] == '.' && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1])));
            if (before && after) return true;
        }

        return false;
    }
}
