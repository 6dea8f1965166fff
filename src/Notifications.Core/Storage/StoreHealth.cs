namespace Notifications.Storage;

/// <summary>Whether the store takes writes, and can be read for what it is: a full disk still reads, a damaged file still writes.</summary>
public sealed class StoreHealth(ITableStore tables, Func<string?> writeFailure, Func<string?> damage)
{
    /// <summary>
    /// Why the last write failed, while none has succeeded since; null where all is well, or the backend keeps no account of it.
    /// </summary>
    public string? WriteFailure => writeFailure();

    /// <summary>What was met that cannot be read for what it is; null when nothing was.</summary>
    public string? Damage => damage();

    /// <summary>
    /// Reads; and while the last write failed, tries one of its own, so that it is known when the store takes them again.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The store does not read, does not write, or is damaged.</exception>
    public async ValueTask CheckAsync(CancellationToken cancel)
    {
        if (Damage is { } why) throw new StorageUnavailableException(why) { IsDamage = true };
        await tables.GetAsync(Tables.Keys, "health", "ready", cancel);
        if (WriteFailure is not null)
            await tables.CommitAsync(Tables.Keys, "health", [RowChange.Put("written", "again"u8.ToArray())], cancel);
    }
}
