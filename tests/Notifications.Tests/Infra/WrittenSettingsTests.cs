using System.Text.RegularExpressions;
using Notifications.Functions.Hosting;
using Notifications.Tests.Functions;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>The settings as the template's text has them: also those that are written under a condition.</summary>
public sealed partial class WrittenSettingsTests
{
    [Fact]
    public void Every_setting_that_the_template_can_write_is_one_that_the_app_knows_and_a_misspelt_one_is_none()
    {
        var template = Repository.Read("infra", "main.bicep");
        var at = template.IndexOf("settings: union(", StringComparison.Ordinal);
        var names = Name().Matches(template[at..template.IndexOf("})", at, StringComparison.Ordinal)])
            .Select(m => m.Groups[1].Value)
            .ToArray();
        Assert.Contains("Console__AppServiceAuthentication", names);
        Assert.Contains("Sms__MaxPerMinute", names);
        Assert.True(names.Length > 18);
        foreach (var name in names) Assert.DoesNotContain("no such setting", Said(name), StringComparison.Ordinal);
        Assert.Contains("no such setting", Said("Sender__Nmae"), StringComparison.Ordinal);
    }

    // A number, or what is refused for another reason.
    private static string Said(string name) =>
        Record.Exception(() => AppSettings.Read(AzureHost.Settings(
            ("Notifications:" + name.Replace("__", ":", StringComparison.Ordinal), "1"))))?.Message ?? "";

    [GeneratedRegex(@"[{\s]([A-Z]\w+): ")]
    private static partial Regex Name();
}
