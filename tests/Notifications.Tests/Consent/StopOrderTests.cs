using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Consent;

/// <summary>Stops that are said again, and texts that arrive in another order than they were written.</summary>
public sealed class StopOrderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 3, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void R65_Texts_that_stop_and_take_back_end_in_one_state_in_whatever_order_they_arrive()
    {
        // STOP, START, STOP, START, STOP; every beginning of it, in every order.
        (bool Stop, DateTimeOffset At)[] said = [.. Enumerable.Range(1, 5).Select(i => (i % 2 == 1, Noon.AddMinutes(i)))];
        for (var count = 1; count <= said.Length; count++)
        {
            var ordered = Play(said[..count]);
            Assert.Equal(count % 2 == 1 ? said[count - 1].At : null, ordered.Stopped?.Since);
            Assert.Equal(count % 2 == 1 ? null : said[count - 2].At, ordered.LiftedStop);
            foreach (var order in Orders(said[..count])) Assert.Equal(ordered, Play(order));
        }
    }

    [Fact]
    public void P6_R10_A_stop_of_everything_said_again_counts_from_then_with_an_entry_only_where_a_package_was_followed_after_it()
    {
        var stopped = Transitions.StopAll(Blank, Draft(LedgerAction.StopAll), Noon).State;
        foreach (var followed in (DateTimeOffset?[])[null, Noon.AddMinutes(-1), Noon])
        {
            var before = stopped with { FollowedAt = followed };
            var again = Transitions.StopAll(before, Draft(LedgerAction.StopAll) with { Source = "agent" }, Noon.AddHours(1));
            Assert.Equal(
                (Noon.AddHours(1), ConsentSource.Sms, 0), (again.State.Stopped!.Since, again.State.Stopped.Source, again.Entries.Count));
            Assert.Same(before, Transitions.StopAll(before, Draft(LedgerAction.StopAll), Noon.AddSeconds(9)).State); // The same stop.
            Assert.Same(before, Transitions.StopAll(before, Draft(LedgerAction.StopAll), Noon.AddDays(-1)).State); // An older one.
        }

        var since = Transitions.StopAll(stopped with { FollowedAt = Noon.AddMinutes(1) }, Draft(LedgerAction.StopAll), Noon.AddHours(1));
        Assert.Equal((Noon.AddHours(1), 1), (since.State.Stopped!.Since, since.Entries.Count));
    }

    [Fact]
    public void R29_What_was_asked_for_after_a_stop_of_one_topic_waits_on_when_the_stop_is_taken_back()
    {
        var topic = new TopicCatalog().Find(TopicKey.Newsletter)!;
        var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, "page", "person") { PolicyVersion = "v1" };
        var state = Transitions.OptIn(Blank, topic, draft, true, Noon).State;
        state = Transitions.OptOut(state, draft with { Action = LedgerAction.OptOut }, Noon.AddMinutes(1)).State;
        state = Transitions.OptIn(state, topic, draft with { PolicyVersion = "v2" }, false, Noon.AddMinutes(2)).State;
        var held = Transitions.Restore(state, topic.Key, draft).State.Find(topic.Key)!;
        Assert.Equal((SubscriptionStatus.Subscribed, Noon, "v1"), (held.Status, held.Since, held.PolicyVersion));
        Assert.Equal(new WaitingOptIn(Noon.AddMinutes(2), "page", "v2"), held.Unconfirmed);
    }

    [Fact]
    public void P6_R10_A_stop_of_one_topic_said_again_counts_from_then_without_an_entry_and_ends_its_undo()
    {
        var topic = new TopicCatalog().Find(TopicKey.Newsletter)!;
        var draft = new LedgerDraft(LedgerAction.OptOut, topic.Key, "page", "person");
        var state = Transitions.OptIn(Blank, topic, draft with { Action = LedgerAction.OptIn }, true, Noon).State;
        state = Transitions.OptOut(state, draft, Noon).State;
        Assert.Same(state, Transitions.OptOut(state, draft, Noon.AddSeconds(9)).State);
        Assert.Single(Transitions.Restore(state, topic.Key, draft).Entries);
        var again = Transitions.OptOut(state, draft, Noon.AddDays(3));
        Assert.Equal((Noon.AddDays(3), 0), (again.State.Find(topic.Key)!.Since, again.Entries.Count));
        // What an old stop had ended does not come back by the undo of a new one: a link may have been passed on.
        Assert.Empty(Transitions.Restore(again.State, topic.Key, draft).Entries);
    }

    [Fact]
    public void P6_R42_R65_A_START_that_was_sent_before_an_agent_stopped_everything_again_and_comes_after_lifts_nothing()
    {
        var state = Transitions.StopByText(Blank, Draft(LedgerAction.StopAll), Noon).State;
        state = Transitions.StopAll(state, Draft(LedgerAction.StopAll) with { Source = "phone", Actor = "agent:kim" }, Noon.AddHours(2)).State;
        var late = Transitions.ResumeByText(state, Draft(LedgerAction.Resume), Noon.AddHours(1));
        Assert.Equal((Noon.AddHours(2), 0), (late.State.Stopped?.Since, late.Entries.Count));
    }

    [Fact]
    public async Task P6_M4_A_form_signed_between_two_stops_raises_nothing_and_the_ledger_still_verifies()
    {
        var world = new World();
        var (ana, key) = (CoreProduct.Email("ana@example.com"), world.Ring.KeyOf(CoreProduct.Email("ana@example.com")));
        var topic = world.Topics.Find(TopicKey.Newsletter)!;
        await world.SubscribeAsync(ana, topic.Key);
        await world.OptOutAsync(ana, topic.Key);
        world.Time.Advance(TimeSpan.FromDays(60));
        await world.OptOutAsync(ana, topic.Key); // By the API; and by a link:
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.Unsubscriber.StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = topic.Key }, UnsubscribeScope.Named, "one-click", default);
        var said = world.Time.GetUtcNow();
        world.Time.Advance(TimeSpan.FromDays(60));
        foreach (var signed in (DateTimeOffset[])[said.AddDays(-30), said.AddHours(-12), said])
            Assert.Equal(
                ConsentResult.Overtaken,
                (await world.Consents.OptInAsync(
                    ana, topic, new LedgerDraft(LedgerAction.OptIn, topic.Key, "paper", "agent:kim") { SaidAt = signed }, confirmed: true,
                    null, default)).Result);
        var state = (await world.Book.LoadAsync(key, default)).State!;
        var ledger = await world.Book.LedgerAsync(key, default);
        Assert.Equal((said, 2, true), (state.StoppedAt(topic), ledger.Count, LedgerChain.Verify(ledger, state.Ledger)));
    }

    private static AddressState Blank => new() { Channel = Channel.Sms };

    private static LedgerDraft Draft(LedgerAction action) => new(action, LedgerDraft.AllTopics, ConsentSource.Sms, "person");

    private static (StopAll? Stopped, DateTimeOffset? LiftedStop, DateTimeOffset? ResumedAt) Play(
        IEnumerable<(bool Stop, DateTimeOffset At)> said)
    {
        var state = Blank;
        foreach (var (stop, at) in said)
            state = stop
                ? Transitions.StopByText(state, Draft(LedgerAction.StopAll), at).State
                : Transitions.ResumeByText(state, Draft(LedgerAction.Resume), at).State;
        return (state.Stopped, state.LiftedStop, state.ResumedAt);
    }

    private static IEnumerable<T[]> Orders<T>(T[] items)
    {
        if (items.Length <= 1) return [items];
        return items.SelectMany((item, i) => Orders<T>([.. items[..i], .. items[(i + 1)..]]).Select(rest => (T[])[item, .. rest]));
    }
}
