using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using Notifications.Events;
using Notifications.Sms;

namespace Notifications.Web.Webhooks;

/// <summary>
/// Reads of a raw mail (RFC 5322, RFC 2045) what an unsubscribe request needs. Tokens are looked for in the recipients' addresses and the
/// subject alone: a reply that quotes our mail holds its links too, and is no request. Of a feedback report (RFC 5965) and a bounce
/// (RFC 3464) alone the enclosed mail's own header is read. A mail too broken to be parsed is still read by its header lines, so that no
/// opt-out is lost to it.
/// </summary>
internal static partial class InboundMime
{
    /// <summary>
    /// Mails above this many bytes, 128 KiB, are read to here: headers come first, and mail servers let all of them be about 100 KiB. A
    /// parser that a mail is made to slow down costs more than twice for twice as much.
    /// </summary>
    public const int MaxRead = 128 << 10;

    private const int MaxText = 600;
    private const int MaxType = 40;
    private const int MaxAddress = 320; // RFC 3696 erratum 1690: 64 before the @ and 255 after it.
    private static readonly string[] RecipientHeaders = ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"];

    /// <summary>What matters of a mail. Never throws for what the bytes hold.</summary>
    public static InboundMail Parse(ReadOnlySpan<byte> raw)
    {
        var bytes = raw[..Math.Min(raw.Length, MaxRead)].ToArray();
        try
        {
            using var stream = new MemoryStream(bytes);
            return Read(MimeMessage.Load(stream));
        }
        catch (Exception broken)
            when (broken is FormatException
                or ParseException or ArgumentException or NotSupportedException or InvalidOperationException or IndexOutOfRangeException
                or IOException)
        {
            return ReadLines(Encoding.Latin1.GetString(bytes));
        }
    }

    private static InboundMail Read(MimeMessage mail)
    {
        var from = mail.From.Mailboxes.FirstOrDefault()?.Address is { Length: <= MaxAddress } address ? address : null;
        var recipients = string.Join(
            '\n', mail.Headers.Where(h => RecipientHeaders.Contains(h.Field, StringComparer.OrdinalIgnoreCase)).Select(h => h.Value));
        var subject = mail.Subject ?? "";
        var (feedback, bounce, undelivered, enclosed) = Report(mail.Body);
        return new InboundMail
        {
            Tokens = Tokens(recipients, subject),
            Feedback = feedback,
            Bounce = bounce,
            Undelivered = undelivered,
            Enclosed = enclosed,
            Asks = Asks(recipients, subject),
            From = from,
            Text = Cut(
                (feedback is not null ? $"Feedback report ({feedback}): " : bounce is not null ? "Bounce: " : "")
                    + subject + "\n" + Body(mail)),
            AutoSubmitted = IsAutomatic(mail.Headers["Auto-Submitted"], mail.Headers["Precedence"])
                || mail.Headers.Contains("X-Autoreply")
                || mail.Headers.Contains("X-Autorespond"),
            NullReturnPath = mail.Headers["Return-Path"]?.Trim() == "<>"
                || mail.Body is MultipartReport
                || from?.StartsWith("mailer-daemon@", StringComparison.OrdinalIgnoreCase) == true,
        };
    }

    // The report's own part says the type; our mail stands behind it, whole or its header alone, which MimeKit reads alike.
    private static (string? Feedback, string? Bounce, string? Undelivered, string[]? Tokens) Report(MimeEntity? body)
    {
        if (body is not MultipartReport report) return default;
        var (type, links, ourOwn) = ("", "", false);
        (string Words, string? Recipient)? failed = null;
        foreach (var part in report)
        {
            if (part is MessageFeedbackReport said) type = said.Fields["Feedback-Type"] ?? type;
            else if (part is MessageDeliveryStatus status) failed = Failure(status);
            else if (part is MessagePart { Message: { } ours })
            {
                links = ours.Headers[HeaderId.ListUnsubscribe] ?? links;
                ourOwn = IsAutomatic(ours.Headers["Auto-Submitted"], null);
            }
        }

        string[] tokens =
            [.. Candidate().Matches(Blank().Replace(links, "")).Select(m => m.Value).Distinct(StringComparer.Ordinal).Take(20)];
        type = type.Trim().ToLowerInvariant();
        return report.ReportType?.ToLowerInvariant() switch
        {
            "feedback-report" => (type.Length <= MaxType ? type : type[..MaxType], null, null, tokens),
            // A question of ours is no subscription's: unanswered it ends by itself.
            "delivery-status" when failed is var (words, recipient) && !(ourOwn && tokens.Length == 0) => (null, words, recipient, tokens),
            _ => default,
        };
    }

    // RFC 3464 sections 2.3.3, 2.3.4 and 2.3.6; null where it says so of no recipient, or where a list or an alias has reached others.
    private static (string Words, string? Recipient)? Failure(MessageDeliveryStatus status)
    {
        var recipients = status.StatusGroups.Where(static g => g["Action"] is not null).ToArray();
        return recipients.Length > 0 && Array.TrueForAll(recipients, static g => IsFailed(g["Action"]))
            ? (Cut($"{recipients[0]["Status"]} {recipients[0]["Diagnostic-Code"]}"), Recipient(recipients[0]["Final-Recipient"]))
            : null;
    }

    // Its type stands before it (RFC 3464 section 2.3.2); some write it as a path.
    private static string? Recipient(string? field) =>
        field?[(field.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim().Trim('<', '>') is { Length: > 0 and <= MaxAddress } address
            ? address
            : null;

    // A comment may stand behind it (RFC 3464 section 2.1.1).
    private static bool IsFailed(string? action) =>
        action is not null && action.AsSpan().Trim().StartsWith("failed", StringComparison.OrdinalIgnoreCase);

    private static string Body(MimeMessage mail)
    {
        try
        {
            return mail.TextBody ?? "";
        }
        catch (Exception broken)
            when (broken is NotSupportedException or ArgumentException or DecoderFallbackException or FormatException or IOException)
        {
            return ""; // An unknown charset or a broken encoding: the reader sees the subject.
        }
    }

    private static InboundMail ReadLines(string raw)
    {
        var end = HeaderEnd().Match(raw);
        var headers = Fold().Replace(end.Success ? raw[..end.Index] : raw, " ").Split('\n', StringSplitOptions.TrimEntries);
        var recipients = string.Join(
            '\n', headers.Where(h => RecipientHeaders.Any(n => h.StartsWith(n + ":", StringComparison.OrdinalIgnoreCase))));
        var subject = Value(headers, "Subject") ?? "";
        return new InboundMail
        {
            Tokens = Tokens(recipients, subject),
            Asks = Asks(recipients, subject),
            From = null,
            Text = Cut(Value(headers, "Subject") ?? "(a mail that cannot be parsed)"),
            AutoSubmitted = IsAutomatic(Value(headers, "Auto-Submitted"), Value(headers, "Precedence")),
            NullReturnPath = Value(headers, "Return-Path") == "<>",
        };
    }

    private static string? Value(string[] headers, string name) =>
        Array.Find(headers, h => h.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) is { } line
            ? line[(name.Length + 1)..].Trim()
            : null;

    // A token that a mailer has folded comes with a blank in it, or two: each word is also read with those that follow it, and the subject
    // without any blank.
    private static string[] Tokens(string recipients, string subject)
    {
        var words = Blank().Split(subject);
        var twos = words.Zip(words.Skip(1), (a, b) => a + b);
        string[] readings = [subject, .. twos, .. twos.Zip(words.Skip(2), (a, b) => a + b), string.Concat(words)];
        return
        [
            .. Plus().Matches(recipients).Select(m => m.Groups[1].Value)
                .Concat(readings.SelectMany(r => Candidate().Matches(r)).Select(m => m.Value))
                .Distinct(StringComparer.Ordinal)
                .Take(20),
        ];
    }

    // Of a subject only what is a stop by itself: a hint of one may be our own subject, which an out-of-office repeats. And only a word
    // that no language has, or half of it, looks like a token.
    private static bool Asks(string recipients, string subject) =>
        SmsKeyword.Read(Cut(subject)).Intent == SmsIntent.Stop
            || Plus().IsMatch(recipients)
            || Blank().Split(subject).Any(
                w =>
                    Piece().Match(w) is { Success: true, Value: var piece }
                        && piece.Any(char.IsAsciiDigit) && piece.Any(char.IsAsciiLetterUpper) && piece.Any(char.IsAsciiLetterLower));

    private static bool IsAutomatic(string? submitted, string? precedence) =>
        (submitted is { Length: > 0 } && !submitted.TrimStart().StartsWith("no", StringComparison.OrdinalIgnoreCase))
            || precedence?.Trim().ToLowerInvariant() is "bulk" or "list" or "junk" or "auto_reply";

    private static string Cut(string text) => FreeText.Cut(text.Trim(), MaxText);

    [GeneratedRegex("(?<=[^\\s<>\"+@])\\+([A-Za-z0-9_-]{48,400})@")]
    private static partial Regex Plus();

    [GeneratedRegex("[A-Za-z0-9_-]{48,400}")]
    private static partial Regex Candidate();

    [GeneratedRegex("[A-Za-z0-9_-]{32,}")]
    private static partial Regex Piece();

    [GeneratedRegex("\\s+")]
    private static partial Regex Blank();

    [GeneratedRegex("\r?\n[ \t]+")]
    private static partial Regex Fold();

    [GeneratedRegex("\r?\n\r?\n")]
    private static partial Regex HeaderEnd();
}
