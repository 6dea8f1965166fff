using System.Collections.Concurrent;
using Notifications.Campaigns;
using Notifications.Sending;
using Xunit.Abstractions;

namespace Notifications.Tests.Faults;

/// <summary>
/// Errors, lost answers, conflicts, throttling, silence, clock jumps and sudden death, in orders that a seed decides and repeats.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>A seed to replay alone, after a test has named it.</summary>
    private static readonly int? Only = int.TryParse(Environment.GetEnvironmentVariable("NOTIFICATIONS_FAULT_SEED"), out var seed)
        ? seed
        : null;

    /// <summary>How many seeds are played: more where there is time.</summary>
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("NOTIFICATIONS_FAULT_SEEDS"), out var seeds)
        ? seeds
        : 1000;

    /// <summary>Of how many steps a run is killed at one: 1 for each, which takes minutes.</summary>
    private static readonly int Every = int.TryParse(Environment.GetEnvironmentVariable("NOTIFICATIONS_FAULT_EVERY"), out var steps)
        ? steps
        : 20;

    [Fact]
    public async Task P1_P4_P5_P8_P9_hold_in_a_thousand_runs_in_which_everything_fails_in_every_way()
    {
        var broken = new ConcurrentBag<string>();
        var ends = new ConcurrentDictionary<string, long>();
        void Count(string what, long count) => ends.AddOrUpdate(what, count, (_, sum) => sum + count);
        await EachAsync("seed", broken, Only is { } one ? [one] : Enumerable.Range(0, Seeds), seed =>
        {
            var run = new FaultRun(seed, FaultPlan.Of(seed)).Play();
            foreach (var (status, count) in run.Ends) Count($"single {status}", count);
            Count($"campaigns {run.Campaign.Status}", 1);
            Count("campaign Sent", run.Campaign.Sent);
            Count("campaign Failed", run.Campaign.Failed);
            Count("campaign Unknown", run.Campaign.Unknown);
            foreach (var (reason, count) in run.Campaign.Skipped) Count($"campaign {reason}", count);
            Count("opt-outs", run.OptOuts);
            Count("steps", run.Steps);
            return run;
        });
        output.WriteLine(string.Join(", ", ends.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Value} {e.Key}")));
        Assert.True(broken.IsEmpty, string.Join('\n', broken.Take(20)));
        if (Only is not null) return;
        foreach (var what in (string[])[
            .. Names("single", MessageStatus.Sent, MessageStatus.Skipped, MessageStatus.Unknown, MessageStatus.Failed),
            .. Names("campaign", MessageStatus.Sent, MessageStatus.Unknown, MessageStatus.Failed),
            .. Names("campaigns", CampaignStatus.Completed, CampaignStatus.Cancelled),
            "campaign unsubscribed", "campaign campaign-cancelled"])
        {
            Assert.True(ends.GetValueOrDefault(what) > 50, $"{what} hardly ever happened.");
        }

        static IEnumerable<string> Names<T>(string kind, params T[] values) where T : struct, Enum => values.Select(v => $"{kind} {v}");
    }

    [Theory]
    [InlineData(6, false)] // An ordinary campaign.
    [InlineData(7, false)] // A throttled one.
    [InlineData(8, false)] // One with a subject test.
    [InlineData(11, true)] // The same, and until then everything has failed in every way.
    public async Task P1_P5_P8_P9_A_process_killed_at_any_await_loses_nothing_and_sends_nothing_twice(int seed, bool faulty)
    {
        var plan = faulty ? FaultPlan.Of(seed) : FaultPlan.None;
        FaultRun? whole = null;
        await Stage.OnThreadsOfTheirOwnAsync([seed], s => whole = new FaultRun(s, plan).Play());
        Assert.True(whole!.Broken.Count == 0, string.Join('\n', whole.Broken));
        var broken = new ConcurrentBag<string>();
        var steps = Enumerable.Range(1, whole.Steps).Where(step => step % Every == seed % Every).ToList();
        await EachAsync("killed at step", broken, steps, step => new FaultRun(seed, plan, diesAt: step).Play());
        output.WriteLine($"Killed at {steps.Count} of {whole.Steps} steps.");
        Assert.True(broken.IsEmpty, string.Join('\n', broken.Take(20)));
    }

    [Fact]
    public async Task A_seed_repeats_its_run_exactly()
    {
        var runs = new ConcurrentBag<(int Seed, uint Trace, int Steps)>();
        var broken = new ConcurrentBag<string>();
        await EachAsync("seed", broken, Enumerable.Range(0, 24).SelectMany(seed => Enumerable.Repeat(seed, 3)), seed =>
        {
            var run = new FaultRun(seed, FaultPlan.Of(seed)).Play();
            runs.Add((seed, run.Trace, run.Steps));
            return run;
        });
        Assert.True(broken.IsEmpty, string.Join('\n', broken.Take(20)));
        output.WriteLine(string.Join(", ", runs.Distinct().OrderBy(r => r.Seed).Select(r => $"{r.Seed}: {r.Trace:x8} in {r.Steps}")));
        Assert.Equal(24, runs.Distinct().Count());
    }

    private static Task EachAsync(string what, ConcurrentBag<string> broken, IEnumerable<int> numbers, Func<int, FaultRun> play) =>
        Stage.OnThreadsOfTheirOwnAsync(numbers, number =>
        {
            try
            {
                foreach (var line in play(number).Broken) broken.Add($"{what} {number}: {line}");
            }
            catch (Exception unplanned)
            {
                broken.Add($"{what} {number}: {unplanned}");
            }
        });
}
