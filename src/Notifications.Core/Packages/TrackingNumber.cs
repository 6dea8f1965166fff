namespace Notifications.Packages;

/// <summary>A tracking number, upper-cased and without spaces or hyphens: 4 to 40 ASCII letters and digits.</summary>
public readonly record struct TrackingNumber
{
    private TrackingNumber(string value) => Value = value;

    /// <summary>The normalised number.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Reads a number; on failure <paramref name="problem"/> says what would be right.</summary>
    public static bool TryParse(string? input, out TrackingNumber number, out string problem)
    {
        number = default;
        problem = "must be 4 to 40 letters and digits";
        if (input is null || input.Length > 100) return false;
        Span<char> kept = stackalloc char[100];
        var length = 0;
        foreach (var c in input)
        {
            if (c is ' ' or '-') continue;
            if (!char.IsAsciiLetterOrDigit(c)) return false;
            kept[length++] = char.ToUpperInvariant(c);
        }

        if (length is < 4 or > 40) return false;
        problem = "";
        number = new TrackingNumber(new string(kept[..length]));
        return true;
    }
}
