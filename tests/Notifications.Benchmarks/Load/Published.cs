using System.Diagnostics;

namespace Notifications.Benchmarks.Load;

/// <summary>The local host as <c>dotnet publish</c> lays it out, in a folder that goes with this object.</summary>
internal sealed class Published : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("notifications-published-").FullName;

    private Published()
    {
    }

    public string Program => Path.Combine(_folder, "Notifications.Local");

    public static async Task<Published> MakeAsync()
    {
        var published = new Published();
        Console.Error.WriteLine("  dotnet publish ...");
        var start = new ProcessStartInfo(
            "dotnet", ["publish", Project(), "-c", "Release", "-o", published._folder, "--nologo", "-v", "quiet"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // What is left running would be measured along.
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode == 0) return published;
        published.Dispose();
        throw new InvalidOperationException("dotnet publish failed: " + output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Project()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var project = Path.Combine(folder.FullName, "src", "Notifications.Local", "Notifications.Local.csproj");
            if (File.Exists(project)) return project;
        }

        throw new InvalidOperationException("The sources are not above the benchmarks' binaries; this scenario publishes them.");
    }
}
