using System.Text.RegularExpressions;

namespace Notifications.Templates;

/// <summary>A colour of a style; each part and <paramref name="Alpha"/> from 0 to 1.</summary>
internal readonly partial record struct CssColour(double R, double G, double B, double Alpha = 1)
{
    public static readonly CssColour Black = new(0, 0, 0), White = new(1, 1, 1);

    /// <summary>As clients show links that say nothing of it.</summary>
    public static readonly CssColour Link = new(0, 0, 0xEE / 255.0);

    /// <summary>Reads one; null for what is none, or cannot be known.</summary>
    public static CssColour? Read(string value)
    {
        if (value is "transparent" or "none") return Black with { Alpha = 0 };
        if (value.StartsWith('#') && value.Length is 4 or 5 or 7 or 9 && value.Skip(1).All(char.IsAsciiHexDigit))
        {
            var wide = value.Length > 5;
            double Part(int i) =>
                wide
                    ? Convert.ToInt32(value.Substring(1 + (2 * i), 2), 16) / 255.0
                    : Convert.ToInt32(new string(value[1 + i], 2), 16) / 255.0;
            return new CssColour(Part(0), Part(1), Part(2), value.Length is 5 or 9 ? Part(3) : 1);
        }

        if (Function().Match(value) is { Success: true } call)
        {
            var parts = call.Groups[2].Value.Split([' ', ',', '/'], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length is < 3 or > 4) return null;
            var alpha = parts.Length == 4 ? CssSize.Number(parts[3]) : 1;
            if (call.Groups[1].Value == "rgb")
                return Channel(parts[0]) is { } r && Channel(parts[1]) is { } g && Channel(parts[2]) is { } b && alpha is { } a
                    ? new CssColour(r, g, b, a)
                    : null;
            return CssSize.Number(parts[0].Replace("deg", "", StringComparison.Ordinal)) is { } hue
                && CssSize.Number(parts[1]) is { } saturation
                && CssSize.Number(parts[2]) is { } light
                && alpha is { } veil
                ? Hsl(hue, saturation, light) with { Alpha = veil }
                : null;
        }

        var named = System.Drawing.Color.FromName(value);
        return named is { IsKnownColor: true, IsSystemColor: false }
            ? new CssColour(named.R / 255.0, named.G / 255.0, named.B / 255.0)
            : null;
    }

    private static double? Channel(string part) => part.EndsWith('%') ? CssSize.Number(part) : CssSize.Number(part) / 255;

    private static CssColour Hsl(double hue, double saturation, double light)
    {
        double Part(double n)
        {
            var k = (n + (hue / 30)) % 12;
            return light - (saturation * Math.Min(light, 1 - light) * Math.Max(-1, Math.Min(Math.Min(k - 3, 9 - k), 1)));
        }

        return new CssColour(Part(0), Part(8), Part(4));
    }

    /// <summary>The contrast ratio of WCAG 2.2 between two: 1 for none, 21 for black on white.</summary>
    public double Contrast(CssColour other)
    {
        static double Linear(double part) => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
        static double Light(CssColour c) => (0.2126 * Linear(c.R)) + (0.7152 * Linear(c.G)) + (0.0722 * Linear(c.B));
        var (a, b) = (Light(this), Light(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    [GeneratedRegex(@"^(rgb|hsl)a?\(([^()]*)\)$")]
    private static partial Regex Function();
}
