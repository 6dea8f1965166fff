using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Web.Consent;

/// <summary>How one topic stands on one address.</summary>
/// <param name="Topic">The topic's key.</param>
/// <param name="Name">What people call the topic.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Since">Since when it stands there; null where nothing was ever said.</param>
/// <param name="Source">Where that was said; null where nothing was ever said.</param>
/// <param name="PolicyVersion">The version of the privacy policy that the last opt-in was given under.</param>
internal sealed record SubscriptionView(
    string Topic,
    string? Name,
    Channel Channel,
    SubscriptionStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? Since,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source,
    string? PolicyVersion)
{
    /// <summary>
    /// As a send would see it; an opt-in that waits for its confirmation shows as pending, also over a stop of before it, unless a
    /// consent holds meanwhile.
    /// </summary>
    public static SubscriptionView Of(AddressState? state, Channel channel, Topic topic)
    {
        var said = state?.Find(topic.Key);
        if (said?.Unconfirmed is { } waits && state!.ShownStatusOf(topic.Key) == SubscriptionStatus.Pending)
            return new(topic.Key, topic.Name, channel, SubscriptionStatus.Pending, waits.Since, waits.Source, waits.PolicyVersion);
        if (state?.Stopped is { } stopped)
            return new(
                topic.Key, topic.Name, channel, SubscriptionStatus.Unsubscribed,
                said?.Status == SubscriptionStatus.Unsubscribed ? said.Since : stopped.Since,
                said?.Status == SubscriptionStatus.Unsubscribed ? said.Source : stopped.Source, said?.PolicyVersion);
        // A STOP by text that was taken back since had taken back what waited.
        if (said?.Status == SubscriptionStatus.Pending)
            return state!.StatusOf(topic) == SubscriptionStatus.None
                ? new(topic.Key, topic.Name, channel, SubscriptionStatus.None, null, null, null)
                : new(
                    topic.Key, topic.Name, channel, SubscriptionStatus.Unsubscribed, state.LiftedStop, ConsentSource.Sms,
                    said.PolicyVersion);
        if (state?.StatusOf(topic) == SubscriptionStatus.Unsubscribed && said?.Status != SubscriptionStatus.Unsubscribed)
            return new(
                topic.Key, topic.Name, channel, SubscriptionStatus.Unsubscribed, state.ObjectedAt, Objection.Source, said?.PolicyVersion);
        return new(topic.Key, topic.Name, channel, said?.Status ?? SubscriptionStatus.None, said?.Since, said?.Source, said?.PolicyVersion);
    }
}
