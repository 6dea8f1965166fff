using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Sending;

/// <summary>
/// What an address's record remembers of its own sends: for frequency caps when something was claimed, and which text carries the
/// programme's terms.
/// </summary>
internal sealed class RememberedSends(SendingOptions options, TopicCatalog topics)
{
    // As far back as the widest cap of any topic looks, whichever topic is sent.
    private readonly int _days = Math.Max(options.MarketingCapDays, topics.All.Max(t => t.CapCount > 0 ? t.CapDays : 0));

    /// <summary>The record with this send in it.</summary>
    public AddressState With(AddressState state, MessageId id, Topic topic, SendRequest request, DateTimeOffset now) =>
        request.Purpose == MessagePurpose.Notification ? Introduced(Counted(state, id, topic, now), id, topic, request) : state;

    /// <summary>The record without an earlier claim of this very message, which must not hold back its next attempt.</summary>
    public static AddressState Without(AddressState state, MessageId id) =>
        Array.Exists(state.Recent, r => r.Message == id.Suffix)
            ? state with { Recent = Array.FindAll(state.Recent, r => r.Message != id.Suffix) }
            : state;

    /// <summary>The record without anything of this message, which did not go out after all.</summary>
    public static AddressState Forgotten(AddressState state, MessageId id, Topic topic)
    {
        state = Without(state, id);
        return state.Find(topic.Key) is { } held && held.WithoutIntroduction(id.Suffix) is var given && !ReferenceEquals(given, held)
            ? state.With(given)
            : state;
    }

    /// <summary>
    /// The record once a provider has said what became of a message: where it carried the terms and did not arrive, the next text does. The
    /// same reports in any order leave the same (R65).
    /// </summary>
    public static AddressState Reported(AddressState state, string message, MessageRecord record)
    {
        if (record.Status is not (MessageStatus.Delivered or MessageStatus.Failed or MessageStatus.Bounced)) return state;
        return state.Find(record.Topic) is { } held
            && held.WithIntroduction(message, record.Status == MessageStatus.Delivered) is var given
            && !ReferenceEquals(given, held)
            ? state.With(given)
            : state;
    }

    private AddressState Counted(AddressState state, MessageId id, Topic topic, DateTimeOffset now)
    {
        if (topic.CapCount == 0 && !(topic.IsMarketing && options.MarketingCapCount > 0)) return state;
        var oldest = now.AddDays(-_days);
        return state with
        {
            Recent = [.. state.Recent.Where(r => r.At > oldest), new RecentSend(topic.Key, now, id.Suffix, !topic.IsMarketing)],
        };
    }

    // The first marketing text after a consent carries the programme's terms (R53): the record says which one, so its retries carry them
    // too.
    private static AddressState Introduced(AddressState state, MessageId id, Topic topic, SendRequest request) =>
        request.Channel == Channel.Sms && topic.IsMarketing && state.Find(topic.Key) is { IntroducedBy: null or ['!', ..] } subscription
            ? state.With(subscription with { IntroducedBy = id.Suffix })
            : state;
}
