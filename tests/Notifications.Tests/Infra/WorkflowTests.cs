using System.Text.RegularExpressions;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>What the workflows may do.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, ".github", "workflows")).Select(f => Path.GetFileName(f)!)];

    [Theory, MemberData(nameof(Files))]
    public void A_workflow_may_read_unless_it_says_why_and_pins_what_it_uses(string file)
    {
        var text = Repository.Read(".github", "workflows", file);
        Assert.Matches(@"(?m)^permissions:\n  contents: read$", text);
        foreach (Match use in Uses().Matches(text)) Assert.Matches(@"^[\w.-]+/[\w.-]+@v\d+$", use.Groups[1].Value);
        Assert.DoesNotContain("write-all", text, StringComparison.Ordinal);
        Assert.DoesNotContain("pull_request_target", text, StringComparison.Ordinal);
        // Only signing in to Azure by OIDC needs a token, and only a person starts that.
        if (text.Contains("id-token: write", StringComparison.Ordinal))
            Assert.Contains("on:\n  workflow_dispatch:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("client-secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Ci_runs_the_same_script_as_everyone()
    {
        var text = Repository.Read(".github", "workflows", "ci.yml");
        Assert.Contains("bash .ci/run", text, StringComparison.Ordinal);
        Assert.Contains("-p:AzurePackages=true", text, StringComparison.Ordinal);
    }

    [Fact]
    public void M12_The_packages_that_ship_to_Azure_are_asked_about_holes_and_licences_as_all_others_are()
    {
        var text = Repository.Read(".github", "workflows", "ci.yml");
        var job = text[text.IndexOf("\n  azure-packages:", StringComparison.Ordinal)..text.IndexOf("\n  benchmarks:", StringComparison.Ordinal)];
        Assert.Contains("run: AzurePackages=true bash .ci/advisories src/Notifications.Functions\n", job, StringComparison.Ordinal);
        Assert.Contains(nameof(Security.PackageLicenceTests), job, StringComparison.Ordinal);
        var everyone = Repository.Read(".ci", "run");
        Assert.Contains("bash .ci/advisories Notifications.sln || exit 1\n", everyone, StringComparison.Ordinal);
    }

    [Fact]
    public void The_deployment_passes_every_setting_that_the_infrastructure_reads()
    {
        var workflow = Repository.Read(".github", "workflows", "deploy.yml");
        var read = Settings()
            .Matches(Repository.Read("infra", "main.bicepparam"))
            .Select(m => m.Groups[1].Value)
            .ToList();
        Assert.True(read.Count > 10);
        // Given once, by hand: GitHub never holds the keys (docs/deploy.md).
        foreach (var name in read.Where(n => n != "NOTIFICATIONS_KEYRING"))
            Assert.Contains($"      {name}: ", workflow, StringComparison.Ordinal);
    }

    [Fact]
    public void P5_R17_A_deployment_says_whose_mail_it_is_and_how_far_its_domain_has_come_or_provisions_nothing()
    {
        var workflow = Repository.Read(".github", "workflows", "deploy.yml");
        Assert.Contains("NOTIFICATIONS_EMAIL_STAGE: ${{ vars.NOTIFICATIONS_EMAIL_STAGE }}\n", workflow, StringComparison.Ordinal);
        var required = Required().Match(workflow).Groups[1].Value.Split(' ').Select(n => "NOTIFICATIONS_" + n);
        Assert.Equal(Bicep.Company.Append("NOTIFICATIONS_EMAIL_STAGE").Order(), required.Order());
        var guide = Repository.Read("docs", "deploy.md");
        var section = guide[guide.IndexOf("## 9.", StringComparison.Ordinal)..guide.IndexOf("## 10.", StringComparison.Ordinal)];
        foreach (Match variable in Variables().Matches(workflow))
            Assert.Contains($"`{variable.Groups[1].Value}`", section, StringComparison.Ordinal);
    }

    [GeneratedRegex("for name in (.+); do")]
    private static partial Regex Required();

    [GeneratedRegex(@"\bvars\.(\w+)")]
    private static partial Regex Variables();

    [GeneratedRegex(@"readEnvironmentVariable\('(\w+)'")]
    private static partial Regex Settings();

    [GeneratedRegex(@"uses:\s*(\S+)")]
    private static partial Regex Uses();
}
