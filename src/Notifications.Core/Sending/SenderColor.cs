using System.Globalization;
using Notifications.Templates;

namespace Notifications.Sending;

/// <summary>A colour as <c>#rrggbb</c>, and how well text in one is read on another (WCAG 2.2, contrast ratio).</summary>
public readonly record struct SenderColor(byte Red, byte Green, byte Blue)
{
    /// <summary>What normal text needs (WCAG 1.4.3).</summary>
    public const double Readable = 4.5;

    /// <summary>The darkest background of a light page.</summary>
    public static readonly SenderColor LightPage = new(0xf2, 0xf4, 0xf3);

    /// <summary>The lightest background of a dark page.</summary>
    public static readonly SenderColor DarkPage = new(0x18, 0x1f, 0x1c);

    /// <summary>The text on a button of the colour, on a dark page.</summary>
    public static readonly SenderColor DarkText = new(0x08, 0x0c, 0x0a);

    /// <summary>Reads <c>#rrggbb</c>.</summary>
    public static bool TryParse(string? text, out SenderColor color)
    {
        color = default;
        if (text is not { Length: 7 }
            || text[0] != '#'
            || !int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rgb))
        {
            return false;
        }

        color = new((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
        return true;
    }

    /// <summary>1 (the same) to 21 (black on white).</summary>
    public static double Contrast(SenderColor a, SenderColor b) => a.Css.Contrast(b.Css);

    /// <summary>The colour for dark pages: mixed with white until it is read there, and until text on it is.</summary>
    public SenderColor ForDark()
    {
        for (var share = 0.0; ; share += 0.05)
        {
            var mixed = new SenderColor(Mix(Red, share), Mix(Green, share), Mix(Blue, share));
            if (share >= 1 || (Contrast(mixed, DarkPage) >= Readable && Contrast(mixed, DarkText) >= Readable)) return mixed;
        }
    }

    private CssColour Css => new(Red / 255.0, Green / 255.0, Blue / 255.0);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{Red:x2}{Green:x2}{Blue:x2}");

    private static byte Mix(byte part, double white) => (byte)Math.Clamp(Math.Round(part + (255 - part) * white), 0, 255);
}
