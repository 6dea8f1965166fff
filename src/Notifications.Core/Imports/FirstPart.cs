using Notifications.Storage;

namespace Notifications.Imports;

/// <summary>Keeps the first piece of a file in memory and lets the rest go.</summary>
internal sealed class FirstPart : IBlobStore
{
    public ReadOnlyMemory<byte> Content { get; private set; }

    public ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default)
    {
        if (Content.Length == 0) Content = content.ToArray();
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default) =>
        throw new NotSupportedException();

    public ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<string>> ListAsync(
        string container, string prefix, string? after, int limit, CancellationToken cancel = default) =>
        throw new NotSupportedException();
}
