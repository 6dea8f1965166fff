using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Tests.Sending;

/// <summary>Rules at the moment and the number where they turn.</summary>
public sealed class RuleDetailsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly TopicCatalog Topics = new([new Topic { Key = "capped", CapCount = 2, CapDays = 7 }]);

    [Theory]
    [InlineData(1, false)]
    [InlineData(0, true)]
    public void A_break_from_marketing_lasts_to_its_last_second_and_touches_marketing_alone(int seconds, bool allowed)
    {
        var input = Input(s => s with { PausedUntil = Noon.AddSeconds(seconds) });
        var decision = DecisionRules.Decide(input);
        Assert.Equal(
            allowed
                ? (Verdict.Allow, Reason.Allowed, (DateTimeOffset?)null)
                : (Verdict.Defer, Reason.FrequencyCap, Noon.AddSeconds(seconds)),
            (decision.Verdict, decision.Reason, decision.Until));
        Assert.Equal(
            Verdict.Allow,
            DecisionRules.Decide(
                input with { Topic = Topics.Find(TopicKey.PackageUpdates)!, State = Held(input.State!, TopicKey.PackageUpdates) }).Verdict);
    }

    [Theory]
    [InlineData("2026-01-01", Reason.Allowed)]
    [InlineData("2025-12-31", Reason.Allowed)]
    [InlineData("2026-01-02", Reason.PolicyOutdated)]
    [InlineData("#3", Reason.PolicyOutdated)]
    [InlineData("alpha", Reason.PolicyOutdated)]
    public void M15_P8_A_consent_under_the_required_policy_version_or_a_newer_one_of_its_scheme_holds(string required, Reason reason) =>
        Assert.Equal(
            reason, DecisionRules.Decide(Input() with { Options = new SendingOptions { RequiredPolicyVersion = required } }).Reason);

    [Theory]
    [InlineData(SubscriptionStatus.None, Reason.Allowed)]
    [InlineData(SubscriptionStatus.Pending, Reason.Allowed)]
    [InlineData(SubscriptionStatus.Subscribed, Reason.Allowed)]
    [InlineData(SubscriptionStatus.Unsubscribed, Reason.Unsubscribed)]
    public void P1_A_test_message_needs_no_consent_and_goes_to_nobody_who_said_stop(SubscriptionStatus status, Reason reason) =>
        Assert.Equal(
            reason,
            DecisionRules.Decide(
                Input(s => s.With(new Subscription(TopicKey.Newsletter, status, Noon, "form"))) with
                {
                    Purpose = MessagePurpose.Test,
                }).Reason);

    [Theory]
    [InlineData(true, TopicKind.Marketing, Reason.Allowed)]
    [InlineData(false, TopicKind.Marketing, Reason.NoConsent)]
    [InlineData(true, TopicKind.Transactional, Reason.NoConsent)]
    public void R37_What_rests_on_a_soft_opt_in_is_sent_only_where_it_is_on_and_only_as_marketing(bool on, TopicKind kind, Reason reason) =>
        Assert.Equal(
            reason,
            DecisionRules.Decide(
                Input(s => s.With(new Subscription("sale", SubscriptionStatus.Subscribed, Noon, SoftOptIn.SourceOf("checkout")))) with
                {
                    Topic = new Topic { Key = "sale", Kind = kind },
                    Options = new SendingOptions { SoftOptIn = on },
                }).Reason);

    [Fact]
    public void R28_A_confirmation_goes_out_while_the_answer_waits_and_after_no_stop_that_came_later()
    {
        var waits = Input(
            s => s.With(new Subscription(
                TopicKey.Newsletter, SubscriptionStatus.Pending, Noon.AddHours(-2), "form", ConfirmationAt: Noon.AddHours(-1)))) with
        {
            Purpose = MessagePurpose.Confirmation,
        };
        Reason After(double hours) =>
            DecisionRules.Decide(waits with { State = waits.State! with { Stopped = new StopAll(Noon.AddHours(hours), "sms") } }).Reason;
        Assert.Equal(
            [Reason.Allowed, Reason.Unsubscribed, Reason.Unsubscribed], (double[])[-2.5, -2, -1.5] is var at ? at.Select(After) : []);

        var package = Input() with
        {
            Purpose = MessagePurpose.Confirmation,
            Topic = Topics.Find(TopicKey.PackageUpdates)!,
            AboutPackage = true,
            WatchSince = Noon.AddHours(-1),
        };
        Assert.Equal(Reason.Allowed, DecisionRules.Decide(package with { Watch = WatchStatus.Pending }).Reason);
        Assert.Equal(Reason.Unconfirmed, DecisionRules.Decide(package with { Watch = WatchStatus.Active }).Reason);
        foreach (var (hours, reason) in ((double, Reason)[])[(-1.5, Reason.Allowed), (-1, Reason.Unsubscribed)])
            Assert.Equal(
                reason,
                DecisionRules.Decide(
                    package with
                    {
                        Watch = WatchStatus.Pending,
                        State = package.State!.With(new Subscription(
                            TopicKey.PackageUpdates, SubscriptionStatus.Unsubscribed, Noon.AddHours(hours), "link")),
                    }).Reason);

        var asked = new WatchRecord(WatchStatus.Pending, Noon) { ConfirmationAt = Noon.AddHours(1) };
        Assert.Equal(
            [Noon.AddHours(1), Noon, Noon],
            [asked.SaidAt, (asked with { ConfirmationAt = null }).SaidAt, (asked with { Status = WatchStatus.Active }).SaidAt]);
    }

    [Theory]
    [InlineData(365 * 24, true)]
    [InlineData((7 * 24) + 1, true)]
    [InlineData(7 * 24, false)] // No longer than twice its window.
    [InlineData(1, false)]
    public void P5_What_was_sent_while_the_clock_was_ahead_holds_nothing_back_for_as_long_as_that_was(int hoursAhead, bool allowed)
    {
        var sent = new RecentSend("capped", Noon.AddHours(hoursAhead));
        var decision = DecisionRules.Decide(
            Input(s => Held(s, "capped") with { Recent = [sent, sent] }) with { Topic = Topics.Find("capped")! });
        Assert.Equal(
            allowed ? (Reason.Allowed, (DateTimeOffset?)null) : (Reason.FrequencyCap, Noon.AddHours(hoursAhead).AddDays(7)),
            (decision.Reason, decision.Until));
    }

    [Fact]
    public void A_cap_counts_its_own_topic_to_the_moment_a_send_leaves_the_window_and_the_later_of_two_caps_decides()
    {
        DecisionInput Sent(params (string Topic, int HoursAgo)[] sent) =>
            Input(s => Held(s, "capped") with { Recent = [.. sent.Select(r => new RecentSend(r.Topic, Noon.AddHours(-r.HoursAgo)))] }) with
            {
                Topic = Topics.Find("capped")!,
            };
        Assert.Equal(Reason.Allowed, DecisionRules.Decide(Sent(("capped", 20), ("newsletter", 10), ("newsletter", 5))).Reason);
        Assert.Equal(Noon.AddDays(7).AddHours(-20), DecisionRules.Decide(Sent(("capped", 20), ("newsletter", 10), ("capped", 5))).Until);
        Assert.Equal(Reason.Allowed, DecisionRules.Decide(Sent(("capped", 7 * 24), ("capped", 5))).Reason);
        Assert.Equal(Reason.FrequencyCap, DecisionRules.Decide(Sent(("capped", (7 * 24) - 1), ("capped", 5))).Reason);
        foreach (var (days, until) in ((int, DateTimeOffset)[])[(30, Noon.AddDays(30).AddHours(-5)), (1, Noon.AddDays(7).AddHours(-20))])
            Assert.Equal(
                until,
                DecisionRules.Decide(Sent(
                    ("capped", 20),
                    ("capped", 5)) with { Options = new SendingOptions { MarketingCapCount = 1, MarketingCapDays = days } }).Until);
    }

    [Theory]
    [InlineData("US", 7, false)]
    [InlineData("US", 8, true)]
    [InlineData("US", 20, true)]
    [InlineData("US", 21, false)]
    [InlineData("IN", 9, false)]
    [InlineData("IN", 10, true)]
    [InlineData("IN", 20, true)]
    [InlineData("IN", 21, false)]
    [InlineData("FR", 19, true)]
    [InlineData("FR", 20, false)]
    [InlineData("GB", 7, true)]
    [InlineData("GB", 22, true)]
    public void R52_A_looser_setting_does_not_open_a_window_that_the_law_of_a_region_closes(string region, int hour, bool allowed)
    {
        var input = Input(s => s with { Channel = Channel.Sms, Region = region, TimeZone = "Etc/UTC" }) with
        {
            Channel = Channel.Sms,
            Now = Noon.AddHours(hour - 12),
            Options = new SendingOptions { QuietUntilHour = 6, QuietFromHour = 23 },
        };
        Assert.Equal(allowed ? Reason.Allowed : Reason.QuietHours, DecisionRules.Decide(input).Reason);
    }

    [Fact]
    public void R52_P8_A_number_of_an_area_that_no_plan_knows_may_be_in_any_region_of_its_code_whatever_was_stored_when_it_came()
    {
        var dayInTheStates = Input(
            s => s with { Channel = Channel.Sms, Value = "+12225550100", Region = "US", TimeZone = null }) with
        {
            Channel = Channel.Sms, Now = Noon.AddHours(7), // 09:00 in Honolulu, and five in the morning in Guam.
        };
        Assert.Equal(Reason.QuietHours, DecisionRules.Decide(dayInTheStates).Reason);
        Assert.Equal(Reason.Allowed, DecisionRules.Decide(dayInTheStates with { Now = Noon.AddHours(11) }).Reason);
        var known = dayInTheStates.State! with { Value = "+14155552671" };
        Assert.Equal(Reason.Allowed, DecisionRules.Decide(dayInTheStates with { State = known }).Reason);
        Assert.Equal("US", (dayInTheStates.State with { Value = null }).RegionToday); // Only its key is known.
    }

    [Fact]
    public void R52_Only_marketing_and_only_a_text_waits_for_the_day()
    {
        var night = Input(s => s with { Region = "GB" }) with { Now = Noon.AddHours(12), Channel = Channel.Sms };
        Assert.Equal(
            (Verdict.Defer, Reason.QuietHours, Noon.AddHours(20)),
            DecisionRules.Decide(night) is var d ? (d.Verdict, d.Reason, d.Until!.Value) : default);
        Assert.Equal(Verdict.Allow, DecisionRules.Decide(night with { Channel = Channel.Email }).Verdict);
        Assert.Equal(Verdict.Allow, DecisionRules.Decide(night with { Purpose = MessagePurpose.Test }).Verdict);
        Assert.Contains(Reason.QuietHours, DecisionRules.Decide(night with { State = null }).Results); // Nothing known is no day either.
    }

    [Theory]
    [InlineData(CampaignStatus.Draft, Reason.CampaignCancelled, Verdict.Skip)]
    [InlineData(CampaignStatus.Scheduled, Reason.CampaignCancelled, Verdict.Skip)]
    [InlineData(CampaignStatus.Running, Reason.Allowed, Verdict.Allow)]
    [InlineData(CampaignStatus.Paused, Reason.CampaignPaused, Verdict.Defer)]
    [InlineData(CampaignStatus.Completed, Reason.Allowed, Verdict.Allow)]
    [InlineData(CampaignStatus.Cancelled, Reason.CampaignCancelled, Verdict.Skip)]
    public void A_campaigns_message_goes_out_while_it_runs_and_waits_without_a_date_while_it_is_paused(
        CampaignStatus status, Reason reason, Verdict verdict) =>
        Assert.Equal(
            (verdict, reason, verdict == Verdict.Defer ? DateTimeOffset.MaxValue : (DateTimeOffset?)null),
            DecisionRules.Decide(Input() with { Campaign = status }) is var d ? (d.Verdict, d.Reason, d.Until) : default);

    [Fact]
    public void R35_Restricted_processing_by_either_mark_stops_all_but_the_answer_to_the_persons_own_text()
    {
        foreach (var state in (AddressState[])[
            Input().State! with { Contact = ContactStatus.Restricted }, Input().State! with { RestrictedSince = Noon },
        ])
        {
            foreach (var purpose in (MessagePurpose[])[MessagePurpose.Notification, MessagePurpose.Test])
                Assert.Equal(Reason.ProcessingRestricted, DecisionRules.Decide(Input() with { State = state, Purpose = purpose }).Reason);
            Assert.DoesNotContain(
                Reason.ProcessingRestricted,
                DecisionRules.Decide(
                    Input() with { State = state with { Contact = ContactStatus.Active }, Purpose = MessagePurpose.Reply }).Results);
        }

        foreach (var (purpose, reason) in ((MessagePurpose, Reason)[])[
            (MessagePurpose.Test, Reason.AccountDisabled), (MessagePurpose.Reply, Reason.Allowed),
        ])
            Assert.Equal(
                reason, DecisionRules.Decide(Input(s => s with { Contact = ContactStatus.Disabled }) with { Purpose = purpose }).Reason);
    }

    [Theory]
    [InlineData("nothing", Reason.Allowed)]
    [InlineData("unsubscribed", Reason.Allowed)]
    [InlineData("stopped", Reason.Unsubscribed)]
    [InlineData("disabled", Reason.AccountDisabled)]
    [InlineData("restricted", Reason.ProcessingRestricted)]
    [InlineData("blocked", Reason.SuppressedManual)]
    [InlineData("bounced", Reason.SuppressedBounce)]
    [InlineData("unknown", Reason.NoConsent)]
    public void R35_R45_M7_M8_The_link_to_the_preferences_needs_no_topic_and_goes_to_nobody_who_said_stop_to_everything_or_is_blocked(
        string stands, Reason reason)
    {
        var state = Input().State! with { Subscriptions = [] };
        Assert.Equal(
            reason,
            DecisionRules.Decide(Input() with
            {
                Topic = Topics.Find(TopicKey.PackageUpdates)!,
                Purpose = MessagePurpose.PreferencesLink,
                State = stands switch
                {
                    "unsubscribed" => state.With(
                        new Subscription(TopicKey.PackageUpdates, SubscriptionStatus.Unsubscribed, Noon, "page")) with
                        {
                            ObjectedAt = Noon,
                            PausedUntil = Noon.AddDays(1),
                            ReviewPending = true,
                        },
                    "stopped" => state with { Stopped = new StopAll(Noon, "sms") },
                    "disabled" => state with { Contact = ContactStatus.Disabled },
                    "restricted" => state with { RestrictedSince = Noon },
                    "blocked" => state with { Suppression = new Suppression(SuppressionReason.Manual, Noon) },
                    "bounced" => state with { Suppression = new Suppression(SuppressionReason.Bounce, Noon) },
                    "unknown" => null,
                    _ => state,
                },
            }).Reason);
    }

    [Fact]
    public void What_ends_ends_at_its_moment_and_a_review_is_asked_about_every_hour()
    {
        Assert.Equal(Reason.Expired, DecisionRules.Decide(Input() with { ExpiresAt = Noon }).Reason);
        Assert.Equal(Reason.Allowed, DecisionRules.Decide(Input() with { ExpiresAt = Noon.AddTicks(1) }).Reason);
        Assert.Equal(Noon.AddHours(1), DecisionRules.Decide(Input(s => s with { ReviewPending = true })).Until);
        Assert.Equal(Reason.StaleEvent, DecisionRules.Decide(Input() with { NewerKnown = true }).Reason);
    }

    [Fact]
    public void M15_A_consent_of_which_no_policy_version_is_known_does_not_suffice_where_one_is_required()
    {
        var input = Input(s => s.With(new Subscription(TopicKey.Newsletter, SubscriptionStatus.Subscribed, Noon, "form"))) with
        {
            Options = new SendingOptions { RequiredPolicyVersion = "2026-01-01" },
        };
        Assert.Equal(Reason.PolicyOutdated, DecisionRules.Decide(input).Reason);
        Assert.Contains(Reason.PolicyOutdated, DecisionRules.Decide(input with { State = null }).Results);
        Assert.Equal(Reason.Allowed, DecisionRules.Decide(input with { Options = new SendingOptions() }).Reason);
    }

    [Fact]
    public void A_cap_holds_back_no_test_and_no_question()
    {
        var full = Input(s => Held(s, "capped") with { Recent = [new RecentSend("capped", Noon), new RecentSend("capped", Noon)] }) with
        {
            Topic = Topics.Find("capped")!,
        };
        Assert.Equal(Reason.FrequencyCap, DecisionRules.Decide(full).Reason);
        foreach (var purpose in (MessagePurpose[])[MessagePurpose.Test, MessagePurpose.Confirmation])
            Assert.DoesNotContain(Reason.FrequencyCap, DecisionRules.Decide(full with { Purpose = purpose }).Results);
    }

    private static AddressState Held(AddressState state, string topic) =>
        state.With(new Subscription(topic, SubscriptionStatus.Subscribed, Noon.AddDays(-30), "form", "2026-01-01"));

    private static DecisionInput Input(Func<AddressState, AddressState>? change = null)
    {
        var state = Held(new AddressState { Channel = Channel.Email, Value = "ana@example.com" }, TopicKey.Newsletter);
        return new()
        {
            State = change?.Invoke(state) ?? state,
            Topic = Topics.Find(TopicKey.Newsletter)!,
            Channel = Channel.Email,
            Now = Noon,
            Options = new SendingOptions(),
        };
    }
}
