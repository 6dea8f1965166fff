using System.Text;
using MimeKit;
using MimeKit.Utils;
using Notifications.Sending;

namespace Notifications.Smtp;

/// <summary>A rendered email as a MIME message: the same for SMTP and for the inbox's raw view.</summary>
internal static class MimeMail
{
    public static MimeMessage Build(OutgoingEmail email, DateTimeOffset at)
    {
        var message = new MimeMessage();
        message.From.Add(new MailboxAddress(Encoding.UTF8, email.FromName, email.From));
        message.To.Add(new MailboxAddress(null, email.To));
        message.Subject = email.Subject;
        message.Date = at;

        // Derived from the message: where a mail is offered twice after all, mailboxes can tell (P5).
        message.MessageId = MessageId(email);
        foreach (var (name, value) in email.Headers) message.Headers.Add(Header(name, value));
        var alternative = new MultipartAlternative
        {
            new TextPart("plain") { Text = email.Text, ContentTransferEncoding = ContentEncoding.QuotedPrintable },
            new TextPart("html") { Text = email.Html, ContentTransferEncoding = ContentEncoding.QuotedPrintable },
        };
        alternative.Boundary = "=-" + email.Id.Suffix;
        message.Body = alternative;
        return message;
    }

    /// <summary>Without the angle brackets.</summary>
    public static string MessageId(OutgoingEmail email) => $"{email.Id}@{email.From[(email.From.LastIndexOf('@') + 1)..]}";

    /// <summary>
    /// A header that is written as it is, folded only where a space stands (R2): an encoded word, or a fold inside a link, would break the
    /// link for the mailbox that is to call it.
    /// </summary>
    internal static Header Header(string name, string value)
    {
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~') || name.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new ArgumentException($"The header {name} must be ASCII on one line.", nameof(value));
        var raw = new StringBuilder(value.Length + 8);
        var column = name.Length + 1;
        foreach (var word in value.Split(' '))
        {
            if (raw.Length > 0 && column + 1 + word.Length > 78)
            {
                raw.Append("\r\n");
                column = 0;
            }

            raw.Append(' ').Append(word);
            column += 1 + word.Length;
            if (column > 998)
                throw new ArgumentException($"The header {name} has a line over 998 characters (RFC 5322 section 2.1.1).", nameof(value));
        }

        var header = new Header(name, value);
        header.SetRawValue(Encoding.ASCII.GetBytes(raw.Append("\r\n").ToString()));
        return header;
    }
}
