using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Functions.Hosting;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>What infra/ would deploy, read from what the compiler makes of it. No subscription is needed, and none was used.</summary>
public sealed partial class BicepTests(Bicep bicep) : IClassFixture<Bicep>
{
    private const string Workspaces = "Microsoft.OperationalInsights/workspaces";
    private const string Settings = "Microsoft.Web/sites/config";

    // The roles in docs/deploy.md. Another one is another privilege: think first.
    private static readonly string[] AllowedRoles =
    [
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", // Storage Table Data Contributor
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88", // Storage Queue Data Contributor
        "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a", // Storage Queue Data Message Sender
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", // Storage Blob Data Owner
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe", // Storage Blob Data Contributor
        "4633458b-17de-408a-b874-0445c86b69e6", // Key Vault Secrets User
        "3913510d-42f4-4e42-8a64-420c390055eb", // Monitoring Metrics Publisher
        "09976791-48a7-449e-bb21-39d1a415f350", // Communication and Email Service Owner
    ];

    [BicepFact]
    public void Every_file_builds_without_a_word()
    {
        Assert.Equal("", bicep.Build);
        Assert.Equal(Directory.GetFiles(Path.Combine(Repository.Root, "infra"), "*.bicep").Length, bicep.Templates.Count);
    }

    [BicepFact]
    public void The_linter_has_nothing_to_say() => Assert.Equal("", bicep.Lint);

    [BicepFact]
    public void Both_stages_can_be_evaluated() => Assert.Equal("", bicep.Snapshot);

    [BicepFact]
    public void Every_parameter_and_every_output_is_described()
    {
        foreach (var (file, template) in bicep.Templates)
        {
            foreach (var kind in new[] { "parameters", "outputs" })
            {
                if (!template.TryGetProperty(kind, out var all)) continue;
                foreach (var one in all.EnumerateObject())
                    Assert.True(
                        one.Value.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("description", out _),
                        $"{file}: {kind} {one.Name} has no @description.");
            }
        }
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void Every_queue_has_its_poison_twin_and_every_table_is_there(string stage)
    {
        var queues = Names(stage, "Microsoft.Storage/storageAccounts/queueServices/queues");
        foreach (var queue in Queues.All.Append("provider-events"))
        {
            Assert.Contains(queue, queues);
            Assert.Contains(Queues.Poison(queue), queues);
        }

        Assert.Empty(Tables.Provisioned.Except(Names(stage, "Microsoft.Storage/storageAccounts/tableServices/tables")));
        Assert.Equal(
            ((string[])[.. Containers.All, AzureWorkQueue.Bodies, "deployments"]).Order(),
            Names(stage, "Microsoft.Storage/storageAccounts/blobServices/containers").Order());
        Assert.DoesNotContain(Tables.Inbox, Names(stage, "Microsoft.Storage/storageAccounts/tableServices/tables"));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void M12_Nothing_can_be_reached_with_a_key_or_without_TLS(string stage)
    {
        var storage = Properties(stage, "Microsoft.Storage/storageAccounts");
        Assert.False(storage.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(storage.GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.True(storage.GetProperty("supportsHttpsTrafficOnly").GetBoolean());
        Assert.Equal("TLS1_2", storage.GetProperty("minimumTlsVersion").GetString());
        foreach (var service in bicep.Resources(
            stage, "Microsoft.Communication/communicationServices").Where(r => r.TryGetProperty("properties", out _)))
        {
            Assert.True(service.GetProperty("properties").GetProperty("disableLocalAuth").GetBoolean());
        }

        Assert.True(Properties(stage, "Microsoft.Insights/components").GetProperty("DisableLocalAuth").GetBoolean());
        foreach (var workspace in bicep.Resources(stage, Workspaces))
            Assert.True(workspace.GetProperty("properties").GetProperty("features").GetProperty("disableLocalAuth").GetBoolean());
        Assert.True(Properties(stage, "Microsoft.KeyVault/vaults").GetProperty("enableRbacAuthorization").GetBoolean());
        var app = Properties(stage, "Microsoft.Web/sites");
        Assert.True(app.GetProperty("httpsOnly").GetBoolean());
        Assert.Equal("1.2", app.GetProperty("siteConfig").GetProperty("minTlsVersion").GetString());
        Assert.Equal(
            2,
            bicep.Resources(
                stage,
                "Microsoft.Web/sites/basicPublishingCredentialsPolicies").Count(
                    p => !p.GetProperty("properties").GetProperty("allow").GetBoolean()));
        foreach (var container in bicep.Resources(stage, "Microsoft.Storage/storageAccounts/blobServices/containers"))
            Assert.Equal("None", container.GetProperty("properties").GetProperty("publicAccess").GetString());
    }

    [BicepFact]
    public void M12_No_template_asks_for_a_key()
    {
        foreach (var (file, template) in bicep.Templates)
        {
            var text = template.GetRawText();
            Assert.False(KeyWord().IsMatch(text), $"{file}: {KeyWord().Match(text).Value}");
            Assert.DoesNotContain(Bicep.Canary, text, StringComparison.Ordinal);
        }
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void M12_No_setting_holds_a_secret(string stage)
    {
        foreach (var resource in bicep.Resources(stage))
            Assert.DoesNotContain(Bicep.Canary, resource.GetRawText(), StringComparison.Ordinal);
        var settings = Properties(stage, Settings);
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
            Assert.DoesNotMatch(KeyWord(), setting.Value.GetString());
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
        var settings = Properties(stage, Settings).EnumerateObject().Select(s => s.Name).ToArray();
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
        Assert.Equal(stage == "prod" ? "2026-11-01" : null, app.Options.Sending.PolicyVersion);
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

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void R67_What_the_Functions_host_records_is_stored_without_the_tokens_of_links(string stage)
    {
        var rule = Properties(stage, "Microsoft.Insights/dataCollectionRules");
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
            foreach (Match rewrite in rewrites)
            {
                Assert.Equal(rewrite.Groups["column"].Value, rewrite.Groups["of"].Value);
                string Stored(string text) =>
                    Regex.Replace(text, rewrite.Groups["pattern"].Value, rewrite.Groups["by"].Value.Replace('\\', '$'));
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

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void Roles_are_few_and_none_is_given_on_the_group_or_the_subscription(string stage)
    {
        var given = bicep.Resources(stage, "Microsoft.Authorization/roleAssignments").ToArray();
        foreach (var role in given)
        {
            var id = role.GetProperty("properties").GetProperty("roleDefinitionId").GetString()!;
            Assert.Contains(id[(id.LastIndexOf('/') + 1)..], AllowedRoles);
            Assert.Equal("ServicePrincipal", role.GetProperty("properties").GetProperty("principalType").GetString());
            Assert.Contains("extensionResourceId(", role.GetProperty("id").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(8, given.Length);
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void Events_come_to_the_queue_of_the_raw_ones_and_what_cannot_be_delivered_is_kept(string stage)
    {
        var subscriptions = bicep.Resources(stage, "Microsoft.EventGrid/systemTopics/eventSubscriptions")
            .Select(s => s.GetProperty("properties"))
            .ToArray();
        foreach (var one in subscriptions)
        {
            Assert.Equal(
                "provider-events",
                one.GetProperty("deliveryWithResourceIdentity")
                    .GetProperty("destination")
                    .GetProperty("properties")
                    .GetProperty("queueName")
                    .GetString());
            Assert.Equal(
                "deadletters",
                one.GetProperty("deadLetterWithResourceIdentity")
                    .GetProperty("deadLetterDestination")
                    .GetProperty("properties")
                    .GetProperty("blobContainerName")
                    .GetString());
        }

        string[] types =
            [
                .. subscriptions.SelectMany(
                    s => s.GetProperty("filter").GetProperty("includedEventTypes").EnumerateArray()).Select(t => t.GetString()!),
            ];
        foreach (var type in new[] { "SMSReceived", "SMSDeliveryReportReceived", "EmailDeliveryReportReceived" })
            Assert.Contains("Microsoft.Communication." + type, types);
    }

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
        foreach (var name in Names(
            "prod", "Microsoft.Insights/scheduledQueryRules").Concat(Names("prod", "Microsoft.Insights/metricAlerts")))
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
        var test = Properties("prod", "Microsoft.Insights/webtests");
        Assert.Equal("https://my.example.com/health/ready", test.GetProperty("Request").GetProperty("RequestUrl").GetString());
        Assert.True(test.GetProperty("Locations").GetArrayLength() > 2);
        Assert.Empty(bicep.Resources("dev", "Microsoft.Insights/webtests"));
        foreach (var stage in new[] { "dev", "prod" })
            Assert.All(
                bicep.Resources(stage, "Microsoft.Insights/metricAlerts"),
                a => Assert.Single(a.GetProperty("properties").GetProperty("actions").EnumerateArray()));
    }

    [BicepFact]
    public void R17_Mail_has_two_senders_once_the_domain_may_have_them_and_Azures_own_domain_has_none()
    {
        Assert.Equal(["news", "parcels"], Names("prod", "Microsoft.Communication/emailServices/domains/senderUsernames").Order());
        Assert.Empty(Names("dev", "Microsoft.Communication/emailServices/domains/senderUsernames"));
        Assert.Equal(["mail.example.com"], Names("prod", "Microsoft.Communication/emailServices/domains"));
        Assert.Equal(["AzureManagedDomain"], Names("dev", "Microsoft.Communication/emailServices/domains"));
    }

    [BicepFact]
    public void Production_is_warm_replicated_and_cannot_lose_its_keys()
    {
        Assert.Equal(
            "Standard_GZRS",
            bicep.Resources("prod", "Microsoft.Storage/storageAccounts").Single().GetProperty("sku").GetProperty("name").GetString());
        Assert.True(Properties("prod", "Microsoft.KeyVault/vaults").GetProperty("enablePurgeProtection").GetBoolean());
        var scale = Properties("prod", "Microsoft.Web/sites").GetProperty("functionAppConfig").GetProperty("scaleAndConcurrency");
        Assert.True(Properties("prod", "Microsoft.Web/serverfarms").GetProperty("zoneRedundant").GetBoolean());
        // One in each of two zones.
        Assert.Equal(
            ("http", 2),
            (scale.GetProperty("alwaysReady")[0].GetProperty("name").GetString(),
                scale.GetProperty("alwaysReady")[0].GetProperty("instanceCount").GetInt32()));
        foreach (var secret in bicep.Templates["vault.json"].GetProperty("resources")
            .EnumerateObject()
            .Where(r => r.Value.GetProperty("type").GetString() == "Microsoft.KeyVault/vaults/secrets"))
        {
            Assert.True(
                secret.Value.GetProperty("@options").TryGetProperty("onlyIfNotExists", out _),
                $"A deployment would write over {secret.Name}.");
        }
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

    private JsonElement Properties(string stage, string type) => bicep.Resources(stage, type).Single().GetProperty("properties");

    private string[] Names(string stage, string type) =>
        [.. bicep.Resources(stage, type).Select(r => r.GetProperty("name").GetString()!).Select(n => n[(n.LastIndexOf('/') + 1)..])];

    [GeneratedRegex(
        "listKeys|listConnectionStrings|listAccountSas|listServiceSas|AccountKey=|SharedAccessKey|accesskey=|primaryKey|InstrumentationKey=",
        RegexOptions.IgnoreCase)]
    private static partial Regex KeyWord();

    [GeneratedRegex(@"(?<column>\w+) = replace\(@'(?<pattern>[^']+)', @'(?<by>[^']+)', (?<of>\w+)\)")]
    private static partial Regex Rewrite();

    [GeneratedRegex("secret|password|keyring|connectionstring$|accesskey|token", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"notifications\.[a-z]+(\.[a-z]+)*")]
    private static partial Regex MetricName();
}
