using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>Ends a timer's run at one of its pages, as the Azure host does to whatever takes too long.</summary>
internal sealed class CutStore(ITableStore inner) : PassingStore(inner)
{
    /// <summary>Pages that are read before the end.</summary>
    public required int Scans { get; set; }

    public override ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
        Scans-- > 0 ? Inner.ScanAsync(table, after, limit, cancel) : throw new CrashException();

    /// <summary>Runs it again and again on stores that end it, until one run comes to the end; answers how many did not.</summary>
    public static async Task<int> ToTheEndAsync(ITableStore inner, int scans, Func<ITableStore, Task> runAsync)
    {
        for (var cut = 0; ; cut++)
        {
            Assert.True(cut < 50, "No run comes to the end.");
            try
            {
                await runAsync(new CutStore(inner) { Scans = scans });
                return cut;
            }
            catch (CrashException)
            {
                // The next goes on.
            }
        }
    }
}
