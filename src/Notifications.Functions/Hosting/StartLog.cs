using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Notifications.Functions.Hosting;

/// <summary>Says at each start what the settings leave to be desired; the local host prints the same.</summary>
internal sealed partial class StartLog(NotificationsOptions settings, ILogger<StartLog> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in StartWarnings.Of(settings)) LogWarning(warning);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 331, EventName = "SettingToMend", Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);
}
