using System.Net.Sockets;
using System.Text.RegularExpressions;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Notifications.Events;
using Notifications.Sending;

namespace Notifications.Smtp;

/// <summary>
/// What each failure of SMTP means, in one table. Replies of servers may name addresses, so only codes are told on (P7). What a refusal
/// says of the address, or of us, is read by the table of reports (<see cref="EmailReports"/>).
/// </summary>
internal static partial class SmtpOutcomes
{
    /// <summary>The failure as our outcome, or null for one that nobody planned.</summary>
    /// <param name="failure">What MailKit threw.</param>
    /// <param name="dataBegun">Whether any of the message had been written: the server may have it, then, though we lost its
    /// answer.</param>
    /// <param name="dataAsked">Whether the server was asked to take the message (DATA): it had taken the recipient, then.</param>
    public static HandOff? Of(Exception failure, bool dataBegun, bool dataAsked = false) => failure switch
    {
        // A reply came, so the outcome is known whatever had been written.
        SmtpCommandException { StatusCode: SmtpStatusCode.ServiceNotAvailable } away =>
            HandOff.Unavailable(Code(away), TimeSpan.FromSeconds(10), PutOff(away)),
        SmtpCommandException { StatusCode: SmtpStatusCode.MailboxBusy
            or SmtpStatusCode.InsufficientStorage or SmtpStatusCode.ErrorInProcessing } busy =>
            HandOff.Throttled(TimeSpan.FromMinutes(1), Code(busy)),
        SmtpCommandException { StatusCode: SmtpStatusCode.AuthenticationRequired
            or SmtpStatusCode.AuthenticationMechanismTooWeak or SmtpStatusCode.EncryptionRequiredForAuthenticationMechanism } login =>
            HandOff.Unavailable(Code(login), TimeSpan.FromMinutes(1), PutOff(login)),
        SmtpCommandException reply when (int)reply.StatusCode is >= 400 and < 500 =>
            HandOff.Unavailable(Code(reply), TimeSpan.FromSeconds(30), PutOff(reply)),
        // Of a recipient, or of a message for it, it is final. Before those (the greeting, our sender, a quota) the message is not the
        // reason: ours to repair.
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted } reply
            when (int)reply.StatusCode >= 500 => HandOff.Rejected(Code(reply), Refused(reply)),
        // So is a no to DATA, which MailKit calls unexpected: the recipient was taken before it.
        SmtpCommandException { ErrorCode: SmtpErrorCode.UnexpectedStatusCode } reply when dataAsked && (int)reply.StatusCode >= 500 =>
            HandOff.Rejected(Code(reply), Refused(reply)),
        SmtpCommandException reply when (int)reply.StatusCode >= 500 =>
            HandOff.Unavailable(Code(reply), TimeSpan.FromMinutes(1), EmailReports.Refused("Failed", reply.Message, ofRecipient: false)),

        // The connection ended, or something else than SMTP answered.
        SmtpProtocolException or SmtpCommandException or ServiceNotConnectedException or IOException or SocketException or TimeoutException
            when dataBegun =>
            HandOff.Unknown("The connection was lost after the message was begun."),
        SocketException socket => HandOff.Unavailable($"No connection to the mail server ({socket.SocketErrorCode})."),
        SmtpProtocolException or SmtpCommandException or ServiceNotConnectedException or IOException or TimeoutException =>
            HandOff.Unavailable("No connection to the mail server."),
        OperationCanceledException when !dataBegun => HandOff.Unavailable("The time limit ended before any of the message was written."),

        // Ours to repair: the message is not the reason.
        AuthenticationException or ServiceNotAuthenticatedException =>
            HandOff.Unavailable("The mail server refused our credentials.", TimeSpan.FromMinutes(1)),
        SslHandshakeException or NotSupportedException =>
            HandOff.Unavailable("No TLS connection to the mail server.", TimeSpan.FromMinutes(1)),
        _ => null,
    };

    private static string Code(SmtpCommandException reply) =>
        EmailReports.CodeOf(reply.Message) is { } enhanced ? $"SMTP {(int)reply.StatusCode} {enhanced}" : $"SMTP {(int)reply.StatusCode}";

    private static Refusal Refused(SmtpCommandException reply) =>
        EmailReports.Refused(SaysNobodyThere(reply) ? "Bounced" : "Failed", reply.Message);

    // RFC 5321 section 4.2.3: at RCPT these say that there is no such mailbox, or that policy forbids it. Without a code that tells, only
    // words of the former are held against the mailbox for good, and not beside a hint at the latter, at us or at a state that passes.
    private static bool SaysNobodyThere(SmtpCommandException reply) =>
        reply.ErrorCode == SmtpErrorCode.RecipientNotAccepted
            && reply.StatusCode
                is SmtpStatusCode.MailboxUnavailable or SmtpStatusCode.UserNotLocalTryAlternatePath or SmtpStatusCode.MailboxNameNotAllowed
            && EmailReports.CodeOf(reply.Message) is null or ['5', '.', '0', '.', ..]
            && Nobody().IsMatch(reply.Message)
            && !Hints().IsMatch(reply.Message);

    // What is only put off says nothing of the address. Where it is put off because we are not believed, it does say something of us.
    private static Refusal? PutOff(SmtpCommandException reply) =>
        EmailReports.Refused("Failed", reply.Message) is { Outcome.Effect: ReportEffect.Alert } ours ? ours : null;

    [GeneratedRegex(
        "no such (user|mailbox|recipient|address)|unknown (user|recipient|mailbox|address)|user not local"
            + "|(user|recipient|mailbox|address|account).{0,40}(unknown|not (found|exist)|does ?n.t exist)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Nobody();

    [GeneratedRegex(
        "auth|polic|relay|spam|junk|block|black|gr[ea]ylist|sender|denied|prohibit|reputation|verif|helo|dns|limit|quota|full|exceed"
            + @"|too many|later|tempora|encrypt|reverse|\b(spf|dkim|dmarc|rbl|ptr|ip|tls|host|client)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Hints();
}
