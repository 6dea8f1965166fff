using System.Text.Json;
using Notifications.Benchmarks.Scenarios;

namespace Notifications.Benchmarks;

/// <summary>Runs the scenarios that were asked for, all of them when none was, and prints the table and the same as JSON.</summary>
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
        ["smtp"] = Smtp.RunAsync,
        ["scale"] = Scale.RunAsync,
        ["import"] = Import.RunAsync,
    };

    public static async Task<int> RunAsync(string[] names)
    {
        if (names.FirstOrDefault(n => !Scenarios.ContainsKey(n)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no scenario '{unknown}'. There are: {string.Join(", ", Scenarios.Keys)}.");
            return 2;
        }

        var results = new List<Result>();
        foreach (var name in names.Length > 0 ? names : [.. Scenarios.Keys])
        {
            Console.Error.WriteLine($"{name} ...");
            results.AddRange(await Scenarios[name]());
        }

        Console.WriteLine("| scenario | what | product | limit | ratio | target | |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---|");
        foreach (var result in results) Console.WriteLine(result.Row());
        Console.WriteLine();
        Console.WriteLine(JsonSerializer.Serialize(results, ResultJson.Default.ListResult));
        return results.TrueForAll(r => r.Met) ? 0 : 1;
    }
}
