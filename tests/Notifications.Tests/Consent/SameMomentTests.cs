using Notifications.Addresses;
using Notifications.Consent;
using static Notifications.Tests.Consent.Given;

namespace Notifications.Tests.Consent;

/// <summary>Two words of one moment, and of the moments to either side: which of them holds is decided, and to the safe side.</summary>
public sealed class SameMomentTests
{
    private static readonly LedgerDraft Form = new(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person");

    [Theory]
    [InlineData(-1, true)] // Asked for before the address was changed: its stop holds.
    [InlineData(0, true)]
    [InlineData(1, false)] // Asked for here since.
    public void R33_Of_the_stops_that_move_those_hold_that_the_person_has_not_asked_for_since(int minutes, bool holds)
    {
        var asked = Now.AddMinutes(minutes);
        var subscribed = Transitions.OptIn(Blank, Newsletter, Form, true, asked).State;
        var waiting = Transitions.OptIn(Blank, Newsletter, Form, false, asked).State;
        var left = Transitions.OptOut(Blank, Form, asked).State;
        string[] stops = [TopicKey.Newsletter];

        Assert.Equal(holds ? stops : [], Transitions.StopsWith(subscribed, stops, Now));
        Assert.Equal(holds ? stops : [], Transitions.StopsWith(waiting, stops, Now));
        Assert.Equal(stops, Transitions.StopsWith(left, stops, Now)); // A stop is not asked for.
        Assert.Equal(stops, Transitions.StopsWith(Blank, stops, Now));
        Assert.Empty(Transitions.StopsWith(Blank, null, Now));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void P6_What_was_said_before_a_stop_or_at_its_moment_is_overtaken_and_by_an_objection_where_it_is_about_marketing(
        int seconds, bool overtaken)
    {
        var said = Form with { SaidAt = Now.AddSeconds(seconds) };
        var stopped = Transitions.OptOut(Blank, Form, Now).State;
        var objected = Transitions.StopMarketing(Blank, [], Now, "person", Now).State;

        Assert.Equal(overtaken, said.IsOvertaken(stopped));
        Assert.Equal(overtaken, said.IsOvertaken(stopped, Newsletter));
        Assert.Equal(overtaken, said.IsOvertaken(objected, Newsletter));
        Assert.False(said.IsOvertaken(objected, Topics.Find(TopicKey.PackageUpdates)));
        Assert.False(said.IsOvertaken(Blank, Newsletter));
        Assert.False(Form.IsOvertaken(stopped, Newsletter)); // It is said now.
    }

    [Fact]
    public void P6_What_a_service_tells_over_a_stop_or_an_objection_must_say_when_it_was_said_and_what_the_person_does_here_need_not()
    {
        var told = Form with { Told = true };
        var stopped = Transitions.OptOut(Blank, Form, Now).State;
        var objected = Transitions.StopMarketing(Blank, [], Now, "person", Now).State;

        Assert.True(told.IsUndated(stopped));
        Assert.True(told.IsUndated(stopped, Newsletter));
        Assert.True(told.IsUndated(objected, Newsletter));
        Assert.False(told.IsUndated(objected, Topics.Find(TopicKey.PackageUpdates)));
        Assert.False(told.IsUndated(Blank, Newsletter));
        Assert.False((told with { SaidAt = Now }).IsUndated(stopped, Newsletter));
        Assert.False(Form.IsUndated(stopped, Newsletter));
    }

    [Theory]
    [InlineData(0, 30, 30)] // No break here: that of the former address.
    [InlineData(10, 30, 30)]
    [InlineData(30, 10, 30)] // The longer one.
    [InlineData(30, 30, 30)]
    [InlineData(0, -1, 0)] // It is over.
    public void R33_The_longer_break_holds_and_one_that_is_over_does_not_come_along(int here, int there, int left)
    {
        var state = Blank with { PausedUntil = here == 0 ? null : Now.AddDays(here) };
        var change = AddressTransitions.Restrain(state, new Restraint(Now.AddDays(there), []), Form, Now);

        Assert.Equal(left == 0 ? null : Now.AddDays(left), change.State.PausedUntil);
        Assert.Equal(left == here ? 0 : 1, change.Entries.Count);
    }

    [Fact]
    public void R33_A_break_that_ends_at_this_moment_does_not_come_along_and_each_open_review_does_with_an_entry()
    {
        Assert.Empty(AddressTransitions.Restrain(Blank, new Restraint(Now, []), Form, Now).Entries);
        var change = AddressTransitions.Restrain(Blank, new Restraint(Now.AddDays(1), ["a", "b"]), Form, Now);

        Assert.Equal(["a", "b"], change.State.Reviews);
        Assert.Equal([LedgerAction.Pause, LedgerAction.Review, LedgerAction.Review], change.Entries.Select(e => e.Action));
    }

    [Theory]
    [InlineData(9.999, false)]
    [InlineData(10, true)]
    public void R10_A_stop_said_again_within_ten_seconds_is_the_same_stop(double seconds, bool counts)
    {
        var again = Now.AddSeconds(seconds);
        var left = Transitions.OptOut(Blank, Form, Now).State;
        var stopped = Transitions.StopAll(Blank, Form, Now).State;

        Assert.Equal(counts ? again : Now, Transitions.OptOut(left, Form, again).State.Find(TopicKey.Newsletter)!.Since);
        Assert.Equal(counts ? again : Now, Transitions.StopAll(stopped, Form, again).State.Stopped!.SaidAt);
    }

    [Fact]
    public void R31_The_entry_of_an_objection_says_when_it_was_said_and_one_that_does_not_counts_from_its_own_time()
    {
        var said = new DateTimeOffset(2026, 3, 1, 9, 30, 0, 125, TimeSpan.Zero);
        LedgerEntry Entry(string? evidence) => new()
        {
            Seq = 1,
            At = Now,
            Topic = LedgerDraft.AllTopics,
            Action = LedgerAction.Objection,
            Detail = new LedgerDetail("", Objection.Source, "person", null, evidence),
            DetailDigest = "",
            Previous = "",
            Hash = "",
        };

        Assert.Equal("""{"at":"2026-03-01T09:30:00.1250000Z"}""", Objection.Evidence(said));
        Assert.Equal(said, Objection.SaidAt(Entry(Objection.Evidence(said))));
        foreach (var silent in new[] { null, "[]", "\"at\"", "{}", """{"at":1}""", """{"at":"soon"}""" })
            Assert.Equal(Now, Objection.SaidAt(Entry(silent)));
        Assert.Equal(Now, Objection.SaidAt(Entry(null) with { Detail = null }));
    }

    [Fact]
    public void R38_The_evidence_of_a_break_keeps_what_was_given_with_it()
    {
        Assert.Equal(
            """{"until":"2026-03-02T12:00:00+00:00","given":{"ip":"203.0.113.9"}}""",
            LedgerEvidence.OfBreak(Now, """{"ip":"203.0.113.9"}"""));
        Assert.Equal("""{"until":"2026-03-02T12:00:00+00:00"}""", LedgerEvidence.OfBreak(Now, null));
    }

    [Fact]
    public void R45_After_STOP_package_updates_can_be_chosen_where_packages_were_followed_and_nothing_else_that_was_not_agreed_to()
    {
        var choice = Form with { Action = LedgerAction.Resume };
        var stranger = Transitions.StopAll(Blank, Form, Now).State;
        var follower = Transitions.StopAll(
            Transitions.OptIn(Blank.Followed(Now.AddDays(-1)), Newsletter, Form, true, Now.AddDays(-1)).State, Form, Now).State;

        Assert.Empty(Transitions.Choose(stranger, TopicKey.PackageUpdates, choice, Now.AddDays(1)).Entries);
        Assert.Empty(Transitions.Choose(follower, TopicKey.Promotions, choice, Now.AddDays(1)).Entries);
        var chosen = Transitions.Choose(follower, TopicKey.PackageUpdates, choice, Now.AddDays(1));
        Assert.Equal(TopicKey.PackageUpdates, Assert.Single(chosen.Entries).Topic);
        Assert.Null(chosen.State.Stopped);
        Assert.Equal((SubscriptionStatus.Unsubscribed, Now), Of(chosen.State, TopicKey.Newsletter));
        Assert.True(Transitions.Follows(chosen.State));
    }

    [Fact]
    public void R45_Beneath_a_stop_over_everything_a_topics_own_earlier_stop_keeps_its_moment_when_package_updates_are_chosen()
    {
        var state = Transitions.OptOut(Blank.Followed(Now.AddDays(-2)), Form, Now.AddDays(-1)).State;
        state = state.With(new Subscription(TopicKey.PackageUpdates, SubscriptionStatus.Unsubscribed, Now.AddDays(-3), "form"));
        var chosen = Transitions.Choose(
            Transitions.StopAll(state, Form, Now).State, TopicKey.PackageUpdates, Form with { Action = LedgerAction.Resume },
            Now.AddDays(1));

        Assert.Equal((SubscriptionStatus.Unsubscribed, Now.AddDays(-1)), Of(chosen.State, TopicKey.Newsletter));
        Assert.Equal((SubscriptionStatus.Unsubscribed, Now.AddDays(-3)), Of(chosen.State, TopicKey.PackageUpdates));
    }

    [Theory]
    [InlineData("form", "person", false)]
    [InlineData(ConsentSource.Sms, "person", true)]
    [InlineData(ConsentSource.Sms, "client", false)]
    [InlineData(ConsentSource.ProviderReport, "provider", true)]
    [InlineData(ConsentSource.ProviderReport, "person", false)]
    public void R65_A_stop_is_a_texts_where_the_phone_or_its_provider_said_it(string source, string actor, bool text) =>
        Assert.Equal(text, ConsentSource.IsText(new LedgerDetail("", source, actor, null, null)));

    [Theory]
    [InlineData("2026-01", "2026-01", 1, false)] // The same version is no newer consent, however late.
    [InlineData("2026-02", "2026-01", -1, true)]
    [InlineData("v1", "2026-01", 0, false)] // Versions of two schemes: the later word.
    [InlineData("v1", "2026-01", 1, true)]
    public void M15_A_consent_is_newer_by_its_policy_version_and_where_the_versions_have_no_order_by_its_moment(
        string version, string held, int seconds, bool newer)
    {
        var state = Transitions.OptIn(Blank, Newsletter, Form with { PolicyVersion = held }, true, Now).State;
        var change = Transitions.OptIn(
            state, Newsletter, Form with { PolicyVersion = version, SaidAt = Now.AddSeconds(seconds) }, true, Now.AddDays(1));

        Assert.Equal(newer ? 1 : 0, change.Entries.Count);
    }

    private static (SubscriptionStatus, DateTimeOffset) Of(AddressState state, string topic) =>
        (state.Find(topic)!.Status, state.Find(topic)!.Since);
}
