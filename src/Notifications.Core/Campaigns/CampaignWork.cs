using System.Text.Json;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>What a <see cref="CampaignWork"/> asks for.</summary>
public enum CampaignStep
{
    /// <summary>Launch a scheduled campaign when its time has come.</summary>
    Start,

    /// <summary>Set a launched or resumed campaign going: whatever is not done yet goes on the queue.</summary>
    Go,

    /// <summary>Select the recipients of one bucket.</summary>
    Bucket,

    /// <summary>Send one batch.</summary>
    Batch,

    /// <summary>Count one batch anew from its messages.</summary>
    Recount,

    /// <summary>Look at the whole campaign: release, choose, pause, complete.</summary>
    Tick,

    /// <summary>Bring what a cancelled campaign had put off to its end.</summary>
    End,
}

/// <summary>One item of the queue <c>campaigns</c>.</summary>
/// <param name="Step">What is to be done.</param>
/// <param name="Campaign">The campaign's id.</param>
/// <param name="Epoch">The campaign's epoch it belongs to; work of an older one is over.</param>
/// <param name="Part">The bucket or the batch.</param>
/// <param name="At">When it was asked for, where that counts.</param>
public sealed record CampaignWork(CampaignStep Step, string Campaign, int Epoch = 0, string? Part = null, DateTimeOffset? At = null)
{
    /// <summary>An earlier item of it was given out, in whose place this one stands: the queue's own count does not tell.</summary>
    public bool Again { get; init; }
}

/// <summary>Puts a campaign's work on its queue.</summary>
public sealed class CampaignQueue(IWorkQueue queue, TimeProvider time)
{
    /// <summary>
    /// The longest a queue holds a step back; whoever gets it before its time puts it back. Longer than a message may wait there, since a
    /// step names nobody.
    /// </summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(6);

    /// <summary>A delay within what a queue can hold.</summary>
    public static TimeSpan Within(TimeSpan delay) => delay < TimeSpan.Zero ? TimeSpan.Zero : delay < LongestDelay ? delay : LongestDelay;

    /// <summary>Queues one step, to be done after a delay of at most six days.</summary>
    public ValueTask EnqueueAsync(CampaignWork work, TimeSpan delay, CancellationToken cancel) =>
        queue.EnqueueAsync(
            Queues.Campaigns, JsonSerializer.SerializeToUtf8Bytes(work, CoreJson.Default.CampaignWork), Within(delay), cancel);

    /// <summary>Queues batches, side by side, each for its due time.</summary>
    public async ValueTask EnqueueAsync(string campaign, IReadOnlyList<NamedBatch> batches, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var all = new Task[batches.Count];
        for (var i = 0; i < all.Length; i++)
            all[i] = EnqueueAsync(
                new CampaignWork(CampaignStep.Batch, campaign, Part: batches[i].Name), (batches[i].Row.DueAt ?? now) - now,
                cancel).AsTask();
        await Task.WhenAll(all);
    }
}
