using System.Collections.Concurrent;
using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>The blob port in memory, as sealed as it is given.</summary>
internal sealed class MemoryBlobs : IBlobStore
{
    private readonly ConcurrentDictionary<(string Container, string Name), byte[]> _blobs = new();

    /// <summary>The names in a container.</summary>
    public IReadOnlyList<string> Names(string container) =>
        [.. _blobs.Keys.Where(k => k.Container == container).Select(k => k.Name).Order(StringComparer.Ordinal)];

    public ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default)
    {
        _blobs[(container, name)] = content.ToArray();
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default) =>
        ValueTask.FromResult(_blobs.TryGetValue((container, name), out var content) ? content : (ReadOnlyMemory<byte>?)null);

    public ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default)
    {
        _blobs.TryRemove((container, name), out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(
        string container, string prefix, string? after, int limit, CancellationToken cancel = default) =>
        ValueTask.FromResult<IReadOnlyList<string>>(
            [
                .. Names(container)
                    .Where(n => n.StartsWith(prefix, StringComparison.Ordinal) && (after is null || string.CompareOrdinal(n, after) > 0))
                    .Take(limit),
            ]);
}
