namespace Notifications.Storage;

/// <summary>
/// Large things: import files, and on Azure also bodies too big for a queue. Names are 1 to 512 characters, segments split by <c>/</c>.
/// </summary>
public interface IBlobStore
{
    /// <summary>Writes a blob whole, over any older one.</summary>
    ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default);

    /// <summary>Reads a blob whole, or null when there is none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default);

    /// <summary>Removes a blob; nothing happens when there is none.</summary>
    ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default);

    /// <summary>
    /// Names in ordinal order that begin with <paramref name="prefix"/>, after <paramref name="after"/>, <paramref name="limit"/> at most.
    /// </summary>
    ValueTask<IReadOnlyList<string>> ListAsync(
        string container, string prefix, string? after, int limit, CancellationToken cancel = default);
}
