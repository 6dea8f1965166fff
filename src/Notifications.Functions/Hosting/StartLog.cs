using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Notifications.Functions.Hosting;

/// <summary>
/// Says at each start what the settings leave to be desired. The local host prints the same, but for what only this one passes over.
/// </summary>
internal sealed partial class StartLog(AppSettings settings, ILogger<StartLog> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in StartWarnings.Of(settings.Options, settings.ProxiesIgnored)) LogWarning(warning);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 331, EventName = "SettingToMend", Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);
}
