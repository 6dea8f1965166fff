namespace Notifications.Tests.Infra;

/// <summary>What a deployment over an installation that runs must not take from it.</summary>
public sealed class RepeatedDeploymentTests(Bicep bicep) : IClassFixture<Bicep>
{
    [BicepFact]
    public void R67_A_workspace_that_has_its_rule_is_never_written_without_it()
    {
        var first = bicep.Templates["monitoring.json"].GetProperty("resources")
            .EnumerateObject()
            .Single(r => r.Value.GetProperty("type").GetString() == "Microsoft.OperationalInsights/workspaces").Value;
        Assert.True(first.GetProperty("@options").TryGetProperty("onlyIfNotExists", out _));
        Assert.All(
            bicep.Templates["workspace.json"].GetProperty("resources").EnumerateArray(),
            r => Assert.True(r.GetProperty("properties").TryGetProperty("defaultDataCollectionRuleResourceId", out _)));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void The_host_takes_the_largest_import_there_may_be(string stage) =>
        Assert.True(
            long.Parse(
                bicep.Resources(stage, "Microsoft.Web/sites/config")
                    .Single()
                    .GetProperty("properties")
                    .GetProperty("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
                    .GetString()!,
                System.Globalization.CultureInfo.InvariantCulture)
                > new Notifications.Imports.ImportOptions().MaxBytes);

    [BicepFact]
    public void P5_A_mail_domain_whose_stage_nobody_says_is_not_deployed() =>
        Assert.Contains("'senders'", bicep.WithoutStage, StringComparison.Ordinal);
}
