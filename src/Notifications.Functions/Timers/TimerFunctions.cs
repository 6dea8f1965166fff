using Microsoft.Azure.Functions.Worker;
using Notifications.Timers;

namespace Notifications.Functions.Timers;

/// <summary>The timers of the catalogue. The host runs each on one instance at a time.</summary>
public sealed class TimerFunctions(TimerCatalog timers)
{
    [Function(TimerCatalog.IndexRepair)]
    public Task IndexRepair([TimerTrigger(TimerCatalog.IndexRepairSchedule)] TimerInfo timer, CancellationToken cancel) => timers.RunAsync(TimerCatalog.IndexRepair, cancel).AsTask();
}
