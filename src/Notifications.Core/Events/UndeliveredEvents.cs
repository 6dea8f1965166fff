using System.Text;
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

    /// <summary>
    /// Takes in all of it, but for an event that is larger than a queue's item, which no provider of ours sends: it stays.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is such a one; the rest is taken in.</exception>
    public async ValueTask TakeInAsync(CancellationToken cancel)
    {
        var stay = 0;
        string? after = null;
        while (await blobs.ListAsync(Containers.DeadLetters, "", after, Page, cancel) is { Count: > 0 } names)
        {
            foreach (var name in names)
            {
                if (await blobs.GetAsync(Containers.DeadLetters, name, cancel) is not { } content) continue;
                if (!await TakeInAsync(name, Each(content), cancel)) stay++;
            }

            after = names[^1];
        }

        if (stay > 0)
            throw new InvalidOperationException(
                $"{stay} undelivered files hold an event that is larger than an item of a queue, and stay; the rest is taken in.");
    }

    /// <summary>The events of one file. One that no queue takes holds up none of the others (R65), and is all that is left of it.</summary>
    private async ValueTask<bool> TakeInAsync(string name, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancel)
    {
        var large = new List<ReadOnlyMemory<byte>>();
        foreach (var happening in events)
        {
            try
            {
                await queue.EnqueueAsync(Queues.ProviderEvents, happening, default, cancel);
            }
            catch (ArgumentException)
            {
                large.Add(happening);
            }
        }

        if (large.Count == 0) await blobs.DeleteAsync(Containers.DeadLetters, name, cancel);
        else if (large.Count < events.Count)
            await blobs.PutAsync(
                Containers.DeadLetters, name,
                Encoding.UTF8.GetBytes($"[{string.Join(',', large.Select(e => Encoding.UTF8.GetString(e.Span)))}]"), cancel);
        return large.Count == 0;
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
