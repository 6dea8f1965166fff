using System.Text.Json;
using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Tests.Sending;

public sealed class DecisionRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly TopicCatalog Topics = new([new Topic { Key = "capped", CapCount = 1 }]);

    private sealed record Case(string Rule, Reason Reason, Verdict Verdict, Func<DecisionInput, DecisionInput> Arrange);

    /// <summary>Every way in which a rule of today says no, each from an input that is otherwise allowed.</summary>
    private static readonly Case[] Cases =
    [
        new("account", Reason.AccountDisabled, Verdict.Skip, i => With(i, s => s with { Contact = ContactStatus.Disabled })),
        new("restriction", Reason.ProcessingRestricted, Verdict.Skip, i => With(i, s => s with { Contact = ContactStatus.Restricted })),
        new("suppression", Reason.SuppressedErased, Verdict.Skip, i => With(i, s => s with { Contact = ContactStatus.Erased })),
        new("suppression", Reason.SuppressedErased, Verdict.Skip, i => Suppressed(i, SuppressionReason.Erased)),
        new("suppression", Reason.SuppressedBounce, Verdict.Skip, i => Suppressed(i, SuppressionReason.Bounce)),
        new("suppression", Reason.SuppressedComplaint, Verdict.Skip, i => Suppressed(i, SuppressionReason.Complaint)),
        new("suppression", Reason.SuppressedManual, Verdict.Skip, i => Suppressed(i, SuppressionReason.Manual)),
        new("suppression", Reason.SuppressedInvalid, Verdict.Skip, i => Suppressed(i, SuppressionReason.Invalid)),
        new("subscription", Reason.NoConsent, Verdict.Skip, i => i with { State = null }),
        new("subscription", Reason.NoConsent, Verdict.Skip, i => With(i, s => s with { Subscriptions = [] })),
        new("subscription", Reason.Unconfirmed, Verdict.Skip, i => Status(i, SubscriptionStatus.Pending)),
        new("subscription", Reason.Unconfirmed, Verdict.Skip, i => i with { Purpose = MessagePurpose.Confirmation }),
        new("subscription", Reason.Unsubscribed, Verdict.Skip, i => Status(i, SubscriptionStatus.Unsubscribed)),
        new("subscription", Reason.Unsubscribed, Verdict.Skip, i => With(i, s => s with { Stopped = new StopAll(Noon, "sms") })),
        new("subscription", Reason.PackageUnwatched, Verdict.Skip, i => i with { AboutPackage = true, Watch = WatchStatus.Unwatched }),
        new("policy-version", Reason.PolicyOutdated, Verdict.Skip,
            i => i with { Options = new SendingOptions { RequiredPolicyVersion = "2026-06-01" } }),
        new("review", Reason.ReviewPending, Verdict.Defer, i => With(i, s => s with { ReviewPending = true })),
        new("expiry", Reason.Expired, Verdict.Skip, i => i with { ExpiresAt = i.Now }),
        new("duplicate", Reason.Duplicate, Verdict.Skip, i => i with { AlreadyDecided = true }),
        new("quiet-hours", Reason.QuietHours, Verdict.Defer,
            i => With(
                i,
                s => s with { Channel = Channel.Sms, Region = "GB", TimeZone = "Europe/London" }) with
                {
                    Channel = Channel.Sms,
                    Now = Noon.AddHours(12),
                }),
        new("frequency-cap", Reason.FrequencyCap, Verdict.Defer,
            i => With(
                i,
                s => s with { Recent = [new RecentSend("promotions", Noon.AddDays(-1))] }) with
                {
                    Options = new SendingOptions { MarketingCapCount = 1 },
                }),
        new("frequency-cap", Reason.FrequencyCap, Verdict.Defer,
            i => With(
                i,
                s => s with
                {
                    Subscriptions = [new Subscription("capped", SubscriptionStatus.Subscribed, Noon, "x")],
                    Recent = [new RecentSend("capped", Noon.AddDays(-1))],
                }) with
                {
                    Topic = Topics.Find("capped")!,
                }),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Cases.Length)];

    [Fact]
    public void P2_What_nothing_stands_against_is_allowed_and_every_rule_says_so()
    {
        var decision = DecisionRules.Decide(Allowed());
        Assert.Equal((Verdict.Allow, Reason.Allowed, null), (decision.Verdict, decision.Reason, decision.Until));
        Assert.Equal(DecisionRules.All.Count, decision.Results.Length);
        Assert.All(decision.Results, r => Assert.Equal(Reason.Allowed, r));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void P2_Each_obstacle_is_found_by_its_own_rule_alone_with_its_own_reason(int index)
    {
        var it = Cases[index];
        var decision = DecisionRules.Decide(it.Arrange(Allowed()));
        Assert.Equal((it.Verdict, it.Reason), (decision.Verdict, decision.Reason));
        Assert.Equal(it.Verdict == Verdict.Defer, decision.Until > Noon);
        for (var i = 0; i < DecisionRules.All.Count; i++)
        {
            var own = DecisionRules.All[i].Name == it.Rule;

            // A record without a subscription, or another purpose, may bother a later rule too; nothing before the rule may say no.
            if (own) Assert.Equal(it.Reason, decision.Results[i]);
            else if (i < DecisionRules.All.ToList().FindIndex(r => r.Name == it.Rule)) Assert.Equal(Reason.Allowed, decision.Results[i]);
        }
    }

    [Fact]
    public void P2_The_first_rule_that_fails_decides_and_the_receipt_shows_all_of_them()
    {
        for (var first = 0; first < Cases.Length; first++)
        {
            for (var second = 0; second < Cases.Length; second++)
            {
                var input = Cases[second].Arrange(Cases[first].Arrange(Allowed()));
                var decision = DecisionRules.Decide(input);
                var expected = DecisionRules.All.Select(r => r.Check(input)).ToArray();
                Assert.Equal(expected.Select(r => r.Reason), decision.Results);
                var deciding = expected.FirstOrDefault(r => !r.Passed);
                Assert.Equal((deciding.Reason, deciding.Until), (decision.Reason, decision.Until));
            }
        }
    }

    [Fact]
    public void P2_A_decision_is_pure() => Gen.Int[0, Cases.Length - 1].Array[0, 4].Sample(
        which =>
        {
            var input = which.Aggregate(Allowed(), (i, n) => Cases[n].Arrange(i));
            var before = input.State is null ? "" : JsonSerializer.Serialize(input.State, CoreJson.Default.AddressState);
            var (one, two) = (DecisionRules.Decide(input), DecisionRules.Decide(input));
            Assert.Equal((one.Verdict, one.Reason, one.Until), (two.Verdict, two.Reason, two.Until));
            Assert.Equal(one.Results, two.Results);
            Assert.Equal(before, input.State is null ? "" : JsonSerializer.Serialize(input.State, CoreJson.Default.AddressState));
        },
        iter: 2_000);

    [Fact]
    public void Receipts_name_rules_by_position_so_the_order_only_ever_grows_at_its_end()
    {
        string[] published =
            [
                "account", "restriction", "suppression", "subscription", "policy-version", "review", "expiry", "duplicate", "quiet-hours",
                "frequency-cap", "freshness", "pause", "campaign",
            ];
        Assert.Equal(published, DecisionRules.All.Take(published.Length).Select(r => r.Name));
        var receipt = new Receipt(1, "h", null, [.. Enumerable.Repeat((byte)Reason.Expired, published.Length)], Noon);
        Assert.Equal(published.Select(n => (n, Reason.Expired)), receipt.Rules());
        Assert.Empty(new Receipt(1, "h", null, [], Noon).Rules());
        // Of a newer version.
        Assert.Equal(DecisionRules.All.Count, new Receipt(1, "h", null, new byte[DecisionRules.All.Count + 3], Noon).Rules().Count());
    }

    [Fact]
    public void Every_reason_is_produced_by_a_test_or_belongs_to_a_feature_to_come()
    {
        Reason[] dispatcher = [Reason.Allowed, Reason.ProviderRejected, Reason.ProviderUnavailable, Reason.Unknown]; // DispatcherTests
        Reason[] later = [Reason.StaleEvent, Reason.CampaignPaused, Reason.CampaignCancelled, Reason.NotSelected]; // packages, campaigns
        Assert.Equal(Enum.GetValues<Reason>().Order(), Cases.Select(c => c.Reason).Concat(dispatcher).Concat(later).Distinct().Order());
    }

    [Fact]
    public void R54_A_followed_package_permits_its_updates_and_no_promotion()
    {
        var watching = Allowed() with
        {
            State = Allowed().State! with { Subscriptions = [] },
            AboutPackage = true,
            Watch = WatchStatus.Active,
            Topic = Topics.Find(TopicKey.PackageUpdates)!,
        };
        Assert.Equal(Verdict.Allow, DecisionRules.Decide(watching).Verdict);
        Assert.Equal(
            Reason.NoConsent,
            DecisionRules.Decide(watching with { Topic = Topics.Find(TopicKey.Promotions)!, AboutPackage = false, Watch = null }).Reason);
    }

    [Fact]
    public void R54_A_promotion_that_names_a_followed_package_is_still_a_promotion()
    {
        var input = Allowed() with
        {
            State = Allowed().State! with { Subscriptions = [] },
            AboutPackage = true,
            Watch = WatchStatus.Active,
            Topic = Topics.Find(TopicKey.Promotions)!,
        };
        Assert.Equal(Reason.NoConsent, DecisionRules.Decide(input).Reason);
    }

    [Fact]
    public void M1_Unsubscribed_from_package_updates_stands_over_a_followed_package()
    {
        var input = Status(
            Allowed(), SubscriptionStatus.Unsubscribed,
            TopicKey.PackageUpdates) with
            {
                AboutPackage = true,
                Watch = WatchStatus.Active,
                Topic = Topics.Find(TopicKey.PackageUpdates)!,
            };
        Assert.Equal(Reason.Unsubscribed, DecisionRules.Decide(input).Reason);
    }

    [Fact]
    public void R48_An_answer_to_a_text_goes_out_after_an_opt_out_but_never_to_an_erased_person()
    {
        var reply = With(
            Allowed(),
            s => s with { Stopped = new StopAll(Noon, "sms"), Contact = ContactStatus.Disabled, ReviewPending = true }) with
            {
                Purpose = MessagePurpose.Reply,
            };
        Assert.Equal(Verdict.Allow, DecisionRules.Decide(reply).Verdict);
        Assert.Equal(Verdict.Allow, DecisionRules.Decide(Suppressed(reply, SuppressionReason.Manual)).Verdict);
        Assert.Equal(Reason.SuppressedErased, DecisionRules.Decide(Suppressed(reply, SuppressionReason.Erased)).Reason);
    }

    [Fact]
    public void Package_updates_know_no_policy_review_night_or_marketing_cap()
    {
        var input = With(
            Allowed(), s => s with { ReviewPending = true, TimeZone = "Europe/London", Recent = [new RecentSend("promotions", Noon)] }) with
        {
            Topic = Topics.Find(TopicKey.PackageUpdates)!,
            Channel = Channel.Sms,
            Now = Noon.AddHours(12),
            Options = new SendingOptions { RequiredPolicyVersion = "2099-01-01", MarketingCapCount = 1 },
        };
        input = Status(input, SubscriptionStatus.Subscribed, TopicKey.PackageUpdates);
        Assert.Equal(Verdict.Allow, DecisionRules.Decide(input).Verdict);
    }

    [Fact]
    public void Every_reason_has_a_stable_name_and_number()
    {
        string[] names =
        [
            "allowed",
            "no-consent", "unconfirmed", "unsubscribed", "package-unwatched", "suppressed-bounce", "suppressed-complaint",
            "suppressed-manual", "suppressed-erased", "suppressed-invalid",
            "account-disabled",
            "processing-restricted", "policy-outdated", "review-pending", "quiet-hours", "frequency-cap", "expired", "duplicate",
            "stale-event", "campaign-paused",
            "campaign-cancelled", "not-selected", "provider-rejected", "provider-unavailable", "unknown",
        ];
        Assert.Equal(names, Enum.GetValues<Reason>().Order().Take(names.Length).Select(r => JsonSerializer.Serialize(r).Trim('"')));
        for (var i = 0; i < names.Length; i++)
        {
            Assert.Equal((Reason)i, JsonSerializer.Deserialize<Reason>($"\"{names[i]}\""));
            Assert.Equal((Reason)i, ReasonNames.Parse(names[i]));
            Assert.Equal(names[i], ((Reason)i).Name());
        }

        Assert.Null(ReasonNames.Parse("other"));
    }

    private static DecisionInput Allowed() => new()
    {
        State = new AddressState
        {
            Channel = Channel.Email,
            Value = "ana@example.com",
            Subscriptions = [new Subscription(TopicKey.Newsletter, SubscriptionStatus.Subscribed, Noon.AddDays(-30), "form", "2026-01-01")],
        },
        Topic = Topics.Find(TopicKey.Newsletter)!,
        Channel = Channel.Email,
        Now = Noon,
        Options = new SendingOptions(),
    };

    private static DecisionInput With(DecisionInput input, Func<AddressState, AddressState> change) =>
        input with { State = change(input.State ?? Allowed().State!) };

    private static DecisionInput Suppressed(DecisionInput input, SuppressionReason reason) =>
        With(input, s => s with { Suppression = new Suppression(reason, Noon) });

    private static DecisionInput Status(DecisionInput input, SubscriptionStatus status, string topic = TopicKey.Newsletter) =>
        With(input, s => s.With(new Subscription(topic, status, Noon, "form", "2026-01-01")));
}
