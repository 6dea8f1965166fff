using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Notifications.Sending;

namespace Notifications.Events;

/// <summary>
/// What each status of an email delivery report means (Communication Services, EmailDeliveryReportReceived). A status that says only "not
/// delivered" is read by the enhanced status code in its message (RFC 3463, RFC 7372): policy and authentication (x.7.x) are our fault and
/// suppress nobody (R18). What the provider itself calls bounced has bounced, be it softly by its code.
/// </summary>
public static partial class EmailReports
{
    private static readonly FrozenDictionary<string, ReportOutcome> Statuses = new Dictionary<string, ReportOutcome>
    {
        ["delivered"] = new(MessageStatus.Delivered, ReportEffect.None, false, "Delivered to the mailbox's server."),
        ["expanded"] = new(null, ReportEffect.None, false, "A distribution list was expanded to its members."),
        ["suppressed"] = new(
            MessageStatus.Bounced, ReportEffect.Suppress, false,
            "On the provider's own list of bounced mailboxes; it forgets after days, we do not."),
        ["bounced"] = new(MessageStatus.Bounced, ReportEffect.Suppress, false, "The mailbox does not exist."),
        ["quarantined"] = new(MessageStatus.Failed, ReportEffect.Alert, false, "Quarantined as spam, bulk or phishing."),
        ["filteredspam"] = new(
            MessageStatus.Failed, ReportEffect.Alert, false, "Refused as spam by the receiving filter; no person complained."),
        ["failed"] = new(MessageStatus.Failed, ReportEffect.SoftBounce, true, "Not delivered."),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly ReportOutcome BeforeRecipient = new(
        MessageStatus.Failed, ReportEffect.Alert, true, "Refused before a recipient was looked at.");

    // First match wins. A code that ends with a dot stands for all that begin with it, any other for itself alone: 5.2.122 is not 5.2.1.
    private static readonly (string Code, ReportOutcome Outcome)[] Codes =
    [
        ("5.7.", new(MessageStatus.Failed, ReportEffect.Alert, true, "Refused by policy or for failed authentication (SPF, DKIM, DMARC).")),
        ("4.7.", new(MessageStatus.Failed, ReportEffect.Alert, true, "Put off by policy or reputation.")),
        ("5.1.8", new(MessageStatus.Failed, ReportEffect.Alert, true, "Our sender address was refused.")),
        ("5.1.7", new(MessageStatus.Failed, ReportEffect.Alert, true, "Our sender address was refused.")),
        ("5.1.", new(MessageStatus.Bounced, ReportEffect.Suppress, false, "The mailbox does not exist.")),
        ("5.2.1", new(MessageStatus.Bounced, ReportEffect.Suppress, false, "The mailbox is disabled.")),
        ("5.2.2", new(MessageStatus.Bounced, ReportEffect.SoftBounce, true, "The mailbox is full.")),
        ("5.2.3", new(MessageStatus.Failed, ReportEffect.None, false, "The message is too large for the mailbox.")),
        ("5.2.", new(MessageStatus.Bounced, ReportEffect.SoftBounce, true, "The mailbox took no mail.")),
        ("5.3.4", new(MessageStatus.Failed, ReportEffect.None, false, "The message is too large for the server.")),
        ("5.4.1", new(MessageStatus.Bounced, ReportEffect.Suppress, false, "The domain does not accept mail for the mailbox.")),
        ("5.4.4", new(MessageStatus.Bounced, ReportEffect.Suppress, false, "The domain does not take mail.")),
        ("5.4.", new(MessageStatus.Bounced, ReportEffect.SoftBounce, true, "The mail could not be routed.")),
        ("5.5.", new(MessageStatus.Failed, ReportEffect.Alert, true, "The servers did not understand each other.")),
        ("5.6.", new(MessageStatus.Failed, ReportEffect.Alert, true, "The content could not be carried.")),
        ("4.", new(MessageStatus.Failed, ReportEffect.SoftBounce, true, "Not delivered for now.")),
    ];

    /// <summary>The statuses there are.</summary>
    public static IEnumerable<string> Known => Statuses.Keys;

    /// <summary>What a status means; null for one that nobody has told us of: it is not final and changes nothing.</summary>
    public static ReportOutcome? Read(string status, string message)
    {
        if (!Statuses.TryGetValue(status, out var outcome)) return null;
        if (outcome.Status is not (MessageStatus.Bounced or MessageStatus.Failed)) return outcome;
        foreach (Match found in EnhancedCode().Matches(message))
        {
            foreach (var (code, read) in Codes)
                if (code[^1] == '.' ? found.ValueSpan.StartsWith(code, StringComparison.Ordinal) : found.ValueSpan.SequenceEqual(code))
                    return outcome.Status == MessageStatus.Bounced && read.Effect == ReportEffect.SoftBounce
                        ? read with { Status = MessageStatus.Bounced }
                        : read;
        }

        return Authentication().IsMatch(message) ? Codes[0].Outcome : outcome;
    }

    /// <summary>A refusal at the hand-off, read as a report that says the same (R18, R20).</summary>
    /// <param name="status">One of <see cref="Known"/> that did not arrive.</param>
    /// <param name="message">The server's words, or nothing.</param>
    /// <param name="ofRecipient">False where no recipient was looked at yet: then nothing is held against the one that was to be
    /// named.</param>
    public static Refusal Refused(string status, string message, bool ofRecipient = true)
    {
        var outcome = Read(status, message)!.Value;
        return new Refusal(
            ofRecipient || outcome.Effect == ReportEffect.Alert ? outcome : BeforeRecipient, AlertKind(status, message),
            CodeOf(message) ?? status);
    }

    /// <summary>The kind of alert that a report of ours to mend raises.</summary>
    public static string AlertKind(string status, string message) =>
        IsAuthentication(message)
            ? "email-authentication"
            : status.Equals("FilteredSpam", StringComparison.OrdinalIgnoreCase)
                || status.Equals("Quarantined", StringComparison.OrdinalIgnoreCase)
                ? "email-filtered"
                : "email-refused";

    /// <summary>
    /// Whether the receiver says that our mail failed authentication: 5.7.515, RFC 7372's 5.7.20 to 5.7.26 and their kind, or the words.
    /// </summary>
    public static bool IsAuthentication(string message) =>
        message.Contains("5.7.515", StringComparison.Ordinal) || AuthenticationCode().IsMatch(message) || Authentication().IsMatch(message);

    /// <summary>The first enhanced status code in a report's message, or null.</summary>
    public static string? CodeOf(string message) => EnhancedCode().Match(message) is { Success: true } found ? found.Value : null;

    [GeneratedRegex(@"(?<![\d.])5\.7\.(2[0-9]|30|509|515)(?!\d)")]
    private static partial Regex AuthenticationCode();

    /// <summary>What a person's complaint means, however it came.</summary>
    public static ReportOutcome Complaint { get; } = new(null, ReportEffect.Complaint, false, "The person reported spam.");

    [GeneratedRegex(@"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\.\d)")]
    private static partial Regex EnhancedCode();

    [GeneratedRegex(
        @"\b(dmarc|dkim|spf|unauthenticated|authentication|dnsbl|blocklist|blacklist)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Authentication();
}
