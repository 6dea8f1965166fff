using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Functions.Timers;

/// <summary>The timers of the catalogue. The host runs each on one instance at a time.</summary>
public sealed partial class TimerFunctions(TimerCatalog timers, ILogger<TimerFunctions> log)
{
    [Function(TimerCatalog.SuppressionRepair)]
    public Task SuppressionRepair([TimerTrigger(TimerCatalog.SuppressionRepairSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.SuppressionRepair, cancel);

    [Function(TimerCatalog.WatchRepair)]
    public Task WatchRepair([TimerTrigger(TimerCatalog.WatchRepairSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.WatchRepair, cancel);

    [Function(TimerCatalog.AudienceRepair)]
    public Task AudienceRepair([TimerTrigger(TimerCatalog.AudienceRepairSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.AudienceRepair, cancel);

    [Function(TimerCatalog.Schedule)]
    public Task Schedule([TimerTrigger(TimerCatalog.ScheduleSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.Schedule, cancel);

    [Function(TimerCatalog.Privacy)]
    public Task Privacy([TimerTrigger(TimerCatalog.PrivacySchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.Privacy, cancel);

    [Function(TimerCatalog.ErasureSweep)]
    public Task ErasureSweep([TimerTrigger(TimerCatalog.ErasureSweepSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.ErasureSweep, cancel);

    [Function(TimerCatalog.Retention)]
    public Task Retention([TimerTrigger(TimerCatalog.RetentionSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.Retention, cancel);

    [Function(TimerCatalog.Seal)]
    public Task Seal([TimerTrigger(TimerCatalog.SealSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.Seal, cancel);

    [Function(TimerCatalog.Statistics)]
    public Task Statistics([TimerTrigger(TimerCatalog.StatisticsSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.Statistics, cancel);

    [Function(TimerCatalog.CampaignWatch)]
    public Task CampaignWatch([TimerTrigger(TimerCatalog.CampaignWatchSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.CampaignWatch, cancel);

    [Function(TimerCatalog.Reseal)]
    public Task Reseal([TimerTrigger(TimerCatalog.ResealSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.Reseal, cancel);

    [Function(TimerCatalog.KeptAnswers)]
    public Task KeptAnswers([TimerTrigger(TimerCatalog.KeptAnswersSchedule)] TimerInfo timer, CancellationToken cancel) =>
        RunAsync(TimerCatalog.KeptAnswers, cancel);

    // The host logs whatever is thrown at it, and a message may repeat what a person sent (R67): it gets the type, and the log the stack.
    private async Task RunAsync(string name, CancellationToken cancel)
    {
        try
        {
            await timers.RunAsync(name, cancel);
        }
        catch (Exception failed) when (failed is not (StorageUnavailableException or OperationCanceledException))
        {
            LogFailed(name, failed.GetType().Name, failed.StackTrace);
            throw new InvalidOperationException($"Timer {name} failed with {failed.GetType().Name}.");
        }
    }

    [LoggerMessage(
        EventId = 332, EventName = "TimerFailed", Level = LogLevel.Error,
        Message = "Timer {Timer} failed with {Exception} at {Stack}; it runs again at its next turn")]
    private partial void LogFailed(string timer, string exception, string? stack);
}
