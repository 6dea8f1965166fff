using System.Collections.Concurrent;
using Notifications.Sending;
using Xunit.Abstractions;

namespace Notifications.Tests.Faults;

/// <summary>Errors, lost answers, conflicts, throttling, silence, clock jumps and sudden death, in orders that a seed decides and repeats.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>A seed to replay alone, after a test has named it.</summary>
    private static readonly int? Only = int.TryParse(Environment.GetEnvironmentVariable("NOTIFICATIONS_FAULT_SEED"), out var seed) ? seed : null;

    [Fact]
    public async Task P1_P4_P5_P8_hold_in_a_thousand_runs_in_which_everything_fails_in_every_way()
    {
        var broken = new ConcurrentBag<string>();
        var ends = new ConcurrentDictionary<MessageStatus, int>();
        var optOuts = 0;
        await EachAsync("seed", broken, Only is { } one ? [one] : Enumerable.Range(0, 1000), seed =>
        {
            var run = new FaultRun(seed, FaultPlan.Of(seed)).Play();
            foreach (var (status, count) in run.Ends) ends.AddOrUpdate(status, count, (_, sum) => sum + count);
            Interlocked.Add(ref optOuts, run.OptOuts);
            return run;
        });
        output.WriteLine($"{optOuts} opt-outs; messages: {string.Join(", ", ends.OrderBy(e => e.Key).Select(e => $"{e.Value} {e.Key}"))}");
        Assert.Empty(broken.Take(20));
        if (Only is null) Assert.All((MessageStatus[])[MessageStatus.Sent, MessageStatus.Skipped, MessageStatus.Unknown, MessageStatus.Failed], status => Assert.True(ends.GetValueOrDefault(status) > 50, $"{status} hardly ever happened."));
    }

    [Fact]
    public async Task P5_A_process_killed_at_any_await_of_the_send_path_loses_nothing_and_sends_nothing_twice()
    {
        var whole = new FaultRun(7, FaultPlan.None).Play();
        Assert.Empty(whole.Broken);
        var broken = new ConcurrentBag<string>();
        await EachAsync("killed at step", broken, Enumerable.Range(1, whole.Steps), step => new FaultRun(7, FaultPlan.None, diesAt: step).Play());
        output.WriteLine($"Killed at each of {whole.Steps} steps.");
        Assert.Empty(broken.Take(20));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        // Exactly so where the plan has no provider that is away: the pauses after that carry the product's own jitter, which no seed reaches.
        var runs = Enumerable.Range(0, 5).Select(_ => new FaultRun(2, FaultPlan.Of(2)).Play()).ToArray();
        Assert.All(runs, run =>
        {
            Assert.Equal(runs[0].Steps, run.Steps);
            Assert.Equal(runs[0].Ends.OrderBy(e => e.Key), run.Ends.OrderBy(e => e.Key));
        });
    }

    // Runs have threads of their own: a run's order is its own, whatever waits beside it.
    private static async Task EachAsync(string what, ConcurrentBag<string> broken, IEnumerable<int> numbers, Func<int, FaultRun> play) => await Task.Run(() =>
        Parallel.ForEach(numbers, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, number =>
        {
            try
            {
                foreach (var line in play(number).Broken) broken.Add($"{what} {number}: {line}");
            }
            catch (Exception unplanned)
            {
                broken.Add($"{what} {number}: {unplanned}");
            }
        }));
}
