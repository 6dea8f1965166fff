using System.Reflection;
using System.Text.RegularExpressions;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

/// <summary>docs/security.md promises tests: each must be there.</summary>
public sealed partial class ThreatModelTests
{
    [Fact]
    public void Every_test_that_the_threat_model_names_exists_and_every_threat_names_one()
    {
        var tests = Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(t => t.GetMethods().Where(m => m.GetCustomAttributes<FactAttribute>().Any()).Select(m => $"{t.Name}.{m.Name}"))
            .ToList();
        var document = Repository.Read("docs", "security.md");
        var threats =
            document[
                document.IndexOf(
                    "## Threats", StringComparison.Ordinal)..document.IndexOf("## What is not stopped", StringComparison.Ordinal)].Split(
                '\n')
                .Where(l => l.StartsWith('|'))
                .Skip(2)
                .ToList();
        Assert.True(threats.Count > 25);
        foreach (var threat in threats)
        {
            var named = Named().Matches(threat.Split('|')[4]).Select(m => m.Groups[1].Value).ToList();
            Assert.True(named.Count > 0, threat);
            foreach (var name in named) Assert.True(tests.Exists(t => t.StartsWith(name, StringComparison.Ordinal)), $"{name} is no test.");
        }

        // And of the attacks that are tested, none is missing in the document.
        foreach (var attack in tests.Where(
            t => Assembly.GetExecutingAssembly().GetType("Notifications.Tests.Security." + t.Split('.')[0]) is { } type
                && type != typeof(ThreatModelTests))
            .Select(t => t.Split('.')[0])
            .Distinct()
            .Except(["SealedQueueTests"]))
        {
            Assert.Contains(attack + ".", document, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("`([A-Za-z0-9_]+\\.[A-Za-z0-9_]*)`")]
    private static partial Regex Named();
}
