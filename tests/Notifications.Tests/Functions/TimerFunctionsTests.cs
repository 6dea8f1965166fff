using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Notifications.Functions.Timers;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Privacy;
using Notifications.Timers;

namespace Notifications.Tests.Functions;

/// <summary>The host logs what a timer throws, with its message and what is inside it.</summary>
public sealed class TimerFunctionsTests
{
    private const string Canary = "canary@example.com";

    [Fact]
    public async Task R67_A_timer_that_fails_repeats_no_word_of_a_person_to_the_host_nor_to_the_log()
    {
        var said = new ConcurrentBag<string>();
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => SealAsync(new FormatException($"No date: {Canary}"), said));
        Assert.Equal($"Timer {TimerCatalog.Seal} failed with FormatException.", thrown.Message);
        Assert.Null(thrown.InnerException);
        Assert.Contains(said, line => line.Contains("FormatException", StringComparison.Ordinal));
        Assert.DoesNotContain(said, line => line.Contains(Canary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task R69_A_timer_that_meets_a_store_that_is_away_says_so_as_it_is() =>
        await Assert.ThrowsAsync<StorageUnavailableException>(() => SealAsync(new StorageUnavailableException(), []));

    private static async Task SealAsync(Exception failure, ConcurrentBag<string> said)
    {
        using var host = new AzureHost(tables: new FailingTables(failure));
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(new Ear(said)));
        await new TimerFunctions(host.Get<TimerCatalog>(), logs.CreateLogger<TimerFunctions>()).Seal(new(), default);
    }

    private sealed class FailingTables(Exception failure) : PassingStore(new MemoryStore(TimeProvider.System))
    {
        protected override ITableStore At(string table) => throw failure;
    }
}
