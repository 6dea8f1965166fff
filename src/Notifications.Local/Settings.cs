using System.Net;
using System.Net.Sockets;
using Notifications.Web;

namespace Notifications.Local;

/// <summary>Puts the settings together: the environment's, the command line's, and what a laptop needs besides.</summary>
internal static class Settings
{
    public static NotificationsOptions Read(IConfiguration configuration, LocalOptions options, DataDirectory data)
    {
        var settings = ProductSettings.Read(configuration, new NotificationsOptions());
        if (options.PublicUrl is not null) settings.PublicUrl = options.PublicUrl;
        if (settings.PublicUrl.Length == 0) settings.PublicUrl = options.Address;
        settings.WebhookSecret ??= data.WebhookSecret();
        return settings;
    }

    /// <summary>Port 0 as a free port: links name the port before the server has it.</summary>
    public static string FreePort(string urls)
    {
        if (!urls.EndsWith(":0", StringComparison.Ordinal)) return urls;
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        return string.Concat(urls.AsSpan(0, urls.Length - 1), port.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
