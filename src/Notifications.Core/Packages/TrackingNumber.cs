namespace Notifications.Packages;

/// <summary>
/// A tracking number, upper-cased and without spaces or hyphens: 4 to 50 ASCII letters and digits, as 17TRACK takes them. One that has the
/// shape of the postal unions (UPU S10: two letters, nine digits, two letters) and another check digit than theirs is taken too, for
/// carriers give out such: <see cref="Doubt"/> tells of it, and nobody's news is lost.
/// </summary>
public readonly record struct TrackingNumber
{
    private const int S10Length = 13;
    private const int S10CheckDigit = 10;

    /// <summary>Characters of the longest one.</summary>
    internal const int Longest = 50;

    private TrackingNumber(string value) => Value = value;

    /// <summary>The normalised number.</summary>
    public string Value { get; }

    /// <summary>Why it may be mistyped, in a sentence for whoever has typed it; null where nothing speaks for that.</summary>
    public string? Doubt =>
        IsS10(Value) && CheckDigit(Value.AsSpan(2, S10CheckDigit - 2)) is var right && Value[S10CheckDigit] != right
            ? $"Its check digit is {Value[S10CheckDigit]} where the postal form S10 calls for {right}: see whether it is mistyped."
            : null;

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Reads a number; on failure <paramref name="problem"/> says what would be right.</summary>
    public static bool TryParse(string? input, out TrackingNumber number, out string problem)
    {
        number = default;
        problem = $"must be 4 to {Longest} letters and digits";
        if (input is null || input.Length > 100) return false;
        Span<char> kept = stackalloc char[100];
        var length = 0;
        foreach (var c in input)
        {
            if (c is ' ' or '-') continue;
            if (!char.IsAsciiLetterOrDigit(c)) return false;
            kept[length++] = char.ToUpperInvariant(c);
        }

        if (length is < 4 or > Longest) return false;
        problem = "";
        number = new TrackingNumber(new string(kept[..length]));
        return true;
    }

    private static bool IsS10(ReadOnlySpan<char> text) =>
        text.Length == S10Length
            && !text[..2].ContainsAnyExceptInRange('A', 'Z')
            && !text[2..11].ContainsAnyExceptInRange('0', '9')
            && !text[11..].ContainsAnyExceptInRange('A', 'Z');

    /// <summary>UPU S10-12 section 5: weights 8 6 4 2 3 5 9 7, 11 minus the sum modulo 11; 10 becomes 0 and 11 becomes 5.</summary>
    public static char CheckDigit(ReadOnlySpan<char> serial)
    {
        ReadOnlySpan<int> weights = [8, 6, 4, 2, 3, 5, 9, 7];
        var sum = 0;
        for (var i = 0; i < weights.Length; i++) sum += (serial[i] - '0') * weights[i];
        return (11 - (sum % 11)) switch { 10 => '0', 11 => '5', var digit => (char)('0' + digit) };
    }
}
