using System.Text.Json;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>What each queue's items mean. Both hosts feed it: Local from its pump, Functions from triggers.</summary>
public sealed class Work(
    Dispatcher dispatcher, InboundEvents inbound, PackageTracker packages, CampaignRunner campaigns, Importer imports,
    DeadLetters deadLetters, GivenUpNotes notes, ConsentQuestions consents, WatchQuestions watches, DailyChoice daily)
{
    /// <summary>How often an item is brought back after an unplanned failure before it is given up.</summary>
    public const int MaxDeliveries = 5;

    /// <summary>Does one item.</summary>
    /// <param name="queue">The queue it came from; a poison queue's items become dead letters.</param>
    /// <param name="body">The opened body.</param>
    /// <param name="deliveries">1 at the first delivery.</param>
    /// <param name="cancel">Ends the work between its steps.</param>
    public async ValueTask<WorkOutcome> DoAsync(string queue, ReadOnlyMemory<byte> body, int deliveries, CancellationToken cancel)
    {
        try
        {
            var outcome = await StepAsync(queue, body, deliveries, cancel);
            if (outcome.Result == WorkResult.GiveUp) await notes.AddAsync(queue, body, outcome.Why!);
            return outcome;
        }
        catch (Exception unplanned)
            when (deliveries >= MaxDeliveries
                && unplanned is not (StorageUnavailableException or OperationCanceledException)
                && Array.IndexOf(Queues.All, queue) >= 0)
        {
            // The type, not the message: it may repeat what a person sent (R67).
            await notes.AddAsync(queue, body, unplanned.GetType().Name);
            throw;
        }
    }

    /// <summary>
    /// What a new item holds that takes the place of one which was given out before: a step of a campaign or of a package says so itself,
    /// for whoever had it may have died between what it wrote and what it queued (P5). Anything else finds out by its record.
    /// </summary>
    /// <param name="queue">The queue of both.</param>
    /// <param name="body">The opened body of the earlier one.</param>
    /// <param name="again">False where what such a worker may have left is done with.</param>
    public static ReadOnlyMemory<byte> Again(string queue, ReadOnlyMemory<byte> body, bool again = true) => queue switch
    {
        Queues.Campaigns when Parse(body, CoreJson.Default.CampaignWork) is { } part =>
            JsonSerializer.SerializeToUtf8Bytes(part with { Again = again }, CoreJson.Default.CampaignWork),
        Queues.Packages when Parse(body, CoreJson.Default.PackageWork) is { } step =>
            JsonSerializer.SerializeToUtf8Bytes(step with { Again = again }, CoreJson.Default.PackageWork),
        _ => body,
    };

    private async ValueTask<WorkOutcome> StepAsync(string queue, ReadOnlyMemory<byte> body, int deliveries, CancellationToken cancel)
    {
        switch (queue)
        {
            case Queues.Send:
                return Parse(body, CoreJson.Default.SendRequest) switch
                {
                    null => WorkOutcome.GiveUp("Not a message."),
                    { AskWhenDue: true, TrackingNumber: not null } asked => await watches.AskWhenDueAsync(asked, cancel),
                    { AskWhenDue: true } question => await consents.AskWhenDueAsync(question, cancel),
                    var request => await dispatcher.SendAsync(request, deliveries > 1, cancel),
                };
            case Queues.Inbound:
                // What came in and could not be read is kept as it came: replayed, it is no event either, and is not lost.
                return Parse(body, CoreJson.Default.InboundEvent) is { Id.Length: > 0, Type.Length: > 0 } happening
                    && happening.Data.ValueKind != JsonValueKind.Undefined
                    && happening.At != default
                    ? await inbound.HandleAsync(happening, cancel)
                    : WorkOutcome.GiveUp("Not an event.");
            case Queues.Packages:
                return Parse(body, CoreJson.Default.PackageWork) switch
                {
                    null => WorkOutcome.GiveUp("Not a step of a package."),
                    { Step: PackageStep.Daily } rest => await daily.SetAsync(rest, cancel),
                    var step => await packages.DoAsync(step, step.Again || deliveries > 1, cancel),
                };
            case Queues.Campaigns:
                return Parse(body, CoreJson.Default.CampaignWork) is { } part
                    ? await campaigns.DoAsync(part, part.Again || deliveries > 1, cancel)
                    : WorkOutcome.GiveUp("Not a step of a campaign.");
            case Queues.Imports:
                return Parse(body, CoreJson.Default.ImportWork) is { Id: not null } import
                    ? await imports.DoAsync(import, cancel)
                    : WorkOutcome.GiveUp("Not an import.");
            default:
                if (queue == Queues.Poison(Queues.Imports) && Parse(body, CoreJson.Default.ImportWork) is { Id: not null } given)
                    await GiveUpAsync(given, cancel);
                // Last, as what fails before it is done again.
                await deadLetters.KeepAsync(queue[..^Queues.Poison("").Length], body, deliveries, cancel);
                return WorkOutcome.Done;
        }
    }

    private async ValueTask GiveUpAsync(ImportWork given, CancellationToken cancel)
    {
        try
        {
            await imports.GiveUpAsync(given, cancel);
        }
        catch (Exception broken) when (broken is not (Storage.StorageUnavailableException or OperationCanceledException))
        {
            // What the import's row cannot be read for is no reason to lose its item: an operator gets the letter.
        }
    }

    private static T? Parse<T>(ReadOnlyMemory<byte> body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, type);
        }
        catch (JsonException)
        {
            return null; // The caller gives it up: it is kept as a dead letter, never deleted.
        }
    }
}
