using System.Collections.Frozen;

namespace Notifications.Sms;

/// <summary>How a text is encoded on the air.</summary>
public enum SmsEncoding
{
    /// <summary>Seven bits a character (3GPP TS 23.038 section 6.2.1): 160 in one segment, 153 in each of several.</summary>
    Gsm7,

    /// <summary>Sixteen bits a unit: 70 in one segment, 67 in each of several.</summary>
    Ucs2,
}

/// <summary>
/// What a text costs (R56): its encoding, its segments, its units, and the characters that force UCS-2, each once and in order; a text that
/// would silently switch to UCS-2 names them.
/// </summary>
public sealed record SmsSegments(SmsEncoding Encoding, int Segments, int Units, IReadOnlyList<string> Forcing)
{
    private const string Basic =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    private static readonly FrozenSet<char> One = Basic.ToFrozenSet();
    private static readonly FrozenSet<char> Two = "^{}\\[~]|€\f".ToFrozenSet();

    /// <summary>Counts a text. An empty one has no segment.</summary>
    public static SmsSegments Count(string text)
    {
        var forcing = new List<string>();
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsBmp && (One.Contains((char)rune.Value) || Two.Contains((char)rune.Value))) continue;
            var written = rune.ToString();
            if (!forcing.Contains(written)) forcing.Add(written);
        }

        return forcing.Count == 0 ? Fill(text, SmsEncoding.Gsm7, 160, 153, forcing) : Fill(text, SmsEncoding.Ucs2, 70, 67, forcing);
    }

    // Neither an escaped character nor a surrogate pair is cut in two: what does not fit begins the next segment.
    private static SmsSegments Fill(string text, SmsEncoding encoding, int single, int several, List<string> forcing)
    {
        int units = 0, segments = 0, room = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var pair = encoding == SmsEncoding.Ucs2
                && char.IsHighSurrogate(text[i])
                && i + 1 < text.Length
                && char.IsLowSurrogate(text[i + 1]);
            var size = pair || (encoding == SmsEncoding.Gsm7 && Two.Contains(text[i])) ? 2 : 1;
            if (pair) i++;
            if (size > room)
            {
                segments++;
                room = several;
            }

            room -= size;
            units += size;
        }

        return new SmsSegments(encoding, units <= single ? Math.Min(units, 1) : segments, units, forcing);
    }
}
