namespace Notifications.Storage;

/// <summary>Whether the store takes writes: a full disk still reads.</summary>
public sealed class StoreHealth(ITableStore tables, Func<string?> writeFailure)
{
    /// <summary>
    /// Why the last write failed, while none has succeeded since; null where all is well, or the backend keeps no account of it.
    /// </summary>
    public string? WriteFailure => writeFailure();

    /// <summary>
    /// Reads; and while the last write failed, tries one of its own, so that it is known when the store takes them again.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The store does not read or does not write.</exception>
    public async ValueTask CheckAsync(CancellationToken cancel)
    {
        await tables.GetAsync(Tables.Keys, "health", "ready", cancel);
        if (WriteFailure is not null)
            await tables.CommitAsync(Tables.Keys, "health", [RowChange.Put("written", "again"u8.ToArray())], cancel);
    }
}
