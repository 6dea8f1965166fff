using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Notifications.Sending;

namespace Notifications.Events;

/// <summary>
/// What each code of an SMS delivery report means (Communication Services, SMSDeliveryReportReceived). The code is a number in the details
/// or, from other senders, on its own; a report without one is read by its status alone.
/// </summary>
public static partial class SmsReports
{
    private static readonly FrozenDictionary<int, ReportOutcome> Codes = new Dictionary<int, ReportOutcome>
    {
        [2000] = new(MessageStatus.Delivered, ReportEffect.None, false, "Delivered."),
        [4000] = new(MessageStatus.Failed, ReportEffect.Alert, false, "Refused as fraud."),
        [4001] = new(MessageStatus.Failed, ReportEffect.Alert, false, "Our sender number is not valid."),
        [4002] = new(MessageStatus.Bounced, ReportEffect.Invalid, false, "The number is not valid."),
        [4003] = new(MessageStatus.Bounced, ReportEffect.Invalid, false, "The number's kind or country cannot take texts."),
        [4004] = new(MessageStatus.Bounced, ReportEffect.Suppress, false, "There is no such number."),
        [4005] = new(MessageStatus.Failed, ReportEffect.Alert, false, "Blocked by the carrier."),
        [4006] = new(MessageStatus.Bounced, ReportEffect.SoftBounce, true, "The phone was not reachable."),
        [4007] = new(MessageStatus.Failed, ReportEffect.Stop, false, "The person has opted out with the carrier."),
        [4008] = new(MessageStatus.Failed, ReportEffect.Alert, true, "Over the provider's limit."),
        [4009] = new(MessageStatus.Failed, ReportEffect.Alert, true, "Our account may not send there."),
        [4010] = new(MessageStatus.Failed, ReportEffect.Alert, true, "Our toll-free number is not verified."),
        [5000] = new(MessageStatus.Failed, ReportEffect.SoftBounce, true, "The carrier failed."),
        [5001] = new(MessageStatus.Failed, ReportEffect.SoftBounce, true, "The carrier failed."),
        [5002] = new(
            MessageStatus.Unknown, ReportEffect.None, false, "The carrier gave no report: it may have arrived and is never sent again."),
        [9999] = new(MessageStatus.Failed, ReportEffect.SoftBounce, true, "The provider failed."),
    }.ToFrozenDictionary();

    private static readonly ReportOutcome Delivered = Codes[2000];
    private static readonly ReportOutcome Failed = new(
        MessageStatus.Failed, ReportEffect.None, true, "Not delivered, for no reason given.");

    /// <summary>A refusal at the hand-off that is ours to mend: nobody's number was looked at yet, and an operator is told (R18).</summary>
    public static Refusal Ours { get; } = new(
        new ReportOutcome(MessageStatus.Failed, ReportEffect.Alert, true, "Refused before a recipient was looked at."), "sms-refused",
        "Failed");

    /// <summary>The codes there are.</summary>
    public static IEnumerable<int> Known => Codes.Keys;

    /// <summary>What a report means; null for a status that is not final.</summary>
    public static ReportOutcome? Read(string status, string details)
    {
        foreach (Match found in Code().Matches(details))
            if (Codes.TryGetValue(int.Parse(found.ValueSpan, System.Globalization.CultureInfo.InvariantCulture), out var outcome))
                return outcome;
        if (status.Equals("Delivered", StringComparison.OrdinalIgnoreCase)) return Delivered;
        if (!status.Equals("Failed", StringComparison.OrdinalIgnoreCase)) return null;

        // Details come as words too. Only an opt-out must not be missed among them.
        return OptedOut().IsMatch(details) ? Codes[4007] : Failed;
    }

    [GeneratedRegex(@"(?<!\d)[2459]\d{3}(?!\d)")]
    private static partial Regex Code();

    [GeneratedRegex(@"\bopt(ed)?[ -]?out\b|\bunsubscribed\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OptedOut();
}
