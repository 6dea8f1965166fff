using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Act = System.Func<Notifications.Addresses.AddressState, System.DateTimeOffset, Notifications.Consent.Change>;

namespace Notifications.Tests.Consent;

/// <summary>
/// What a record was at a past moment, told by its ledger alone: explanations (P2) and exports that are imported again (R32) rest on it.
/// </summary>
public sealed class LedgerFoldTests
{
    private const string Forgotten = "forgotten"; // A topic that is configured no more.
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly TopicCatalog Topics = new([new Topic { Key = "surveys" }]);
    private static readonly Topic Newsletter = Topics.Find(TopicKey.Newsletter)!;

    /// <summary>A life, one act a minute. Each changes the record.</summary>
    private static readonly Act[] Life =
    [
        (s, now) => Transitions.OptIn(s, Newsletter, Draft(LedgerAction.OptIn, TopicKey.Newsletter), false, now),
        (s, _) => new Change(s with { Subscriptions = [] }, [Draft(LedgerAction.Expire, TopicKey.Newsletter)]),
        (s, now) => Transitions.OptIn(s, Newsletter, Draft(LedgerAction.OptIn, TopicKey.Newsletter), false, now),
        (s, now) => Transitions.Confirm(s, TopicKey.Newsletter, Draft(LedgerAction.Confirm, TopicKey.Newsletter), now),
        (s, now) =>
            Transitions.OptIn(
                s, Topics.Find(TopicKey.Promotions)!, Draft(LedgerAction.OptIn, TopicKey.Promotions, """{"confirmed":true}"""), true, now),
        (s, now) =>
            Transitions.OptIn(s, Topics.Find(TopicKey.PackageUpdates)!, Draft(LedgerAction.OptIn, TopicKey.PackageUpdates), false, now),
        (s, now) =>
            Transitions.SoftOptIn(
                s, Topics.Find("surveys")!, Draft(LedgerAction.OptIn, "surveys") with { Source = SoftOptIn.SourceOf("checkout") }, now),
        (s, now) =>
            Transitions.SoftOptIn(
                s, new Topic { Key = Forgotten }, Draft(LedgerAction.OptIn, Forgotten) with { Source = SoftOptIn.SourceOf("checkout") },
                now),
        (s, now) =>
            Transitions.OptIn(s, new Topic { Key = "text" }, Draft(LedgerAction.OptIn, "text", """{"confirmed":"true"}"""), false, now),
        (s, now) => Transitions.OptIn(s, new Topic { Key = "list" }, Draft(LedgerAction.OptIn, "list", """["confirmed"]"""), false, now),
        (s, _) =>
            new Change(s with { Subscriptions = [.. s.Subscriptions.Where(x => x.Topic != "list")] }, [Draft(LedgerAction.Expire, "list")]),
        (s, now) => Transitions.OptOut(s, Draft(LedgerAction.OptOut, TopicKey.Newsletter), now),
        (s, _) => Transitions.Restore(s, TopicKey.Newsletter, Draft(LedgerAction.Resume, TopicKey.Newsletter)),
        (s, now) => Transitions.StopAll(s, Draft(LedgerAction.StopAll), now),
        (s, _) => Transitions.Resume(s, Draft(LedgerAction.Resume)),
        (s, now) => Transitions.StopAll(s, Draft(LedgerAction.StopAll), now),
        (s, now) => Transitions.Choose(s, TopicKey.Promotions, Draft(LedgerAction.Resume), now),
        (s, now) => AddressTransitions.Suppress(s, SuppressionReason.Manual, null, Draft(LedgerAction.Suppress), now),
        (s, _) => AddressTransitions.Unsuppress(s, Draft(LedgerAction.Unsuppress)),
        (s, _) => AddressTransitions.SetContact(s, ContactStatus.Disabled, Draft(LedgerAction.Disable)),
        (s, _) => AddressTransitions.SetContact(s, ContactStatus.Active, Draft(LedgerAction.Enable)),
        (s, now) => AddressTransitions.Restrict(s, Draft(LedgerAction.Restrict), now),
        (s, _) => AddressTransitions.Unrestrict(s, Draft(LedgerAction.Unrestrict)),
        (s, _) => AddressTransitions.OpenReview(s, "a", Draft(LedgerAction.Review)),
        (s, _) => AddressTransitions.OpenReview(s, "b", Draft(LedgerAction.Review)),
        (s, _) => AddressTransitions.CloseReview(s, "a", Draft(LedgerAction.Reviewed)),
        (s, _) => AddressTransitions.CloseReview(s, "b", Draft(LedgerAction.Reviewed)),
        (s, now) =>
            AddressTransitions.Pause(s, now.AddDays(7), Draft(LedgerAction.Pause, LedgerDraft.AllTopics, """{"ip":"203.0.113.9"}""")),
        (s, _) => AddressTransitions.Pause(s, null, Draft(LedgerAction.Unpause)),
        (s, now) => AddressTransitions.Pause(s, now.AddDays(30), Draft(LedgerAction.Pause)),
        (s, now) => AddressTransitions.Suppress(s, SuppressionReason.Complaint, null, Draft(LedgerAction.Suppress), now),
        (s, now) => AddressTransitions.Erase(s, Draft(LedgerAction.Erase), now),
    ];

    [Fact]
    public async Task P2_At_each_past_moment_the_ledger_tells_what_the_record_was_then()
    {
        var world = new World();
        var key = world.Ring.KeyOf(Ana);
        var then = new List<(DateTimeOffset At, AddressState State)>();
        foreach (var act in Life)
        {
            var done = await world.Book.ChangeAsync(key, ConsentDesk.Blank(Ana), act, null, default);
            Assert.Single(done!.Entries);
            then.Add((world.Time.GetUtcNow(), done.State));
            world.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var ledger = await world.Book.LedgerAsync(key, default);
        Assert.Null(LedgerFold.At(ledger, then[^1].State, Topics, then[0].At.AddMilliseconds(-1)));
        for (var i = 0; i < then.Count; i++)
            Assert.Equal(
                $"{i}: {Shown(then[i].State)}", $"{i}: {Shown(LedgerFold.At(ledger, then[^1].State, Topics, then[i].At.AddSeconds(59))!)}");

        // After an erasure the details are gone, and with them what had been confirmed elsewhere: the rest is told as before.
        var bare = LedgerFold.At([.. ledger.Select(e => e with { Detail = null })], then[^1].State, Topics, then[3].At)!;
        Assert.Equal((SubscriptionStatus.Subscribed, ""), (bare.StatusOf(TopicKey.Newsletter), bare.Find(TopicKey.Newsletter)!.Source));
    }

    [Fact]
    public async Task P2_A_block_keeps_its_reason_also_after_it_was_lifted_one_of_a_former_version_counts_as_manual_and_settings_are_todays()
    {
        var world = new World();
        var key = world.Ring.KeyOf(Ana);
        var blank = ConsentDesk.Blank(Ana) with { Locale = "pt-BR", TimeZone = "America/Sao_Paulo", Region = "BR" };
        async Task<AddressState> DoAsync(Act act)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            return (await world.Book.ChangeAsync(key, blank, act, null, default))!.State;
        }

        var first = await DoAsync(
            (s, now) => AddressTransitions.Suppress(s, SuppressionReason.Bounce, null, Draft(LedgerAction.Suppress), now));
        await DoAsync((s, _) => AddressTransitions.Unsuppress(s, Draft(LedgerAction.Unsuppress)));
        var today = await DoAsync(
            (s, now) => AddressTransitions.Suppress(s, SuppressionReason.Complaint, null, Draft(LedgerAction.Suppress), now));
        var ledger = await world.Book.LedgerAsync(key, default);
        var before = LedgerFold.At(ledger, today, Topics, first.Suppression!.Since)!;
        Assert.Equal((SuppressionReason.Bounce, first.Suppression.Since), (before.Suppression!.Reason, before.Suppression.Since));
        List<LedgerEntry> former = [.. ledger.Select(e => e with { Detail = e.Detail! with { Evidence = null } })];
        before = LedgerFold.At(former, today, Topics, first.Suppression!.Since)!;
        Assert.Equal((SuppressionReason.Manual, first.Suppression.Since), (before.Suppression!.Reason, before.Suppression.Since));
        var now = LedgerFold.At(ledger, today, Topics, DateTimeOffset.MaxValue)!;
        Assert.Equal(SuppressionReason.Complaint, now.Suppression!.Reason);
        Assert.Equal(
            (Channel.Email, "ana@example.com", "pt-BR", "America/Sao_Paulo", "BR"),
            (now.Channel, now.Value, now.Locale, now.TimeZone, now.Region));
    }

    [Theory]
    [InlineData(SuppressionReason.Bounce, SuppressionReason.Manual, false)]
    [InlineData(SuppressionReason.Manual, SuppressionReason.Bounce, false)]
    [InlineData(SuppressionReason.Bounce, SuppressionReason.Manual, true)]
    [InlineData(SuppressionReason.Manual, SuppressionReason.Bounce, true)]
    public async Task P2_Of_two_blocks_the_one_that_was_not_lifted_stands_from_when_it_came(
        SuppressionReason first, SuppressionReason second, bool own)
    {
        var world = new World();
        var key = world.Ring.KeyOf(Ana);
        var today = ConsentDesk.Blank(Ana);
        foreach (var act in (Act[])
        [
            (s, now) => AddressTransitions.Suppress(s, first, null, Draft(LedgerAction.Suppress), now),
            (s, now) => AddressTransitions.Suppress(s, second, null, Draft(LedgerAction.Suppress), now),
            (s, _) => AddressTransitions.Unsuppress(s, Draft(LedgerAction.Unsuppress), own),
        ])
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            var done = (await world.Book.ChangeAsync(key, today, act, null, default))!;
            Assert.Single(done.Entries);
            today = done.State;
        }

        var folded = LedgerFold.At(await world.Book.LedgerAsync(key, default), today, Topics, DateTimeOffset.MaxValue)!;
        Assert.Equal(own ? SuppressionReason.Bounce : SuppressionReason.Manual, today.Suppression!.Reason);
        Assert.Equal(
            (today.Suppression.Reason, today.Suppression.Since, today.Suppression.Beneath),
            (folded.Suppression!.Reason, folded.Suppression.Since, folded.Suppression.Beneath));
    }

    [Fact]
    public async Task P2_R37_A_soft_opt_in_is_told_as_it_was_said_also_where_its_topic_is_no_marketing_any_more()
    {
        var world = new World();
        var draft = Draft(LedgerAction.OptIn, "surveys") with { Source = SoftOptIn.SourceOf("checkout") };
        var today = (await world.Book.ChangeAsync(
            world.Ring.KeyOf(Ana), ConsentDesk.Blank(Ana), (s, now) => Transitions.SoftOptIn(s, new Topic { Key = "surveys" }, draft, now),
            null, default))!.State;
        var changed = new TopicCatalog([new Topic { Key = "surveys", Kind = TopicKind.Transactional }]);
        var told = LedgerFold.At(await world.Book.LedgerAsync(world.Ring.KeyOf(Ana), default), today, changed, DateTimeOffset.MaxValue)!;
        Assert.Equal(SubscriptionStatus.Subscribed, told.StatusOf("surveys"));
    }

    [Fact]
    public async Task R32_R45_What_was_chosen_by_text_after_STOP_is_told_by_the_ledger_as_it_holds()
    {
        var product = new CoreProduct(sms: o => o.StopScope = Notifications.Sms.StopScope.Clarification);
        var phone = CoreProduct.Phone("+14155552671");
        foreach (var topic in (string[])[TopicKey.PackageUpdates, TopicKey.Promotions])
            await product.Consents.OptInAsync(
                phone, product.Topics.Find(topic)!, Draft(LedgerAction.OptIn, topic, """{"confirmed":true}"""), confirmed: true, null,
                default);
        await product.TextAsync(phone.Value, "STOP");
        await product.TextAsync(phone.Value, "2");
        var state = await product.StateAsync(phone);
        var told = LedgerFold.At(
            await product.Book.LedgerAsync(product.Ring.KeyOf(phone), default), state, product.Topics, DateTimeOffset.MaxValue)!;
        Assert.Equal(Shown(state), Shown(told));
        Assert.Equal(SubscriptionStatus.Subscribed, told.StatusOf(TopicKey.Promotions));
    }

    [Fact]
    public async Task P2_R32_What_waits_for_the_mailbox_and_what_a_text_stopped_are_told_as_they_are()
    {
        var product = new CoreProduct();
        var phone = CoreProduct.Phone("+14155552671");
        async Task ToldAsync(SubscriptionStatus packages, SubscriptionStatus news)
        {
            var state = await product.StateAsync(phone);
            var told = LedgerFold.At(
                await product.Book.LedgerAsync(product.Ring.KeyOf(phone), default), state, product.Topics, DateTimeOffset.MaxValue)!;
            string Lines(AddressState s) =>
                Shown(
                    s with
                    {
                        Subscriptions =
                        [
                            .. s.Subscriptions.Select(x => x with { ConfirmationAt = null, ConfirmationSeq = 0, AskedBefore = null }),
                        ],
                    });
            Assert.Equal(Lines(state), Lines(told));
            Assert.Equal((packages, news), (told.ShownStatusOf(TopicKey.PackageUpdates), told.ShownStatusOf(TopicKey.Newsletter)));
        }

        // A form that anybody can send is no proof, whatever the topic's own setting.
        await product.Consents.OptInAsync(
            phone, product.Topics.Find(TopicKey.PackageUpdates)!.Unproven(),
            Draft(LedgerAction.OptIn, TopicKey.PackageUpdates) with { Source = "public-form" }, confirmed: false, null, default);
        await product.Consents.OptInAsync(
            phone, Newsletter, Draft(LedgerAction.OptIn, TopicKey.Newsletter), confirmed: false, null, default);
        await ToldAsync(SubscriptionStatus.Pending, SubscriptionStatus.Pending);
        await product.Consents.ConfirmAsync(
            product.Ring.KeyOf(phone), TopicKey.Newsletter, Draft(LedgerAction.Confirm, TopicKey.Newsletter), default);
        await ToldAsync(SubscriptionStatus.Pending, SubscriptionStatus.Subscribed);

        // STOP by text takes back what waits and leaves it in the record; taken back, the consent holds again and nothing else.
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(phone.Value, "STOP");
        await ToldAsync(SubscriptionStatus.Unsubscribed, SubscriptionStatus.Unsubscribed);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(phone.Value, "START");
        await ToldAsync(SubscriptionStatus.Unsubscribed, SubscriptionStatus.Subscribed);
    }

    private static LedgerDraft Draft(LedgerAction action, string topic = LedgerDraft.AllTopics, string? evidence = null) =>
        new(action, topic, "form", "person") { PolicyVersion = "v1", Evidence = evidence };

    private static string Shown(AddressState state) =>
        $"{string.Join(' ', state.Subscriptions.Select(s => s with { IntroducedBy = null }))} {state.Stopped} {state.Suppression?.Since} {state.Contact} {state.RestrictedSince} {state.ReviewPending} {state.Reviews.Length} {state.PausedUntil:O} {state.Ledger}";
}
