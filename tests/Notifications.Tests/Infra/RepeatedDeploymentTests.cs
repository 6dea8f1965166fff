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
    public void R23_M12_Production_without_the_company_whose_mail_it_is_is_not_deployed()
    {
        // The address that links begin with, and the four that may not be empty.
        Assert.Contains("NOTIFICATIONS_PUBLIC_URL", bicep.WithoutCompany, StringComparison.Ordinal);
        Assert.Equal(Bicep.Company.Count - 1, bicep.WithoutCompany.Split("Error BCP333").Length - 1);
    }

    [BicepTheory, InlineData("dev", false), InlineData("prod", true)]
    public void P8_What_is_held_stays_held_by_the_next_provision_and_so_does_the_consoles_sign_in(string stage, bool on)
    {
        var app = Notifications.Functions.Hosting.AppSettings.Read(DeployedSettings.Of(bicep, stage).Configuration);
        Assert.Equal((on, on), (app.Options.Sending.Hold, app.Options.Console.AppServiceAuthentication));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void R61_The_root_of_the_public_host_shows_no_page_of_a_third_party(string stage) =>
        Assert.Equal(
            "true",
            bicep.Resources(stage, "Microsoft.Web/sites/config")
                .Single()
                .GetProperty("properties")
                .GetProperty("AzureWebJobsDisableHomepage")
                .GetString());

    [BicepTheory, InlineData("dev", 300, 120), InlineData("prod", 120, 30)]
    public void R43_A_stop_by_text_has_its_own_time_because_it_may_wake_two_functions(string stage, int text, int link) =>
        Assert.Contains(
            $"by Way = tostring(Properties.way) | where Slowest > iff(Way == \"text\", {text}, {link})",
            bicep.Resources(stage, "Microsoft.Insights/scheduledQueryRules")
                .Select(r => r.GetProperty("properties"))
                .Single(p => p.GetProperty("displayName").GetString() == "Notifications: opt-out-slow")
                .GetProperty("criteria")
                .GetProperty("allOf")[0]
                .GetProperty("query")
                .GetString());

    [BicepFact]
    public void P5_A_mail_domain_whose_stage_nobody_says_is_not_deployed() =>
        Assert.Contains("'senders'", bicep.WithoutStage, StringComparison.Ordinal);
}
