using Notifications.Addresses;

namespace Notifications.Timers;

/// <summary>One thing done by the clock, safe to be run again from the start and beside any other work.</summary>
/// <param name="Name">Its name on both hosts.</param>
/// <param name="Schedule">When, on Azure: six fields, the first of them seconds, in UTC.</param>
/// <param name="Every">How often, on a laptop, which nobody leaves on for the night.</param>
/// <param name="RunAsync">What is done.</param>
public sealed record TimerJob(string Name, string Schedule, TimeSpan Every, Func<CancellationToken, ValueTask> RunAsync);

/// <summary>Everything done by the clock. Both hosts run all of it: Local from its timers, Functions from one trigger each that names the schedule.</summary>
public sealed class TimerCatalog(SuppressionRepair suppressionRepair)
{
    /// <inheritdoc cref="Addresses.SuppressionRepair"/>
    public const string SuppressionRepair = "suppression-repair";

    /// <summary>Nightly, off the full hour.</summary>
    public const string SuppressionRepairSchedule = "0 17 3 * * *";

    /// <summary>Every timer.</summary>
    public IReadOnlyList<TimerJob> All { get; } = [new(SuppressionRepair, SuppressionRepairSchedule, TimeSpan.FromDays(1), suppressionRepair.RunAsync)];

    /// <summary>Runs a timer now.</summary>
    /// <exception cref="InvalidOperationException">There is no timer of that name.</exception>
    public ValueTask RunAsync(string name, CancellationToken cancel) => All.First(t => t.Name == name).RunAsync(cancel);
}
