using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using static Notifications.Tests.Consent.Given;

namespace Notifications.Tests.Consent;

public sealed class TransitionsTests
{
    private static readonly string[] Keys = [TopicKey.PackageUpdates, TopicKey.Promotions, TopicKey.Newsletter];

    /// <summary>One thing that can happen to an address.</summary>
    private sealed record Act(string Kind, string Topic)
    {
        public bool MayRaise =>
            Kind is "opt-in confirmed" or "confirm" or "resume" or "unsuppress" or "enable"
                || (Kind == "opt-in" && !Topics.Find(Topic)!.DoubleOptIn);

        public Change On(AddressState state, DateTimeOffset now) => Kind switch
        {
            "opt-in" => Transitions.OptIn(state, Topics.Find(Topic)!, Draft(LedgerAction.OptIn), false, now),
            "opt-in confirmed" => Transitions.OptIn(state, Topics.Find(Topic)!, Draft(LedgerAction.OptIn), true, now),
            "confirm" => Transitions.Confirm(state, Topic, Draft(LedgerAction.Confirm), now),
            "opt-out" => Transitions.OptOut(state, Draft(LedgerAction.OptOut), now),
            "stop" => Transitions.StopAll(state, Draft(LedgerAction.StopAll), now),
            "resume" => Transitions.Resume(state, Draft(LedgerAction.Resume)),
            "bounce" => AddressTransitions.Suppress(state, SuppressionReason.Bounce, null, Draft(LedgerAction.Suppress), now),
            "manual" => AddressTransitions.Suppress(state, SuppressionReason.Manual, null, Draft(LedgerAction.Suppress), now),
            "erase" => AddressTransitions.Suppress(state, SuppressionReason.Erased, null, Draft(LedgerAction.Suppress), now),
            "unsuppress" => AddressTransitions.Unsuppress(state, Draft(LedgerAction.Unsuppress)),
            "disable" => AddressTransitions.SetContact(state, ContactStatus.Disabled, Draft(LedgerAction.Disable)),
            "enable" => AddressTransitions.SetContact(state, ContactStatus.Active, Draft(LedgerAction.Enable)),
            "erase contact" => AddressTransitions.SetContact(state, ContactStatus.Erased, Draft(LedgerAction.Disable)),
            "attach" => AddressTransitions.Attach(state, "c1", ContactStatus.Active, Draft(LedgerAction.Disable)),
            "attach disabled" => AddressTransitions.Attach(state, "c2", ContactStatus.Disabled, Draft(LedgerAction.Disable)),
            _ => throw new InvalidOperationException(Kind),
        };

        private LedgerDraft Draft(LedgerAction action) => new(action, Topic, "test", "person") { PolicyVersion = "v1" };
    }

    private static readonly string[] Kinds =
    [
        "opt-in",
        "opt-in confirmed", "confirm", "opt-out", "stop", "resume", "bounce", "manual", "erase", "unsuppress", "disable", "enable",
        "erase contact", "attach", "attach disabled",
    ];

    private static readonly Gen<Act> AnyAct = Gen.Select(Gen.OneOf(Kinds), Gen.OneOf(Keys), (k, t) => new Act(k, t));

    [Fact]
    public void P6_Only_an_opt_in_a_confirmation_or_taking_a_block_back_ever_raises_permission() => AnyAct.Array[1, 30].Sample(
        acts =>
        {
            var state = Blank;
            var time = Now;
            foreach (var act in acts)
            {
                time = time.AddMinutes(1);
                var after = act.On(state, time).State;
                foreach (var topic in Keys)
                {
                    if (May(state, topic) || !May(after, topic)) continue;
                    Assert.True(act.MayRaise, $"{act.Kind} raised {topic}");
                    if (act.Kind is "opt-in" or "opt-in confirmed" or "confirm") Assert.Equal(act.Topic, topic);
                    else Assert.Equal(SubscriptionStatus.Subscribed, state.Find(topic)!.Status);
                }

                state = after;
            }
        },
        iter: 20_000);

    [Fact]
    public void R10_Every_act_repeated_at_once_writes_nothing_the_second_time() => AnyAct.Array[1, 20].Sample(
        acts =>
        {
            var state = Blank;
            foreach (var act in acts)
            {
                state = act.On(state, Now).State;
                var again = act.On(state, Now + Transitions.SameStop - TimeSpan.FromMilliseconds(1));
                Assert.Empty(again.Entries);
                Assert.Equal(state, again.State with { Subscriptions = state.Subscriptions });
                Assert.Equal(state.Subscriptions, again.State.Subscriptions);
            }
        },
        iter: 5_000);

    [Fact]
    public void P10_Whatever_changes_a_permission_stands_in_the_ledger() => AnyAct.Array[1, 20].Sample(
        acts =>
        {
            var state = Blank;
            foreach (var act in acts)
            {
                var change = act.On(state, Now);
                if (Keys.Any(t => May(state, t) != May(change.State, t) || state.StatusOf(t) != change.State.StatusOf(t)))
                    Assert.NotEmpty(change.Entries);
                state = change.State;
            }
        },
        iter: 5_000);

    [Fact]
    public void P6_After_an_opt_out_an_import_without_evidence_never_raises() =>
        Gen.OneOf(TopicKey.Promotions, TopicKey.Newsletter).Array[1, 10].Sample(
            topics =>
            {
                var state = Blank;
                foreach (var topic in Keys) state = new Act("opt-in confirmed", topic).On(state, Now).State;
                state = new Act("opt-out", topics[0]).On(state, Now).State;
                foreach (var topic in topics) state = new Act("opt-in", topic).On(state, Now).State;
                Assert.False(May(state, topics[0]));
            },
            iter: 500);

    [Fact]
    public void P6_An_opt_out_is_recorded_where_nothing_was_ever_agreed()
    {
        var change = new Act("opt-out", TopicKey.Newsletter).On(Blank, Now);
        Assert.Equal(SubscriptionStatus.Unsubscribed, change.State.StatusOf(TopicKey.Newsletter));
        Assert.Equal(LedgerAction.OptOut, Assert.Single(change.Entries).Action);
    }

    [Fact]
    public void R11_An_opt_out_of_one_topic_leaves_the_others()
    {
        var state = Keys.Aggregate(Blank, (s, t) => new Act("opt-in confirmed", t).On(s, Now).State);
        state = new Act("opt-out", TopicKey.Newsletter).On(state, Now).State;
        Assert.Equal([true, true, false], Keys.Select(t => May(state, t)));
    }

    [Fact]
    public void R28_An_opt_in_waits_for_its_confirmation_and_only_what_waits_can_be_confirmed()
    {
        var pending = new Act("opt-in", TopicKey.Newsletter).On(Blank, Now).State;
        Assert.Equal(SubscriptionStatus.Pending, pending.StatusOf(TopicKey.Newsletter));
        Assert.Empty(new Act("confirm", TopicKey.Promotions).On(pending, Now).Entries);
        Assert.Empty(new Act("confirm", TopicKey.Newsletter).On(Blank, Now).Entries);
        var gone = new Act("opt-out", TopicKey.Newsletter).On(pending, Now).State;
        Assert.Empty(new Act("confirm", TopicKey.Newsletter).On(gone, Now).Entries);
        var confirmed = new Act("confirm", TopicKey.Newsletter).On(pending, Now);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, "v1"),
            (confirmed.State.StatusOf(TopicKey.Newsletter), Assert.Single(confirmed.Entries).PolicyVersion));
    }

    [Fact]
    public void R27_What_was_confirmed_for_an_email_address_stands_in_its_record_alone()
    {
        // Consent lives in the record of one address, and an address has one channel: there is nothing a confirmation could reach beyond
        // it.
        var mail = new Act("opt-in confirmed", TopicKey.Newsletter).On(Blank, Now).State;
        Assert.Equal(Channel.Email, mail.Channel);
        Assert.DoesNotContain(typeof(Subscription).GetProperties(), p => p.PropertyType == typeof(Channel));
    }

    [Fact]
    public void R49_Taking_a_stop_back_restores_what_had_been_consented_to_and_nothing_else()
    {
        var state = new Act("opt-in confirmed", TopicKey.PackageUpdates).On(Blank, Now).State;
        state = new Act("opt-in confirmed", TopicKey.Promotions).On(state, Now).State;
        state = new Act("opt-out", TopicKey.Promotions).On(state, Now).State;
        state = new Act("opt-in", TopicKey.Newsletter).On(state, Now).State;
        state = new Act("stop", "*").On(state, Now).State;
        Assert.All(Keys, t => Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(t)));
        state = new Act("resume", "*").On(state, Now).State;
        Assert.Equal(
            [SubscriptionStatus.Subscribed, SubscriptionStatus.Unsubscribed, SubscriptionStatus.Unsubscribed], Keys.Select(state.StatusOf));
        Assert.Empty(new Act("resume", "*").On(state, Now).Entries);
    }

    [Fact]
    public void R49_A_topic_opted_out_of_while_everything_was_stopped_stays_out_after_the_stop_is_taken_back()
    {
        var state = new Act("opt-in confirmed", TopicKey.Newsletter).On(Blank, Now).State;
        state = new Act("stop", "*").On(state, Now).State;
        state = new Act("opt-out", TopicKey.Newsletter).On(state, Now).State;
        Assert.False(May(new Act("resume", "*").On(state, Now).State, TopicKey.Newsletter));
    }

    [Fact]
    public void R45_After_a_stop_an_explicit_choice_resumes_only_what_was_chosen()
    {
        var state = Keys.Aggregate(Blank, (s, t) => new Act("opt-in confirmed", t).On(s, Now).State);
        state = new Act("stop", "*").On(state, Now).State;
        state = new Act("opt-in confirmed", TopicKey.Newsletter).On(state, Now).State;
        Assert.Null(state.Stopped);
        Assert.Equal([false, false, true], Keys.Select(t => May(state, t)));
    }

    [Fact]
    public void R43_A_stop_takes_a_waiting_opt_in_back_also_where_everything_was_stopped_already()
    {
        var state = new Act("opt-in", TopicKey.Newsletter).On(Blank, Now).State;
        state = new Act("stop", "*").On(state, Now).State;
        Assert.Empty(new Act("confirm", TopicKey.Newsletter).On(state, Now).Entries);
        state = new Act("opt-in", TopicKey.Newsletter).On(state, Now.AddDays(1)).State;
        Assert.Equal(SubscriptionStatus.Pending, state.ShownStatusOf(TopicKey.Newsletter));
        state = new Act("stop", "*").On(state, Now.AddDays(2)).State;
        Assert.Equal(
            (SubscriptionStatus.Unsubscribed, Now.AddDays(2)), (state.ShownStatusOf(TopicKey.Newsletter), state.Stopped!.Since));
    }

    [Fact]
    public void R34_The_block_of_an_erased_person_cannot_be_lifted_or_weakened()
    {
        var state = new Act("opt-in confirmed", TopicKey.Newsletter).On(Blank, Now).State;
        state = new Act("erase", "*").On(state, Now).State;
        foreach (var kind in Kinds)
        {
            state = new Act(kind, TopicKey.Newsletter).On(state, Now).State;
            Assert.Equal(SuppressionReason.Erased, state.Suppression!.Reason);
            Assert.False(May(state, TopicKey.Newsletter));
        }

        var contact = new Act("erase contact", "*").On(Blank, Now).State;
        foreach (var kind in Kinds) Assert.Equal(ContactStatus.Erased, new Act(kind, TopicKey.Newsletter).On(contact, Now).State.Contact);
    }

    [Fact]
    public void R20_A_block_gives_way_only_to_a_stronger_one()
    {
        SuppressionReason[] order =
            [
                SuppressionReason.Manual, SuppressionReason.Invalid, SuppressionReason.Bounce, SuppressionReason.Complaint,
                SuppressionReason.Erased,
            ];
        for (var i = 0; i < order.Length; i++)
        {
            for (var j = 0; j < order.Length; j++)
            {
                var draft = new LedgerDraft(LedgerAction.Suppress, "*", "test", "service:test");
                var first = AddressTransitions.Suppress(Blank, order[i], null, draft, Now).State;
                Assert.Equal(
                    order[Math.Max(i, j)], AddressTransitions.Suppress(first, order[j], null, draft, Now).State.Suppression!.Reason);
            }
        }
    }

    [Fact]
    public void M15_A_consent_under_a_newer_policy_is_a_new_consent_and_an_unconfirmed_one_is_none()
    {
        var topic = Topics.Find(TopicKey.Newsletter)!;
        LedgerDraft Draft(string version) => new(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = version };
        var state = Transitions.OptIn(Blank, topic, Draft("v1"), true, Now).State;
        var asked = Transitions.OptIn(state, topic, Draft("v2"), false, Now).State;
        Assert.Equal(("v1", SubscriptionStatus.Subscribed), (asked.Find(topic.Key)!.PolicyVersion, asked.StatusOf(topic.Key)));
        var newer = Transitions.OptIn(state, topic, Draft("v2"), true, Now);
        Assert.Equal(("v2", 1), (newer.State.Find(topic.Key)!.PolicyVersion, newer.Entries.Count));
    }

    private static bool May(AddressState state, string topic) =>
        state.StatusOf(topic) == SubscriptionStatus.Subscribed && state.Suppression is null && state.Contact == ContactStatus.Active;
}
