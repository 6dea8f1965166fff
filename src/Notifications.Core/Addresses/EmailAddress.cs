using System.Globalization;

namespace Notifications.Addresses;

/// <summary>
/// One mailbox: a dot-atom local part (RFC 5322 section 3.4.1) in ASCII, not RFC 6531's, lower-cased, and a domain in its ASCII form (RFC
/// 5891). <c>+tag</c> is kept: it is another mailbox to its owner. At most 254 characters (RFC 5321 section 4.5.3.1).
/// </summary>
public readonly record struct EmailAddress
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    private EmailAddress(string value) => Value = value;

    /// <summary>The normalised address.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>
    /// Reads an address; on failure <paramref name="problem"/> says what would be right, without repeating the input (P7).
    /// </summary>
    public static bool TryParse(string? input, out EmailAddress address, out string problem)
    {
        address = default;
        var text = input?.Trim() ?? "";
        var at = text.LastIndexOf('@');
        if (at <= 0 || at == text.Length - 1)
        {
            problem = "must be one email address such as ana@example.com";
            return false;
        }

        var local = text[..at];
        if (local.Any(static c => c > 127 && char.IsLetter(c)))
        {
            problem = "must have no letters but a to z before the @: addresses with others (RFC 6531) are not supported";
            return false;
        }

        if (local.Length > 64 || !IsDotAtom(local))
        {
            problem = "must have 1 to 64 letters a to z, digits or .!#$%&'*+/=?^_`{|}~- before the @, with no dot at either end or twice in a row";
            return false;
        }

        if (!TryDomain(text[(at + 1)..], out var domain))
        {
            problem = "must have a domain such as example.com after the @";
            return false;
        }

        if (local.Length + 1 + domain.Length > 254)
        {
            problem = "must be at most 254 characters long";
            return false;
        }

        problem = "";
        address = new EmailAddress(string.Concat(local.ToLowerInvariant(), "@", domain));
        return true;
    }

    private static bool IsDotAtom(string local)
    {
        var previous = '.';
        foreach (var c in local)
        {
            if (c == '.' ? previous == '.' : !(char.IsAsciiLetterOrDigit(c) || "!#$%&'*+/=?^_`{|}~-".Contains(c, StringComparison.Ordinal)))
                return false;
            previous = c;
        }

        return previous != '.';
    }

    private static bool TryDomain(string text, out string domain)
    {
        domain = "";
        try
        {
            domain = Idn.GetAscii(text).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return false;
        }

        var lastDot = domain.LastIndexOf('.');
        return lastDot > 0
            && lastDot < domain.Length - 2
            && !domain.AsSpan(lastDot + 1).ContainsAnyInRange('0', '9') | domain.AsSpan(lastDot + 1).StartsWith("xn--");
    }
}
