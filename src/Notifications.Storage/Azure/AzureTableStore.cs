using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace Notifications.Storage.Azure;

/// <summary>
/// The table port on Azure Tables. A value is cut into binary properties of 64 KiB, <c>v0</c>, <c>v1</c> and so on. Each call is one
/// transaction as Azure bills it: a lone change goes alone, several as one entity group transaction. The SDK repeats a call that got no
/// answer, so an insert that had succeeded can come back as a conflict: callers read what is there.
/// </summary>
public sealed class AzureTableStore : ITableStore
{
    private const int PropertyBytes = 64 * 1024;
    private static readonly string[] Properties = ["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7"];
    private readonly ConcurrentDictionary<string, TableClient> _clients = new(StringComparer.Ordinal);
    private readonly TableServiceClient _service;
    private readonly string _prefix;

    internal AzureTableStore(TableServiceClient service, string prefix)
    {
        _service = service;
        _prefix = prefix;
    }

    /// <inheritdoc/>
    public async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        Guards.Key(partition);
        Guards.Key(row);
        var client = Client(table);
        var found = await AzureCall.RunAsync(
            () => client.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancel), cancel);
        if (found.HasValue) return ToRow(found.Value!);
        ThrowIfTableIsMissing(found.GetRawResponse());
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
    {
        Guards.Key(partition);
        Guards.Limit(limit);
        var filter = $"PartitionKey eq {Quote(partition)}";
        if (!string.IsNullOrEmpty(range.From)) filter += $" and RowKey ge {Quote(range.From)}";
        if (range.To is not null) filter += $" and RowKey lt {Quote(range.To)}";
        return (await QueryAsync(table, filter, limit, cancel)).ConvertAll(ToRow);
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        Guards.Key(partition);
        Guards.Changes(changes);
        var client = Client(table);
        return AzureCall.RunAsync(
            () => changes.Count == 1 ? OneAsync(client, partition, changes[0], cancel) : ManyAsync(client, partition, changes, cancel),
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
    {
        Guards.Limit(limit);
        // The rest of the partition first, and then the others: each is a range that the service seeks to. Asked for in one, it would walk
        // through the partition from its beginning.
        List<TableEntity> entities = after is var (partition, row)
            ? await QueryAsync(table, $"PartitionKey eq {Quote(partition)} and RowKey gt {Quote(row)}", limit, cancel)
            : [];
        if (entities.Count < limit)
            entities.AddRange(await QueryAsync(
                table, after is var (passed, _) ? $"PartitionKey gt {Quote(passed)}" : null, limit - entities.Count, cancel));
        return entities.ConvertAll(e => new ScannedRow(e.PartitionKey, ToRow(e)));
    }

    private static async Task<CommitResult> OneAsync(TableClient client, string partition, RowChange change, CancellationToken cancel)
    {
        try
        {
            var response = change.Kind switch
            {
                RowChangeKind.Insert => await client.AddEntityAsync(ToEntity(partition, change), cancel),
                RowChangeKind.Replace =>
                    await client.UpdateEntityAsync(ToEntity(partition, change), new ETag(change.ETag!), TableUpdateMode.Replace, cancel),
                RowChangeKind.Put => await client.UpsertEntityAsync(ToEntity(partition, change), TableUpdateMode.Replace, cancel),
                _ => await client.DeleteEntityAsync(partition, change.Key, change.ETag is null ? ETag.All : new ETag(change.ETag), cancel),
            };
            if (response.Status != 404) return CommitResult.Success([ETagOf(response)]);
            // The SDK answers a delete of what is not there, it does not throw.
            ThrowIfTableIsMissing(response);
            return CommitResult.Conflict(0);
        }
        catch (RequestFailedException error) when (IsConflict(error))
        {
            return CommitResult.Conflict(0);
        }
    }

    private static async Task<CommitResult> ManyAsync(
        TableClient client, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel)
    {
        var actions = new TableTransactionAction[changes.Count];
        for (var i = 0; i < actions.Length; i++) actions[i] = ToAction(partition, changes[i]);
        try
        {
            var responses = (await client.SubmitTransactionAsync(actions, cancel)).Value;
            var etags = new string[actions.Length];
            for (var i = 0; i < etags.Length; i++) etags[i] = ETagOf(responses[i]);
            return CommitResult.Success(etags);
        }
        catch (TableTransactionFailedException error) when (IsConflict(error))
        {
            return CommitResult.Conflict(error.FailedTransactionActionIndex ?? 0);
        }
    }

    private static TableTransactionAction ToAction(string partition, RowChange change) => change.Kind switch
    {
        RowChangeKind.Insert => new(TableTransactionActionType.Add, ToEntity(partition, change)),
        RowChangeKind.Replace => new(TableTransactionActionType.UpdateReplace, ToEntity(partition, change), new ETag(change.ETag!)),
        RowChangeKind.Put => new(TableTransactionActionType.UpsertReplace, ToEntity(partition, change)),
        _ => new(
            TableTransactionActionType.Delete, new TableEntity(partition, change.Key),
            change.ETag is null ? ETag.All : new ETag(change.ETag)),
    };

    private async ValueTask<List<TableEntity>> QueryAsync(string table, string? filter, int limit, CancellationToken cancel)
    {
        var client = Client(table);
        return await AzureCall.RunAsync(
            async () =>
            {
                var entities = new List<TableEntity>();
                await foreach (var entity in client.QueryAsync<TableEntity>(filter, limit, cancellationToken: cancel))
                {
                    entities.Add(entity);
                    // Not asked for more, or the next page would be fetched.
                    if (entities.Count == limit) break;
                }

                return entities;
            },
            cancel);
    }

    private TableClient Client(string table)
    {
        if (_clients.TryGetValue(table, out var client)) return client;
        Guards.Table(table);
        return _clients.GetOrAdd(table, name => _service.GetTableClient(_prefix + name));
    }

    // Where the SDK answers a 404 rather than throw, a table that is not there must not pass for a row that is not there.
    private static void ThrowIfTableIsMissing(Response response)
    {
        if (response.Content.ToString().Contains("TableNotFound", StringComparison.Ordinal))
            throw new StorageUnavailableException("Azure Storage answered 404 (TableNotFound).");
    }

    // A missing table is a 404 too, but no conflict: AzureCall takes it.
    private static bool IsConflict(RequestFailedException error) => error.Status switch
    {
        404 => error.ErrorCode != "TableNotFound",
        409 => error.ErrorCode != "TableBeingDeleted",
        412 => true,
        _ => false,
    };

    private static TableEntity ToEntity(string partition, RowChange change)
    {
        var entity = new TableEntity(partition, change.Key);
        var rest = change.Value;
        for (var i = 0; i == 0 || rest.Length > 0; i++)
        {
            var length = Math.Min(rest.Length, PropertyBytes);
            entity[Properties[i]] = rest[..length].ToArray();
            rest = rest[length..];
        }

        return entity;
    }

    private static Row ToRow(TableEntity entity)
    {
        var first = entity.GetBinary(Properties[0])
            ?? throw new InvalidDataException("An entity without a value was not written by this product.");
        return new Row(entity.RowKey, first.Length < PropertyBytes ? first : Joined(entity), entity.ETag.ToString("H"));
    }

    private static byte[] Joined(TableEntity entity)
    {
        var parts = new List<byte[]>();
        foreach (var property in Properties)
        {
            if (entity.GetBinary(property) is not { } part) break;
            parts.Add(part);
        }

        var value = new byte[parts.Sum(p => p.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(value, at);
            at += part.Length;
        }

        return value;
    }

    private static string ETagOf(Response response) => response.Headers.ETag?.ToString("H") ?? "";

    private static string Quote(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"'{text.Replace("'", "''", StringComparison.Ordinal)}'");
}
