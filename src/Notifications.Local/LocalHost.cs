using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Notifications.Events;
using Notifications.Local.Demo;
using Notifications.Local.Inbox;
using Notifications.Local.Pump;
using Notifications.Sending;
using Notifications.Smtp;
using Notifications.Web;

namespace Notifications.Local;

/// <summary>One process for a laptop or a small server: Kestrel, the store, the pump, the timers, the inbox.</summary>
internal static class LocalHost
{
    // The largest body any endpoint takes is an import's; every endpoint has its own, smaller limit.
    private const long MaxBody = 64 * 1024 * 1024;

    // A client that sends a byte now and then holds a connection no longer than this; the rest of its request must come at 240 bytes a
    // second after 5 s, and take our answer as fast.
    private static readonly TimeSpan SlowestHeaders = TimeSpan.FromSeconds(
        10), SlowestBody = TimeSpan.FromSeconds(5), Idle = TimeSpan.FromMinutes(2);
    private const double SlowestBytes = 240;

    public static WebApplication Build(
        WebApplicationBuilder builder, LocalOptions options, NotificationsOptions settings, DataDirectory data, Store store)
    {
        var connections = Descriptors.MostConnections(Descriptors.Limit());
        builder.WebHost.UseUrls(options.Urls.Split(';'));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Limits.RequestHeadersTimeout = SlowestHeaders;
            kestrel.Limits.KeepAliveTimeout = Idle;
            kestrel.Limits.MaxConcurrentConnections = connections;
            kestrel.Limits.MinRequestBodyDataRate = kestrel.Limits.MinResponseDataRate = new MinDataRate(SlowestBytes, SlowestBody);
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(static console => console.FormatterName = LogLines.Format);
        builder.Logging.AddConsoleFormatter<LogLines, ConsoleFormatterOptions>();
        builder.Configuration["Logging:LogLevel:Notifications"] ??= nameof(LogLevel.Information);

        var services = builder.Services;
        services.AddNotifications(settings, data.KeyRing(settings.Environment), Instance.New(store.Exclusive), store.Backend);
        services.AddNotificationsWeb(settings);
        services.AddSingleton<InboxStore>()
            .AddSingleton<InboxPages>()
            .AddSingleton<PhoneOwner>()
            .AddSingleton<InboxEndpoints>()
            .AddSingleton<InboxSender>();
        AddSenders(services, options.Email);

        services.AddSingleton(store.WaitForWork).AddSingleton<QueuePump>().AddSingleton<Pump.Timers>();
        services.AddHostedService<AfterStart<QueuePump>>().AddHostedService<AfterStart<Pump.Timers>>();
        // Side by side, or the web server, which waits for whoever is being answered, would use up the time in which hand-offs can end. The
        // longest of them begins at the end of what is left to finish.
        services.Configure<HostOptions>(host =>
        {
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = settings.Sending.HandOffTimeout + QueuePump.Drain + TimeSpan.FromSeconds(2);
        });
        if (options.Demo) services.AddHostedService<ParcelTraffic>();

        var app = builder.Build();
        store.TellOf(
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Notifications.Store"),
            app.Services.GetRequiredService<OperatorAlerts>());
        app.Run(RequestBound.Wrap(WebServices.BuildPipeline(app.Services, InboxEndpoints.Map)));
        return app;
    }

    /// <summary>The ways out: the inbox for both, or with a mail server that for mail, and none for texts.</summary>
    internal static void AddSenders(IServiceCollection services, string? smtp)
    {
        if (smtp is not null) AddSmtp(services, smtp);
        else
            services.AddSingleton<IEmailSender>(static s => s.GetRequiredService<InboxSender>())
                .AddSingleton<ISmsSender>(static s => s.GetRequiredService<InboxSender>());
    }

    // Apart, so that a start without SMTP does not load MailKit.
    private static void AddSmtp(IServiceCollection services, string url) =>
        services.AddSingleton(SmtpTarget.Parse(url, "--email")).AddSingleton<IEmailSender, SmtpSender>().AddSingleton<ISmsSender, NoTexts>();
}
