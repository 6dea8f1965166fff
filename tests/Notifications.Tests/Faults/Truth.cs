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

    /// <summary>Whether any queue holds anything, now or later.</summary>
    public bool Waits(IEnumerable<string> queues) => queues.Any(queue => Now(store.CountAsync(queue)) > 0);

    // The memory store answers at once; a read that did not would break the order of a run.
    public static T Now<T>(ValueTask<T> answer) =>
        answer.IsCompletedSuccessfully
            ? answer.GetAwaiter().GetResult()
            : throw new InvalidOperationException("The memory store did not answer at once.");
}
