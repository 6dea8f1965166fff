using System.Collections.Frozen;
using System.Text;

namespace Notifications.Sms;

/// <summary>
/// The marks of print that a page is set with and GSM-7 lacks, as the plain ones that it has: <c>Lettre d’information</c> is
/// <c>Lettre d'information</c> in a text, for one such mark would leave 70 characters of a segment's 160 (R56). No letter changes.
/// </summary>
internal static class PlainMarks
{
    private static readonly FrozenDictionary<char, string> Twins = new Dictionary<char, string>
    {
        ['’'] = "'", ['‘'] = "'", ['‚'] = "'", ['ʼ'] = "'", ['“'] = "\"", ['”'] = "\"", ['„'] = "\"", ['«'] = "\"", ['»'] = "\"",
        ['–'] = "-", ['—'] = "-", ['‑'] = "-", ['−'] = "-", ['…'] = "...", ['\u00A0'] = " ", ['\u202F'] = " ", ['\u2009'] = " ",
        ['\u00AD'] = "", ['\u200B'] = "", ['\uFEFF'] = "",
    }.ToFrozenDictionary();

    /// <summary>A text that is GSM-7 but for such marks, with the plain ones; any other as it is, for there they cost nothing.</summary>
    public static string Of(string text)
    {
        if (SmsSegments.Count(text).Encoding == SmsEncoding.Gsm7) return text;
        var plain = new StringBuilder(text.Length);
        foreach (var c in text.Replace("«\u00A0", "«", StringComparison.Ordinal).Replace("\u00A0»", "»", StringComparison.Ordinal))
        {
            if (Twins.TryGetValue(c, out var twin)) plain.Append(twin);
            else plain.Append(c);
        }

        var said = plain.ToString();
        return SmsSegments.Count(said).Encoding == SmsEncoding.Gsm7 ? said : text;
    }
}
