using System.Text;
using Azure.Core;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Storage.Sqlite;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Storage;

/// <summary>The three ports of one backend, with nothing in them, for one test.</summary>
internal sealed class Stores(ITableStore tables, IWorkQueue queues, IBlobStore blobs, Func<ValueTask> close) : IAsyncDisposable
{
    public ITableStore Tables => tables;

    public IWorkQueue Queues => queues;

    public IBlobStore Blobs => blobs;

    public static Stores Sqlite(TimeProvider? time = null)
    {
        var directory = Directory.CreateTempSubdirectory("notifications-");
        var store = SqliteStore.Open(directory.FullName, time ?? TimeProvider.System);
        return new Stores(store, store, store, async () =>
        {
            await store.DisposeAsync();
            directory.Delete(recursive: true);
        });
    }

    /// <summary>
    /// On Azurite under a prefix of its own, which is left behind: the emulator keeps it in memory and ends with the tests.
    /// </summary>
    public static async Task<Stores> AzureAsync(Azurite azurite, Action<ClientOptions>? configure = null)
    {
        var storage = AzureStorage.FromConnectionString(await azurite.ConnectionAsync(), TimeProvider.System, Azurite.Prefix(), configure);
        await storage.EnsureCreatedAsync(
            [
                Notifications.Storage.Tables.Addresses, Notifications.Storage.Tables.Contacts, Notifications.Storage.Tables.Audience,
                Notifications.Storage.Tables.Segments, Notifications.Storage.Tables.Lists, Notifications.Storage.Tables.Keys,
                Notifications.Storage.Tables.Idempotency,
            ],
            Notifications.Storage.Queues.All, Containers.All);
        return new Stores(storage.Tables, storage.Queues, storage.Blobs, () => ValueTask.CompletedTask);
    }

    public static Task<Stores> OpenAsync(Backend backend, Azurite azurite) =>
        backend == Backend.Sqlite ? Task.FromResult(Sqlite()) : AzureAsync(azurite);

    public ValueTask DisposeAsync() => close();
}

/// <summary>Short hands of the storage tests.</summary>
internal static class StorageText
{
    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(this ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static string Text(this Row row) => row.Value.Text();

    /// <summary>Bytes that no compression or encoding shortens, the same at every run.</summary>
    public static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
#pragma warning disable CA5394 // Test data, not a secret.
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }
}
