using System.Text.Json;
using Notifications.Benchmarks.Scenarios;

namespace Notifications.Benchmarks;

/// <summary>
/// Runs the scenarios that were asked for, all of them when none was, and prints the table and the same as JSON. With <c>--out file</c> the
/// JSON goes to a file too. With <c>--against file</c>, what another run wrote, the exit code says whether a ratio has become worse by more
/// than a quarter, and no longer whether the targets are met.
/// </summary>
internal static class Runner
{
    private static readonly Dictionary<string, Func<Task<Result[]>>> Scenarios = new(StringComparer.Ordinal)
    {
        ["one-click"] = OneClick.RunAsync,
        ["decide"] = Decide.RunAsync,
        ["api"] = Api.RunAsync,
        ["fanout"] = FanOut.RunAsync,
        ["cold"] = Cold.RunAsync,
        ["cost"] = Cost.RunAsync,
        ["campaign"] = CampaignScenario.RunAsync,
        ["smtp"] = SmtpScenario.RunAsync,
        ["scale"] = Scale.RunAsync,
        ["import"] = Import.RunAsync,
        ["backlog"] = Backlog.RunAsync,
        ["allocation"] = Allocation.RunAsync,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var names = args.ToList();
        var file = Take(names, "--out");
        var earlier = Take(names, "--against") is { } other
            ? JsonSerializer.Deserialize(await File.ReadAllTextAsync(other), ResultJson.Default.ListResult)!
            : null;
        if (names.Find(n => !Scenarios.ContainsKey(n)) is { } unknown)
        {
            Console.Error.WriteLine(
                $"There is no scenario '{unknown}'. There are: {string.Join(", ", Scenarios.Keys)}. Options: --out file, --against file.");
            return 2;
        }

        var results = new List<Result>();
        foreach (var name in names.Count > 0 ? names : [.. Scenarios.Keys])
        {
            Console.Error.WriteLine($"{name} ...");
            results.AddRange(await Scenarios[name]());
        }

        Console.WriteLine("| scenario | what | product | limit | ratio | target | |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---|");
        foreach (var result in results) Console.WriteLine(result.Row());
        Console.WriteLine();
        var json = JsonSerializer.Serialize(results, ResultJson.Default.ListResult);
        Console.WriteLine(json);
        if (file is not null) await File.WriteAllTextAsync(file, json);
        if (earlier is null) return results.TrueForAll(r => r.Met) ? 0 : 1;

        var pairs = results.Join(
            earlier, r => (r.Scenario, r.What), r => (r.Scenario, r.What), (now, then) => (Now: now, Then: then)).ToList();
        var worse = pairs.FindAll(p => p.Now.IsWorseThan(p.Then));
        foreach (var (now, then) in pairs)
            Console.WriteLine(
                $"{now.Scenario}, {now.What}: {then.Ratio} then, {now.Ratio} now{(worse.Contains((now, then)) ? ": WORSE by more than a quarter" : "")}");
        return pairs.Count > 0 && worse.Count == 0 ? 0 : 1;
    }

    private static string? Take(List<string> args, string option)
    {
        var at = args.IndexOf(option);
        if (at < 0) return null;
        if (at + 1 >= args.Count) throw new ArgumentException($"{option} needs a file.");
        var value = args[at + 1];
        args.RemoveRange(at, 2);
        return value;
    }
}
