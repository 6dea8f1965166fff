using Notifications.Timers;

namespace Notifications.Local.Pump;

/// <summary>Runs the catalogue's timers, each on its own. A failure is logged, and the timer goes on.</summary>
internal sealed partial class Timers(TimerCatalog timers, TimeProvider time, ILogger<Timers> log) : BackgroundService
{
    // What fell due while no process ran, or was cut off, is not to wait, nor to be missed where one is restarted again and again; what
    // starts is busy for a moment.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    // A process that is restarted again and again must not begin a pass over everything each time.
    private static readonly TimeSpan FirstOfNightly = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(timers.All.Select(timer => RunAsync(timer, stoppingToken)));

    private async Task RunAsync(TimerJob timer, CancellationToken stopping)
    {
        try
        {
            for (var wait = timer.Every < TimeSpan.FromDays(1) ? First : FirstOfNightly; ; wait = timer.Every)
            {
                await Task.Delay(wait, time, stopping);
                await OnceAsync(timer, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process ends; every timer can be run again from the start.
        }
    }

    private async ValueTask OnceAsync(TimerJob timer, CancellationToken stopping)
    {
        try
        {
            await timer.RunAsync(stopping);
        }
        catch (Exception failed) when (!stopping.IsCancellationRequested)
        {
            LogFailed(timer.Name, failed.GetType().Name, failed.StackTrace);
        }
    }

    [LoggerMessage(
        EventId = 310, EventName = "TimerFailed", Level = LogLevel.Error,
        Message = "Timer {Timer} failed with {Exception} at {Stack}; it runs again at its next turn")]
    private partial void LogFailed(string timer, string exception, string? stack);
}
