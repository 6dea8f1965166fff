using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>
/// What an address's record keeps of its sends: as much as caps need, and the message that carried a programme's terms (R53).
/// </summary>
public sealed class RememberedSendsTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    [Fact]
    public async Task A_send_is_forgotten_at_the_moment_it_leaves_the_widest_window_that_any_cap_looks_through()
    {
        // "free" has a wide window and no cap: nothing looks through it.
        var world = new World(
            new SendingOptions { MarketingCapDays = 1 },
            [
                new Topic { Key = "capped", CapCount = 9, CapDays = 10 }, new Topic { Key = "narrow", CapCount = 9, CapDays = 2 },
                new Topic { Key = "free", CapDays = 300 },
            ]);
        await world.SubscribeAsync(Ana, "capped");
        await SendAsync(world, "capped");
        world.Time.Advance(TimeSpan.FromDays(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await SendAsync(world, "capped"));
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await SendAsync(world, "capped")); // The second and this one.
    }

    [Fact]
    public async Task The_cap_over_all_marketing_counts_marketing_and_the_cap_of_a_topic_that_topic_and_neither_what_is_no_notification()
    {
        var world = new World(
            new SendingOptions { MarketingCapCount = 9 }, [new Topic { Key = "notices", Kind = TopicKind.Transactional, CapCount = 9 }]);
        foreach (var (topic, remembered) in ((string, int)[])[(TopicKey.PackageUpdates, 0), (TopicKey.Newsletter, 1), ("notices", 2)])
        {
            await world.SubscribeAsync(Ana, topic);
            Assert.Equal(remembered, await SendAsync(world, topic));
        }

        Assert.Equal(2, await SendAsync(world, TopicKey.Newsletter, MessagePurpose.Test));
        Assert.Equal(4, world.Email.HandOffs);
        world.Options.MarketingCapCount = 0;
        Assert.Equal(2, await SendAsync(world, TopicKey.Newsletter));
        Assert.Equal(3, await SendAsync(world, "notices"));
    }

    [Fact]
    public async Task P2_A_package_update_that_its_own_cap_remembers_uses_up_nothing_of_the_cap_over_all_marketing()
    {
        var world = new World(
            new SendingOptions { MarketingCapCount = 1 },
            [new Topic { Key = TopicKey.PackageUpdates, Kind = TopicKind.Transactional, CapCount = 2 }]);
        foreach (var topic in (string[])[TopicKey.PackageUpdates, TopicKey.Newsletter]) await world.SubscribeAsync(Ana, topic);
        Assert.Equal(1, await SendAsync(world, TopicKey.PackageUpdates));
        Assert.Equal(2, await SendAsync(world, TopicKey.Newsletter)); // Sent.
        Assert.Equal(2, await SendAsync(world, TopicKey.Newsletter)); // Put off.
        Assert.Equal(3, await SendAsync(world, TopicKey.PackageUpdates));
        Assert.Equal(3, await SendAsync(world, TopicKey.PackageUpdates)); // Its own cap counts it.
        Assert.Equal(3, world.Email.HandOffs);
    }

    [Fact]
    public async Task R53_The_first_marketing_text_after_a_consent_introduces_the_programme_and_nothing_else_does()
    {
        var world = new World();
        world.Time.Advance(TimeSpan.FromHours(8)); // Day in every zone of the United States.
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        await world.Dispatcher.SendAsync(world.Request(Phone, TopicKey.PackageUpdates), false, default);
        await world.Dispatcher.SendAsync(world.Request(Phone, TopicKey.Promotions) with { Purpose = MessagePurpose.Test }, false, default);
        Assert.Equal(2, world.Sms.HandOffs);
        Assert.Null(await IntroducedByAsync(world, TopicKey.PackageUpdates));
        Assert.Null(await IntroducedByAsync(world, TopicKey.Promotions));

        var first = world.Request(Phone, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(first, false, default);
        Assert.EndsWith(await IntroducedByAsync(world, TopicKey.Promotions), first.Id, StringComparison.Ordinal);
        world.Sms.Answer = _ => HandOff.Rejected("no"); // That a later one is refused does not undo what has arrived.
        await world.Dispatcher.SendAsync(world.Request(Phone, TopicKey.Promotions), false, default);
        Assert.EndsWith(await IntroducedByAsync(world, TopicKey.Promotions), first.Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R53_Where_the_first_text_is_refused_the_next_carries_the_terms_and_what_was_said_meanwhile_stands()
    {
        var world = new World();
        world.Time.Advance(TimeSpan.FromHours(8));
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        world.Sms.Answer = _ => HandOff.Rejected("no");
        await world.Dispatcher.SendAsync(world.Request(Phone, TopicKey.Promotions), false, default);
        Assert.Null(await IntroducedByAsync(world, TopicKey.Promotions));
        world.Sms.Answer = _ => HandOff.Accepted("ok");
        var next = world.Request(Phone, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(next, false, default);
        Assert.EndsWith(await IntroducedByAsync(world, TopicKey.Promotions), next.Id, StringComparison.Ordinal);
        Assert.Equal(
            SubscriptionStatus.Subscribed,
            (await world.StateAsync(Phone)).StatusOf(TopicKey.Promotions));
    }

    [Fact]
    public async Task What_never_went_out_uses_up_nothing_of_a_cap()
    {
        (string Why, HandOff Answer, SendingOptions Options)[] ends =
        [
            ("rejected", HandOff.Rejected("no"), new SendingOptions { MarketingCapCount = 1 }),
            (
                "given up", HandOff.Unavailable("down", TimeSpan.FromMinutes(1)),
                new SendingOptions { MarketingCapCount = 1, MaxAttempts = 1 }),
            ("skipped", HandOff.Throttled(TimeSpan.FromMinutes(1)), new SendingOptions { MarketingCapCount = 1 }),
        ];
        foreach (var (why, answer, options) in ends)
        {
            var world = new World(options);
            await world.SubscribeAsync(Ana, TopicKey.Newsletter);
            await world.SubscribeAsync(Ana, TopicKey.Promotions);
            world.Email.Answer = _ => answer;
            var first = world.Request(Ana, TopicKey.Newsletter);
            await world.Dispatcher.SendAsync(first, false, default);
            if (why == "skipped")
            {
                await world.OptOutAsync(Ana, TopicKey.Newsletter);
                world.Time.Advance(TimeSpan.FromMinutes(1));
                await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
            }

            Assert.Equal(why, (await world.RecordAsync(first))!.Timeline[^1].Event);
            world.Email.Answer = _ => HandOff.Accepted("ok");
            var second = world.Request(Ana, TopicKey.Promotions);
            await world.Dispatcher.SendAsync(second, false, default);
            Assert.Equal((why, MessageStatus.Sent), (why, (await world.RecordAsync(second))!.Status));
        }
    }

    [Fact]
    public async Task R53_While_the_first_text_waits_the_one_that_arrives_first_carries_the_terms_and_the_other_does_not()
    {
        var world = new World();
        world.Time.Advance(TimeSpan.FromHours(8));
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        world.Sms.Answer = n => n == 1 ? HandOff.Throttled(TimeSpan.FromMinutes(5)) : HandOff.Accepted("ok");
        var (first, second) = (world.Request(Phone, TopicKey.Promotions), world.Request(Phone, TopicKey.Promotions));
        await world.Dispatcher.SendAsync(first, false, default);
        await world.Dispatcher.SendAsync(second, false, default);
        Assert.EndsWith(await IntroducedByAsync(world, TopicKey.Promotions), second.Id, StringComparison.Ordinal);
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal([first.Id, second.Id, first.Id], world.Sms.Texts.Select(t => t.Id.ToString()));
        Assert.Equal(world.Sms.Texts[0].Text.Length, world.Sms.Texts[1].Text.Length); // Either would have carried them.
        Assert.True(world.Sms.Texts[2].Text.Length < world.Sms.Texts[1].Text.Length);
    }

    [Fact]
    public async Task R53_A_text_whose_answer_was_lost_may_have_carried_the_terms()
    {
        var world = new World();
        world.Time.Advance(TimeSpan.FromHours(8));
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        world.Sms.Deduplicates = true;
        world.Sms.Answer = _ => HandOff.Unknown("lost") with { RetryAfter = TimeSpan.FromMinutes(2) };
        var first = world.Request(Phone, TopicKey.Promotions);
        await world.Dispatcher.SendAsync(first, false, default);
        Assert.EndsWith(await IntroducedByAsync(world, TopicKey.Promotions), first.Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task What_waits_uses_up_nothing_of_a_cap_and_costs_no_more_reads_and_commits_than_an_acceptance(int cap)
    {
        var world = new World(new SendingOptions { MarketingCapCount = cap });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var (before, costs) = (world.Store.Operations, new List<int>());
        foreach (var answer in (HandOff[])[HandOff.Throttled(TimeSpan.FromMinutes(5)), HandOff.Accepted("ok")])
        {
            world.Email.Answer = _ => answer;
            var request = world.Request(Ana, TopicKey.Newsletter);
            await world.Dispatcher.SendAsync(request, false, default);
            costs.Add(world.Store.Operations - before);
            before = world.Store.Operations;
            if (answer.Result == HandOffResult.Accepted) Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
        }

        Assert.Equal(costs[1], costs[0]);
    }

    [Fact]
    public async Task What_waits_uses_up_nothing_of_a_cap_also_where_the_person_has_said_something_while_it_was_offered()
    {
        var world = new World(new SendingOptions { MarketingCapCount = 1 });
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        world.Email.Answer = _ =>
        {
            world.SubscribeAsync(Ana, TopicKey.Promotions).GetAwaiter().GetResult();
            return HandOff.Throttled(TimeSpan.FromMinutes(5));
        };
        var request = world.Request(Ana, TopicKey.Newsletter);
        await world.Dispatcher.SendAsync(request, false, default);
        var state = await world.StateAsync(Ana);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Promotions));
        Assert.Empty(state.Recent);
        Assert.Equal(MessageStatus.Queued, (await world.RecordAsync(request))!.Status);
    }

    private static async Task<string> IntroducedByAsync(World world, string topic) =>
        (await world.StateAsync(Phone)).Find(topic)!.IntroducedBy!;

    private static async Task<int> SendAsync(World world, string topic, MessagePurpose purpose = MessagePurpose.Notification)
    {
        await world.Dispatcher.SendAsync(
            world.Request(Ana, topic) with { Purpose = purpose, Content = new MessageContent("s", "t", null) }, false, default);
        return (await world.StateAsync(Ana)).Recent.Length;
    }
}
