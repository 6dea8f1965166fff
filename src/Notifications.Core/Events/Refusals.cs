using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Counting;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Events;

/// <summary>
/// What follows when a provider refuses a message at the hand-off: the same as when it reports so later (R18, R20). The address's record is
/// changed in the commit that ends the message, so that no message is ever recorded as refused whose address was spared; the list of the
/// blocked and the alert come after it.
/// </summary>
public sealed partial class Refusals(
    AddressBook book, ITableStore tables, Suppressions suppressions, OperatorAlerts alerts, SendingOptions options, TimeProvider time,
    ILogger<Refusals> log, Statistics? statistics = null)
{
    /// <summary>Writes a message's end and what the refusal does to its address; false when somebody was faster with either.</summary>
    public async ValueTask<bool> CommitAsync(MessageId id, RowChange end, Refusal refusal, CancellationToken cancel)
    {
        var (state, etag) = await book.LoadAsync(id.Address, cancel);
        if (state is not null)
        {
            var now = time.UtcNowMs();
            var change = ReportEffects.Of(
                state, refusal.Outcome, ReportEffects.Draft("hand-off", "message", id.ToString(), refusal.Outcome), options, now, now);
            if (!ReferenceEquals(change.State, state) || change.Entries.Count > 0)
                return await book.TryCommitAsync(id.Address, etag, state, change, now, [end], cancel) is not null;
        }

        return (await tables.CommitAsync(Tables.Addresses, id.Address.Value, [end], cancel)).Committed;
    }

    /// <summary>
    /// What comes after: it counts beside the provider's reports, the list of the blocked follows the record, and where the fault is ours
    /// an operator is told. Never fails the caller, who has the message's end to carry on with; the list has its repair.
    /// </summary>
    public async ValueTask FollowAsync(MessageId id, Channel channel, Refusal refusal, CancellationToken cancel)
    {
        var outcome = refusal.Outcome;
        Telemetry.Reports.Add(1, new("channel", channel.Name()), new("outcome", outcome.Name));
        statistics?.Report(outcome.Name, channel);
        try
        {
            if (outcome.Effect == ReportEffect.Alert)
                await alerts.RaiseAsync(refusal.AlertKind, $"{refusal.Code}: {outcome.Why}", refusal.Code, cancel);
            if (ReportEffects.Blocks(outcome.Effect) && (await book.LoadAsync(id.Address, cancel)).State is { Suppression: not null } state)
                await suppressions.IndexAsync(id.Address, state, cancel);
        }
        catch (StorageUnavailableException)
        {
            LogNotFollowed(id, refusal.Code, outcome.Name);
        }
    }

    [LoggerMessage(
        EventId = 112, EventName = "RefusalNotFollowed", Level = LogLevel.Warning,
        Message = "Message {Id} was refused with {Code} ({Outcome}); the store was away for the alert or the list of the blocked that follow")]
    private partial void LogNotFollowed(MessageId id, string? code, string outcome);
}
