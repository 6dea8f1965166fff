namespace Notifications.Tests.Infrastructure;

/// <summary>
/// Tests that need a tool which is not a package of this solution (Node, a browser). Where it is missing they are skipped and say why;
/// under <c>CI=true</c> they run and fail, so that a green build always means that they ran.
/// </summary>
internal static class NeedsTool
{
    /// <summary>Why tests that need the tool are skipped here, or null when they run.</summary>
    public static string? SkipReason(string tool, bool present) =>
        present || string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"Needs {tool}, which is not on this machine.";

    /// <summary>The full path of a program on the PATH, or null.</summary>
    public static string? OnPath(string program)
    {
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
            Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var file = Path.Combine(directory, OperatingSystem.IsWindows() ? program + ".cmd" : program);
            if (File.Exists(file)) return file;
        }

        return null;
    }
}
