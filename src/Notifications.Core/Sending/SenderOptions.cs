namespace Notifications.Sending;

/// <summary>Who the messages are from. Marketing and transactional mail use different addresses (R17).</summary>
public sealed class SenderOptions
{
    /// <summary>The company's name as people know it. Default: Parcel Post.</summary>
    public string Name { get; set; } = "Parcel Post";

    /// <summary>The postal address that marketing mail must carry (R23). Default: a placeholder, said at start.</summary>
    public string PostalAddress { get; set; } = "1 Example Street, 10000 Exampletown";

    /// <summary>
    /// Where people reach a human: an email address, an http or https URL, or a phone number. Default: a placeholder, said at start.
    /// </summary>
    public string Contact { get; set; } = "help@example.com";

    /// <summary>From address of marketing mail.</summary>
    public string MarketingFrom { get; set; } = "news@example.com";

    /// <summary>From address of transactional mail.</summary>
    public string TransactionalFrom { get; set; } = "parcels@example.com";

    /// <summary>
    /// Whether both may come from one address, which R17 forbids for real traffic: for trying, while the provider has only one. Default:
    /// false.
    /// </summary>
    public bool SharedFrom { get; set; }

    /// <summary>
    /// Whom texts come from: a number in E.164 with its plus, a short code of 3 to 6 digits, or a name of 1 to 11 letters A to Z, digits
    /// and blanks with one letter at least (3GPP TS 23.040 section 9.1.2.5). Nobody can answer a name (R50).
    /// </summary>
    public string SmsFrom { get; set; } = "+18005550100";

    /// <summary>Whether texts come from a name: anything but digits, with a plus before them or not.</summary>
    internal bool TextsFromName => SmsFrom.AsSpan().TrimStart('+').ContainsAnyExceptInRange('0', '9');

    /// <summary>
    /// The logo on public pages: the path of a PNG, JPEG, WebP or SVG file of at most 64 KiB, or the same as a data URI
    /// (<c>data:image/png;base64,...</c>). It is served from here: no page loads anything of anybody else (R61). Null, the default, shows a
    /// plain mark.
    /// </summary>
    public string? Logo { get; set; }

    /// <summary>
    /// The colour of buttons and links on public pages, as <c>#rrggbb</c>; dark pages take a lighter one made of it. It must be read on the
    /// page, and white on it: 4.5:1 (R57). Null, the default, is a dark green.
    /// </summary>
    public string? Color { get; set; }

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value cannot be used.</exception>
    public void Validate()
    {
        Check(
            Name.Length is > 0 and <= 60 && !Name.AsSpan().ContainsAny('\r', '\n'), nameof(Name),
            "a name of 1 to 60 characters on one line");
        Check(PostalAddress.Trim().Length > 0, nameof(PostalAddress), "the company's postal address");
        Check(
            Addresses.EmailAddress.TryParse(Contact, out _, out _)
                || (Uri.TryCreate(Contact, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.Host.Length > 0)
                || Addresses.PhoneNumber.TryParse(Contact, out _, out _),
            nameof(Contact), "an email address, a URL such as https://example.com/help, or a phone number with its country");
        Check(Addresses.EmailAddress.TryParse(MarketingFrom, out var marketing, out _), nameof(MarketingFrom), "an email address");
        Check(
            Addresses.EmailAddress.TryParse(TransactionalFrom, out var transactional, out _), nameof(TransactionalFrom),
            "an email address");
        Check(
            SharedFrom || marketing != transactional, nameof(MarketingFrom),
            "another address than TransactionalFrom (R17); to try with one alone, set Notifications:Sender:SharedFrom");
        if (Color is not null)
        {
            Check(SenderColor.TryParse(Color, out var color), nameof(Color), "a colour such as #0b6b57");
            var contrast = SenderColor.Contrast(color, SenderColor.LightPage);
            Check(
                contrast >= SenderColor.Readable, nameof(Color),
                FormattableString.Invariant(
                    $"darker: on the page it has a contrast of {contrast:0.0}:1, and text needs {SenderColor.Readable}:1 (WCAG 1.4.3)"));
        }

        CheckSmsFrom();
    }

    // What it begins with, or is made of, says which of the three was meant.
    private void CheckSmsFrom()
    {
        if (SmsFrom.StartsWith('+'))
            Check(
                Addresses.PhoneNumber.TryParse(SmsFrom, out var number, out _) && number.Value == SmsFrom, nameof(SmsFrom),
                "a phone number in E.164 such as +18005550100, without blanks, since it begins with a plus");
        else if (SmsFrom.Length > 0 && !TextsFromName)
            Check(
                SmsFrom.Length is >= 3 and <= 6, nameof(SmsFrom),
                "a short code of 3 to 6 digits, since it is digits alone; a phone number begins with a plus");
        else
            Check(
                SmsFrom.Length is > 0 and <= 11
                    && SmsFrom.All(static c => char.IsAsciiLetterOrDigit(c) || c == ' ')
                    && SmsFrom.Any(char.IsAsciiLetter),
                nameof(SmsFrom),
                "a name of 1 to 11 letters A to Z, digits and blanks with one letter at least, since it is neither number nor short code");
    }

    private static void Check(bool valid, string name, string what)
    {
        if (!valid) throw new ArgumentException($"Notifications:Sender:{name} must be {what}.");
    }
}
