using System.Security.Cryptography;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Campaigns;

/// <summary>How far a dry run is that one request could not end: its beginning, and whom it is about.</summary>
public sealed record ForecastRun(string Generation, int Epoch, DateTimeOffset At, Audience Audience);

/// <summary>How far it is in one bucket, written with what it says of each address.</summary>
/// <param name="After">The last address that was looked at; null at the beginning.</param>
/// <param name="Done">Whether the bucket's end was reached.</param>
/// <param name="Counts">How many so far, by what would become of them.</param>
public sealed record ForecastPart(string? After, bool Done, IReadOnlyList<ForecastCount> Counts);

/// <summary>So many of whom the same would become.</summary>
public sealed record ForecastCount(Verdict Verdict, Reason Reason, long Count);

/// <summary>
/// The dry run: what would become of everyone in the audience now. Besides the counts it keeps, for each address, the reason and the newest
/// ledger entry it rests on, so that afterwards every difference can be explained by what is stored and not by guessing. A large audience
/// takes more than one request: each goes on where the one before it ended.
/// </summary>
public sealed class CampaignForecasts(
    AudienceReader audiences, AddressBook book, TopicCatalog topics, SendingOptions options, ITableStore tables, TimeProvider time)
{
    private const int Page = 500;
    private const int BucketsAtOnce = 8;
    private const int RecordsAtOnce = 16;

    /// <summary>
    /// After this long a request answers with what there is: Azure ends it after 230 seconds, and a repetition under its Idempotency-Key
    /// would begin beside it after 30.
    /// </summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    /// <summary>What was begun longer ago is begun anew: it would be half of then and half of now.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromHours(1);

    /// <summary>
    /// Decides on everyone, or on as many as fit into one turn, and keeps it under a generation's name. Where
    /// <see cref="CampaignForecast.UnderWay"/>, it is to be called again; else <see cref="EndAsync"/>, once the campaign knows the name.
    /// Requests at once are at the same one. Null where another has dropped it meanwhile.
    /// </summary>
    /// <exception cref="AudienceException">A segment or list is not there; what had been decided is forgotten.</exception>
    public async ValueTask<(string Generation, CampaignForecast? Forecast)> MakeAsync(Campaign campaign, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var run = await BeginAsync(campaign, cancel);
        var parts = new List<ForecastPart>(AudienceBuckets.All.Length);
        try
        {
            await Parallel.ForEachAsync(
                AudienceBuckets.All, new ParallelOptions { MaxDegreeOfParallelism = BucketsAtOnce, CancellationToken = cancel },
                async (bucket, token) =>
                {
                    if (await DecideAsync(campaign, run, bucket, started, token) is not { } part) return;
                    lock (parts) parts.Add(part);
                });
        }
        catch (AudienceException)
        {
            await DropAsync(campaign, cancel);
            throw;
        }

        if (parts.Count < AudienceBuckets.All.Length) return (run.Generation, await FindAsync(campaign.Id, run.Generation, cancel));
        var forecast = Sum(run, parts);
        if (forecast.UnderWay) return (run.Generation, forecast);
        await tables.CommitAsync(
            Tables.Campaigns, campaign.Id, [RowChange.Put(Rows.Forecast(run.Generation), forecast, CoreJson.Default.CampaignForecast)],
            cancel);
        return (run.Generation, forecast);
    }

    /// <summary>Forgets how far a dry run was that is the campaign's forecast now.</summary>
    public async ValueTask EndAsync(string campaign, string generation, CancellationToken cancel)
    {
        if (await RunAsync(campaign, cancel) is { } run && run.Generation == generation)
            await tables.CommitAsync(Tables.Campaigns, campaign, [RowChange.Delete(Rows.ForecastRun)], cancel);
        await DeleteAsync(campaign, RowRange.Prefix(Rows.ForecastPart(generation)), cancel);
    }

    /// <summary>The counts so far of a dry run that is to go on; null where none is.</summary>
    public async ValueTask<CampaignForecast?> UnderWayAsync(Campaign campaign, CancellationToken cancel)
    {
        if (await RunAsync(campaign.Id, cancel) is not { } run || !GoesOn(run, campaign)) return null;
        var rows = tables.RowsAsync(
            Tables.Campaigns, campaign.Id, RowRange.Prefix(Rows.ForecastPart(run.Generation)), cancel);
        return Sum(run, await rows.Select(r => r.Read(CoreJson.Default.ForecastPart)).ToListAsync(cancel));
    }

    /// <summary>Forgets a dry run that was not ended, if there is one; of the campaign's forecast only how far it was.</summary>
    public async ValueTask DropAsync(Campaign campaign, CancellationToken cancel)
    {
        if (await RunAsync(campaign.Id, cancel) is not { } run) return;
        if (run.Generation != campaign.Forecast) await ForgetAsync(campaign.Id, run.Generation, cancel);
        await EndAsync(campaign.Id, run.Generation, cancel);
    }

    /// <summary>The counts of the campaign's dry run; null where there was none since its definition was last changed.</summary>
    public async ValueTask<CampaignForecast?> FindAsync(Campaign campaign, CancellationToken cancel) =>
        campaign.Forecast is { } generation ? await FindAsync(campaign.Id, generation, cancel) : null;

    private ValueTask<CampaignForecast?> FindAsync(string campaign, string generation, CancellationToken cancel) =>
        tables.ReadAsync(Tables.Campaigns, campaign, Rows.Forecast(generation), CoreJson.Default.CampaignForecast, cancel);

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

    /// <summary>Removes a generation.</summary>
    public async ValueTask ForgetAsync(string campaign, string generation, CancellationToken cancel)
    {
        await DeleteAsync(campaign, RowRange.Prefix(Rows.Forecast(generation)), cancel);
        await DeleteAsync(campaign, new RowRange(Rows.Foretold(generation, ""), Rows.ForetoldEnd(generation)), cancel);
    }

    private async ValueTask DeleteAsync(string campaign, RowRange range, CancellationToken cancel)
    {
        foreach (var rows in (await tables.KeysAsync(Tables.Campaigns, campaign, range, cancel)).Chunk(100))
            await tables.CommitAsync(Tables.Campaigns, campaign, [.. rows.Select(r => RowChange.Delete(r))], cancel);
    }

    private async ValueTask<ForecastRun> BeginAsync(Campaign campaign, CancellationToken cancel)
    {
        if (await RunAsync(campaign.Id, cancel) is { } stands)
        {
            if (GoesOn(stands, campaign)) return stands;
            await DropAsync(campaign, cancel);
        }

        var run = new ForecastRun(
            RandomNumberGenerator.GetHexString(8, lowercase: true), campaign.Epoch, time.UtcNowMs(),
            await audiences.FreezeAsync(campaign.Definition.Audience, cancel));
        var begun = await tables.CommitAsync(
            Tables.Campaigns, campaign.Id, [RowChange.Insert(Rows.ForecastRun, run, CoreJson.Unescaped.ForecastRun)], cancel);
        return begun.Committed ? run : await RunAsync(campaign.Id, cancel) ?? run; // Another request has begun: both go on with that.
    }

    private bool GoesOn(ForecastRun run, Campaign campaign) => run.Epoch == campaign.Epoch && time.GetUtcNow() - run.At < Stale;

    private ValueTask<ForecastRun?> RunAsync(string campaign, CancellationToken cancel) =>
        tables.ReadAsync(Tables.Campaigns, campaign, Rows.ForecastRun, CoreJson.Default.ForecastRun, cancel);

    // Null where another request has ended the run, with all that says how far it is.
    private async ValueTask<ForecastPart?> DecideAsync(
        Campaign campaign, ForecastRun run, char bucket, long started, CancellationToken cancel)
    {
        var name = Rows.ForecastPart(run.Generation, bucket);
        var (part, etag) = await PartAsync();
        while (part is { Done: false } && time.GetElapsedTime(started) < Turn)
        {
            var page = await audiences.PageAsync(run.Audience, bucket, part.After, Page, cancel);
            var counts = part.Counts.ToDictionary(c => (c.Verdict, c.Reason), c => c.Count);
            var bytes = await DecideAsync(campaign.Definition, page.Members, run.At, counts, cancel);
            var next = new ForecastPart(
                page.Next, page.Next is null, [.. counts.Select(c => new ForecastCount(c.Key.Verdict, c.Key.Reason, c.Value))]);
            var rows = new List<RowChange> { RowChange.Write(name, next, CoreJson.Default.ForecastPart, etag) };
            if (bytes.Length > 0) rows.Add(RowChange.Put(Rows.Foretold(run.Generation, page.Members[^1].Key.Value), bytes));
            var written = await tables.CommitAsync(Tables.Campaigns, campaign.Id, rows, cancel);
            if (written.Committed) (part, etag) = (next, written.ETags[0]);
            else (part, etag) = await PartAsync(); // Another request is at it too.
        }

        return part;

        async ValueTask<(ForecastPart? Part, string? ETag)> PartAsync()
        {
            var known = await tables.LoadAsync(Tables.Campaigns, campaign.Id, name, CoreJson.Default.ForecastPart, cancel);
            if (known.ETag is not null) return known;
            return (await RunAsync(campaign.Id, cancel) is { } stands && stands.Generation == run.Generation
                ? new ForecastPart(null, false, [])
                : null, null);
        }
    }

    private async ValueTask<byte[]> DecideAsync(
        CampaignDefinition definition, IReadOnlyList<AudienceMember> members, DateTimeOffset at,
        Dictionary<(Verdict, Reason), long> counts, CancellationToken cancel)
    {
        var (topic, bytes, i) = (TopicOf(definition), new byte[members.Count * ForetoldMembers.Entry], 0);
        foreach (var chunk in members.Chunk(RecordsAtOnce))
        {
            foreach (var (state, _) in await Task.WhenAll(chunk.Select(m => book.LoadAsync(m.Key, cancel).AsTask())))
            {
                var decision = DecisionRules.Decide(
                    new DecisionInput { State = state, Topic = topic, Channel = definition.Channel, Now = at, Options = options });
                counts[(decision.Verdict, decision.Reason)] = counts.GetValueOrDefault((decision.Verdict, decision.Reason)) + 1;
                ForetoldMembers.Write(bytes, i, members[i].Key, decision.Reason, state?.Ledger.Seq ?? 0);
                i++;
            }
        }

        return bytes;
    }

    private static CampaignForecast Sum(ForecastRun run, List<ForecastPart> parts)
    {
        var counts = parts.SelectMany(p => p.Counts).GroupBy(c => (c.Verdict, c.Reason)).ToDictionary(g => g.Key, g => g.Sum(c => c.Count));
        return new CampaignForecast(
            run.At, counts.Values.Sum(), counts.GetValueOrDefault((Verdict.Allow, Reason.Allowed)), By(counts, Verdict.Skip),
            By(counts, Verdict.Defer))
        {
            UnderWay = parts.Count(p => p.Done) < AudienceBuckets.All.Length,
        };
    }

    private Topic TopicOf(CampaignDefinition definition) => topics.Of(definition.Topic);

    private static Dictionary<string, long> By(Dictionary<(Verdict Verdict, Reason Reason), long> counts, Verdict verdict) =>
        counts.Where(c => c.Key.Verdict == verdict).ToDictionary(c => c.Key.Reason.Name(), c => c.Value);
}
