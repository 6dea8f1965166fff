using System.Globalization;

namespace Notifications.Local;

/// <summary>
/// How many files and connections the process may have open at once. The runtime ends where it may open none more, so that whoever opens
/// connections and says nothing could end it: of those, fewer are taken than there is room for.
/// </summary>
internal static class Descriptors
{
    // Fewer are refused: the runtime and the store hold some 230 before the first connection comes.
    private const int Fewest = 512;

    // What is kept for them, and for what is sent: a quarter, and never less.
    private const int Kept = 400;

    /// <summary>The limit that the system sets (RLIMIT_NOFILE); null where there is none, or it is not told as Linux tells it.</summary>
    public static long? Limit() =>
        OperatingSystem.IsLinux() && File.Exists("/proc/self/limits") ? Limit(File.ReadLines("/proc/self/limits")) : null;

    internal static long? Limit(IEnumerable<string> limits) =>
        limits.FirstOrDefault(static line => line.StartsWith("Max open files", StringComparison.Ordinal)) is { } line
            && long.TryParse(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : null;

    /// <summary>How many connections are held at once; null for as many as come.</summary>
    /// <exception cref="InvalidOperationException">The limit is too low to run with.</exception>
    public static long? MostConnections(long? limit) => limit switch
    {
        null => null,
        < Fewest => throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"This process may have no more than {limit} files and connections open, and needs {Fewest} at least: raise the limit (ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of docker).")),
        _ => limit - Math.Max(Kept, limit.Value / 4),
    };
}
