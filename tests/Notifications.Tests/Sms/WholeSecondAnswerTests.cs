using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Tests.Packages;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>Texts whose carrier tells the second alone, within the second of what they answer.</summary>
public sealed class WholeSecondAnswerTests
{
    [Fact]
    public async Task R49_A_YES_confirms_what_was_asked_in_its_own_second_and_with_a_fraction_of_before_the_question_nothing()
    {
        var (world, second) = At(300);
        await world.SignUpAsync(TopicKey.Newsletter);
        At(world, second, 700);
        await world.TextAsync("YES", second.AddMilliseconds(200));
        Assert.Equal(SubscriptionStatus.Pending, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
        await world.TextAsync("YES", second);
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R49_So_it_does_a_package()
    {
        var (world, second) = At(300);
        await world.FollowAsync();
        At(world, second, 700);
        await world.TextAsync("YES", second);
        Assert.Equal(WatchStatus.Active, Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default)).Watch.Status);
    }

    [Fact]
    public async Task P6_R43_A_STOP_of_the_second_of_a_sign_up_answers_it_and_a_YES_of_the_second_of_a_stop_lifts_nothing()
    {
        var (world, second) = At(300);
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.TextAsync("YES", world.Clock.GetUtcNow());
        At(world, second, 600);
        await world.TextAsync("STOP", second);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));

        At(world, second, 20_300); // Within ten seconds it would be the same stop.
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(Phone), null,
            (s, now) => Transitions.StopAll(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, "form", "person"), now),
            null, default);
        At(world, second, 20_600);
        await world.TextAsync("YES", second.AddSeconds(20));
        Assert.NotNull((await world.StateAsync(Phone)).Stopped);
    }

    private static (PackagesWorld World, DateTimeOffset Second) At(int ms)
    {
        var world = new PackagesWorld();
        var second = world.Clock.GetUtcNow();
        At(world, second, ms);
        return (world, second);
    }

    private static void At(PackagesWorld world, DateTimeOffset second, int ms) => world.Clock.SetUtcNow(second.AddMilliseconds(ms));
}
