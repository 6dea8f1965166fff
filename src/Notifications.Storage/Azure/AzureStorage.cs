using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Notifications.Storage.Azure;

/// <summary>The three ports on one Azure Storage account, or on Azurite.</summary>
public sealed class AzureStorage
{
    private readonly TableServiceClient _tables;
    private readonly QueueServiceClient _queues;
    private readonly BlobServiceClient _blobs;
    private readonly string _prefix;

    private AzureStorage(TableServiceClient tables, QueueServiceClient queues, BlobServiceClient blobs, TimeProvider time, string prefix)
    {
        Guards.Prefix(prefix);
        (_tables, _queues, _blobs, _prefix) = (tables, queues, blobs, prefix);
        Tables = new AzureTableStore(tables, prefix);
        Blobs = new AzureBlobStore(blobs, prefix);
        Queues = new AzureWorkQueue(queues, Blobs, time, prefix);
    }

    /// <summary>The table port.</summary>
    public AzureTableStore Tables { get; }

    /// <summary>The queue port.</summary>
    public AzureWorkQueue Queues { get; }

    /// <summary>The blob port.</summary>
    public AzureBlobStore Blobs { get; }

    /// <summary>By connection string: Azurite, and accounts that still have keys.</summary>
    /// <param name="connectionString">As the portal or Azurite gives it.</param>
    /// <param name="time">What bodies set aside are dated by.</param>
    /// <param name="prefix">Before every table, queue and container name, so that several can share an account: at most 20 lower-case
    /// letters and digits, a letter first; none by default.</param>
    /// <param name="configure">Sees the options of each of the three clients, for example to add a policy that counts transactions.</param>
    public static AzureStorage FromConnectionString(
        string connectionString, TimeProvider time, string prefix = "", Action<ClientOptions>? configure = null) =>
        new(
            new TableServiceClient(connectionString, Configured(new TableClientOptions(), configure)),
            new QueueServiceClient(connectionString, Configured(AzureWorkQueue.Options(), configure)),
            new BlobServiceClient(connectionString, Configured(new BlobClientOptions(), configure)),
            time,
            prefix);

    /// <summary>By service addresses and an identity, as on Azure: no secret in any setting.</summary>
    /// <inheritdoc cref="FromConnectionString"/>
    public static AzureStorage From(
        Uri tables, Uri queues, Uri blobs, TokenCredential credential, TimeProvider time, string prefix = "",
        Action<ClientOptions>? configure = null) =>
        new(
            new TableServiceClient(tables, credential, Configured(new TableClientOptions(), configure)),
            new QueueServiceClient(queues, credential, Configured(AzureWorkQueue.Options(), configure)),
            new BlobServiceClient(blobs, credential, Configured(new BlobClientOptions(), configure)),
            time,
            prefix);

    /// <summary>
    /// Creates what is missing of the tables, the queues with their poison twins, and the containers (and that of large bodies).
    /// </summary>
    public async Task EnsureCreatedAsync(
        IEnumerable<string> tables, IEnumerable<string> queues, IEnumerable<string> containers, CancellationToken cancel = default)
    {
        var work = new List<Task>();
        foreach (var name in tables)
        {
            Guards.Table(name);
            work.Add(_tables.CreateTableIfNotExistsAsync(_prefix + name, cancel));
        }

        foreach (var queue in queues)
        {
            Guards.Queue(queue);
            work.Add(_queues.GetQueueClient(_prefix + queue).CreateIfNotExistsAsync(cancellationToken: cancel));
            work.Add(_queues.GetQueueClient(_prefix + Storage.Queues.Poison(queue)).CreateIfNotExistsAsync(cancellationToken: cancel));
        }

        foreach (var container in containers.Append(AzureWorkQueue.Bodies).Distinct())
        {
            Guards.Queue(container);
            work.Add(_blobs.GetBlobContainerClient(_prefix + container).CreateIfNotExistsAsync(cancellationToken: cancel));
        }

        await AzureCall.RunAsync(
            async () =>
            {
                await Task.WhenAll(work);
                return true;
            },
            cancel);
    }

    // A caller waits seconds, not minutes, before it learns that the store is unavailable: a mailbox provider's one-click gives up soon
    // too.
    private static T Configured<T>(T options, Action<ClientOptions>? configure) where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        if (options is not BlobClientOptions) options.Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
        configure?.Invoke(options);
        return options;
    }
}
