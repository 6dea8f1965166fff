using System.Text.Json;
using System.Xml.Linq;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

/// <summary>
/// What we build on may be given on under our own licence: read from the packages that were restored, the ones that others brought along
/// too. Those that ship to Azure are among them only where they were restored: the workflow does so, on a feed that has them.
/// </summary>
public sealed class PackageLicenceTests
{
    private static readonly string[] Free = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "MS-PL OR Apache-2.0"];

    // Not part of what is shipped: the tests alone need them.
    private static readonly string[] FreeInTests = [.. Free, "MPL-2.0"];

    // Packages older than licence expressions, or with their licence in a file: each was read.
    private static readonly Dictionary<string, string> Read = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Apache.Arrow"] = "Apache-2.0",
        ["SQLite"] = "public domain; its build scripts MIT",
        ["System.Security.Cryptography.ProtectedData"] = "MIT",
        ["xunit.abstractions"] = "Apache-2.0",
    };

    [Fact]
    public void Every_package_that_was_restored_is_free_to_be_given_on()
    {
        var seen = new HashSet<string>();
        foreach (var assets in Directory.EnumerateFiles(
            Repository.Root, "project.assets.json",
            SearchOption.AllDirectories).Where(
                // What the worker's SDK makes for the host's extensions is Microsoft's own, and of before licence expressions.
                f => f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                    && !f.Contains("WorkerExtensions", StringComparison.Ordinal)))
        {
            var shipped = Path.GetRelativePath(Repository.Root, assets).StartsWith("src", StringComparison.Ordinal);
            using var json = JsonDocument.Parse(File.ReadAllBytes(assets));
            string[] folders = [.. json.RootElement.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name)];
            foreach (var library in json.RootElement.GetProperty("libraries")
                .EnumerateObject()
                .Where(l => l.Value.GetProperty("type").GetString() == "package"))
            {
                var folder = folders.Select(f => Path.Combine(f, library.Value.GetProperty("path").GetString()!)).First(Directory.Exists);
                var nuspec = XDocument.Load(Directory.EnumerateFiles(folder, "*.nuspec").Single());
                var licence = nuspec.Descendants().FirstOrDefault(
                    e => e.Name.LocalName == "license" && (string?)e.Attribute("type") == "expression")?.Value;
                var name = library.Name.Split('/')[0];
                Assert.True(
                    licence is null ? Read.ContainsKey(name) : (shipped ? Free : FreeInTests).Contains(licence),
                    $"{library.Name}: {licence ?? "no licence expression; read its licence"}");
                seen.Add(name);
            }
        }

        Assert.True(seen.Count > 60, $"{seen.Count} packages.");
        if (Environment.GetEnvironmentVariable("AzurePackages") == "true") Assert.Contains("Azure.Communication.Email", seen);
        Assert.Empty(Read.Keys.Except(seen, StringComparer.OrdinalIgnoreCase)); // None is excused that is gone.
    }
}
