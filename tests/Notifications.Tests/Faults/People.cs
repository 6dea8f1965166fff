using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Faults;

/// <summary>Who agrees and who leaves, by a link and at some time.</summary>
internal sealed class People(Stage stage, IServiceProvider services, Truth truth, List<string> broken)
{
    /// <summary>What people have agreed to.</summary>
    public static readonly string[] Topics = [TopicKey.Newsletter, TopicKey.Promotions];

    /// <summary>How many opt-outs were answered.</summary>
    public int OptOuts { get; private set; }

    public static Address Person(int number) => new(Channel.Email, $"person{number}@example.com");

    /// <summary>Agrees, leaves, and now and then comes back.</summary>
    public async Task PersonAsync(int person)
    {
        foreach (var topic in Topics) await AgreeAsync(person, topic);
        await stage.StepAsync(stage.Random.Next(40));
        var left = Topics[stage.Random.Next(Topics.Length)];
        await LeaveAsync(FaultWorld.Ring.KeyOf(Person(person)), left, null);
        if (stage.Random.Next(3) == 0) await AgreeAsync(person, left);
    }

    /// <summary>Leaves while the campaign is sent, some with the link of the very message.</summary>
    public async Task ReaderAsync(int reader)
    {
        await stage.StepAsync(stage.Random.Next(2500));
        var key = FaultWorld.Reader(reader);
        await LeaveAsync(
            key, TopicKey.Newsletter,
            stage.Random.Next(2) == 0
                ? services.GetRequiredService<MessageIds>().Derive(key, CampaignBatches.Seed(FaultWorld.Campaign)).Suffix
                : null);
    }

    private async Task AgreeAsync(int person, string topic) =>
        await stage.InsistAsync(() => services.GetRequiredService<ConsentDesk>().OptInAsync(
            Person(person),
            services.GetRequiredService<TopicCatalog>().Find(topic)!,
            new LedgerDraft(LedgerAction.OptIn, topic, "form", "person") { PolicyVersion = "1" }, confirmed: true, null, default));

    private async Task LeaveAsync(AddressKey key, string topic, string? message)
    {
        var token = new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = topic, Message = message };
        var scope = stage.Random.Next(3) == 0 ? UnsubscribeScope.All : UnsubscribeScope.Named;
        await stage.InsistAsync(() => services.GetRequiredService<Unsubscriber>().StopAsync(token, scope, "one-click", default));
        OptOuts++;
        if (truth.State(key.Value)!.StatusOf(topic) != SubscriptionStatus.Unsubscribed)
            broken.Add($"P4: {key} was told that {topic} has stopped, and it has not.");

        // In place of what the index does in the background. Where it never comes, the index is stale as after a crash.
        if (stage.Random.Next(3) > 0)
            await stage.InsistAsync(() => services.GetRequiredService<AudienceIndex>().SettleAsync(key, topic, Channel.Email, default));
    }
}
