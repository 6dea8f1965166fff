using MailKit.Security;

namespace Notifications.Local.Mail;

/// <summary>What <c>--email</c> says: <c>smtp://[user:password@]host[:port]</c> (STARTTLS where offered) or <c>smtps://</c>.</summary>
internal sealed record SmtpTarget(string Host, int Port, SecureSocketOptions Security, string? User, string? Password)
{
    /// <exception cref="ArgumentException">It is not such a URL.</exception>
    public static SmtpTarget Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("smtp" or "smtps") || url.Host.Length == 0)
            throw new ArgumentException("--email must be smtp://host:port or smtps://host:port.");
        var tls = url.Scheme == "smtps";
        var user = url.UserInfo.Split(':', 2);
        return new SmtpTarget(
            url.IdnHost,
            url.Port > 0 ? url.Port : tls ? 465 : 25,
            tls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable,
            user[0].Length == 0 ? null : Uri.UnescapeDataString(user[0]),
            user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null);
    }
}
