using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using Notifications.Events;

namespace Notifications.Web.Webhooks;

/// <summary>
/// Reads of a raw mail (RFC 5322, RFC 2045) what an unsubscribe request needs. Tokens are looked for in the recipients' addresses and the
/// subject alone: a reply that quotes our mail holds its links too, and is no request. A mail too broken to be parsed is still read by its
/// header lines, so that no opt-out is lost to it.
/// </summary>
internal static partial class InboundMime
{
    /// <summary>
    /// Mails above this many bytes, 128 KiB, are read to here: headers come first, and mail servers let all of them be about 100 KiB. A
    /// parser that a mail is made to slow down costs more than twice for twice as much.
    /// </summary>
    public const int MaxRead = 128 << 10;

    private const int MaxText = 600;
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
        return new InboundMail
        {
            Tokens = Tokens(recipients, subject),
            From = from,
            Text = Cut(subject + "\n" + Body(mail)),
            AutoSubmitted = IsAutomatic(mail.Headers["Auto-Submitted"], mail.Headers["Precedence"])
                || mail.Headers.Contains("X-Autoreply")
                || mail.Headers.Contains("X-Autorespond"),
            NullReturnPath = mail.Headers["Return-Path"]?.Trim() == "<>"
                || mail.Body is MultipartReport
                || from?.StartsWith("mailer-daemon@", StringComparison.OrdinalIgnoreCase) == true,
        };
    }

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
        return new InboundMail
        {
            Tokens = Tokens(
                string.Join('\n', headers.Where(h => RecipientHeaders.Any(n => h.StartsWith(n + ":", StringComparison.OrdinalIgnoreCase)))),
                Value(headers, "Subject") ?? ""),
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

    // A token that a mailer has folded comes with a blank in it: the subject is also read without any.
    private static string[] Tokens(string recipients, string subject) =>
    [
        .. Plus().Matches(recipients).Select(m => m.Groups[1].Value)
            .Concat(Candidate().Matches(subject).Select(m => m.Value))
            .Concat(Candidate().Matches(Blank().Replace(subject, "")).Select(m => m.Value))
            .Distinct(StringComparer.Ordinal)
            .Take(20),
    ];

    private static bool IsAutomatic(string? submitted, string? precedence) =>
        (submitted is { Length: > 0 } && !submitted.TrimStart().StartsWith("no", StringComparison.OrdinalIgnoreCase))
            || precedence?.Trim().ToLowerInvariant() is "bulk" or "list" or "junk" or "auto_reply";

    private static string Cut(string text)
    {
        text = text.Trim();
        return text.Length <= MaxText ? text : text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
    }

    [GeneratedRegex("[^\\s<>\"+@]+\\+([A-Za-z0-9_-]{48,400})@", RegexOptions.None, 1000)]
    private static partial Regex Plus();

    [GeneratedRegex("[A-Za-z0-9_-]{48,400}", RegexOptions.None, 1000)]
    private static partial Regex Candidate();

    [GeneratedRegex("\\s+", RegexOptions.None, 1000)]
    private static partial Regex Blank();

    [GeneratedRegex("\r?\n[ \t]+", RegexOptions.None, 1000)]
    private static partial Regex Fold();

    [GeneratedRegex("\r?\n\r?\n", RegexOptions.None, 1000)]
    private static partial Regex HeaderEnd();
}
