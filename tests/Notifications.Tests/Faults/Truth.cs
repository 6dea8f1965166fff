using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Faults;

/// <summary>What truly stands in the store, read beside the stage.</summary>
internal sealed class Truth(MemoryStore store)
{
    public AddressState? State(string key) =>
        Now(store.GetAsync(Tables.Addresses, key, Rows.State)) is { } row ? row.Read(CoreJson.Default.AddressState) : null;

    public MessageRecord? Record(string id)
    {
        Assert.True(MessageId.TryParse(id, out var parsed));
        return Now(store.GetAsync(Tables.Addresses, parsed.Address.Value, Rows.Message(parsed.Suffix))) is { } row
            ? row.Read(CoreJson.Default.MessageRecord)
            : null;
    }

    /// <summary>The messages that were given up and that no dead letter brings back (P5).</summary>
    public IEnumerable<string> Lost()
    {
        var kept = Now(store.RangeAsync(Tables.DeadLetters, Queues.Send, RowRange.All, int.MaxValue))
            .Select(row => SendQueue.Read(row.Read(CoreJson.Default.DeadLetter).Body)?.Id)
            .ToHashSet();
        return Now(store.ScanAsync(Tables.Addresses, null, int.MaxValue))
            .Where(row => row.Row.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)
                && row.Row.Read(CoreJson.Default.MessageRecord) is { Status: MessageStatus.Failed, Reason: Reason.ProviderUnavailable })
            .Select(row => $"{row.Partition}.{row.Row.Key[Rows.MessagePrefix.Length..]}")
            .Where(id => !kept.Contains(id));
    }

    /// <summary>Whether any queue holds anything, now or later.</summary>
    public bool Waits(IEnumerable<string> queues) => queues.Any(queue => Now(store.CountAsync(queue)) > 0);

    // The memory store answers at once; a read that did not would break the order of a run.
    public static T Now<T>(ValueTask<T> answer) =>
        answer.IsCompletedSuccessfully
            ? answer.GetAwaiter().GetResult()
            : throw new InvalidOperationException("The memory store did not answer at once.");
}
