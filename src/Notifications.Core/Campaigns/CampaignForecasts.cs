using System.Buffers.Binary;
using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>
/// The dry run: what would become of everyone in the audience now. Besides the counts it keeps, for each address, the reason and the newest
/// ledger entry it rests on, so that afterwards every difference can be explained by what is stored and not by guessing.
/// </summary>
public sealed class CampaignForecasts(
    AudienceReader audiences, AddressBook book, TopicCatalog topics, SendingOptions options, ITableStore tables, TimeProvider time)
{
    private const int Entry = AddressKey.Bytes + 1 + sizeof(uint);
    private const int Page = 500;
    private const int AtOnce = 8;

    /// <summary>Decides on everyone, and keeps it under a new generation's name.</summary>
    public async ValueTask<(string Generation, CampaignForecast Forecast)> MakeAsync(Campaign campaign, CancellationToken cancel)
    {
        var generation = RandomNumberGenerator.GetHexString(8, lowercase: true);
        var at = time.UtcNowMs();
        var counts = new Dictionary<(Verdict, Reason), long>();
        var audience = await audiences.FreezeAsync(campaign.Definition.Audience, cancel);
        await Parallel.ForEachAsync(
            AudienceBuckets.All, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (bucket, token) =>
            {
                var own = new Dictionary<(Verdict, Reason), long>();
                await DecideAsync(campaign, audience, generation, bucket, at, own, token);
                lock (counts)
                    foreach (var (key, count) in own) counts[key] = counts.GetValueOrDefault(key) + count;
            });
        var forecast = new CampaignForecast(
            at, counts.Values.Sum(), counts.GetValueOrDefault((Verdict.Allow, Reason.Allowed)), By(counts, Verdict.Skip),
            By(counts, Verdict.Defer));
        await tables.CommitAsync(
            Tables.Campaigns, campaign.Id, [RowChange.Put(Rows.Forecast(generation), forecast, CoreJson.Default.CampaignForecast)], cancel);
        return (generation, forecast);
    }

    /// <summary>The counts of the campaign's dry run; null where there was none since its definition was last changed.</summary>
    public async ValueTask<CampaignForecast?> FindAsync(Campaign campaign, CancellationToken cancel)
    {
        if (campaign.Forecast is not { } generation) return null;
        var row = await tables.GetAsync(Tables.Campaigns, campaign.Id, Rows.Forecast(generation), cancel);
        return row?.Read(CoreJson.Default.CampaignForecast);
    }

    /// <summary>What was said of a batch's members; null where the campaign has no dry run.</summary>
    public async ValueTask<ForetoldMembers?> OfAsync(Campaign campaign, AddressKey[] members, CancellationToken cancel)
    {
        if (campaign.Forecast is not { } generation || members.Length == 0) return null;
        var told = new ForetoldMembers();
        string first = members[0].Value, last = first;
        foreach (var member in members)
        {
            if (string.CompareOrdinal(member.Value, first) < 0) first = member.Value;
            if (string.CompareOrdinal(member.Value, last) > 0) last = member.Value;
        }

        // A row is named by its last address: the first row not before an address is the one that holds it. All members are of one bucket.
        var from = Rows.Foretold(generation, first);
        while (true)
        {
            var rows = await tables.RangeAsync(Tables.Campaigns, campaign.Id, new RowRange(from, Rows.ForetoldEnd(generation)), 2, cancel);
            foreach (var row in rows)
            {
                told.Read(row.Value.Span);
                if (string.CompareOrdinal(row.Key, Rows.Foretold(generation, last)) >= 0) return told;
            }

            if (rows.Count < 2) return told;
            from = rows[^1].Key + ' ';
        }
    }

    /// <summary>What would become of a test to an address now.</summary>
    public async ValueTask<Decision> TestAsync(CampaignDefinition definition, AddressKey key, CancellationToken cancel)
    {
        var (state, _) = await book.LoadAsync(key, cancel);
        return DecisionRules.Decide(
            new DecisionInput
            {
                State = state,
                Topic = TopicOf(definition),
                Channel = definition.Channel,
                Purpose = MessagePurpose.Test,
                Now = time.UtcNowMs(),
                Options = options,
            });
    }

    /// <summary>Removes the generation before.</summary>
    public async ValueTask ForgetAsync(string campaign, string generation, CancellationToken cancel)
    {
        await tables.CommitAsync(Tables.Campaigns, campaign, [RowChange.Delete(Rows.Forecast(generation))], cancel);
        while (true)
        {
            var rows = await tables.RangeAsync(
                Tables.Campaigns, campaign, new RowRange(Rows.Foretold(generation, ""), Rows.ForetoldEnd(generation)), 100, cancel);
            if (rows.Count > 0)
                await tables.CommitAsync(Tables.Campaigns, campaign, [.. rows.Select(r => RowChange.Delete(r.Key))], cancel);
            if (rows.Count < 100) return;
        }
    }

    private async ValueTask DecideAsync(
        Campaign campaign, Audience audience, string generation, char bucket, DateTimeOffset at, Dictionary<(Verdict, Reason), long> counts,
        CancellationToken cancel)
    {
        var definition = campaign.Definition;
        var topic = TopicOf(definition);
        string? after = null;
        do
        {
            var page = await audiences.PageAsync(audience, bucket, after, Page, cancel);
            after = page.Next;
            if (page.Members.Count == 0) continue;
            var bytes = new byte[page.Members.Count * Entry];
            for (var i = 0; i < page.Members.Count; i++)
            {
                var key = page.Members[i].Key;
                var (state, _) = await book.LoadAsync(key, cancel);
                var decision =
                    DecisionRules.Decide(
                        new DecisionInput { State = state, Topic = topic, Channel = definition.Channel, Now = at, Options = options });
                counts[(decision.Verdict, decision.Reason)] = counts.GetValueOrDefault((decision.Verdict, decision.Reason)) + 1;
                var entry = bytes.AsSpan(i * Entry, Entry);
                key.CopyTo(entry);
                entry[AddressKey.Bytes] = (byte)decision.Reason;
                BinaryPrimitives.WriteUInt32LittleEndian(entry[(AddressKey.Bytes + 1)..], (uint)(state?.Ledger.Seq ?? 0));
            }

            await tables.CommitAsync(
                Tables.Campaigns, campaign.Id, [RowChange.Put(Rows.Foretold(generation, page.Members[^1].Key.Value), bytes)], cancel);
        }
        while (after is not null);
    }

    private Topic TopicOf(CampaignDefinition definition) => topics.Of(definition.Topic);

    private static Dictionary<string, long> By(Dictionary<(Verdict Verdict, Reason Reason), long> counts, Verdict verdict) =>
        counts.Where(c => c.Key.Verdict == verdict).ToDictionary(c => c.Key.Reason.Name(), c => c.Value);
}

/// <summary>What the dry run had said of some addresses.</summary>
public sealed class ForetoldMembers
{
    private const int Entry = AddressKey.Bytes + 1 + sizeof(uint);
    private readonly Dictionary<UInt128, ForetoldMember> _members = [];

    /// <summary>Takes in one stored row.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= Entry; bytes = bytes[Entry..])
        {
            _members[BinaryPrimitives.ReadUInt128LittleEndian(bytes)] =
                new ForetoldMember(
                    Foretold.Of((Reason)bytes[AddressKey.Bytes]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(AddressKey.Bytes + 1)..]));
        }
    }

    /// <summary>What was said of an address.</summary>
    public ForetoldMember Of(AddressKey key)
    {
        Span<byte> bytes = stackalloc byte[AddressKey.Bytes];
        key.CopyTo(bytes);
        return _members.TryGetValue(BinaryPrimitives.ReadUInt128LittleEndian(bytes), out var member)
            ? member
            : new ForetoldMember(Foretold.Absent, 0);
    }
}

/// <summary>What the dry run had said of one address, and on which ledger entry it rested.</summary>
public readonly record struct ForetoldMember(Foretold Foretold, uint LedgerSeq)
{
    /// <summary>
    /// Why it came otherwise. Every change that a decision looks at, but for the time, is an entry of the ledger: a newer one explains, an
    /// equal one does not.
    /// </summary>
    public Because Explain(Outcome outcome, MessageRecord? record)
    {
        if (Foretold.Reason is not { } told) return Because.Joined;
        if (record is null) return outcome.Because;
        switch (outcome.Status)
        {
            case MessageStatus.Failed or MessageStatus.Unknown:
                return Because.Provider;
            case MessageStatus.Queued or MessageStatus.Sending:
                return outcome.Reason switch
                {
                    Reason.ProviderUnavailable => Because.Provider,
                    Reason.CampaignPaused => Because.Operator,
                    _ => Because.AsForetold,
                };
        }

        var actual = outcome.Sent ? Reason.Allowed : outcome.Reason;
        if (actual == told) return Because.AsForetold;
        if (actual is Reason.CampaignPaused or Reason.CampaignCancelled) return Because.Operator;
        if (record.Receipt?.LedgerSeq > LedgerSeq) return Because.Changed;
        return IsClock(actual) || IsClock(told) ? Because.Clock : Because.Unexplained;
    }

    private static bool IsClock(Reason reason) => reason is Reason.QuietHours or Reason.FrequencyCap or Reason.Expired;
}
