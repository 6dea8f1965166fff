using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Imports;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>What a deployment over an installation that runs must not take from it.</summary>
public sealed partial class RepeatedDeploymentTests(Bicep bicep) : IClassFixture<Bicep>
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
                > new ImportOptions().MaxBytes);

    [BicepFact]
    public void R17_R23_M12_Production_without_the_company_whose_mail_it_is_or_a_domain_of_its_own_is_not_deployed()
    {
        // The address that links begin with, the mail domain, and the four that may not be empty.
        Assert.Contains("NOTIFICATIONS_PUBLIC_URL", bicep.WithoutCompany, StringComparison.Ordinal);
        Assert.Contains("prod needs NOTIFICATIONS_EMAIL_DOMAIN", bicep.WithoutCompany, StringComparison.Ordinal);
        Assert.Equal(Bicep.Company.Count - 2, bicep.WithoutCompany.Split("Error BCP333").Length - 1);
    }

    [BicepFact]
    public void R1_Links_that_are_not_https_are_not_deployed() =>
        Assert.Contains("must begin with https://", bicep.WithoutTls, StringComparison.Ordinal);

    [BicepFact]
    public void Production_can_move_to_a_region_that_has_no_zones()
    {
        using var said = JsonDocument.Parse(bicep.WithoutZones);
        using var all = JsonDocument.Parse(said.RootElement.GetProperty("parametersJson").GetString()!);
        var parameters = all.RootElement.GetProperty("parameters");
        Assert.Equal("Standard_GRS", parameters.GetProperty("storageReplication").GetProperty("value").GetString());
        Assert.False(parameters.GetProperty("zoneRedundant").GetProperty("value").GetBoolean());
    }

    [BicepTheory, InlineData("dev", null), InlineData("prod", "2026-10-01")]
    public void M15_P6_A_setting_that_has_no_parameter_stays_through_every_provision(string stage, string? required)
    {
        var app = Notifications.Functions.Hosting.AppSettings.Read(DeployedSettings.Of(bicep, stage).Configuration);
        Assert.Equal(required, app.Options.Sending.RequiredPolicyVersion);
        Assert.Equal(stage, app.Options.Environment); // What the template itself writes, nothing given beside it replaces.
    }

    [BicepFact]
    public void P1_No_further_setting_leads_to_another_store_or_stays_against_its_own_variable() =>
        Assert.Contains(
            "must not name azureWebJobsStorage, Notifications__Sending__Hold:", bicep.WithAnotherStore, StringComparison.Ordinal);

    [BicepFact]
    public void M15_Every_page_that_names_a_setting_of_no_parameter_says_how_it_stays()
    {
        var written = bicep.Resources("prod", "Microsoft.Web/sites/config")
            .Single()
            .GetProperty("properties")
            .EnumerateObject()
            .Select(s => s.Name)
            .Where(n => n != "Notifications__Sending__RequiredPolicyVersion")
            .ToHashSet();
        var pages = Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md")
            .Select(f => (Name: Path.GetFileName(f), Text: File.ReadAllText(f)))
            .Where(p => Setting().Matches(p.Text).Any(m => !written.Contains(m.Value)))
            .ToList();
        Assert.Contains("operate.md", pages.Select(p => p.Name));
        Assert.All(pages, p => Assert.Contains("NOTIFICATIONS_SETTINGS", p.Text, StringComparison.Ordinal));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void M16_The_files_of_an_import_stay_for_as_long_as_the_setting_may_say(string stage)
    {
        var longest = Enumerable.Range(1, 1000).Last(days => IsAllowed(new ImportOptions { ErrorDays = days }));
        var rules = bicep.Resources(stage, "Microsoft.Storage/storageAccounts/managementPolicies")
            .Single()
            .GetProperty("properties")
            .GetProperty("policy")
            .GetProperty("rules")
            .EnumerateArray()
            .Select(r => r.GetProperty("definition"))
            .SelectMany(
                d => d.GetProperty("filters").GetProperty("prefixMatch").EnumerateArray(),
                (d, prefix) => (
                    Prefix: prefix.GetString()!,
                    Days: d.GetProperty("actions")
                        .GetProperty("baseBlob")
                        .GetProperty("delete")
                        .GetProperty("daysAfterModificationGreaterThan")
                        .GetInt32()))
            .ToDictionary();
        Assert.True(rules["imports/"] > longest, $"{rules["imports/"]} days, and {longest} may be set.");
        Assert.Equal(30, rules["deadletters/"]); // Addresses in the clear.
    }

    private static bool IsAllowed(ImportOptions options)
    {
        try
        {
            options.Validate();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\bNotifications__\w+|\bAzureWebJobs\.\w+\.Disabled|\bOTEL_\w+")]
    private static partial Regex Setting();

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
