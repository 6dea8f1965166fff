using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>What is told of a message whose record is no longer kept: never that it waits, where it may have been sent.</summary>
public sealed class PurgedTests
{
    [Fact]
    public async Task P2_A_message_whose_record_was_purged_is_not_said_to_wait()
    {
        var product = new ProductFixture { Configure = o => o.Privacy.MessageDays = 30 };
        await product.InitializeAsync();
        try
        {
            var sent = await product.PostAsync(
                "/v1/messages",
                new { topic = "newsletter", to = new { email = "purged@example.com" }, content = new { subject = "s", text = "t" } },
                "purged-1");
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromDays(31));
            Assert.Equal(1, (await product.Get<Retention>().RunAsync(default)).Messages);

            var view = await product.GetAsync("/v1/messages/" + sent["id"]);
            Assert.Contains("30 days", view["note"], StringComparison.Ordinal);
            var why = await product.GetAsync($"/v1/explain?email=purged@example.com&messageId={sent["id"]}");
            Assert.Contains("30 days", why["text"], StringComparison.Ordinal);
        }
        finally
        {
            await product.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false, MessageStatus.Sent, Reason.Allowed)]
    [InlineData(true, MessageStatus.Skipped, Reason.PolicyOutdated)]
    public async Task P2_What_came_of_a_campaigns_recipient_is_told_from_its_batch_when_the_record_is_purged(
        bool outdated, MessageStatus status, Reason reason)
    {
        var world = new CampaignWorld(o => (o.Privacy.MessageDays, o.Sending.RequiredPolicyVersion) = (30, outdated ? "2" : null));
        var address = CampaignWorld.Person(0);
        await world.SubscribeAsync(0, 2);
        var draft = await world.LaunchAsync();
        await world.CompleteAsync(draft.Id);
        world.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(2, (await world.Get<Retention>().RunAsync(default)).Messages);

        var (campaign, topic) = ((await world.Desk.FindAsync(draft.Id, default))!, world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!);
        var why = await world.Get<Explainer>().CampaignAsync(address, campaign, topic, default);
        Assert.Equal((status, reason, outdated ? Verdict.Skip : Verdict.Allow), (why.Status!.Value, why.Reason, why.Decision!.Value));
        Assert.DoesNotContain("waits", why.Text, StringComparison.Ordinal);
        Assert.Contains("no longer kept", why.Text, StringComparison.Ordinal);
    }
}
