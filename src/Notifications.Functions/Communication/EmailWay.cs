using MailKit.Security;
using Notifications.Smtp;

namespace Notifications.Functions.Communication;

/// <summary>How mail leaves (<c>Notifications:Email</c>): by Communication Services, or by a mail server.</summary>
internal sealed class EmailWay : CommunicationOptions
{
    /// <summary>
    /// The mail server in place of Communication Services, <c>smtp://USER:PASSWORD@HOST:587</c> or <c>smtps://USER:PASSWORD@HOST</c>; on
    /// Azure a Key Vault reference to that. It is always encrypted, and port 25 is refused: Azure lets nothing out by it.
    /// </summary>
    public string? Smtp { get; set; }

    /// <summary>Whether mail leaves by a mail server.</summary>
    public bool BySmtp => !string.IsNullOrEmpty(Smtp);

    /// <inheritdoc/>
    protected override string Else => "Or set Notifications__Email__Smtp to a mail server in place of both.";

    /// <inheritdoc/>
    public override void Validate(string section)
    {
        if (!BySmtp)
        {
            base.Validate(section);
            return;
        }

        if (Named) throw new ArgumentException($"{section} has both Smtp and Communication Services: leave Endpoint and ConnectionString out.");
        Server(section);
        ValidatePace(section);
    }

    /// <summary>The mail server.</summary>
    /// <exception cref="ArgumentException">It cannot be used.</exception>
    public SmtpTarget Server(string section)
    {
        var server = SmtpTarget.Parse(Smtp!, $"{section}:Smtp");
        if (server.Port == 25)
            throw new ArgumentException(
                $"{section}:Smtp must name another port than 25, which Azure lets nothing out by: smtp://HOST:587, or smtps://HOST for 465.");
        return server.Security == SecureSocketOptions.SslOnConnect ? server : server with { Security = SecureSocketOptions.StartTls };
    }
}
