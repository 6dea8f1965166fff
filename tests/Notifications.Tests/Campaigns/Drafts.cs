using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;

namespace Notifications.Tests.Campaigns;

/// <summary>Campaigns as they are begun: the newsletter by mail to all who agreed to it, and what a test changes of that.</summary>
internal static class Drafts
{
    public static CampaignDefinition Newsletter(string name) => new()
    {
        Name = name,
        Topic = TopicKey.Newsletter,
        Channel = Channel.Email,
        Template = "newsletter",
        Audience = new Audience(TopicKey.Newsletter, Channel.Email),
    };

    public static async Task<Campaign> DraftAsync(
        this CampaignDesk desk, string name, Func<CampaignDefinition, CampaignDefinition>? with = null) =>
        await desk.CreateAsync(with?.Invoke(Newsletter(name)) ?? Newsletter(name), null, "service:test", default);
}
