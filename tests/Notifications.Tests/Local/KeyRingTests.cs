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

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task P6_A_key_ring_without_its_store_does_not_start_and_gets_no_new_one(bool emptied, bool given)
    {
        var file = Path.Combine(_directory.FullName, "notifications.db");
        var data = DataDirectory.Open(_directory.FullName);
        await (await Store.OpenAsync(new LocalOptions(), data)).DisposeAsync();
        if (!given) data.ApiKey();
        File.Delete(file);
        if (emptied) await File.WriteAllBytesAsync(file, []);
        if (!given) File.Delete(file + ".lock"); // Not among what was copied back.
        var why = (await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await Store.OpenAsync(new LocalOptions(), DataDirectory.Open(_directory.FullName)))).Message;
        Assert.StartsWith($"{file} is {(emptied ? "empty" : "missing")}, and there was a store: restore it", why, StringComparison.Ordinal);
        Assert.Equal(emptied, File.Exists(file));
    }

    [Fact]
    public async Task A_first_start_that_was_cut_off_before_its_store_was_made_begins_again()
    {
        DataDirectory.Open(_directory.FullName);
        await File.WriteAllBytesAsync(Path.Combine(_directory.FullName, "notifications.db.lock"), []);
        await File.WriteAllBytesAsync(Path.Combine(_directory.FullName, "notifications.db"), []);
        await (await Store.OpenAsync(new LocalOptions(), DataDirectory.Open(_directory.FullName))).DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"lookup\":\"AAAA")]
    public void M15_A_key_ring_that_is_half_there_is_named_with_its_file(string text)
    {
        var data = DataDirectory.Open(_directory.FullName);
        File.WriteAllText(data.KeyRingFile, text);
        var again = DataDirectory.Open(_directory.FullName);
        Assert.StartsWith(
            data.KeyRingFile + " cannot be used; restore it", Assert.Throws<ArgumentException>(() => again.KeyRing("local")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void M15_A_secret_whose_file_is_empty_is_made_anew_and_one_that_is_too_short_is_named_with_its_file()
    {
        var data = DataDirectory.Open(_directory.FullName);
        var secret = Path.Combine(_directory.FullName, "webhook-secret");
        File.WriteAllText(data.ApiKeyFile, "\n");
        File.WriteAllText(secret, "");
        Assert.True(data.ApiKey() is { Made: true, Text.Length: > 40 });
        Assert.Equal(32, data.WebhookSecret().Length);
        File.WriteAllText(secret, "short\n");
        Assert.StartsWith(secret + " must hold", Assert.Throws<ArgumentException>(data.WebhookSecret).Message, StringComparison.Ordinal);
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
