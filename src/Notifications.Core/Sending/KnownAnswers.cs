namespace Notifications.Sending;

/// <summary>
/// What came of hand-offs, as far as this process knows it and the store did not take it: its disk was full, or it was away. Whoever comes
/// to such a message again writes that down, and need not ask whether the provider has it (P5). Kept while the process lives, the newest so
/// many: no claim is written either while the store takes nothing, so there are no more than were under way.
/// </summary>
internal sealed class KnownAnswers
{
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownAnswer> _answers = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>The answer that a claim of this process had; null where none is kept.</summary>
    public KnownAnswer? Find(Claim claim)
    {
        lock (_gate) return _answers.TryGetValue(claim.Attempt, out var known) ? known : null;
    }

    public void Keep(Claim claim, KnownAnswer known)
    {
        lock (_gate)
        {
            if (!_answers.TryAdd(claim.Attempt, known)) return;
            _order.Enqueue(claim.Attempt);
            if (_order.Count > Most) _answers.Remove(_order.Dequeue());
        }
    }

    public void Forget(Claim claim)
    {
        lock (_gate) _answers.Remove(claim.Attempt);
    }
}

/// <summary>What a provider did with a message, and when it said so.</summary>
internal readonly record struct KnownAnswer(HandOff Answer, DateTimeOffset At);
