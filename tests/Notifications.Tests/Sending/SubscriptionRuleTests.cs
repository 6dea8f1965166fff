using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Tests.Sending;

/// <summary>A followed package and a stop: which was said later, and about what (R54, M1).</summary>
public sealed class SubscriptionRuleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly TopicCatalog Topics = new();

    [Theory]
    [InlineData(-1, Reason.Unsubscribed)]
    [InlineData(0, Reason.Unsubscribed)]
    [InlineData(1, Reason.Allowed)]
    public void R54_After_no_updates_any_more_only_a_package_that_was_followed_later_speaks(int seconds, Reason reason)
    {
        var input = About(SubscriptionStatus.Unsubscribed, WatchStatus.Active) with { WatchSince = Noon.AddSeconds(seconds) };
        Assert.Equal(reason, Decide(input));
        if (reason != Reason.Allowed) return;
        Assert.Equal(Reason.Unsubscribed, Decide(input with { AboutPackage = false }));
        Assert.Equal(Reason.Unsubscribed, Decide(input with { Watch = WatchStatus.Pending }));
        Assert.Equal(Reason.Unsubscribed, Decide(input with { Watch = WatchStatus.Unwatched }));
        // Whenever that was.
        Assert.Equal(
            Reason.Unsubscribed, Decide(input with { State = input.State! with { Stopped = new StopAll(Noon.AddDays(-1), "sms") } }));
        Assert.Equal(
            Reason.Unsubscribed,
            Decide(
                input with
                {
                    Topic = Topics.Find(TopicKey.Promotions)!,
                    State = input.State!.With(new Subscription(TopicKey.Promotions, SubscriptionStatus.Unsubscribed, Noon, "link")),
                }));
    }

    [Theory]
    [InlineData(SubscriptionStatus.None, null, Reason.NoConsent)]
    [InlineData(SubscriptionStatus.None, WatchStatus.Active, Reason.Allowed)]
    [InlineData(SubscriptionStatus.None, WatchStatus.Pending, Reason.Unconfirmed)]
    [InlineData(SubscriptionStatus.None, WatchStatus.Unwatched, Reason.PackageUnwatched)]
    [InlineData(SubscriptionStatus.Pending, WatchStatus.Active, Reason.Allowed)]
    [InlineData(SubscriptionStatus.Pending, WatchStatus.Pending, Reason.Unconfirmed)]
    [InlineData(SubscriptionStatus.Subscribed, null, Reason.Allowed)]
    [InlineData(SubscriptionStatus.Subscribed, WatchStatus.Pending, Reason.Allowed)] // Every package's updates are agreed to.
    [InlineData(SubscriptionStatus.Subscribed, WatchStatus.Unwatched, Reason.PackageUnwatched)]
    public void R54_An_update_goes_out_by_the_topics_word_or_the_packages_and_not_against_the_packages(
        SubscriptionStatus topic, WatchStatus? watch, Reason reason) =>
        Assert.Equal(reason, Decide(About(topic, watch)));

    [Fact]
    public void R54_A_waiting_watch_is_no_reason_of_another_topic()
    {
        var input = About(SubscriptionStatus.None, WatchStatus.Pending);
        Assert.Equal(Reason.NoConsent, Decide(input with { Topic = Topics.Find(TopicKey.Promotions)! }));
    }

    [Fact]
    public void R28_Where_it_was_not_kept_when_the_question_was_asked_the_answer_waits_since_the_sign_up()
    {
        var waits = About(SubscriptionStatus.Pending, null) with { AboutPackage = false, Purpose = MessagePurpose.Confirmation };
        foreach (var (seconds, reason) in ((int, Reason)[])[(-1, Reason.Allowed), (0, Reason.Unsubscribed)])
            Assert.Equal(
                reason, Decide(waits with { State = waits.State! with { Stopped = new StopAll(Noon.AddSeconds(seconds), "sms") } }));
        // Lifted since or not: nobody is asked about what a stop took back.
        foreach (var (seconds, reason) in ((int, Reason)[])[(-1, Reason.Allowed), (0, Reason.Unsubscribed)])
            Assert.Equal(reason, Decide(waits with { State = waits.State! with { LiftedStop = Noon.AddSeconds(seconds) } }));
        Assert.Equal(Reason.Unconfirmed, Decide(waits with { State = null }));
        Assert.Equal(
            Reason.Unconfirmed,
            Decide(About(SubscriptionStatus.Subscribed, null) with { AboutPackage = false, Purpose = MessagePurpose.Confirmation }));
    }

    private static Reason Decide(DecisionInput input) => DecisionRules.Decide(input).Reason;

    private static DecisionInput About(SubscriptionStatus topic, WatchStatus? watch) => new()
    {
        State = new AddressState
        {
            Channel = Channel.Email,
            Value = "ana@example.com",
            Subscriptions = topic == SubscriptionStatus.None
                ? []
                : [new Subscription(TopicKey.PackageUpdates, topic, Noon, "form", "2026-01-01")],
        },
        Topic = Topics.Find(TopicKey.PackageUpdates)!,
        Channel = Channel.Email,
        Now = Noon.AddHours(1),
        AboutPackage = true,
        Watch = watch,
        WatchSince = watch is null ? null : Noon.AddMinutes(-1),
        Options = new SendingOptions(),
    };
}
