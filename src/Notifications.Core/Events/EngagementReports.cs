using System.Text.Json;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Sms;

namespace Notifications.Events;

/// <summary>
/// What says that a person opened or clicked something. The record keeps the day only, and is written at most once a day: segments ask for
/// no more. Our own mail is sent with the provider's tracking off, so this comes from elsewhere, or from a resource where somebody switched
/// it on.
/// </summary>
public sealed class EngagementReports(
    AddressBook book, ITableStore tables, KeyRing ring, MessageIds ids, CampaignMarks marks, TimeProvider time)
{
    /// <summary>
    /// The provider's event: <c>engagementType</c> is <c>view</c> or <c>click</c>. Its documented form names no recipient; without one
    /// nothing can be known of anybody, and nothing changes.
    /// </summary>
    public const string EmailReport = "Microsoft.Communication.EmailEngagementTrackingReportReceived";

    /// <summary>
    /// Our own event, from other trackers: <c>{"recipient", "messageId"?, "engagementType"?, "at"?}</c>, where the id is ours or an
    /// operation id.
    /// </summary>
    public const string Engagement = "Notifications.Engagement";

    /// <summary>Whether an event is an engagement report.</summary>
    public static bool Reads(string type) => type is EmailReport or Engagement;

    /// <summary>
    /// Handles one report. An address nothing is recorded of stays unknown; one that is erased or restricted is left alone (R34, R35).
    /// </summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        var recipient = happening.Data.Text("recipient").Trim();
        if (!Address.TryParse(Address.ChannelOf(recipient), recipient, out var address, out _))
            return WorkOutcome.Done;
        var at = happening.Data.Moment("userActionTimeStamp") ?? happening.Data.Moment("at") ?? happening.At;
        var now = time.UtcNowMs();
        var day = new DateTimeOffset((at > now ? now : at).UtcDateTime.Date, TimeSpan.Zero);
        if ((await book.LoadAsync(ring.KeyOf(address), cancel)).State is { } known && IsLeftAlone(known)) return WorkOutcome.Done;
        await book.ChangeAsync(
            ring.KeyOf(address), null,
            (state, _) =>
                state.EngagedAt >= day || IsLeftAlone(state) ? new Change(state, []) : new Change(state with { EngagedAt = day }, []),
            null, cancel);
        await MarkAsync(ring.KeyOf(address), happening.Data, at > now ? now : at, cancel);
        return WorkOutcome.Done;
    }

    private static bool IsLeftAlone(AddressState state) =>
        state.IsRestricted || state.IsErased;

    /// <summary>The message that it is about says so once, and its campaign is counted anew.</summary>
    private async ValueTask MarkAsync(AddressKey key, JsonElement data, DateTimeOffset at, CancellationToken cancel)
    {
        var name = data.Text("messageId");
        var found = MessageId.TryParse(name, out var ours) && ours.Address == key
            ? ours
            : Guid.TryParse(name, out var operation) ? ids.Find(key, operation) : null;
        if (found is not { } id) return;
        var mark = data.Text("engagementType").Equals("click", StringComparison.OrdinalIgnoreCase)
            ? MessageRecord.Clicked
            : MessageRecord.Opened;
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await MessageRows.LoadAsync(tables, id, cancel) is not ({ } record, var etag)) return;
            if (!Array.Exists(record.Timeline, e => e.Event == mark))
            {
                var next = record.Report(new MessageEvent(at, mark), null, record.Reason);
                if (!(await tables.CommitAsync(Tables.Addresses, key.Value, [MessageRows.Write(id, next, etag)], cancel)).Committed)
                    continue;
            }

            if (record is { Campaign: { } campaign, Batch: { } batch }) await marks.TouchAsync(campaign, batch, cancel);
            return;
        }

        throw StorageUnavailableException.Contended($"Message {id}");
    }
}
