using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Packages;

/// <summary>
/// Asks an address whether it wants to follow a package: one confirmation per window, over all packages where they share it (R63).
/// </summary>
public sealed class WatchQuestions(
    AddressBook book, ITableStore tables, MessageIds ids, SendQueue queue, SendingOptions sending, TimeProvider time)
{
    /// <summary>
    /// Asks for a watch that waits, as its record says: now, once (P5); or when the window has ended that another question opened.
    /// </summary>
    public async ValueTask AskAsync(
        AddressKey key, WatchRequest request, WatchRecord watch, AddressState state, CancellationToken cancel)
    {
        var question = Question(key, request.Address, request.Number.Value, watch, request.Locale ?? watch.Locale);
        if (watch.ConfirmationAt is null)
            await queue.EnqueueAsync(
                question with { AskWhenDue = true, SendAt = (state.AskedAt() ?? time.UtcNowMs()) + sending.ConfirmationWindow }, cancel);
        else if (!MessageId.TryParse(question.Id, out var id) || !await queue.IsRecordedAsync(id, cancel))
            await queue.EnqueueAsync(question, cancel);
    }

    /// <summary>
    /// The window ended that a package waited for: its question is asked now, unless the person said stop meanwhile. Where another one
    /// was faster, it waits for the end of that one's: in the schedule, where an erasure finds it (R34).
    /// </summary>
    public async ValueTask<WorkOutcome> AskWhenDueAsync(SendRequest question, CancellationToken cancel)
    {
        if (!MessageId.TryParse(question.Id, out var id) || question.TrackingNumber is not { } number)
            return WorkOutcome.GiveUp("It names no package of an address.");
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var now = time.UtcNowMs();
            var (state, etag) = await book.LoadAsync(id.Address, cancel);
            var (watch, watchTag) = await WatchRows.LoadAsync(tables, id.Address, number, cancel);
            if (state is not { Address: { } address }
                || watch is null
                || !watch.StillWaits(state))
            {
                return WorkOutcome.Done;
            }

            // One that was asked, by a delivery that died right after perhaps: the id finds the same message (P5).
            if (watch.ConfirmationAt is null)
            {
                if (state.AskedAt() + sending.ConfirmationWindow is { } free && free > now)
                {
                    // A queue counts in whole seconds, and may be one early.
                    await queue.EnqueueAsync(question with { SendAt = free + TimeSpan.FromSeconds(1) }, cancel);
                    return WorkOutcome.Done;
                }

                watch = watch with { ConfirmationAt = now };
                if (await book.TryCommitAsync(
                    id.Address, etag, state, new Change(state with { PackageAskedAt = now }, []), now,
                    [WatchRows.Write(number, watch, watchTag)], cancel) is null)
                {
                    continue;
                }
            }

            await queue.EnqueueAsync(Question(id.Address, address, number, watch, question.Locale), cancel);
            return WorkOutcome.Done;
        }

        throw StorageUnavailableException.Contended($"The record {id.Address}");
    }

    /// <summary>
    /// The person asks for the confirmation once more, behind their own link, where no topic waits: one message about the package that was
    /// asked for last, whose page has the others beside it, and none within an hour of the last one, whoever asked for that.
    /// </summary>
    public async ValueTask AskAgainAsync(AddressKey key, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            var now = time.UtcNowMs();
            var (state, etag) = await book.LoadAsync(key, cancel);
            if (state is not { Address: { } address } || state.AskedAt() > now - ConsentQuestions.AgainAfter) return;
            var waiting = (await WatchRows.OfAsync(tables, key, cancel)).Where(w => w.Watch.StillWaits(state)).ToList();
            if (waiting.Count == 0 || waiting.Exists(w => w.Watch.ConfirmationAt > now - ConsentQuestions.AgainAfter)) return;
            var number = waiting.MaxBy(w => w.Watch.SaidAt).Number;
            var (watch, watchTag) = await WatchRows.LoadAsync(tables, key, number, cancel);
            if (watch is null || !watch.StillWaits(state)) continue;
            watch = watch with { ConfirmationAt = now, AskedBefore = watch.AskedBefore.Then(watch.ConfirmationAt) };
            if (await book.TryCommitAsync(
                key, etag, state, new Change(state with { PackageAskedAt = now }, []), now, [WatchRows.Write(number, watch, watchTag)],
                cancel) is null)
            {
                continue;
            }

            await queue.EnqueueAsync(Question(key, address, number, watch, watch.Locale ?? state.Locale), cancel);
            return;
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    private SendRequest Question(AddressKey key, Address address, string number, WatchRecord watch, string? locale) => new()
    {
        Id = ids.Derive(key, $"watch/{number}/{watch.ConfirmationAt?.ToUnixTimeMilliseconds()}").ToString(),
        Channel = address.Channel,
        To = address.Value,
        Topic = TopicKey.PackageUpdates,
        Purpose = MessagePurpose.Confirmation,
        TrackingNumber = number,
        Locale = locale,
        AcceptedAt = time.UtcNowMs(),
    };
}
