using System.Text.RegularExpressions;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>What infra/ would deploy, read from what the compiler makes of it. No subscription is needed, and none was used.</summary>
public sealed class BicepTests(Bicep bicep) : IClassFixture<Bicep>
{
    private const string Workspaces = "Microsoft.OperationalInsights/workspaces";

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
        var queues = bicep.Names(stage, "Microsoft.Storage/storageAccounts/queueServices/queues");
        foreach (var queue in Queues.All.Append("provider-events"))
        {
            Assert.Contains(queue, queues);
            Assert.Contains(Queues.Poison(queue), queues);
        }

        Assert.Empty(Tables.Provisioned.Except(bicep.Names(stage, "Microsoft.Storage/storageAccounts/tableServices/tables")));
        Assert.Equal(
            ((string[])[.. Containers.All, AzureWorkQueue.Bodies, "deployments"]).Order(),
            bicep.Names(stage, "Microsoft.Storage/storageAccounts/blobServices/containers").Order());
        Assert.DoesNotContain(Tables.Inbox, bicep.Names(stage, "Microsoft.Storage/storageAccounts/tableServices/tables"));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void M12_Nothing_can_be_reached_with_a_key_or_without_TLS(string stage)
    {
        var storage = bicep.Properties(stage, "Microsoft.Storage/storageAccounts");
        Assert.False(storage.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(storage.GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.True(storage.GetProperty("supportsHttpsTrafficOnly").GetBoolean());
        Assert.Equal("TLS1_2", storage.GetProperty("minimumTlsVersion").GetString());
        foreach (var service in bicep.Resources(
            stage, "Microsoft.Communication/communicationServices").Where(r => r.TryGetProperty("properties", out _)))
        {
            Assert.True(service.GetProperty("properties").GetProperty("disableLocalAuth").GetBoolean());
        }

        Assert.True(bicep.Properties(stage, "Microsoft.Insights/components").GetProperty("DisableLocalAuth").GetBoolean());
        foreach (var workspace in bicep.Resources(stage, Workspaces))
            Assert.True(workspace.GetProperty("properties").GetProperty("features").GetProperty("disableLocalAuth").GetBoolean());
        Assert.True(bicep.Properties(stage, "Microsoft.KeyVault/vaults").GetProperty("enableRbacAuthorization").GetBoolean());
        var app = bicep.Properties(stage, "Microsoft.Web/sites");
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
            Assert.False(Bicep.KeyWord().IsMatch(text), $"{file}: {Bicep.KeyWord().Match(text).Value}");
            Assert.DoesNotContain(Bicep.Canary, text, StringComparison.Ordinal);
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

    [BicepFact]
    public void R17_Mail_has_two_senders_once_the_domain_may_have_them_and_Azures_own_domain_has_none()
    {
        Assert.Equal(["news", "parcels"], bicep.Names("prod", "Microsoft.Communication/emailServices/domains/senderUsernames").Order());
        Assert.Empty(bicep.Names("dev", "Microsoft.Communication/emailServices/domains/senderUsernames"));
        Assert.Equal(["mail.example.com"], bicep.Names("prod", "Microsoft.Communication/emailServices/domains"));
        Assert.Equal(["AzureManagedDomain"], bicep.Names("dev", "Microsoft.Communication/emailServices/domains"));
    }

    [BicepFact]
    public void With_a_mail_server_and_no_texts_there_are_no_Communication_Services_nor_roles_nor_alarms_about_them()
    {
        Assert.DoesNotContain(
            bicep.Resources(Bicep.Relay).Select(r => r.GetProperty("type").GetString()!),
            type => type.StartsWith("Microsoft.Communication", StringComparison.Ordinal)
                || type.StartsWith("Microsoft.EventGrid", StringComparison.Ordinal));
        Assert.Equal(5, bicep.Resources(Bicep.Relay, "Microsoft.Authorization/roleAssignments").Count());
        Assert.Equal(3, bicep.Resources("prod", "Microsoft.Insights/metricAlerts").Count());
        Assert.StartsWith("alert-away-", Assert.Single(bicep.Names(Bicep.Relay, "Microsoft.Insights/metricAlerts")), StringComparison.Ordinal);
    }

    [BicepFact]
    public void Production_is_warm_replicated_and_cannot_lose_its_keys()
    {
        Assert.Equal(
            "Standard_GZRS",
            bicep.Resources("prod", "Microsoft.Storage/storageAccounts").Single().GetProperty("sku").GetProperty("name").GetString());
        Assert.True(bicep.Properties("prod", "Microsoft.KeyVault/vaults").GetProperty("enablePurgeProtection").GetBoolean());
        var scale = bicep.Properties("prod", "Microsoft.Web/sites").GetProperty("functionAppConfig").GetProperty("scaleAndConcurrency");
        Assert.True(bicep.Properties("prod", "Microsoft.Web/serverfarms").GetProperty("zoneRedundant").GetBoolean());
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
}
