namespace Notifications;

/// <summary>Language tags (BCP 47), such as en or pt-BR.</summary>
public static class LanguageTag
{
    /// <summary>Whether a text is one: at most 35 characters, subtags of 1 to 8 letters and digits, the first of 2 to 8 letters.</summary>
    public static bool IsValid(string text)
    {
        if (text.Length > 35) return false;
        var subtags = text.Split('-');
        return subtags[0].Length >= 2
            && subtags[0].All(char.IsAsciiLetter)
            && subtags.All(s => s.Length is >= 1 and <= 8 && s.All(char.IsAsciiLetterOrDigit));
    }
}
