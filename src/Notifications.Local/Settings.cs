using System.Net;
using System.Net.Sockets;

namespace Notifications.Local;

/// <summary>Puts the settings together: the environment's, the command line's, and what a laptop needs besides.</summary>
internal static class Settings
{
    // What the app on Azure has besides: one environment file may serve both.
    private static readonly string[] AzureOnly =
        ["Email", "KeyRing", "FirstApiKey", "Sms:Endpoint", "Sms:ConnectionString", "Sms:MaxPerMinute"];

    public static NotificationsOptions Read(IConfiguration configuration, LocalOptions options, DataDirectory data)
    {
        var settings = new NotificationsOptions();
        try
        {
            Ours(configuration).Bind(settings, static binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException wrong)
            when (wrong.InnerException is null
                && wrong.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal))
        {
            // A setting that is misspelt would otherwise be as if it had not been made. The binder names it last, in quotes.
            throw new ArgumentException(
                $"There is no such setting under Notifications__: {wrong.Message[(wrong.Message.LastIndexOf(':') + 1)..].Trim()}. docs/operate.md and NotificationsOptions.cs say what there is.",
                wrong);
        }

        if (options.PublicUrl is not null) settings.PublicUrl = options.PublicUrl;
        if (settings.PublicUrl.Length == 0)
            settings.PublicUrl = options.Urls.Split(';')[0]
                .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
                .Replace("//*", "//127.0.0.1", StringComparison.Ordinal);
        settings.WebhookSecret ??= data.WebhookSecret();
        return settings;
    }

    private static IConfiguration Ours(IConfiguration configuration) =>
        new ConfigurationBuilder().AddInMemoryCollection(configuration.GetSection("Notifications").AsEnumerable(makePathsRelative: true)
            .Where(
                s => s.Value is not null
                    && !Array.Exists(
                        AzureOnly,
                        a => s.Key.Equals(a, StringComparison.OrdinalIgnoreCase)
                            || s.Key.StartsWith(a + ":", StringComparison.OrdinalIgnoreCase))))
            .Build();

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
