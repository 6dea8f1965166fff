using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Sms;

/// <summary>
/// One message of ours that a YES can answer: it asked about topics, or about one package. What was chosen for the phone without a message
/// that names it is no question (R30).
/// </summary>
/// <param name="Asked">When it was asked.</param>
/// <param name="Topics">The topics; empty where it is about a package.</param>
/// <param name="Package">The package, or null.</param>
internal sealed record OpenQuestion(DateTimeOffset Asked, string[] Topics, string? Package = null)
{
    /// <summary>
    /// The questions that were open at a moment, the newest first; each as it had been asked by then, for what goes out while an answer is
    /// on its way takes nothing from it. Every message about topics asks about all that wait, so what had been asked about by then stands
    /// in the newest of that time. No message names a topic that is not in the settings any more.
    /// </summary>
    public static OpenQuestion[] Of(
        AddressState state, IReadOnlyList<(string Number, DateTimeOffset Asked)> packages, TopicCatalog catalog, DateTimeOffset at) =>
    [
        .. state.Subscriptions
            .Where(s => s.WaitedAt(at) is not null && catalog.Find(s.Topic) is not null && state.IsOpen(s.AskedBy(at), at))
            .GroupBy(s => s.AskedBy(at)!.Value, (asked, topics) => new OpenQuestion(asked, [.. topics.Select(s => s.Topic)]))
            .Concat(packages.Select(p => new OpenQuestion(p.Asked, [], p.Number)))
            .OrderByDescending(q => q.Asked),
    ];
}
