using Notifications.Storage;

namespace Notifications.Tests.Infrastructure;

/// <summary>For what keeps nothing in blobs: campaigns, packages.</summary>
internal sealed class NoBlobs : IBlobStore
{
    public ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default) =>
        throw new NotSupportedException();

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default) =>
        throw new NotSupportedException();

    public ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<string>> ListAsync(
        string container, string prefix, string? after, int limit, CancellationToken cancel = default) =>
        ValueTask.FromResult<IReadOnlyList<string>>([]);
}
