using System.Text.Json;
using Microsoft.Extensions.Logging;
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

    [Fact]
    public async Task P5_Many_items_at_one_row_are_said_to_be_that_and_not_that_the_store_is_away()
    {
        var (world, hooked) = PackagesWorld.Hooked();
        var reads = 0;
        hooked!.BeforeRead = (_, _) => ++reads <= 3 ? throw StorageUnavailableException.Contended("The record x") : Task.CompletedTask;
        await world.Store.EnqueueAsync(
            Queues.Packages,
            JsonSerializer.SerializeToUtf8Bytes(new PackageWork(PackageStep.Announce, PackagesWorld.Number), CoreJson.Default.PackageWork));
        var lines = new Lines();
        using var logs = LoggerFactory.Create(l => l.AddProvider(lines).SetMinimumLevel(LogLevel.Trace));
        using var pump = new QueuePump(
            world.Store, world.Get<Work>(), (_, stopping) => new ValueTask(Task.Delay(10, stopping)), world.Get<SendingOptions>(),
            logs.CreateLogger<QueuePump>());
        await pump.StartAsync(default);
        await Poll.UntilAsync(async () =>
        {
            world.Clock.Advance(TimeSpan.FromSeconds(10));
            return reads > 3 && await world.Store.CountAsync(Queues.Packages) == 0;
        }, "done");
        await pump.StopAsync(default);
        Assert.Equal(3, lines.Said.Count);
        Assert.All(lines.Said, line => Assert.Equal(LogLevel.Debug, line.Level));
        Assert.All(lines.Said, line => Assert.Contains("The record x changed under every try", line.Text, StringComparison.Ordinal));
        Assert.All(lines.Said, line => Assert.DoesNotContain("not reachable", line.Text, StringComparison.Ordinal));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<(LogLevel Level, string Text)> Said { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Said) Said.Add((logLevel, formatter(state, exception)));
        }

        public void Dispose()
        {
        }
    }
}
