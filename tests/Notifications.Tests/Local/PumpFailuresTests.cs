using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Local.Pump;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Local;

/// <summary>When the local host gives an item up: after five failures that nobody planned, whatever else had put it off.</summary>
public sealed class PumpFailuresTests
{
    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 1)]
    public async Task R69_Only_unplanned_failures_count_towards_giving_up(int failures, int given)
    {
        var (world, hooked) = PackagesWorld.Hooked();
        var away = 0;
        hooked!.BeforeRead = (table, _) => table == Tables.DeadLetters ? Task.CompletedTask : ++away switch
        {
            <= 6 => throw new StorageUnavailableException(),
            _ when away <= 6 + failures => throw new InvalidOperationException(),
            _ => Task.CompletedTask,
        };
        await world.Store.EnqueueAsync(
            Queues.Packages,
            JsonSerializer.SerializeToUtf8Bytes(new PackageWork(PackageStep.Announce, PackagesWorld.Number), CoreJson.Default.PackageWork));
        using var pump = new QueuePump(
            world.Store, world.Get<Work>(), (_, stopping) => new ValueTask(Task.Delay(10, stopping)), world.Get<SendingOptions>(),
            NullLogger<QueuePump>.Instance);
        await pump.StartAsync(default);
        await Poll.UntilAsync(async () =>
        {
            world.Clock.Advance(TimeSpan.FromSeconds(10));
            return away >= 6 + failures
                && await world.Store.CountAsync(Queues.Packages) + await world.Store.CountAsync(Queues.Poison(Queues.Packages)) == 0;
        }, "done or given up");
        await pump.StopAsync(default);
        hooked.BeforeRead = null;
        Assert.Equal(given, (await world.Get<DeadLetters>().ListAsync(Queues.Packages, null, 10, default)).Count);
    }
}
