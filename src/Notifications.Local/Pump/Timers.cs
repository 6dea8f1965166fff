namespace Notifications.Local.Pump;

/// <summary>Something to be done now and then.</summary>
internal sealed record NamedTimer(string Name, TimeSpan First, TimeSpan Every, Func<CancellationToken, ValueTask> RunAsync);

/// <summary>Runs the timers, each on its own. A failure is logged, and the timer goes on.</summary>
internal sealed partial class Timers(IEnumerable<NamedTimer> timers, TimeProvider time, ILogger<Timers> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(timers.Select(timer => RunAsync(timer, stoppingToken)));

    private async Task RunAsync(NamedTimer timer, CancellationToken stopping)
    {
        try
        {
            for (var wait = timer.First; ; wait = timer.Every)
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

    private async ValueTask OnceAsync(NamedTimer timer, CancellationToken stopping)
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

    [LoggerMessage(EventId = 310, EventName = "TimerFailed", Level = LogLevel.Error, Message = "Timer {Timer} failed with {Exception} at {Stack}; it runs again at its next turn")]
    private partial void LogFailed(string timer, string exception, string? stack);
}
