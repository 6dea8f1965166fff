using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notifications.Benchmarks;

/// <summary>One line of a scenario: what the product did, what the limit did in the same run, and the ratio.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="What">What was counted, with its unit.</param>
/// <param name="Product">The product's figure.</param>
/// <param name="Limit">The limit's figure, measured in the same run.</param>
/// <param name="Target">The bound on the ratio.</param>
/// <param name="AtLeast">Whether the ratio must be at least the target, or at most.</param>
public sealed record Result(string Scenario, string What, double Product, double Limit, double Target, bool AtLeast)
{
    /// <summary>Product over limit.</summary>
    public double Ratio => Limit == 0 ? 0 : Math.Round(Product / Limit, 3);

    /// <summary>Whether the target was met.</summary>
    public bool Met => AtLeast ? Ratio >= Target : Ratio <= Target;

    /// <summary>Whether the ratio is worse than another run's by more than a quarter.</summary>
    public bool IsWorseThan(Result earlier) => AtLeast ? Ratio < earlier.Ratio * 0.75 : Ratio * 0.75 > earlier.Ratio;

    /// <summary>A row of the table in docs/benchmarks.md.</summary>
    public string Row() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {Scenario} | {What} | {Product:#,0.##} | {Limit:#,0.##} | {Ratio:0.00} | {(AtLeast ? ">=" : "<=")} {Target:0.0#} | {(Met ? "met" : "missed")} |");
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(List<Result>))]
internal sealed partial class ResultJson : JsonSerializerContext;
