using System.Text;
using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Unsubscribe;

/// <summary>Where the public pages are.</summary>
public sealed class LinkOptions
{
    /// <summary>
    /// What links begin with, with or without a slash at the end: https wherever mail leaves for real (RFC 8058 section 3.1), which the
    /// Functions host insists on; http is for a laptop, whose start says so. It may have a path, under which a proxy leads here.
    /// </summary>
    public required string PublicUrl { get; set; }

    /// <summary>The mailbox that takes unsubscribe requests by mail; null takes <c>unsubscribe@</c> the public host.</summary>
    public string? UnsubscribeMailbox { get; set; }

    /// <summary>The mailbox that takes them.</summary>
    internal string Mailbox => UnsubscribeMailbox ?? "unsubscribe@" + new Uri(PublicUrl).Host;

    /// <exception cref="ArgumentException">The URL is not one.</exception>
    public void Validate()
    {
        if (!Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url)
            || (url.Scheme != "https" && url.Scheme != "http")
            || url.Query.Length > 0)
        {
            throw new ArgumentException("Notifications:PublicUrl must be an absolute URL such as https://mail.example.com; http is for trying on a laptop.");
        }

        if (PublicUrl.Length > 200
            || url.Fragment.Length > 0
            || url.UserInfo.Length > 0
            || PublicUrl.AsSpan().ContainsAnyExceptInRange('!', '~')
            || PublicUrl.AsSpan().ContainsAny('<', '>', '"'))
        {
            throw new ArgumentException(
                "Notifications:PublicUrl must be at most 200 ASCII characters with nothing but host and path; write an international host in its xn-- form.");
        }

        if (UnsubscribeMailbox is { } mailbox
            && (!EmailAddress.TryParse(mailbox, out var parsed, out _)
                || parsed.Value.Any(c => "?&%#/`{}|^".Contains(c, StringComparison.Ordinal))))
        {
            throw new ArgumentException(
                "Notifications:UnsubscribeMailbox must be an email address that can stand in a mailto link, such as unsubscribe@example.com.");
        }
    }
}

/// <summary>Makes the links and headers that let people stop.</summary>
public sealed class Links(LinkOptions options, LinkTokens tokens)
{
    private readonly string _url = options.PublicUrl.TrimEnd('/');

    /// <summary>The host that names our lists and mailboxes.</summary>
    public string Host { get; } = new Uri(options.PublicUrl).Host;

    /// <summary>The unsubscribe page of a token.</summary>
    public string Unsubscribe(string token) => string.Concat(_url, "/u/", token);

    /// <summary>The preference page of an address.</summary>
    public string Preferences(AddressKey address, Channel channel) => Preferences(PreferencesToken(address, channel));

    /// <summary>The preference page of a token.</summary>
    public string Preferences(string token) => string.Concat(_url, "/p/", token);

    /// <summary>A token that opens the preferences of an address.</summary>
    public string PreferencesToken(AddressKey address, Channel channel) =>
        tokens.Write(new LinkToken(LinkPurpose.Preferences, address, channel));

    /// <summary>
    /// The page that confirms an opt-in, with a null topic everything that the newest confirmation message asked about, or the following of
    /// one package.
    /// </summary>
    public string Confirm(AddressKey address, Channel channel, string? topic, string? trackingNumber = null) =>
        string.Concat(
            _url, "/c/",
            tokens.Write(new LinkToken(LinkPurpose.Confirm, address, channel) { Topic = topic, TrackingNumber = trackingNumber }));

    /// <summary>A token that stops a topic, or one package.</summary>
    public string UnsubscribeToken(AddressKey address, Channel channel, string topic, string? trackingNumber, string? messageSuffix) =>
        tokens.Write(
            new LinkToken(LinkPurpose.Unsubscribe, address, channel)
            {
                Topic = topic,
                TrackingNumber = trackingNumber,
                Message = messageSuffix,
            });

    /// <summary>
    /// The headers of R1: List-Unsubscribe with one https and one mailto URI (RFC 2369 section 3.2), List-Unsubscribe-Post (RFC 8058
    /// section 3.1), List-Id (RFC 2919). All ASCII, each line well under 998 characters (R2).
    /// </summary>
    public KeyValuePair<string, string>[] ListHeaders(string token, Topic topic) =>
    [
        new("List-Unsubscribe", $"<{Unsubscribe(token)}>, <mailto:{options.Mailbox}?subject={token}>"),
        new("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        new("List-Id", $"{Ascii(topic.Name)} <{topic.Key}.{Host}>"),
    ];

    // A phrase of plain atoms (RFC 5322 section 3.2.5): an unbalanced parenthesis or a comma would swallow the identifier that follows.
    private static string Ascii(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var c in text)
            if (c is >= ' ' and < '\u007f' && !"<>\"()[]:;@\\,.".Contains(c, StringComparison.Ordinal) && safe.Length < 100) safe.Append(c);
        return safe.ToString().Trim();
    }
}
