using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Notifications.Sending;

namespace Notifications.Local.Mail;

/// <summary>What each failure of SMTP means, in one table. Replies of servers may name addresses, so only codes are told on (P7).</summary>
internal static class SmtpOutcomes
{
    /// <summary>The failure as our outcome, or null for one that nobody planned.</summary>
    /// <param name="failure">What MailKit threw.</param>
    /// <param name="dataBegun">Whether any of the message had been written: the server may have it, then, though we lost its answer.</param>
    public static HandOff? Of(Exception failure, bool dataBegun) => failure switch
    {
        // A reply came, so the outcome is known whatever had been written.
        SmtpCommandException { StatusCode: SmtpStatusCode.ServiceNotAvailable } => HandOff.Unavailable("SMTP 421", TimeSpan.FromSeconds(10)),
        SmtpCommandException { StatusCode: SmtpStatusCode.MailboxBusy or SmtpStatusCode.InsufficientStorage or SmtpStatusCode.ErrorInProcessing } busy => HandOff.Throttled(TimeSpan.FromMinutes(1), Code(busy)),
        SmtpCommandException { StatusCode: SmtpStatusCode.AuthenticationRequired or SmtpStatusCode.AuthenticationMechanismTooWeak or SmtpStatusCode.EncryptionRequiredForAuthenticationMechanism } login => HandOff.Unavailable(Code(login), TimeSpan.FromMinutes(1)),
        SmtpCommandException reply when (int)reply.StatusCode is >= 400 and < 500 => HandOff.Unavailable(Code(reply), TimeSpan.FromSeconds(30)),
        SmtpCommandException reply when (int)reply.StatusCode >= 500 => HandOff.Rejected(Code(reply)),

        // The connection ended, or something else than SMTP answered.
        SmtpProtocolException or SmtpCommandException or ServiceNotConnectedException or IOException or SocketException when dataBegun => HandOff.Unknown("The connection was lost after the message was begun."),
        SmtpProtocolException or SmtpCommandException or ServiceNotConnectedException or IOException or SocketException => HandOff.Unavailable("No connection to the mail server."),

        // Ours to repair: the message is not the reason.
        AuthenticationException or ServiceNotAuthenticatedException => HandOff.Unavailable("The mail server refused our credentials.", TimeSpan.FromMinutes(1)),
        SslHandshakeException or NotSupportedException => HandOff.Unavailable("No TLS connection to the mail server.", TimeSpan.FromMinutes(1)),
        _ => null,
    };

    private static string Code(SmtpCommandException reply) => $"SMTP {(int)reply.StatusCode}";
}
