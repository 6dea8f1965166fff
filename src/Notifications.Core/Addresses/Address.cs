namespace Notifications.Addresses;

/// <summary>
/// An email address or a phone number, normalised: two spellings of one mailbox or phone are equal, and have one key. A phone's number that
/// is written in several forms keeps the one that it came in, for which of them a carrier takes differs.
/// </summary>
public readonly record struct Address(Channel Channel, string Value)
{
    /// <summary>What the address is known by: of the forms of a phone's number the one that stands for all.</summary>
    internal string Known => Channel == Channel.Sms ? PhoneNumber.OneForm(Value) : Value;

    /// <summary>The same phone by the other form of its number, which is equal; null where it has none.</summary>
    internal Address? OtherForm =>
        Channel == Channel.Sms && PhoneNumber.OtherForm(Known) is { } other ? this with { Value = other } : null;

    /// <inheritdoc/>
    public bool Equals(Address other) => Channel == other.Channel && Known == other.Known;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Channel, Known);

    /// <summary>An email address.</summary>
    public static Address Of(EmailAddress email) => new(Channel.Email, email.Value);

    /// <summary>A phone number.</summary>
    public static Address Of(PhoneNumber phone) => new(Channel.Sms, phone.Value);

    /// <summary>
    /// What a text means to be: what has no @ and begins as numbers do is a phone number; an email address may begin with a plus sign too.
    /// </summary>
    public static Channel ChannelOf(string text) =>
        !text.Contains('@', StringComparison.Ordinal) && PhoneText.Begins(text) ? Channel.Sms : Channel.Email;

    /// <summary>Reads an address of a known channel.</summary>
    public static bool TryParse(Channel channel, string? input, out Address address, out string problem)
    {
        address = default;
        if (channel == Channel.Email)
        {
            if (!EmailAddress.TryParse(input, out var email, out problem)) return false;
            address = Of(email);
            return true;
        }

        if (!PhoneNumber.TryParse(input, out var phone, out problem)) return false;
        address = Of(phone);
        return true;
    }

    /// <summary>With its channel, as rows keep it: <c>email:somebody@example.com</c>.</summary>
    internal string Stored => $"{Channel.Name()}:{Value}";

    /// <summary>Reads <see cref="Stored"/>.</summary>
    internal static Address OfStored(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(ChannelNames.Parse(text[..colon])!.Value, text[(colon + 1)..]);
    }

    /// <summary>Enough for its owner to recognise, too little for anybody else: <c>a•••@example.com</c>, <c>+1•••••71</c>.</summary>
    public string Masked()
    {
        if (Channel == Channel.Sms)
            return Value.Length < 6 ? "•••" : string.Concat(Value.AsSpan(0, 2), "•••••", Value.AsSpan(Value.Length - 2));
        var at = Value.LastIndexOf('@');
        return at < 1 ? "•••" : string.Concat(Value.AsSpan(0, 1), "•••", Value.AsSpan(at));
    }

    /// <summary>Masked: an address never stands in a log line by accident (P7).</summary>
    public override string ToString() => Masked();
}
