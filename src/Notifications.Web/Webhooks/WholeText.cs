using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Notifications.Web.Webhooks;

/// <summary>
/// JSON of which each string can be read: half of a surrogate pair, which is what a text becomes that was cut within an emoji, and bytes
/// that are not UTF-8 stand as U+FFFD. The STOP beside them is heard (P1).
/// </summary>
internal static class WholeText
{
    /// <summary>The same JSON where nothing is wrong with it.</summary>
    public static byte[] Of(byte[] json)
    {
        var whole = Utf8.IsValid(json) ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        for (var i = 0; i + 1 < whole.Length; i++)
        {
            if (whole[i] != '\\') continue;
            if (EscapeAt(whole, i) is not { } unit)
            {
                i++; // Another escape, of a backslash for one.
                continue;
            }

            if (char.IsHighSurrogate(unit) && EscapeAt(whole, i + 6) is { } next && char.IsLowSurrogate(next)) i += 6;
            else if (char.IsSurrogate(unit))
            {
                if (ReferenceEquals(whole, json)) whole = [.. json];
                "fffd"u8.CopyTo(whole.AsSpan(i + 2));
            }

            i += 5;
        }

        return whole;
    }

    private static char? EscapeAt(ReadOnlySpan<byte> json, int at) =>
        at + 6 <= json.Length
            && json[at..].StartsWith("\\u"u8)
            && ushort.TryParse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
