using System.Globalization;
using System.Text;

namespace Notifications.Sms;

/// <summary>What a text from a person asks for.</summary>
public enum SmsIntent
{
    /// <summary>Nothing we know.</summary>
    None,

    /// <summary>Stop everything.</summary>
    Stop,

    /// <summary>Take the stop back.</summary>
    Start,

    /// <summary>Agree to what is pending, or take the stop back.</summary>
    Yes,

    /// <summary>Say who we are.</summary>
    Help,
}

/// <summary>
/// Reads a keyword from a text (R39, R40): compatibility forms folded (full-width letters), case folded without a culture, punctuation, quotes and
/// white space around and inside dropped. The whole text must be the keyword.
/// </summary>
public static class SmsKeyword
{
    private static readonly Dictionary<string, SmsIntent> Words = new(StringComparer.Ordinal)
    {
        ["STOP"] = SmsIntent.Stop, ["QUIT"] = SmsIntent.Stop, ["END"] = SmsIntent.Stop, ["REVOKE"] = SmsIntent.Stop, ["OPTOUT"] = SmsIntent.Stop,
        ["CANCEL"] = SmsIntent.Stop, ["UNSUBSCRIBE"] = SmsIntent.Stop, ["STOPALL"] = SmsIntent.Stop, ["REMOVE"] = SmsIntent.Stop,
        ["START"] = SmsIntent.Start, ["UNSTOP"] = SmsIntent.Start, ["YES"] = SmsIntent.Yes,
        ["HELP"] = SmsIntent.Help, ["INFO"] = SmsIntent.Help,
    };

    /// <summary>The keyword's meaning, or none.</summary>
    public static SmsIntent Read(string text) => Words.GetValueOrDefault(Normalise(text));

    private static string Normalise(string text)
    {
        if (text.Length > 200) return "";
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes())
            if (Rune.IsLetterOrDigit(rune)) kept.Append(Rune.ToUpper(rune, CultureInfo.InvariantCulture).ToString());
        return kept.ToString();
    }
}
