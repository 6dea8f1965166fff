namespace Notifications.Sending;

/// <summary>Who the messages are from. Marketing and transactional mail use different addresses (R17).</summary>
public sealed class SenderOptions
{
    /// <summary>The company's name as people know it. Default: Parcel Post.</summary>
    public string Name { get; set; } = "Parcel Post";

    /// <summary>The postal address that marketing mail must carry (R23). Default: a placeholder, said at start.</summary>
    public string PostalAddress { get; set; } = "1 Example Street, 10000 Exampletown";

    /// <summary>Where people reach a human: an email address or a URL.</summary>
    public string Contact { get; set; } = "help@example.com";

    /// <summary>From address of marketing mail.</summary>
    public string MarketingFrom { get; set; } = "news@example.com";

    /// <summary>From address of transactional mail.</summary>
    public string TransactionalFrom { get; set; } = "parcels@example.com";

    /// <summary>Number or name that texts come from.</summary>
    public string SmsFrom { get; set; } = "+18005550100";

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value cannot be used.</exception>
    public void Validate()
    {
        Check(Name.Length is > 0 and <= 60 && !Name.AsSpan().ContainsAny('\r', '\n'), nameof(Name), "a name of 1 to 60 characters on one line");
        Check(PostalAddress.Trim().Length > 0, nameof(PostalAddress), "the company's postal address");
        Check(Addresses.EmailAddress.TryParse(MarketingFrom, out _, out _), nameof(MarketingFrom), "an email address");
        Check(Addresses.EmailAddress.TryParse(TransactionalFrom, out _, out _), nameof(TransactionalFrom), "an email address");
        Check(SmsFrom.Length is > 0 and <= 20, nameof(SmsFrom), "a phone number, a short code or a sender name");
    }

    private static void Check(bool valid, string name, string what)
    {
        if (!valid) throw new ArgumentException($"Notifications:Sender:{name} must be {what}.");
    }
}
