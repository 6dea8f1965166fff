using System.Text.Json;
using Notifications.Storage;

namespace Notifications.Events;

/// <summary>
/// Takes in what Event Grid could not deliver and laid in the clear in <see cref="Containers.DeadLetters"/>: each event goes, sealed, to
/// the queue it was meant for, and the file goes after that (P7). A STOP may be among them. A crash in between takes them in twice, which
/// does no harm (R65).
/// </summary>
public sealed class UndeliveredEvents(IBlobStore blobs, IWorkQueue queue)
{
    private const int Page = 100;

    /// <summary>Takes in all of it.</summary>
    public async ValueTask TakeInAsync(CancellationToken cancel)
    {
        string? after = null;
        while (await blobs.ListAsync(Containers.DeadLetters, "", after, Page, cancel) is { Count: > 0 } names)
        {
            foreach (var name in names)
            {
                if (await blobs.GetAsync(Containers.DeadLetters, name, cancel) is not { } content) continue;
                foreach (var happening in Each(content)) await queue.EnqueueAsync(Queues.ProviderEvents, happening, default, cancel);
                await blobs.DeleteAsync(Containers.DeadLetters, name, cancel);
            }

            after = names[^1];
        }
    }

    /// <summary>Each event by itself, so that one that cannot be read holds up no other; what is no list of events goes whole.</summary>
    private static IReadOnlyList<ReadOnlyMemory<byte>> Each(ReadOnlyMemory<byte> content)
    {
        try
        {
            return [.. Delivery.Cut(content.Span).Events.Select(e => content[e])];
        }
        catch (JsonException)
        {
            return [content]; // The queue gives it up, and it is kept as a dead letter, sealed.
        }
    }
}
