using Microsoft.Azure.Functions.Worker;
using Notifications.Timers;

namespace Notifications.Functions.Timers;

/// <summary>The timers of the catalogue. The host runs each on one instance at a time.</summary>
public sealed class TimerFunctions(TimerCatalog timers)
{
    [Function(TimerCatalog.SuppressionRepair)]
    public Task SuppressionRepair([TimerTrigger(TimerCatalog.SuppressionRepairSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.SuppressionRepair, cancel).AsTask();

    [Function(TimerCatalog.WatchRepair)]
    public Task WatchRepair([TimerTrigger(TimerCatalog.WatchRepairSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.WatchRepair, cancel).AsTask();

    [Function(TimerCatalog.AudienceRepair)]
    public Task AudienceRepair([TimerTrigger(TimerCatalog.AudienceRepairSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.AudienceRepair, cancel).AsTask();

    [Function(TimerCatalog.Schedule)]
    public Task Schedule([TimerTrigger(TimerCatalog.ScheduleSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.Schedule, cancel).AsTask();

    [Function(TimerCatalog.Privacy)]
    public Task Privacy([TimerTrigger(TimerCatalog.PrivacySchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.Privacy, cancel).AsTask();

    [Function(TimerCatalog.ErasureSweep)]
    public Task ErasureSweep([TimerTrigger(TimerCatalog.ErasureSweepSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.ErasureSweep, cancel).AsTask();

    [Function(TimerCatalog.Retention)]
    public Task Retention([TimerTrigger(TimerCatalog.RetentionSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.Retention, cancel).AsTask();

    [Function(TimerCatalog.Seal)]
    public Task Seal([TimerTrigger(TimerCatalog.SealSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.Seal, cancel).AsTask();

    [Function(TimerCatalog.Statistics)]
    public Task Statistics([TimerTrigger(TimerCatalog.StatisticsSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.Statistics, cancel).AsTask();

    [Function(TimerCatalog.CampaignWatch)]
    public Task CampaignWatch([TimerTrigger(TimerCatalog.CampaignWatchSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.CampaignWatch, cancel).AsTask();

    [Function(TimerCatalog.Reseal)]
    public Task Reseal([TimerTrigger(TimerCatalog.ResealSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.Reseal, cancel).AsTask();

    [Function(TimerCatalog.KeptAnswers)]
    public Task KeptAnswers([TimerTrigger(TimerCatalog.KeptAnswersSchedule)] TimerInfo timer, CancellationToken cancel) =>
        timers.RunAsync(TimerCatalog.KeptAnswers, cancel).AsTask();
}
