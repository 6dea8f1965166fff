using System.Globalization;
using Notifications.Storage;

namespace Notifications.Imports;

/// <summary>
/// The blobs of imports: <c>{id}/part-000001</c>, deleted when the import ends, and <c>{id}/errors-000001</c>, deleted by the retention
/// timer.
/// </summary>
internal static class ImportFiles
{
    /// <summary>The container.</summary>
    public const string Container = Containers.Imports;

    /// <summary>A piece of the file.</summary>
    public static string Part(string id, int part) => string.Create(CultureInfo.InvariantCulture, $"{PartPrefix(id)}{part:D6}");

    /// <summary>How the names of all pieces begin.</summary>
    public static string PartPrefix(string id) => id + "/part-";

    /// <summary>What was wrong in a piece of the file.</summary>
    public static string Errors(string id, int part) => string.Create(CultureInfo.InvariantCulture, $"{id}/errors-{part:D6}");

    /// <summary>Deletes an import's blobs whose names begin so.</summary>
    public static async ValueTask DeleteAsync(IBlobStore blobs, string prefix, CancellationToken cancel)
    {
        while (await blobs.ListAsync(Container, prefix, null, 500, cancel) is { Count: > 0 } names)
            foreach (var name in names) await blobs.DeleteAsync(Container, name, cancel);
    }
}
