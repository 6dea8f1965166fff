using Notifications.Local.Pump;
using Notifications.Storage.Sqlite;

namespace Notifications.Local;

/// <summary>The backend this process runs on, and how its pump learns of work.</summary>
internal sealed class Store(Backend backend, bool exclusive, WaitForWork waitForWork, IAsyncDisposable? owned) : IAsyncDisposable
{
    public Backend Backend => backend;

    /// <summary>Whether no other process can have claimed anything here.</summary>
    public bool Exclusive => exclusive;

    public WaitForWork WaitForWork => waitForWork;

    public static Store Open(LocalOptions options, DataDirectory data) =>
        options.Storage is null ? Embedded(data) : throw new ArgumentException("--storage is not there yet.");

    /// <summary>The embedded store, in the data directory.</summary>
    private static Store Embedded(DataDirectory data)
    {
        var sqlite = SqliteStore.Open(data.FullPath, TimeProvider.System);
        return new Store(new Backend(sqlite, sqlite, sqlite), exclusive: true, sqlite.WaitForWorkAsync, sqlite);
    }

    public ValueTask DisposeAsync() => owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}
