using System.Diagnostics;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

/// <summary>The switch between contracts and packages, asked of MSBuild itself.</summary>
public sealed class PublishTests
{
    [Theory]
    [InlineData("", "false")]
    [InlineData("-p:_IsPublishing=true", "true")]
    [InlineData("-p:AzurePackages=true", "true")]
    public async Task Publishing_takes_the_real_packages_and_building_the_contracts(string argument, string expected)
    {
        var (_, output) = await DotnetAsync(
            "msbuild", argument, "-getProperty:AzurePackages", "-getItem:ProjectReference", "-getItem:PackageReference");

        Assert.Contains($"\"AzurePackages\": \"{expected}\"", output, StringComparison.Ordinal);
        Assert.Equal(expected == "false", output.Contains("AzureContracts.csproj", StringComparison.Ordinal));
        Assert.Equal(expected == "true", output.Contains("Azure.Communication.Sms", StringComparison.Ordinal));
        Assert.Equal(expected == "true", output.Contains("Microsoft.Azure.Functions.Worker.Sdk", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("publish", "--no-restore", "-p:AzurePackages=false")]
    [InlineData("msbuild", "-t:PrepareForPublish", "-p:NoBuild=true")]
    public async Task Publishing_with_the_contracts_is_an_error(string command, params string[] arguments)
    {
        var (code, output) = await DotnetAsync(command, arguments);

        Assert.NotEqual(0, code);
        Assert.Contains("NOTIF001", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> DotnetAsync(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var argument in (string[])[
            command, Path.Combine(Repository.Root, "src", "Notifications.Functions", "Notifications.Functions.csproj"),.. arguments,
            "-nodeReuse:false",
        ])
        {
            if (argument.Length > 0) start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            var texts = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, string.Concat(texts));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
