namespace Notifications;

/// <summary>What may stand in a text that people write.</summary>
public static class FreeText
{
    /// <summary>Whether there are control characters in it other than tabs and ends of lines.</summary>
    public static bool HasControls(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (char.IsControl(c) && c is not ('\t' or '\r' or '\n')) return true;
        return false;
    }
}
