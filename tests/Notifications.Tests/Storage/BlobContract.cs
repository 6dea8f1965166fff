using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>What <see cref="IBlobStore"/> promises, on every backend.</summary>
[Collection(Azurite.Collection)]
public sealed class BlobContract(Azurite azurite)
{
    private const string Container = "imports";

    [Theory, OnSqlite, OnAzurite]
    public async Task A_blob_is_written_whole_over_any_older_one_and_removed(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        Assert.Null(await stores.Blobs.GetAsync(Container, "a/b.csv"));
        await stores.Blobs.DeleteAsync(Container, "a/b.csv");
        await stores.Blobs.PutAsync(Container, "a/b.csv", Noise(3 * 1024 * 1024));
        Assert.Equal(Noise(3 * 1024 * 1024), (await stores.Blobs.GetAsync(Container, "a/b.csv"))!.Value.ToArray());
        await stores.Blobs.PutAsync(Container, "a/b.csv", Bytes("short"));
        Assert.Equal("short", (await stores.Blobs.GetAsync(Container, "a/b.csv"))!.Value.Text());
        await stores.Blobs.PutAsync(Container, "empty", default);
        Assert.Equal(0, (await stores.Blobs.GetAsync(Container, "empty"))!.Value.Length);
        await stores.Blobs.DeleteAsync(Container, "a/b.csv");
        Assert.Null(await stores.Blobs.GetAsync(Container, "a/b.csv"));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task Names_are_listed_in_order_by_prefix_and_page(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        string[] names = ["A", "a", "a b", "a/1", "a/10", "a/2", "a/ü", "b/1"];
        foreach (var name in names.Reverse()) await stores.Blobs.PutAsync(Container, name, Bytes(name));
        Assert.Equal(names, await stores.Blobs.ListAsync(Container, "", null, 1000));
        Assert.Equal(["a/1", "a/10", "a/2", "a/ü"], await stores.Blobs.ListAsync(Container, "a/", null, 1000));
        Assert.Equal(["a/1", "a/10"], await stores.Blobs.ListAsync(Container, "a/", null, 2));
        Assert.Equal(["a/2", "a/ü"], await stores.Blobs.ListAsync(Container, "a/", "a/10", 2));
        Assert.Empty(await stores.Blobs.ListAsync(Container, "a/", "a/ü", 2));
        Assert.Empty(await stores.Blobs.ListAsync(Container, "c", null, 2));
    }
}
