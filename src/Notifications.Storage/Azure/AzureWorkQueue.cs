using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Azure.Storage.Queues.Specialized;

namespace Notifications.Storage.Azure;

/// <summary>
/// The work queue port on Azure Queues, base64 as the Functions trigger expects. A body over what a message holds (48 KiB) stands in the
/// container <c>bodies</c> and the message points to it. Each call is one transaction for bodies that fit.
/// </summary>
public sealed class AzureWorkQueue : IWorkQueue
{
    /// <summary>The container of bodies that no message holds.</summary>
    public const string Bodies = "bodies";

    private const int MessageBytes = 48 * 1024;
    private static readonly TimeSpan Never = TimeSpan.FromSeconds(-1);
    private readonly ConcurrentDictionary<string, QueueClient> _clients = new(StringComparer.Ordinal);
    private readonly QueueServiceClient _service;
    private readonly AzureBlobStore _blobs;
    private readonly TimeProvider _time;
    private readonly string _prefix;

    internal AzureWorkQueue(QueueServiceClient service, AzureBlobStore blobs, TimeProvider time, string prefix)
    {
        _service = service;
        _blobs = blobs;
        _time = time;
        _prefix = prefix;
    }

    /// <summary>
    /// The options every queue client has. A message that somebody else wrote, not in base64, would fail each receive it is part of: it
    /// goes to poison as it came.
    /// </summary>
    internal static QueueClientOptions Options()
    {
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        options.MessageDecodingFailed += static async bad =>
        {
            if (bad.ReceivedMessage is not { } message || Queues.IsPoison(bad.Queue.Name)) return;
            var poison = bad.Queue.GetParentQueueServiceClient().GetQueueClient(Queues.Poison(bad.Queue.Name));
            await poison.SendMessageAsync(message.Body, timeToLive: Never, cancellationToken: bad.CancellationToken);
            await bad.Queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, bad.CancellationToken);
        };
        return options;
    }

    // What a message that points to a body begins with. A sealed body never does; an open one that did would be put in a blob as well.
    private static ReadOnlySpan<byte> Pointer => "\0bodies/"u8;

    /// <inheritdoc/>
    public async ValueTask EnqueueAsync(
        string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
    {
        Guards.Body(body);
        Guards.Delay(delay);
        var client = Client(queue);
        if (body.Length > MessageBytes || body.Span.StartsWith(Pointer)) body = await SetAsideAsync(queue, body, cancel);
        await AzureCall.RunAsync(() => client.SendMessageAsync(new BinaryData(body), delay, Never, cancel), cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
        string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        Guards.Receive(max, visibility);
        var client = Client(queue);
        var messages = (await AzureCall.RunAsync(() => client.ReceiveMessagesAsync(max, visibility, cancel), cancel)).Value;
        var items = new QueueItem[messages.Length];
        for (var i = 0; i < items.Length; i++) items[i] = await ToItemAsync(queue, messages[i], cancel);
        return items;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default)
    {
        var client = Client(item.Queue);
        var (receipt, body) = Split(item.Receipt);
        if (!await HeldAsync(() => client.DeleteMessageAsync(item.Id, receipt, cancel), cancel)) return false;
        if (body is not null) await _blobs.DeleteAsync(Bodies, body, cancel);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default)
    {
        Guards.Delay(delay);
        var client = Client(item.Queue);
        return await HeldAsync(
            async () =>
                (await client.UpdateMessageAsync(
                    item.Id, Split(item.Receipt).Receipt, visibilityTimeout: delay, cancellationToken: cancel)).GetRawResponse(),
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default)
    {
        await EnqueueAsync(Queues.Poison(item.Queue), item.Body, default, cancel);
        await CompleteAsync(item, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<long> CountAsync(string queue, CancellationToken cancel = default)
    {
        var client = Client(queue);
        return (await AzureCall.RunAsync(() => client.GetPropertiesAsync(cancel), cancel)).Value.ApproximateMessagesCount;
    }

    /// <summary>
    /// The body behind a message that a trigger received, which is the message itself unless it points to one; null where it points to what
    /// is no longer there.
    /// </summary>
    public ValueTask<ReadOnlyMemory<byte>?> BodyAsync(ReadOnlyMemory<byte> message, CancellationToken cancel = default) =>
        NameOf(message) is { } name ? _blobs.GetAsync(Bodies, name, cancel) : ValueTask.FromResult<ReadOnlyMemory<byte>?>(message);

    /// <summary>Puts a message that a trigger received on a queue as it is: one that points to a body goes on pointing to it.</summary>
    public async ValueTask EnqueueAsItIsAsync(
        string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancel = default)
    {
        Guards.Delay(delay);
        var client = Client(queue);
        await AzureCall.RunAsync(() => client.SendMessageAsync(new BinaryData(message), delay, Never, cancel), cancel);
    }

    /// <summary>Removes the body a triggered message points to, if it does, once its work is done.</summary>
    public ValueTask ForgetBodyAsync(ReadOnlyMemory<byte> message, CancellationToken cancel = default) =>
        NameOf(message) is { } name ? _blobs.DeleteAsync(Bodies, name, cancel) : ValueTask.CompletedTask;

    private async ValueTask<QueueItem> ToItemAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        var content = message.Body.ToMemory();
        var receipt = NameOf(content) is { } name ? message.PopReceipt + "\n" + name : message.PopReceipt;
        // No consumer understands a pointer to nothing: it ends among the poison, where somebody sees it.
        return new QueueItem(queue, message.MessageId, receipt, (int)message.DequeueCount, await BodyAsync(content, cancel) ?? content);
    }

    // The body first: a crash in between leaves a blob without a message, never a message without its body. The day in the name lets a
    // lifecycle rule find what was left.
    private async ValueTask<ReadOnlyMemory<byte>> SetAsideAsync(string queue, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{_time.GetUtcNow():yyyy-MM-dd}/{queue}/{RandomNumberGenerator.GetHexString(32, lowercase: true)}");
        await _blobs.PutAsync(Bodies, name, body, cancel);
        return (byte[])[.. Pointer, .. Encoding.UTF8.GetBytes(name)];
    }

    private static string? NameOf(ReadOnlyMemory<byte> message) =>
        message.Span.StartsWith(Pointer) ? Encoding.UTF8.GetString(message.Span[Pointer.Length..]) : null;

    private static (string Receipt, string? Body) Split(string receipt) =>
        receipt.IndexOf('\n', StringComparison.Ordinal) is var at && at < 0 ? (receipt, null) : (receipt[..at], receipt[(at + 1)..]);

    // Azure says 404 or 400 for a receipt that is no longer good, the emulator 400.
    private static async ValueTask<bool> HeldAsync(Func<Task<Response>> call, CancellationToken cancel)
    {
        try
        {
            await AzureCall.RunAsync(call, cancel);
            return true;
        }
        catch (RequestFailedException error) when (error is { Status: 404 } or { Status: 400, ErrorCode: "PopReceiptMismatch" })
        {
            return false;
        }
    }

    private QueueClient Client(string queue)
    {
        if (_clients.TryGetValue(queue, out var client)) return client;
        Guards.Queue(queue);
        return _clients.GetOrAdd(queue, name => _service.GetQueueClient(_prefix + name));
    }
}
