namespace Notifications.Timers;

/// <summary>One thing done by the clock. <paramref name="Schedule"/> has six fields, the first of them seconds, in UTC.</summary>
public sealed record TimerJob(string Name, string Schedule, Func<CancellationToken, ValueTask> RunAsync);

/// <summary>Everything done by the clock. Both hosts run it: Local from its own timers, Functions from triggers that name these schedules.</summary>
public sealed class TimerCatalog(IndexRepair indexRepair)
{
    /// <inheritdoc cref="Timers.IndexRepair"/>
    public const string IndexRepair = "index-repair";

    /// <summary>Nightly, off the full hour.</summary>
    public const string IndexRepairSchedule = "0 17 3 * * *";

    /// <summary>Every timer.</summary>
    public IReadOnlyList<TimerJob> All { get; } = [new(IndexRepair, IndexRepairSchedule, indexRepair.RunAsync)];

    /// <summary>Runs a timer now.</summary>
    /// <exception cref="InvalidOperationException">There is no timer of that name.</exception>
    public ValueTask RunAsync(string name, CancellationToken cancel) => All.First(t => t.Name == name).RunAsync(cancel);
}
