using Notifications.Local;
using Notifications.Storage.Sqlite;

namespace Notifications.Tests.Local;

/// <summary>The start on a store that was put back from a copy.</summary>
public sealed class CopiedStoreTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task P6_A_copy_of_the_store_starts_under_the_big_switch_alone_until_it_did_so_once()
    {
        await using (var first = Open("data")) Assert.Null(await first.TakeOverAsync(held: false));
        var copy = _directory.CreateSubdirectory("copy").FullName;
        foreach (var file in _directory.GetDirectories("data")[0].GetFiles()) file.CopyTo(Path.Combine(copy, file.Name));
        for (var start = 0; start < 3; start++)
        {
            await using var refused = Open("copy");
            var why = await Assert.ThrowsAsync<InvalidOperationException>(async () => await refused.TakeOverAsync(held: false));
            Assert.Contains("Notifications__Sending__Hold=true", why.Message, StringComparison.Ordinal);
        }

        await using (var held = Open("copy"))
            Assert.Contains("opt-outs since", await held.TakeOverAsync(held: true), StringComparison.Ordinal);
        await using var after = Open("copy");
        Assert.Null(await after.TakeOverAsync(held: false));
    }

    private Store Open(string name)
    {
        var sqlite = SqliteStore.Open(Path.Combine(_directory.FullName, name), TimeProvider.System);
        return new Store(new Backend(sqlite, sqlite, sqlite), exclusive: true, sqlite.WaitForWorkAsync, sqlite);
    }
}
