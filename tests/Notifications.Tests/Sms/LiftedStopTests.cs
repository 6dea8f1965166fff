using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Packages;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>A STOP that was taken back by a word of its own: what was said before it raises nothing, whatever was said since.</summary>
public sealed class LiftedStopTests
{
    [Fact]
    public async Task P6_What_was_said_before_a_STOP_raises_nothing_once_a_second_one_was_taken_back()
    {
        var world = new PackagesWorld();
        var before = world.Clock.GetUtcNow();
        await StoppedTwiceAsync(world);
        var (result, state) = await world.Get<ConsentDesk>().OptInAsync(
            Phone, world.Get<TopicCatalog>().Find(TopicKey.Promotions)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Promotions, "list", "service:list") { Told = true, SaidAt = before },
            confirmed: true, null, default);
        Assert.Equal(ConsentResult.Overtaken, result);
        Assert.Equal(SubscriptionStatus.None, state.StatusOf(TopicKey.Promotions));
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData("START"), InlineData(TopicKey.Newsletter)]
    public async Task P6_R37_A_soft_opt_in_says_nothing_to_whom_has_stopped_everything_also_once_that_was_lifted(string by)
    {
        var world = new PackagesWorld();
        await world.TextAsync("STOP", world.Later());
        var at = world.Later();
        if (by == "START") await world.TextAsync(by, at);
        else await world.SubscribeAsync(Phone, by);
        Assert.Null((await world.StateAsync(Phone)).Stopped);
        var (result, state) = await world.Get<ConsentDesk>().SoftOptInAsync(
            Phone, world.Get<TopicCatalog>().Find(TopicKey.Promotions)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Promotions, SoftOptIn.SourceOf("shop"), "service:shop"), null, default);
        Assert.Equal(ConsentResult.Unchanged, result);
        Assert.Equal(SubscriptionStatus.None, state.StatusOf(TopicKey.Promotions));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task P6_R65_A_STOP_that_comes_late_makes_nothing_newer_that_was_said_before_a_later_one(bool lifted)
    {
        var world = new PackagesWorld();
        var (early, between) = (world.Later(), world.Later());
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.SubscribeAsync(Phone, TopicKey.Newsletter);
        world.Later();
        await world.TextAsync("STOP", early);
        if (lifted) await world.TextAsync("START", world.Later());
        Assert.Equal(lifted, (await world.StateAsync(Phone)).Stopped is null);
        var (result, state) = await world.Get<ConsentDesk>().OptInAsync(
            Phone, world.Get<TopicCatalog>().Find(TopicKey.Promotions)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Promotions, "list", "service:list") { Told = true, SaidAt = between },
            confirmed: true, null, default);
        Assert.Equal(ConsentResult.Overtaken, result);
        Assert.NotEqual(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Promotions));
    }

    // STOP, then a choice that lifts it, then STOP again, which the person takes back on their page.
    private static async Task StoppedTwiceAsync(PackagesWorld world)
    {
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.SubscribeAsync(Phone, TopicKey.Newsletter);
        await world.TextAsync("STOP", world.Later());
        world.Later();
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Phone), null,
            (state, _) => Transitions.Resume(state, new LedgerDraft(LedgerAction.Resume, LedgerDraft.AllTopics, "page", "person")), null,
            default);
    }
}
