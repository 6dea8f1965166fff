using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Notifications.Storage.Azure;

/// <summary>The blob port on Azure Blobs.</summary>
public sealed class AzureBlobStore : IBlobStore
{
    private readonly ConcurrentDictionary<string, BlobContainerClient> _clients = new(StringComparer.Ordinal);
    private readonly BlobServiceClient _service;
    private readonly string _prefix;

    internal AzureBlobStore(BlobServiceClient service, string prefix)
    {
        _service = service;
        _prefix = prefix;
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default)
    {
        Guards.Blob(content);
        var blob = Blob(container, name);
        await AzureCall.RunAsync(() => blob.UploadAsync(new BinaryData(content), overwrite: true, cancel), cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default)
    {
        var blob = Blob(container, name);
        try
        {
            return (await AzureCall.RunAsync(() => blob.DownloadContentAsync(cancel), cancel)).Value.Content.ToMemory();
        }
        catch (RequestFailedException error) when (error.Status == 404)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default)
    {
        var blob = Blob(container, name);
        await AzureCall.RunAsync(() => blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel), cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(
        string container, string prefix, string? after, int limit, CancellationToken cancel = default)
    {
        Guards.Limit(limit);
        var client = Container(container);
        return await AzureCall.RunAsync(
            async () =>
            {
                var names = new List<string>();
                // The service has no "after" that takes a name; what was listed before is walked past.
                await foreach (var blob in client.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancel))
                {
                    if (after is not null && string.CompareOrdinal(blob.Name, after) <= 0) continue;
                    names.Add(blob.Name);
                    if (names.Count == limit) break;
                }

                return names;
            },
            cancel);
    }

    private BlobClient Blob(string container, string name)
    {
        Guards.BlobName(name);
        return Container(container).GetBlobClient(name);
    }

    private BlobContainerClient Container(string container)
    {
        if (_clients.TryGetValue(container, out var client)) return client;
        Guards.Queue(container);
        return _clients.GetOrAdd(container, name => _service.GetBlobContainerClient(_prefix + name));
    }
}
