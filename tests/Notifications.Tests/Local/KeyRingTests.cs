using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Notifications.Local;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Local;

/// <summary>A key ring that is missing or another one: nothing may start, or every opt-out would be invisible.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task P6_A_full_store_without_its_key_ring_does_not_start_and_gets_no_new_one()
    {
        DataDirectory.Open(_directory.FullName);
        await using (SqliteStore.Open(_directory.FullName, TimeProvider.System))
        {
        }

        DataDirectory.Open(_directory.FullName);
        var ring = Path.Combine(_directory.FullName, "keyring.json");
        File.Delete(ring);
        Assert.Contains(
            "keyring.json is missing; restore it",
            Assert.Throws<InvalidOperationException>(() => DataDirectory.Open(_directory.FullName)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(ring));
    }

    [Fact]
    public void A_file_in_place_of_the_directory_is_named_as_one()
    {
        var file = Path.Combine(_directory.FullName, "data");
        File.WriteAllText(file, "");
        Assert.Contains("is a file", Assert.Throws<ArgumentException>(() => DataDirectory.Open(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P6_A_ring_that_did_not_write_the_store_is_refused_also_where_nobody_had_looked_before(bool looked)
    {
        var store = new MemoryStore(new FakeTimeProvider());
        var json = KeyRing.NewJson();
        var right = KeyRing.Parse(json, "local");
        await Sealed(store, right).CommitAsync(Tables.Keys, "keys", [RowChange.Put("a", "a key"u8.ToArray())]);
        if (looked) await CheckAsync(store, right);
        await Assert.ThrowsAsync<InvalidOperationException>(() => CheckAsync(store, KeyRing.Parse(KeyRing.NewJson(), "local")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => CheckAsync(store, KeyRing.Parse(json, "prod")));
        await CheckAsync(store, KeyRing.Parse(right.RotatedJson(), "local"));

        // The numbered keys open every row; of another lookup secret every address would still be a stranger.
        var mixed = JsonNode.Parse(json)!;
        mixed["lookup"] = JsonNode.Parse(KeyRing.NewJson())!["lookup"]!.DeepClone();
        await Assert.ThrowsAsync<InvalidOperationException>(() => CheckAsync(store, KeyRing.Parse(mixed.ToJsonString(), "local")));
    }

    private static SealedTableStore Sealed(MemoryStore store, KeyRing ring) => new(store, new DataSealer(ring));

    private static Task CheckAsync(MemoryStore store, KeyRing ring) =>
        new KeyRingCanary(Sealed(store, ring), ring).CheckAsync(default).AsTask();
}
