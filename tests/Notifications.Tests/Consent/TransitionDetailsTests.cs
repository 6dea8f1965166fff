using Notifications.Addresses;
using Notifications.Consent;
using static Notifications.Tests.Consent.Given;

namespace Notifications.Tests.Consent;

/// <summary>
/// The moves of a record that the random lives of <see cref="TransitionsTests"/> do not reach: each does what it says once, and nothing
/// where there is nothing to do (R10).
/// </summary>
public sealed class TransitionDetailsTests
{
    private static readonly LedgerDraft Draft = new(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void M15_An_older_consent_that_comes_again_lowers_no_newer_one(bool confirmed)
    {
        var topic = new Topic { Key = TopicKey.Newsletter, DoubleOptIn = true };
        LedgerDraft Draft(string? policy) => new(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = policy };
        var newer = Transitions.OptIn(
            new AddressState { Channel = Channel.Email }, topic, Draft("2026-02"), confirmed: true, DateTimeOffset.UnixEpoch).State;
        foreach (var older in new[] { "2026-01", "2026-02", null })
        {
            var change = Transitions.OptIn(newer, topic, Draft(older), confirmed, DateTimeOffset.UnixEpoch.AddDays(1));
            Assert.Same(newer, change.State);
            Assert.Empty(change.Entries);
        }

        Assert.Single(Transitions.OptIn(newer, topic, Draft("2026-03"), confirmed, DateTimeOffset.UnixEpoch.AddDays(1)).Entries);
    }

    [Fact]
    public void R37_A_soft_opt_in_says_something_only_where_nothing_was_ever_said_and_about_marketing()
    {
        Assert.Equal(
            SubscriptionStatus.Subscribed, Transitions.SoftOptIn(Blank, Newsletter, Draft, Now).State.StatusOf(TopicKey.Newsletter));
        foreach (var state in (AddressState[])[
            Blank with { Contact = ContactStatus.Erased },
            Blank with { Stopped = new StopAll(Now, "sms") },
            Transitions.OptOut(Blank, Draft, Now).State,
            Transitions.OptIn(Blank, Newsletter, Draft, false, Now).State])
        {
            Nothing(state, Transitions.SoftOptIn(state, Newsletter, Draft, Now));
        }

        Nothing(Blank, Transitions.SoftOptIn(Blank, Topics.Find(TopicKey.PackageUpdates)!, Draft, Now));
    }

    [Fact]
    public void R65_A_later_STOP_moves_the_stops_moment_and_an_earlier_one_does_not()
    {
        var stopped = Transitions.StopByText(Blank, Draft, Now).State;
        Nothing(stopped, Transitions.StopByText(stopped, Draft, Now));
        Nothing(stopped, Transitions.StopByText(stopped, Draft, Now.AddSeconds(-1)));
        var later = Transitions.StopByText(stopped, Draft, Now.AddSeconds(1));
        Assert.Equal((Now.AddSeconds(1), 0), (later.State.Stopped!.Since, later.Entries.Count));
    }

    [Fact]
    public void R65_The_latest_START_is_remembered_and_lifts_no_stop_that_was_said_after_it()
    {
        var resumed = Transitions.ResumeByText(Blank, Draft, Now).State;
        Assert.Equal(Now, resumed.ResumedAt);
        Nothing(resumed, Transitions.ResumeByText(resumed, Draft, Now));
        Assert.Equal(Now, Transitions.ResumeByText(resumed, Draft, Now.AddSeconds(-1)).State.ResumedAt);
        Assert.Equal(Now.AddSeconds(1), Transitions.ResumeByText(resumed, Draft, Now.AddSeconds(1)).State.ResumedAt);
        var stopped = Transitions.StopByText(Blank, Draft, Now).State;
        Assert.NotNull(Transitions.ResumeByText(stopped, Draft, Now.AddSeconds(-1)).State.Stopped);
        Assert.Null(Transitions.ResumeByText(stopped, Draft, Now).State.Stopped);
        Assert.Equal(2, Transitions.StopByText(resumed, Draft, Now.AddSeconds(-1)).Entries.Count); // Recorded with what overtook it.
        Assert.NotNull(Transitions.StopByText(resumed, Draft, Now).State.Stopped);
    }

    [Fact]
    public void R41_Marketing_waits_for_every_open_review_and_each_is_opened_and_closed_once()
    {
        var first = AddressTransitions.OpenReview(Blank, "a", Draft).State;
        Nothing(first, AddressTransitions.OpenReview(first, "a", Draft));
        var both = AddressTransitions.OpenReview(first, "b", Draft).State;
        Nothing(both, AddressTransitions.OpenReview(both, "b", Draft));
        Nothing(both, AddressTransitions.CloseReview(both, "c", Draft));
        var one = AddressTransitions.CloseReview(both, "b", Draft).State;
        Assert.Equal(("a", true), (Assert.Single(one.Reviews), one.ReviewPending));
        var none = AddressTransitions.CloseReview(one, "a", Draft).State;
        Assert.Empty(none.Reviews);
        Assert.False(none.ReviewPending);
    }

    [Fact]
    public void R41_R43_Of_a_flood_of_texts_twenty_wait_on_the_record_and_a_stop_still_fits()
    {
        var state = Blank;
        for (var i = 0; i < 50; i++) state = AddressTransitions.OpenReview(state, $"text-{i}", Draft).State;
        Assert.Equal((20, true), (state.Reviews.Length, state.ReviewPending));
        Nothing(state, AddressTransitions.OpenReview(state, "text-50", Draft));
    }

    [Fact]
    public void M8_A_contact_that_is_disabled_or_restricted_lowers_its_addresses_and_an_active_one_raises_none()
    {
        foreach (var status in (ContactStatus[])[ContactStatus.Disabled, ContactStatus.Restricted])
        {
            var lowered = AddressTransitions.Attach(Blank, "c1", status, Draft);
            Assert.Equal((status, "c1", 1), (lowered.State.Contact, lowered.State.ContactId, lowered.Entries.Count));
            var kept = AddressTransitions.Attach(lowered.State, "c2", ContactStatus.Active, Draft);
            Assert.Equal((status, "c2", 0), (kept.State.Contact, kept.State.ContactId, kept.Entries.Count));
        }
    }

    [Fact]
    public void R34_R35_Erasing_restricting_and_pausing_again_changes_nothing()
    {
        var erased = AddressTransitions.Erase(Blank, Draft, Now).State;
        Nothing(erased, AddressTransitions.Erase(erased, Draft, Now.AddDays(1)));
        Nothing(erased, AddressTransitions.Restrict(erased, Draft, Now));
        var restricted = AddressTransitions.Restrict(Blank, Draft, Now).State;
        Nothing(restricted, AddressTransitions.Restrict(restricted, Draft, Now.AddDays(1)));
        Assert.Null(AddressTransitions.Unrestrict(restricted, Draft).State.RestrictedSince);
        Nothing(Blank, AddressTransitions.Unrestrict(Blank, Draft));
        var paused = AddressTransitions.Pause(Blank, Now, Draft).State;
        Nothing(paused, AddressTransitions.Pause(paused, Now, Draft));
        Assert.Null(AddressTransitions.Pause(paused, null, Draft).State.PausedUntil);
    }

    [Fact]
    public void R45_What_was_off_before_a_stop_keeps_the_moment_at_which_it_was_turned_off()
    {
        var off = Transitions.OptOut(Blank, Draft, Now).State;
        var stopped = Transitions.StopAll(off, Draft, Now.AddDays(1)).State;
        var raised = Transitions.OptIn(stopped, Topics.Find(TopicKey.Promotions)!, Draft, true, Now.AddDays(2)).State;
        Assert.Equal(off.Find(TopicKey.Newsletter), raised.Find(TopicKey.Newsletter));
    }

    private static void Nothing(AddressState before, Change change)
    {
        Assert.Same(before, change.State); // Nothing is written either.
        Assert.Empty(change.Entries);
    }
}
