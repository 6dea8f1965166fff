using System.Runtime.ExceptionServices;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Schedule;
using Notifications.Security;

namespace Notifications.Timers;

/// <summary>One thing done by the clock, safe to be run again from the start and beside any other work.</summary>
/// <param name="Name">Its name on both hosts.</param>
/// <param name="Schedule">When, on Azure: six fields, the first of them seconds, in UTC.</param>
/// <param name="Every">How often, on a laptop, which nobody leaves on for the night.</param>
/// <param name="RunAsync">What is done.</param>
public sealed record TimerJob(string Name, string Schedule, TimeSpan Every, Func<CancellationToken, ValueTask> RunAsync);

/// <summary>
/// Everything done by the clock. Both hosts run all of it: Local from its timers, Functions from one trigger each that names the schedule.
/// </summary>
public sealed class TimerCatalog(
    SuppressionRepair suppressionRepair, WatchRepair watchRepair, AudienceRepair audienceRepair, ScheduleRunner schedule,
    PrivacyDesk privacy, Retention retention, Leftovers leftovers, ImportDesk imports, LedgerSeals seals, CampaignWatch campaigns,
    Statistics statistics, Resealing resealing, UndeliveredEvents undelivered, KeptAnswers answers, AlertMails alertMails)
{
    /// <inheritdoc cref="Addresses.SuppressionRepair"/>
    public const string SuppressionRepair = "suppression-repair";

    /// <summary>Nightly, off the full hour.</summary>
    public const string SuppressionRepairSchedule = "0 17 3 * * *";

    /// <inheritdoc cref="Packages.WatchRepair"/>
    public const string WatchRepair = "watch-repair";

    /// <summary>Nightly, after the suppressions.</summary>
    public const string WatchRepairSchedule = "0 37 3 * * *";

    /// <inheritdoc cref="Audiences.AudienceRepair"/>
    public const string AudienceRepair = "audience-repair";

    /// <summary>Nightly, after the watches, whose end it counts.</summary>
    public const string AudienceRepairSchedule = "0 47 3 * * *";

    /// <inheritdoc cref="ScheduleRunner"/>
    public const string Schedule = "schedule";

    /// <summary>Every half hour: far oftener than <see cref="ScheduleRunner.Horizon"/>, so that a missed run makes nothing late.</summary>
    public const string ScheduleSchedule = "0 7,37 * * * *";

    /// <inheritdoc cref="PrivacyDesk"/>
    public const string Privacy = "privacy";

    /// <summary>Every hour: what a crash interrupted, or lies in the clear, must not wait for the night.</summary>
    public const string PrivacySchedule = "0 47 * * * *";

    /// <inheritdoc cref="ErasureSweep"/>
    public const string ErasureSweep = "erasure-sweep";

    /// <summary>Every hour: who is erased waits for no night, and a run on Azure ends after an hour, done or not.</summary>
    public const string ErasureSweepSchedule = "0 53 * * * *";

    /// <inheritdoc cref="Notifications.Privacy.Retention"/>
    public const string Retention = "retention";

    /// <summary>Nightly, after the repairs.</summary>
    public const string RetentionSchedule = "0 57 3 * * *";

    /// <inheritdoc cref="LedgerSeals"/>
    public const string Seal = "ledger-seal";

    /// <summary>Nightly, after midnight: the seal of a day is of its first minutes.</summary>
    public const string SealSchedule = "0 11 0 * * *";

    /// <inheritdoc cref="Notifications.Counting.Statistics"/>
    public const string Statistics = "statistics";

    /// <summary>Nightly, after the retention.</summary>
    public const string StatisticsSchedule = "0 23 4 * * *";

    /// <summary>What <see cref="Campaigns.CampaignWatch"/> does, and <see cref="Events.AlertMails"/>.</summary>
    public const string CampaignWatch = "campaign-watch";

    /// <summary>Every five minutes: what it mends are people waiting, and what rings is mailed.</summary>
    public const string CampaignWatchSchedule = "30 2/5 * * * *";

    /// <inheritdoc cref="Security.Resealing"/>
    public const string Reseal = "reseal";

    /// <summary>Every hour: a run on Azure ends after an hour, done or not, and the next goes on.</summary>
    public const string ResealSchedule = "0 27 * * * *";

    /// <inheritdoc cref="Notifications.Privacy.KeptAnswers"/>
    public const string KeptAnswers = "kept-answers";

    /// <summary>Nightly, the last of all: it is the one whose work grows with every request.</summary>
    public const string KeptAnswersSchedule = "0 33 4 * * *";

    /// <summary>Every timer.</summary>
    public IReadOnlyList<TimerJob> All { get; } =
    [
        new(SuppressionRepair, SuppressionRepairSchedule, TimeSpan.FromDays(1), suppressionRepair.RunAsync),
        new(WatchRepair, WatchRepairSchedule, TimeSpan.FromDays(1), async cancel => await watchRepair.RunAsync(cancel)),
        new(AudienceRepair, AudienceRepairSchedule, TimeSpan.FromDays(1), async cancel => await audienceRepair.RunAsync(cancel)),
        new(Schedule, ScheduleSchedule, TimeSpan.FromMinutes(30), async cancel => await schedule.RunDueAsync(cancel)),
        new(
            Privacy, PrivacySchedule, TimeSpan.FromHours(1),
            cancel => EachAsync(() => undelivered.TakeInAsync(cancel), () => privacy.RunAsync(cancel))),
        new(ErasureSweep, ErasureSweepSchedule, TimeSpan.FromHours(1), privacy.SweepAsync),
        new(
            Retention, RetentionSchedule, TimeSpan.FromDays(1),
            cancel => EachAsync(
                async () => await retention.RunAsync(cancel), () => imports.PurgeAsync(cancel), () => leftovers.PurgeAsync(cancel))),
        new(Seal, SealSchedule, TimeSpan.FromDays(1), seals.SealAsync),
        new(Statistics, StatisticsSchedule, TimeSpan.FromDays(1), statistics.CompactAsync),
        new(
            CampaignWatch, CampaignWatchSchedule, TimeSpan.FromMinutes(5),
            cancel => EachAsync(() => campaigns.RunAsync(cancel), () => alertMails.RunAsync(cancel))),
        new(Reseal, ResealSchedule, TimeSpan.FromHours(1), async cancel => await resealing.RunAsync(cancel)),
        new(KeptAnswers, KeptAnswersSchedule, TimeSpan.FromDays(1), async cancel => await answers.PurgeAsync(cancel)),
    ];

    // What one cannot do must not keep the next from its work; then the first that failed is the timer's failure.
    private static async ValueTask EachAsync(params Func<ValueTask>[] all)
    {
        ExceptionDispatchInfo? failed = null;
        foreach (var doAsync in all)
        {
            try
            {
                await doAsync();
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                failed ??= ExceptionDispatchInfo.Capture(error);
            }
        }

        failed?.Throw();
    }

    /// <summary>Runs a timer now.</summary>
    /// <exception cref="InvalidOperationException">There is no timer of that name.</exception>
    public ValueTask RunAsync(string name, CancellationToken cancel) => All.First(t => t.Name == name).RunAsync(cancel);
}
