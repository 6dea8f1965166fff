using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Functions.Hosting;

/// <summary>
/// Makes sure that the key named in the settings is one: the first, with every scope, that the others are made with. A new value in the
/// vault adds a key; the old one is revoked through the API. Before that the key ring is held against the store: a wrong one stops the
/// start. A store that is away does not stop the start, or nothing could answer that it is (R69): it is tried again until it is there.
/// </summary>
internal sealed partial class FirstApiKey(
    KeyRingCanary canary, ApiKeys keys, AuditLog audit, AppSettings settings, TimeProvider time, ILogger<FirstApiKey> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await EnsuredAsync(cancellationToken)) await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        do await Task.Delay(Pause, time, stoppingToken);
        while (!await EnsuredAsync(stoppingToken));
    }

    private async ValueTask<bool> EnsuredAsync(CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Pause); // The host waits for the start, and whoever unsubscribes for the host.
        try
        {
            await canary.CheckAsync(patience.Token);
            if (settings.FirstApiKey is { } secret) await keys.EnsureAsync(secret, "first", audit, patience.Token);
            return true;
        }
        catch (Exception away)
            when (away is StorageUnavailableException || (away is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            LogAway(away.Message);
            return false;
        }
    }

    [LoggerMessage(
        EventId = 330, EventName = "FirstKeyLater", Level = LogLevel.Warning,
        Message = "The first API key could not be made sure of and is tried again: {Why}")]
    private partial void LogAway(string why);
}
