using System.Globalization;
using System.Text.RegularExpressions;

namespace Notifications.Templates;

/// <summary>Sizes and numbers of a style as a mail client reads them, in pixels. Null for what is none, or cannot be known.</summary>
internal static partial class CssSize
{
    /// <summary>A font size in pixels, in one whose own is <paramref name="parent"/>; null for what is none.</summary>
    public static double? FontSize(string value, double parent) => value switch
    {
        "xx-small" => 9, "x-small" => 10, "small" => 13, "medium" => 16, "large" => 18, "x-large" => 24, "xx-large" => 32,
        "smaller" => parent / 1.2, "larger" => parent * 1.2,
        _ when value.EndsWith('%') => Number(value) * parent,
        _ => Length(value, parent),
    };

    /// <summary>A length in pixels; null for what is none, or depends on the page.</summary>
    public static double? Length(string value, double size)
    {
        if (Measure().Match(value) is not { Success: true } match
            || !double.TryParse(match.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        return match.Groups[2].Value switch
        {
            "" => number == 0 ? 0 : number, // Mail clients read a bare number as pixels.
            "px" => number,
            "pt" => number * 4 / 3,
            "pc" => number * 16,
            "in" => number * 96,
            "cm" => number * 96 / 2.54,
            "mm" => number * 96 / 25.4,
            "em" => number * size,
            "ex" or "ch" => number * size / 2,
            "rem" => number * 16,
            "vw" or "vh" or "vmin" or "vmax" or "%" => number == 0 ? 0 : number * 6, // Of a page 600 pixels wide.
            _ => null,
        };
    }

    /// <summary>A number; a percentage is a part of one.</summary>
    public static double? Number(string value) =>
        double.TryParse(value.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? value.EndsWith('%') ? number / 100 : number
            : null;

    [GeneratedRegex(@"^([+-]?(?:\d+\.?\d*|\.\d+))([a-z]*|%)$")]
    private static partial Regex Measure();
}
