using Notifications.Events;
using Notifications.Local.Pump;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Storage.Sqlite;

namespace Notifications.Local;

/// <summary>The backend this process runs on, and how its pump learns of work.</summary>
internal sealed partial class Store(Backend backend, bool exclusive, WaitForWork waitForWork, SqliteStore? owned) : IAsyncDisposable
{
    public Backend Backend => backend;

    /// <summary>Whether no other process can have claimed anything here.</summary>
    public bool Exclusive => exclusive;

    public WaitForWork WaitForWork => waitForWork;

    public static async ValueTask<Store> OpenAsync(LocalOptions options, DataDirectory data) => options.Storage is null
        ? options.StoragePrefix.Length == 0
            ? Embedded(data)
            : throw new ArgumentException("--storage-prefix goes with --storage; the embedded store is told apart by --data.")
        : await AzureAsync(options.Storage, options.StoragePrefix);

    /// <summary>
    /// A store that was put back from a copy does not know the opt-outs since (P6): it begins under the big switch, so that they can be
    /// entered first. Answers what is to be done before that is released; null where the store is no copy.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is one, and sending is not held.</exception>
    public async ValueTask<string?> TakeOverAsync(bool held)
    {
        if (owned is not { WasPutBack: true }) return null;
        if (!held)
            throw new InvalidOperationException(
                "The store was put back from a copy, or moved: what people said since the copy was made, their opt-outs too, is not in it. Put the newest key ring beside it, for an older one does not know the links that were sent since it was rotated; start once with Notifications__Sending__Hold=true, which sends nothing, enter the opt-outs, and start again without it (docs/operate.md, Copies).");
        await owned.TakeOverAsync();
        return "The store was put back from a copy, or moved. Enter the opt-outs since before Notifications__Sending__Hold is released (docs/operate.md, Copies): the next start will not ask for it again.";
    }

    /// <summary>
    /// Has the log say when the disk takes no more, once, and when it does again; the alert can be written only then. That something is
    /// damaged is said at once, by both, where the store still takes the alert.
    /// </summary>
    public void TellOf(ILogger log, OperatorAlerts alerts)
    {
        string? failed = null;
        owned?.OnWriteFailure(why =>
        {
            if (why is null)
            {
                LogWritesAgain(log);
                _ = AlertAsync(
                    log, alerts, "store-writes",
                    $"The store took no writes for a while: {failed} It does again; what was asked of it meanwhile was answered with 503.");
            }
            else
            {
                LogWritesFail(log, why);
                failed = why;
            }
        });
        owned?.OnDamage(why =>
        {
            LogDamaged(log, why);
            _ = AlertAsync(
                log, alerts, "store-damaged",
                $"The store is damaged or gone: {why} No waiting mends that: stop the process and restore the store from its copy.");
        });
    }

    private static async Task AlertAsync(ILogger log, OperatorAlerts alerts, string kind, string detail)
    {
        try
        {
            await alerts.RaiseAsync(kind, detail, null, CancellationToken.None);
        }
        catch (StorageUnavailableException again)
        {
            LogWritesFail(log, again.Message); // It says so once more when the disk is full again.
        }
    }

    /// <summary>The embedded store, in the data directory.</summary>
    private static Store Embedded(DataDirectory data)
    {
        data.RequireStore();
        var sqlite = SqliteStore.Open(data.FullPath, TimeProvider.System);
        return new Store(
            new Backend(sqlite, sqlite, sqlite) { WriteFailure = () => sqlite.WriteFailure, Damage = () => sqlite.Damaged },
            exclusive: true, sqlite.WaitForWorkAsync, sqlite);
    }

    /// <summary>Azure Storage or Azurite, which other processes may share.</summary>
    private static async ValueTask<Store> AzureAsync(string connection, string prefix)
    {
        AzureStorage azure;
        try
        {
            azure = AzureStorage.FromConnectionString(connection, TimeProvider.System, prefix);
        }
        catch (ArgumentException wrong) when (wrong.ParamName == "prefix")
        {
            throw new ArgumentException("--storage-prefix must be 1 to 20 lower-case letters and digits, a letter first.", wrong);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new ArgumentException(
                "--storage must be the connection string of a storage account, or UseDevelopmentStorage=true.", wrong);
        }

        await azure.EnsureCreatedAsync(Tables.All, Queues.WithDeadLetters, Containers.All);
        return new Store(new Backend(azure.Tables, azure.Queues, azure.Blobs), exclusive: false, PollAsync, owned: null);
    }

    // These queues call nobody, so they are asked: often enough to feel prompt, and the poison ones seldom.
    private static ValueTask PollAsync(string queue, CancellationToken cancel) =>
        new(Task.Delay(TimeSpan.FromMilliseconds(Queues.IsPoison(queue) ? 5000 : 250), cancel));

    public ValueTask DisposeAsync() => owned?.DisposeAsync() ?? ValueTask.CompletedTask;

    [LoggerMessage(
        EventId = 212, EventName = "StoreWritesFail", Level = LogLevel.Error,
        Message = "The store takes no writes: {Why} Nothing is sent and nothing is confirmed until it does")]
    private static partial void LogWritesFail(ILogger log, string why);

    [LoggerMessage(
        EventId = 213, EventName = "StoreDamaged", Level = LogLevel.Critical,
        Message = "The store is damaged or gone: {Why} Stop the process and restore it from its copy")]
    private static partial void LogDamaged(ILogger log, string why);

    [LoggerMessage(EventId = 211, EventName = "StoreWritesAgain", Level = LogLevel.Warning, Message = "The store takes writes again")]
    private static partial void LogWritesAgain(ILogger log);
}
