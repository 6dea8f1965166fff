using System.Reflection;
using System.Text.RegularExpressions;
using Notifications.Functions.Hosting;

namespace Notifications.Tests.Infra;

/// <summary>The settings that infra/ would give to the app, and what it makes of them.</summary>
public sealed partial class DeployedSettingsTests(Bicep bicep) : IClassFixture<Bicep>
{
    private const string Workspaces = "Microsoft.OperationalInsights/workspaces";
    private const string Settings = "Microsoft.Web/sites/config";

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void M12_No_setting_holds_a_secret(string stage)
    {
        foreach (var resource in bicep.Resources(stage))
            Assert.DoesNotContain(Bicep.Canary, resource.GetRawText(), StringComparison.Ordinal);
        var settings = bicep.Properties(stage, Settings);
        Assert.EndsWith(
            ".outputs.references.value.keyRing]", settings.GetProperty("Notifications__KeyRing").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(
            ".outputs.references.value.firstApiKey]", settings.GetProperty("Notifications__FirstApiKey").GetString(),
            StringComparison.Ordinal);
        Assert.EndsWith(
            ".outputs.references.value.webhookSecret]", settings.GetProperty("Notifications__WebhookSecret").GetString(),
            StringComparison.Ordinal);
        foreach (var reference in bicep.Templates["vault.json"].GetProperty("outputs")
            .GetProperty("references")
            .GetProperty("value")
            .EnumerateObject())
        {
            Assert.Contains("@Microsoft.KeyVault(VaultName=", reference.Value.GetString(), StringComparison.Ordinal);
        }

        foreach (var setting in settings.EnumerateObject())
        {
            Assert.DoesNotContain("parameters(", setting.Value.GetString(), StringComparison.Ordinal);
            Assert.DoesNotMatch(Bicep.KeyWord(), setting.Value.GetString());
            Assert.False(
                SecretName().IsMatch(setting.Name)
                    && !setting.Value.GetString()!.Contains(".outputs.references.", StringComparison.Ordinal),
                setting.Name);
        }
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void Every_setting_is_one_that_the_app_reads(string stage)
    {
        // Read by the Functions project itself: how each channel reaches its provider, and the key ring.
        string[] ours =
            ["KeyRing", "FirstApiKey", "FrontDoorId", "Email__Endpoint", "Email__MaxPerMinute", "Sms__Endpoint", "Sms__MaxPerMinute"];
        var settings = bicep.Properties(stage, Settings).EnumerateObject().Select(s => s.Name).ToArray();
        foreach (var name in settings.Where(n => n.StartsWith("Notifications__", StringComparison.Ordinal))
            .Select(n => n["Notifications__".Length..])
            .Except(ours))
        {
            Assert.True(Path(typeof(NotificationsOptions), name.Split("__")), $"{name} is no property of {nameof(NotificationsOptions)}.");
        }

        foreach (var name in new[]
        {
            "AzureWebJobsStorage__blobServiceUri",
            "AzureWebJobsStorage__queueServiceUri",
            "AzureWebJobsStorage__tableServiceUri",
            "AzureWebJobsStorage__credential",
            "AzureWebJobsStorage__clientId",
            "AZURE_CLIENT_ID",
            "Notifications__PublicUrl",
        })
        {
            Assert.Contains(name, settings);
        }

        // Flex Consumption refuses these: they stand in functionAppConfig.
        Assert.DoesNotContain("FUNCTIONS_WORKER_RUNTIME", settings);
        Assert.DoesNotContain("FUNCTIONS_EXTENSION_VERSION", settings);
        Assert.DoesNotContain("AzureWebJobsStorage", settings);

        static bool Path(Type type, string[] names) =>
            names.Length == 0
                || (type.GetProperty(names[0], BindingFlags.Public | BindingFlags.Instance) is { } property
                    && Path(property.PropertyType, names[1..]));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void The_app_starts_with_the_settings_that_are_deployed_and_asks_for_each_of_them(string stage)
    {
        var deployed = DeployedSettings.Of(bicep, stage);
        var app = AppSettings.Read(deployed.Configuration);
        var storage = StorageSettings.Read(deployed.Configuration);

        Assert.Equal((stage, stage), (app.KeyRing.Environment, app.Options.Environment));
        Assert.Equal(stage == "prod" ? "https://my.example.com" : "https://func-notifications.azurewebsites.net", app.Options.PublicUrl);
        Assert.Equal(
            ("news@mail.example.com", "parcels@mail.example.com"),
            (app.Options.Sender.MarketingFrom, app.Options.Sender.TransactionalFrom));
        Assert.False(app.Options.Sender.SharedFrom); // R17
        Assert.Equal(stage == "prod" ? "Acme Parcels" : "Parcel Post", app.Options.Sender.Name);
        Assert.Equal(stage == "prod" ? "2026-11-01" : "1", app.Options.Sending.PolicyVersion);
        Assert.Equal((new string('w', 48), new string('f', 48)), (app.Options.WebhookSecret, app.FirstApiKey));
        Assert.Equal(stage == "prod" ? new string('t', 32) : null, app.Options.Packages.SeventeenTrackKey);
        Assert.Equal(stage == "prod" ? Guid.Parse("00000000-0000-0000-0000-000000000007") : null, app.FrontDoorId);
        Assert.Equal(
            ("https://acs.communication.azure.com", "https://acs.communication.azure.com"), (app.Email.Endpoint, app.Sms.Endpoint));
        Assert.Equal(stage == "prod" ? (30, 200) : (5, 10), (app.Email.MaxPerMinute, app.Sms.MaxPerMinute));
        Assert.Equal(
            (null, "store.blob.core.windows.net", "store.queue.core.windows.net", "store.table.core.windows.net"),
            (storage.ConnectionString, storage.Blobs!.Host, storage.Queues!.Host, storage.Tables!.Host));
        // These the Functions host and the SDKs ask for; every other is asked for by ourselves, so a name that was changed on one side only
        // stands here.
        Assert.Equal(
            [
                "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AZURE_CLIENT_ID",
                "AzureWebJobsDisableHomepage", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential",
                "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
            ],
            deployed.Unread);
    }

    [BicepFact]
    public void R17_M12_With_a_mail_server_the_app_starts_and_has_its_url_from_the_vault_and_two_addresses_of_the_mail_domain()
    {
        var deployed = DeployedSettings.Of(bicep, Bicep.Relay);
        var app = AppSettings.Read(deployed.Configuration);

        Assert.True(app.Email.BySmtp);
        var server = app.Email.Server("Notifications:Email");
        Assert.Equal(("relay.example.com", "apikey", 30), (server.Host, server.User, app.Email.MaxPerMinute));
        Assert.True(app.Sms.Off);
        Assert.Equal(
            ("news@mail.example.com", "parcels@mail.example.com", false),
            (app.Options.Sender.MarketingFrom, app.Options.Sender.TransactionalFrom, app.Options.Sender.SharedFrom));
        var settings = bicep.Properties(Bicep.Relay, Settings);
        Assert.EndsWith(
            ".outputs.references.value.smtp]", settings.GetProperty("Notifications__Email__Smtp").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("communication", settings.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void R67_What_the_Functions_host_records_is_stored_without_the_tokens_of_links(string stage)
    {
        var rule = bicep.Properties(stage, "Microsoft.Insights/dataCollectionRules");
        var linked = Assert.Single(
            bicep.Resources(stage, Workspaces),
            w => w.GetProperty("properties").TryGetProperty("defaultDataCollectionRuleResourceId", out _));
        Assert.Equal(
            bicep.Resources(stage, "Microsoft.Insights/dataCollectionRules").Single().GetProperty("id").GetString(),
            linked.GetProperty("properties").GetProperty("defaultDataCollectionRuleResourceId").GetString());

        var flows = rule.GetProperty("dataFlows")
            .EnumerateArray()
            .ToDictionary(
                f => f.GetProperty("streams")[0].GetString()!["Microsoft-Table-".Length..],
                f => f.GetProperty("transformKql").GetString()!);
        foreach (var (table, columns) in new (string, string[])[]
        {
            ("AppRequests", ["Url", "Name", "OperationName"]),
            ("AppDependencies", ["Data", "Name", "OperationName"]),
            ("AppTraces", ["OperationName"]),
            ("AppExceptions", ["OperationName"]),
        })
        {
            var rewrites = Rewrite().Matches(flows[table]);
            Assert.Equal(columns, rewrites.Select(r => r.Groups["column"].Value));
            Assert.Equal(flows[table], "source | extend " + string.Join(", ", rewrites.Select(r => r.Value)));
            foreach (Match rewrite in rewrites)
            {
                var (link, withRest) = (rewrite.Groups["link"].Value, rewrite.Groups["withRest"].Value);
                string Stored(string text) => Regex.IsMatch(text, link)
                    ? Regex.Match(text, link).Groups[1].Value + rewrite.Groups["by"].Value + Regex.Match(text, withRest).Groups[2].Value
                    : text;
                Assert.Equal("https://my.example.com/u/{token}", Stored("https://my.example.com/u/A1b2-_c3"));
                Assert.Equal("https://my.example.com:443/P/{token}?lang=de", Stored("https://my.example.com:443/P/A1b2-_c3?lang=de"));
                Assert.Equal("GET /c/{token}", Stored("GET /c/A1b2-_c3"));
                foreach (var other in new[]
                {
                    "https://my.example.com/v1/u/topics",
                    "GET /v1/messages/m1",
                    "POST u/{*rest}",
                    "https://my.example.com/",
                })
                {
                    Assert.Equal(other, Stored(other));
                }
            }
        }
    }

    [GeneratedRegex("secret|password|keyring|connectionstring$|accesskey|token", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    // Only functions and operators that Azure lists for transformations ("Supported KQL features in Azure Monitor transformations"): a rule
    // with another is refused, and the deployment with it.
    [GeneratedRegex(
        @"(?<column>\w+) = iif\(\k<column> matches regex @'(?<link>[^']+)', strcat\(extract\(@'\k<link>', 1, \k<column>\), '(?<by>[^']+)', "
            + @"extract\(@'(?<withRest>[^']+)', 2, \k<column>\)\), \k<column>\)")]
    private static partial Regex Rewrite();
}
