using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Faults;

/// <summary>
/// Whether the campaign adds up (P9): at every look, and at the end against the records of its messages and what the provider has taken.
/// </summary>
internal sealed class CampaignAccount(List<string> broken, IReadOnlyDictionary<string, int> taken, Truth truth)
{
    private CampaignStats? _before;

    /// <summary>Whether it was told that the campaign stands still, and nobody has asked for it to go on.</summary>
    public bool Stopped { get; set; }

    /// <summary>What became of the recipients, in the campaign's own words.</summary>
    public CampaignStats? End { get; private set; }

    /// <summary>A hand-off begins.</summary>
    public void Offer(MessageId id, MessageRecord? record)
    {
        if (Stopped && record?.Campaign is not null)
            broken.Add($"{id} of the campaign was offered after it was answered that it stands still.");
    }

    /// <summary>The numbers, at any moment.</summary>
    public void Look(CampaignStats stats)
    {
        if (stats.Selected != stats.Sent + stats.Skipped.Values.Sum() + stats.Deferred + stats.Failed + stats.Unknown
            || stats.Deferred != stats.DeferredBy.Values.Sum())
        {
            broken.Add($"P9: it does not add up: {stats}");
        }

        if (stats.Selected < _before?.Selected || stats.Sent < _before?.Sent || stats.Unknown < _before?.Unknown)
            broken.Add($"P9: {_before} has become {stats}.");
        if (stats.Status is CampaignStatus.Completed or CampaignStatus.Cancelled
            && stats.Deferred > stats.DeferredBy.GetValueOrDefault("sending"))
        {
            broken.Add($"P9: it has ended, and {stats.Deferred} wait.");
        }

        _before = stats;
    }

    /// <summary>The end: everyone is in one batch, and the record, the campaign and the provider say the same of everyone.</summary>
    public void Settle(MemoryStore store, TimeProvider clock, IReadOnlySet<AddressKey> left)
    {
        using var services = FaultWorld.Process(store, new FakeProvider(), clock);
        var desk = services.GetRequiredService<CampaignDesk>();
        Look(End = Truth.Now(desk.StatsAsync(FaultWorld.Campaign, default))!);
        if (End.Deferred > 0) broken.Add($"P9: {End.Deferred} wait for ever.");
        if (End.Forecast!.Unexplained > 0) broken.Add($"P9: {End.Forecast.Unexplained} differences to the dry run are not explained.");

        var listed = new Dictionary<string, CampaignRecipient>();
        for (string? after = null; ;)
        {
            var page = Truth.Now(desk.RecipientsAsync(FaultWorld.Campaign, null, null, after, 17, default))!;
            foreach (var recipient in page.Recipients)
                if (!listed.TryAdd(recipient.MessageId, recipient)) broken.Add($"P9: {recipient.MessageId} is selected twice.");
            if ((after = page.Next) is null) break;
        }

        if (listed.Count != End.Selected) broken.Add($"P9: {End.Selected} are selected and {listed.Count} are listed.");
        foreach (var (id, recipient) in listed) Compare(id, recipient);
        Add(End, listed.Values);
        if (End.Status == CampaignStatus.Cancelled) return; // It may have been before everyone was selected.
        for (var reader = 0; reader < FaultWorld.Readers; reader++)
        {
            var id = services.GetRequiredService<MessageIds>()
                .Derive(FaultWorld.Reader(reader), CampaignBatches.Seed(FaultWorld.Campaign))
                .ToString();
            if (!listed.ContainsKey(id) && !left.Contains(FaultWorld.Reader(reader)))
                broken.Add($"P9: reader {reader} did not leave, and was not selected.");
        }
    }

    private void Compare(string id, CampaignRecipient recipient)
    {
        var (record, times) = (truth.Record(id), taken.GetValueOrDefault(id));
        (MessageStatus, Reason?) said = record is { IsFinal: true }
            ? (record.Status, record.Reason)
            : End!.Status == CampaignStatus.Cancelled && record?.Status != MessageStatus.Sending
                ? (MessageStatus.Skipped, Reason.CampaignCancelled)
                : default;
        if ((recipient.Status, recipient.Reason) != said)
            broken.Add(
                $"P9: {id} counts as {recipient.Status} ({recipient.Reason}), and its record is {record?.Status.ToString() ?? "not there"} ({record?.Reason}).");
        if (times > 1) broken.Add($"P5: {id} was handed off {times} times.");
        if (recipient.Status == MessageStatus.Sent && times == 0) broken.Add($"P9: {id} counts as sent and was never taken.");
        if (recipient.Status is MessageStatus.Skipped or MessageStatus.Failed && times > 0)
            broken.Add($"P9: {id} counts as {recipient.Status} and was taken.");
    }

    private void Add(CampaignStats stats, IReadOnlyCollection<CampaignRecipient> recipients)
    {
        long Of(MessageStatus status) => recipients.Count(r => r.Status == status);
        if ((stats.Sent, stats.Failed, stats.Unknown) != (Of(MessageStatus.Sent), Of(MessageStatus.Failed), Of(MessageStatus.Unknown)))
            broken.Add($"P9: {stats} is not what its recipients come to.");
        foreach (var skipped in recipients.Where(r => r.Status == MessageStatus.Skipped).GroupBy(r => r.Reason!.Value.Name()))
            if (stats.Skipped.GetValueOrDefault(skipped.Key) != skipped.Count())
                broken.Add($"P9: {skipped.Count()} are skipped for {skipped.Key}, and {stats} says otherwise.");
    }
}
