using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Security;

namespace Notifications.Privacy;

/// <summary>
/// Recognises a person in stored bytes: their addresses as whole words, their address keys, their contact. JSON is read string by string,
/// because an escaped plus sign is not the one that was typed; bytes within JSON (base64) are looked into as well. With
/// <paramref name="ring"/>, whatever looks like an address is hashed and compared: so a person is known by their keys alone, after their
/// addresses are gone from everywhere.
/// </summary>
internal sealed partial class PersonTraces(IReadOnlyList<Address> addresses, IReadOnlyList<string> keys, KeyRing? ring = null)
{
    // Event Grid writes phones without their plus sign.
    private readonly string[] _words = [.. addresses.Select(a => a.Value.TrimStart('+'))];

    /// <summary>Whether a row key or a text names the person.</summary>
    public bool In(string text)
    {
        foreach (var key in keys)
            if (text.Contains(key, StringComparison.Ordinal)) return true;
        foreach (var word in _words)
            if (Holds(text, word)) return true;
        return ring is not null && HoldsKeyed(text);
    }

    private bool HoldsKeyed(string text)
    {
        foreach (var match in AddressLike().EnumerateMatches(text))
        {
            var found = text.Substring(match.Index, match.Length).TrimEnd('.', '-');
            var email = found.Contains('@', StringComparison.Ordinal);
            var typed = email || found[0] == '+' ? found : "+" + found;
            if (Address.TryParse(email ? Channel.Email : Channel.Sms, typed, out var address, out _)
                && keys.Contains(ring!.KeyOf(address).Value))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex("[^\\s<>\"',;:()\\[\\]{}]{1,64}@[\\w.-]{3,255}|\\+?[0-9]{7,15}", RegexOptions.CultureInvariant)]
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
