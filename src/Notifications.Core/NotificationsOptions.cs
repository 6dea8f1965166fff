using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Unsubscribe;

namespace Notifications;

/// <summary>
/// Every setting of the product, under <c>Notifications</c> in configuration (as an environment variable: <c>Notifications__PublicUrl</c>).
/// </summary>
public sealed class NotificationsOptions
{
    /// <summary>
    /// The environment's name, part of every derived key (R60): 1 to 32 letters, digits and hyphens. Default <c>local</c>. Changing it
    /// makes old data unreadable.
    /// </summary>
    public string Environment { get; set; } = "local";

    /// <inheritdoc cref="LinkOptions.PublicUrl"/>
    public string PublicUrl { get; set; } = "";

    /// <inheritdoc cref="LinkOptions.UnsubscribeMailbox"/>
    public string? UnsubscribeMailbox { get; set; }

    /// <summary>
    /// How many proxies stand before the app, each of which appends to <c>X-Forwarded-For</c> whom it was called by: 0 to 10. The caller is
    /// so many entries from the right; whatever stands before it, anybody may have written. 0 is the connection's own address. Too few and
    /// people share limits, too many and they choose their address (R26, R62). Default 0. Of no effect on Azure, where the host takes the
    /// header; there <c>Notifications:FrontDoorId</c> says what stands before the app.
    /// </summary>
    public int TrustedProxies { get; set; }

    /// <summary>
    /// The secret that providers' webhooks must carry, at least 16 characters; null refuses every webhook. While it is changed, the new
    /// one, a space and the one before: either is taken.
    /// </summary>
    public string? WebhookSecret { get; set; }

    /// <summary>
    /// Whom alerts are mailed to, one address: each kind once an hour at most. Null, the default, mails none.
    /// </summary>
    public string? AlertEmail { get; set; }

    /// <summary>
    /// Whether whoever signs up on the public form must say to be of age. Off by default: an age need not be stated, and whoever states one
    /// under 18 is refused either way, with nothing stored (R38).
    /// </summary>
    public bool RequireAge { get; set; }

    /// <summary>Who the messages are from.</summary>
    public SenderOptions Sender { get; set; } = new();

    /// <summary>What sending is bound by.</summary>
    public SendingOptions Sending { get; set; } = new();

    /// <summary>How conversations by text go.</summary>
    public SmsOptions Sms { get; set; } = new();

    /// <summary>How news of packages is taken in and told.</summary>
    public PackageOptions Packages { get; set; } = new();

    /// <summary>How following a package begins and ends.</summary>
    public WatchOptions Watches { get; set; } = new();

    /// <summary>Rights of persons and how long things are kept.</summary>
    public PrivacyOptions Privacy { get; set; } = new();

    /// <summary>How people sign in to the console.</summary>
    public ConsoleOptions Console { get; set; } = new();

    /// <summary>What campaigns are bound by.</summary>
    public CampaignOptions Campaigns { get; set; } = new();

    /// <summary>What imports may take.</summary>
    public ImportOptions Imports { get; set; } = new();

    /// <summary>Topics besides, or in place of, the built-in ones (M5).</summary>
    public List<Topic> Topics { get; set; } = [];

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value cannot be used.</exception>
    public void Validate()
    {
        if (Environment.Length is 0 or > 32 || !Environment.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new ArgumentException("Notifications:Environment must be 1 to 32 letters, digits and hyphens.");
        if (TrustedProxies is < 0 or > 10)
            throw new ArgumentException("Notifications:TrustedProxies must be 0 to 10: how many proxies of yours stand before the app.");
        if (!SharedSecret.IsValid(WebhookSecret))
            throw new ArgumentException($"Notifications:WebhookSecret must be {SharedSecret.Rule}.");
        if (AlertEmail is not null && !Address.TryParse(Channel.Email, AlertEmail, out _, out var problem))
            throw new ArgumentException($"Notifications:AlertEmail {problem}: it is whom alerts are mailed to.");
        new LinkOptions { PublicUrl = PublicUrl, UnsubscribeMailbox = UnsubscribeMailbox }.Validate();
        Sender.Validate();
        Sending.Validate();
        Sms.Validate();
        if (Sms.TwoWay == true && Sender.TextsFromName)
            throw new ArgumentException(
                "Notifications:Sms:TwoWay cannot be true while Notifications:Sender:SmsFrom is a name: nobody can answer a name (R50). Leave TwoWay out, or send from a number or a short code.");
        Packages.Validate();
        Watches.Validate();
        Privacy.Validate();
        Console.Validate();
        Campaigns.Validate();
        Imports.Validate();
    }
}
