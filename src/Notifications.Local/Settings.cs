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

    /// <summary>Port 0 of each address as a free port: links name the port before the server has it.</summary>
    public static string FreePort(string urls)
    {
        var probes = new List<TcpListener>();
        try
        {
            return string.Join(';', urls.Split(';').Select(url => FreePort(url, probes)));
        }
        finally
        {
            foreach (var probe in probes) probe.Dispose(); // All at the end: no two addresses are given one port.
        }
    }

    private static string FreePort(string url, List<TcpListener> probes)
    {
        var bare = url.TrimEnd('/');
        if (!bare.EndsWith(":0", StringComparison.Ordinal)) return url;
        var probe = new TcpListener(IPAddress.Loopback, 0);
        probes.Add(probe);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        return string.Concat(bare.AsSpan(0, bare.Length - 1), port.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
