using System.Text.Json;

namespace Notifications.Tests.Infra;

/// <summary>What Flex Consumption takes and what it refuses: neither the compiler nor the linter knows.</summary>
public sealed class FlexConsumptionTests(Bicep bicep) : IClassFixture<Bicep>
{
    // As Azure names them in its refusal, error 51021, and those that stand in functionAppConfig in their place.
    private static readonly string[] Refused =
    [
        "alwaysOn", "ftpsState", "functionAppScaleLimit", "functionsRuntimeScaleMonitoringEnabled", "linuxFxVersion", "netFrameworkVersion",
        "preWarmedInstanceCount", "use32BitWorkerProcess", "windowsFxVersion",
    ];

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void A_site_says_nothing_that_Flex_Consumption_refuses(string stage)
    {
        var said = Config(stage).EnumerateObject().Select(p => p.Name).ToArray();
        Assert.Contains("minTlsVersion", said);
        Assert.Empty(said.Intersect(Refused, StringComparer.OrdinalIgnoreCase));
    }

    [BicepTheory, InlineData("dev"), InlineData("prod")]
    public void R22_The_app_may_have_a_certificate_for_the_host_name_that_stands_in_every_mail(string stage) =>
        Assert.True(bicep.Properties(stage, "Microsoft.Web/sites").GetProperty("siteScopedCertificatesEnabled").GetBoolean());

    [BicepFact]
    public void R26_R62_Where_Front_Door_says_who_calls_nobody_is_let_in_past_it()
    {
        var prod = Config("prod");
        Assert.Equal("Deny", prod.GetProperty("ipSecurityRestrictionsDefaultAction").GetString());
        var only = Assert.Single(prod.GetProperty("ipSecurityRestrictions").EnumerateArray());
        Assert.Equal(
            ("Allow", "ServiceTag", "AzureFrontDoor.Backend"),
            (Text(only, "action"), Text(only, "tag"), Text(only, "ipAddress")));
        Assert.Equal(
            "00000000-0000-0000-0000-000000000007",
            Assert.Single(only.GetProperty("headers").GetProperty("x-azure-fdid").EnumerateArray()).GetString());
        // Without one nothing is closed, and what somebody closed stays so.
        Assert.DoesNotContain(
            Config("dev").EnumerateObject(),
            p => p.Name.StartsWith("ipSecurity", StringComparison.Ordinal) && p.Value.ValueKind != JsonValueKind.Null);
    }

    private JsonElement Config(string stage) => bicep.Properties(stage, "Microsoft.Web/sites").GetProperty("siteConfig");

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
