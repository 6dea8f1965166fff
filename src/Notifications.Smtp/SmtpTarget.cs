using MailKit.Security;

namespace Notifications.Smtp;

/// <summary>
/// A mail server and how to sign in there, as a URL says it: <c>smtp://[user:password@]host[:port]</c>, with STARTTLS (RFC 3207), or
/// <c>smtps://</c>, with TLS from the first byte (RFC 8314). What is not a letter or digit in user and password is percent-encoded.
/// </summary>
internal sealed record SmtpTarget(string Host, int Port, SecureSocketOptions Security, string? User, string? Password)
{
    /// <summary>
    /// Reads the URL. A server that offers no STARTTLS is used without only where no password is at stake, or it never leaves this machine.
    /// </summary>
    /// <param name="text">The URL. It may hold a password, so no error repeats it.</param>
    /// <param name="setting">What it is the value of, for the error.</param>
    /// <exception cref="ArgumentException">It is not such a URL.</exception>
    public static SmtpTarget Parse(string text, string setting)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("smtp" or "smtps") || url.Host.Length == 0)
            throw new ArgumentException($"{setting} must be smtp://host:port or smtps://host:port.");
        if (url.AbsolutePath.Length > 1 || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw new ArgumentException(
                $"{setting} must end with the host or its port: encode /, ?, # and @ in a user name or password as %2F, %3F, %23 and %40.");
        var tls = url.Scheme == "smtps";
        var user = url.UserInfo.Split(':', 2);
        return new SmtpTarget(
            url.IdnHost,
            url.Port > 0 ? url.Port : tls ? 465 : 25,
            tls ? SecureSocketOptions.SslOnConnect
                : user[0].Length > 0 && !url.IsLoopback ? SecureSocketOptions.StartTls
                : SecureSocketOptions.StartTlsWhenAvailable,
            user[0].Length == 0 ? null : Uri.UnescapeDataString(user[0]),
            user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null);
    }
}
