using System.Text.RegularExpressions;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>Who is woken by what: alerts ask for what is measured, and each is explained to whoever it wakes.</summary>
public sealed partial class DeployedAlertsTests(Bicep bicep) : IClassFixture<Bicep>
{
    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void Alerts_ask_for_metrics_that_are_measured(string stage)
    {
        var measured = Measured();
        var asked = bicep.Resources(stage, "Microsoft.Insights/scheduledQueryRules")
            .SelectMany(r => MetricName().Matches(r.GetRawText()))
            .Select(m => m.Value)
            .ToHashSet(StringComparer.Ordinal);
        Assert.Empty(asked.Except(measured));
        foreach (var name in new[]
        {
            "notifications.deadletters",
            "notifications.optout.duration",
            "notifications.reports",
            "notifications.handoff.circuit",
            "notifications.alerts",
        })
        {
            Assert.Contains(name, asked);
        }
    }

    [BicepFact]
    public void Every_alert_and_every_metric_is_explained_to_whoever_it_wakes()
    {
        var guide = Repository.Read("docs", "operate.md");
        foreach (var name in bicep.Names(
            "prod", "Microsoft.Insights/scheduledQueryRules").Concat(bicep.Names("prod", "Microsoft.Insights/metricAlerts")))
        {
            Assert.Contains($"### `{name["alert-".Length..name.LastIndexOf('-')]}`", guide, StringComparison.Ordinal);
        }

        var told = MetricName().Matches(guide).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(Measured().Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void P5_An_event_that_never_reached_the_app_wakes_someone(string stage)
    {
        var watched = bicep.Resources(stage, "Microsoft.Insights/metricAlerts")
            .Select(a => a.GetProperty("properties").GetProperty("criteria"))
            .Where(c => c.TryGetProperty("allOf", out _))
            .Select(c => c.GetProperty("allOf")[0])
            .ToArray();
        Assert.Equal(["DeadLetteredCount", "DroppedEventCount"], watched.Select(c => c.GetProperty("metricName").GetString()!).Order());
        Assert.All(
            watched, c => Assert.Equal(("GreaterThan", 0), (c.GetProperty("operator").GetString(), c.GetProperty("threshold").GetInt32())));
    }

    [BicepFact]
    public void Production_is_asked_from_outside_and_dev_may_sleep()
    {
        var test = bicep.Properties("prod", "Microsoft.Insights/webtests");
        Assert.Equal("https://my.example.com/health/ready", test.GetProperty("Request").GetProperty("RequestUrl").GetString());
        Assert.True(test.GetProperty("Locations").GetArrayLength() > 2);
        Assert.Empty(bicep.Resources("dev", "Microsoft.Insights/webtests"));
        foreach (var stage in new[] { "dev", "prod" })
            Assert.All(
                bicep.Resources(stage, "Microsoft.Insights/metricAlerts"),
                a => Assert.Single(a.GetProperty("properties").GetProperty("actions").EnumerateArray()));
    }

    [BicepFact]
    public void P4_A_slash_at_the_end_of_the_public_URL_is_in_no_request_that_asks_whether_the_pages_are_there()
    {
        Assert.Equal(
            "https://my.example.com/health/ready",
            bicep.Properties(Bicep.Relay, "Microsoft.Insights/webtests").GetProperty("Request").GetProperty("RequestUrl").GetString());
        Assert.Contains("\"${url%/}/health/ready\"", Repository.Read(".github", "workflows", "deploy.yml"), StringComparison.Ordinal);
    }

    // What the product's meter offers, whether or not anything was measured yet.
    private static HashSet<string> Measured()
    {
        var measured = new HashSet<string>(StringComparer.Ordinal);
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(Telemetry).TypeHandle);
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, _) => { if (instrument.Meter.Name == Telemetry.Name) measured.Add(instrument.Name); },
        };
        listener.Start();
        return measured;
    }

    // The store's file is called notifications.db.
    [GeneratedRegex(@"notifications\.(?!db\b)[a-z]+(\.[a-z]+)*")]
    private static partial Regex MetricName();
}
