using System.Globalization;
using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>
/// An objection to direct marketing (R36; GDPR, article 21(2) and (3)). It stops every marketing topic there is and stands, as
/// <see cref="AddressState.ObjectedAt"/>, against those that come later or come back, against a soft opt-in, and against whatever was
/// agreed to before it. What the person asks for after it, and confirms, holds for what they asked for.
/// </summary>
public static class Objection
{
    /// <summary>The source of the stops that come of it.</summary>
    public const string Source = "objection";

    private const string Moves = "~objection"; // No topic can have such a key.

    /// <summary>The person objects, to topics that nothing was ever said of too.</summary>
    public static Change Say(AddressState state, TopicCatalog topics, DateTimeOffset at, string actor, DateTimeOffset now) =>
        Transitions.StopMarketing(state, topics.Marketing, at, actor, now);

    /// <summary>
    /// What the same person objected to at another address comes along to this one: of what is said here, it stops what is older.
    /// </summary>
    public static Change Carry(AddressState state, TopicCatalog topics, DateTimeOffset at, string actor, DateTimeOffset now) =>
        Transitions.StopMarketing(state, topics.Marketing.Where(t => state.Find(t) is not null), at, actor, now);

    /// <summary>Among the stops that come with a changed address (R33): its holder had objected, at that moment.</summary>
    public static string Moving(DateTimeOffset at) => $"{Moves}@{at.ToUnixTimeMilliseconds()}";

    /// <summary>
    /// When the objection was said that such a stop tells of; null where it is a topic. One that does not tell counts from
    /// <paramref name="asked"/>, when the address was changed.
    /// </summary>
    public static DateTimeOffset? MovedAt(string stop, DateTimeOffset asked)
    {
        if (!stop.StartsWith(Moves, StringComparison.Ordinal)) return null;
        var told = long.TryParse(stop.AsSpan(Moves.Length).TrimStart('@'), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && at < asked.ToUnixTimeMilliseconds();
        return told ? DateTimeOffset.FromUnixTimeMilliseconds(at) : asked;
    }

    /// <summary>
    /// The evidence of its ledger entry: when it was said, for an entry that came along says nothing of that by its own time.
    /// </summary>
    internal static string Evidence(DateTimeOffset at) => $$"""{"at":"{{at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}}"}""";

    /// <summary>When an entry's objection was said.</summary>
    internal static DateTimeOffset SaidAt(LedgerEntry entry) => LedgerEvidence.MomentIn(entry.Detail?.Evidence, "at") ?? entry.At;
}
