using System.Globalization;

namespace Notifications.Templates;

/// <summary>
/// Names of template sets: 1 to 64 of <c>a-z 0-9 - _</c>; <c>spring@7</c> means the set as its version 7 left it, for ever.
/// </summary>
public static class TemplateName
{
    /// <summary>Whether a text names a set, without a version.</summary>
    public static bool IsValid(string? name) =>
        name is { Length: >= 1 and <= 64 } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    /// <summary>Whether the name belongs to a set that comes with the product.</summary>
    public static bool IsBuiltIn(string? name) => Array.IndexOf(DefaultTemplates.Names, name) >= 0;

    /// <summary>The name with its version, <c>spring@7</c>.</summary>
    public static string Pinned(string name, int version) => string.Create(CultureInfo.InvariantCulture, $"{name}@{version}");

    /// <summary>Takes <c>spring</c> or <c>spring@7</c> apart; version 0 stands for the newest.</summary>
    public static bool TryParse(string? text, out string name, out int version)
    {
        version = 0;
        var at = text?.IndexOf('@', StringComparison.Ordinal) ?? -1;
        name = at < 0 ? text ?? "" : text![..at];
        return IsValid(name)
            && (at < 0
                || (int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out version)
                    && version > 0
                    && text![at + 1] != '0'));
    }
}
