using System.Text.Json;
using Notifications.Schedule;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>Puts messages on the queue. Once it returns, the message will be decided, whatever dies meanwhile (P5).</summary>
public sealed class SendQueue(IWorkQueue queue, ITableStore tables, GivenUpNotes notes, TimeProvider time)
{
    /// <summary>
    /// The longest a queue holds an item back; what is due later waits in the schedule, where an erasure finds it at once (R34): nobody can
    /// look into what a queue holds back.
    /// </summary>
    public static readonly TimeSpan LongestDelay = ScheduleRunner.Horizon;

    /// <summary>
    /// Queues a client's message, and records one that goes to the schedule, so that it can be looked at while it waits there.
    /// </summary>
    public async ValueTask AcceptAsync(SendRequest request, CancellationToken cancel)
    {
        var later = request.SendAt - time.GetUtcNow() > LongestDelay;
        await EnqueueAsync(request with { Recorded = later }, cancel);
        if (!later || !MessageId.TryParse(request.Id, out var id)) return;
        // One that is there stays: the request came twice.
        await tables.CommitAsync(
            Tables.Addresses, id.Address.Value, [MessageRows.Write(id, MessageRecord.Of(request) with { DueAt = request.SendAt }, null)],
            cancel);
    }

    /// <summary>Queues a message, not before its SendAt.</summary>
    public ValueTask EnqueueAsync(SendRequest request, CancellationToken cancel) =>
        EnqueueAsync(request, request.SendAt ?? DateTimeOffset.MinValue, cancel);

    /// <summary>Queues a message to be decided after a delay.</summary>
    public ValueTask EnqueueAsync(SendRequest request, TimeSpan delay, CancellationToken cancel) =>
        EnqueueAsync(request, time.GetUtcNow() + delay, cancel);

    /// <summary>
    /// Queues a message to be decided at a moment. Two items of one message that name the same moment meet in one row of the schedule.
    /// </summary>
    public ValueTask EnqueueAsync(SendRequest request, DateTimeOffset due, CancellationToken cancel)
    {
        var (body, delay) = (BodyOf(request), due - time.GetUtcNow());
        if (delay > LongestDelay) return SendSchedule.AddAsync(tables, request.Id, due, body, cancel);
        return queue.EnqueueAsync(Queues.Send, body, delay < TimeSpan.Zero ? TimeSpan.Zero : delay, cancel);
    }

    /// <summary>Hands a message to the operators, as a dead letter: no further delivery would help it.</summary>
    internal async ValueTask GiveUpAsync(SendRequest request, string why)
    {
        var body = BodyOf(request);
        await notes.AddAsync(Queues.Send, body, why);
        // Its record says that it has failed already. If the process dies here, whatever finds the record again brings it again.
        await queue.EnqueueAsync(Queues.Poison(Queues.Send), body, TimeSpan.Zero, CancellationToken.None);
    }

    /// <summary>A message as it is queued.</summary>
    public static byte[] BodyOf(SendRequest request) => JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Unescaped.SendRequest);

    /// <summary>How many bytes of its body are a message's data.</summary>
    public static int LengthOf(JsonElement data) => JsonSerializer.SerializeToUtf8Bytes(data, CoreJson.Unescaped.JsonElement).Length;

    /// <summary>The message in a body; null where there is none, and what it is stays for an operator.</summary>
    internal static SendRequest? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, CoreJson.Default.SendRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a record of the message exists.</summary>
    public async ValueTask<bool> IsRecordedAsync(MessageId id, CancellationToken cancel) =>
        await tables.GetAsync(Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix), cancel) is not null;
}
