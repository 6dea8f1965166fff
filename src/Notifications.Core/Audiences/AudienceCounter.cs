using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Audiences;

/// <summary>
/// Counts an audience by what the rules of a send say of each member's record at this moment. Several buckets are walked at a time, a page
/// of each in memory, so a million members take no more room than a thousand. Reads, and writes nothing.
/// </summary>
public sealed class AudienceCounter(AudienceReader reader, AddressBook book, TopicCatalog topics, SendingOptions options, TimeProvider time)
{
    private const int Page = 500;
    private const int RecordsAtOnce = 8;
    private static readonly int BucketsAtOnce = Math.Clamp(Environment.ProcessorCount * 2, 4, 16);

    /// <summary>Walks the whole audience. Cancelling stops within a page.</summary>
    /// <param name="audience">Whom to count.</param>
    /// <param name="cancel">Stops the count.</param>
    /// <param name="topic">What would be sent, where that is another topic than the one they are subscribed to; null for that one.</param>
    /// <exception cref="AudienceException">A segment or list is not there.</exception>
    public async ValueTask<AudienceCount> CountAsync(Audience audience, CancellationToken cancel, string? topic = null)
    {
        var frozen = await reader.FreezeAsync(audience, cancel);
        var total = new Tally();
        await Parallel.ForEachAsync(
            AudienceBuckets.All, new ParallelOptions { MaxDegreeOfParallelism = BucketsAtOnce, CancellationToken = cancel },
            async (bucket, stop) =>
            {
                var part = await CountAsync(frozen, bucket, topic ?? audience.Topic, stop);
                lock (total) total.Add(part);
            });
        return total.Result();
    }

    private async ValueTask<Tally> CountAsync(Audience audience, char bucket, string topic, CancellationToken cancel)
    {
        var tally = new Tally();
        string? after = null;
        do
        {
            var page = await reader.PageAsync(audience, bucket, after, Page, cancel);
            foreach (var chunk in page.Members.Chunk(RecordsAtOnce))
            {
                var records = await Task.WhenAll(chunk.Select(m => book.LoadAsync(m.Key, cancel).AsTask()));
                foreach (var (state, _) in records) tally.Add(Decide(topic, audience.Channel, state));
            }

            after = page.Next;
        }
        while (after is not null);

        return tally;
    }

    /// <summary>What the rules say of one record: the same that a campaign's message to it would be asked.</summary>
    private Decision Decide(string topic, Channel channel, AddressState? state) =>
        DecisionRules.Decide(new DecisionInput
        {
            State = state,
            Topic = topics.Of(topic),
            Channel = channel,
            Now = time.UtcNowMs(),
            Options = options,
        });

    /// <summary>Counts by verdict and reason, without a dictionary look-up per member.</summary>
    private sealed class Tally
    {
        private readonly long[] _skipped = new long[Enum.GetValues<Reason>().Length + 1];
        private readonly long[] _deferred = new long[Enum.GetValues<Reason>().Length + 1];
        private long _allowed;

        public void Add(in Decision decision)
        {
            if (decision.Verdict == Verdict.Allow) _allowed++;
            else (decision.Verdict == Verdict.Skip ? _skipped : _deferred)[(int)decision.Reason]++;
        }

        public void Add(Tally other)
        {
            _allowed += other._allowed;
            for (var i = 0; i < _skipped.Length; i++)
            {
                _skipped[i] += other._skipped[i];
                _deferred[i] += other._deferred[i];
            }
        }

        public AudienceCount Result() =>
            new(_allowed + _skipped.Sum() + _deferred.Sum(), _allowed, ByReason(_skipped), ByReason(_deferred));

        private static Dictionary<Reason, long> ByReason(long[] counts)
        {
            var found = new Dictionary<Reason, long>();
            for (var i = 0; i < counts.Length; i++)
                if (counts[i] > 0) found[(Reason)i] = counts[i];
            return found;
        }
    }
}
