using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Consent;

/// <summary>A sign-up that comes while an earlier one still waits for its confirmation.</summary>
public sealed class AskedAnewTests
{
    private const string Ana = "ana@example.com";
    private readonly PackagesWorld _world = new();

    [Fact]
    public async Task R26_M15_A_confirmation_proves_the_newest_sign_up_with_its_words_and_its_policy_and_not_the_one_that_nobody_answered()
    {
        await SignUpAsync("v1", "a stranger's words");
        _world.Clock.Advance(TimeSpan.FromDays(10));
        await SignUpAsync("v2", "her own words");
        Assert.Equal(2, _world.Outbox.Emails.Count);
        await ConfirmAsync();
        var ledger = await _world.Book.LedgerAsync(_world.KeyOf(Ana), default);
        Assert.Equal(
            [
                (LedgerAction.OptIn, "v1", "a stranger's words"),
                (LedgerAction.OptIn, "v2", "her own words"),
                (LedgerAction.Confirm, "v2", null),
            ],
            ledger.Select(e => (e.Action, e.PolicyVersion!, e.Detail!.Wording)));

        // The ledger tells the same record.
        var state = await StateAsync();
        Assert.Equal("v2", state.Find(TopicKey.Newsletter)!.PolicyVersion);
        Assert.Equal(
            state.Subscriptions,
            LedgerFold.At(ledger, state, _world.Get<TopicCatalog>(), DateTimeOffset.MaxValue)!.Subscriptions.Select(
                s => s with { Since = state.Find(s.Topic)!.Since }));
    }

    [Fact]
    public async Task R63_R26_A_flood_writes_one_entry_per_window_and_only_a_newer_policy_one_more_which_asks_nobody_again()
    {
        for (var i = 0; i < 100; i++) await SignUpAsync("v1");
        Assert.Single(await _world.Book.LedgerAsync(_world.KeyOf(Ana), default));
        await SignUpAsync("v2");
        for (var i = 0; i < 100; i++) await SignUpAsync(i % 2 == 0 ? "v1" : "v2");
        Assert.Equal(2, (await _world.Book.LedgerAsync(_world.KeyOf(Ana), default)).Count);
        Assert.Single(_world.Outbox.Emails);
        await ConfirmAsync(); // By the message of that window.
        Assert.Equal("v2", (await StateAsync()).Find(TopicKey.Newsletter)!.PolicyVersion);
    }

    [Fact]
    public async Task R26_R63_A_topic_that_was_asked_about_before_is_asked_about_again_where_it_is_named_beside_a_package()
    {
        await SignUpAsync("v1", "a stranger's words");
        _world.Clock.Advance(TimeSpan.FromDays(10));
        await _world.WatchAsync(Ana, source: WatchOptions.PublicForm, with: r => r with { SharesWindow = true });
        await SignUpAsync("v1", "her own words");
        await SignUpAsync("v2", "her own words");
        Assert.Equal(2, _world.Outbox.Emails.Count); // The second is about the package.
        Assert.NotNull((await StateAsync()).Find(TopicKey.Newsletter)!.AskedBy(_world.Clock.GetUtcNow())); // A late YES finds the first.
        await _world.PassAsync(TimeSpan.FromHours(25), TimeSpan.FromHours(1));
        Assert.Equal(3, _world.Outbox.Emails.Count);
        Assert.Contains("Newsletter", _world.Outbox.Emails[^1].Subject, StringComparison.Ordinal);
        Assert.True((await StateAsync()).Find(TopicKey.Newsletter) is { ConfirmationAt: not null, Unconfirmed.PolicyVersion: "v2" });
        await _world.PassAsync(TimeSpan.FromDays(2), TimeSpan.FromHours(6));
        Assert.Equal(3, _world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task R33_M15_What_moved_here_keeps_its_moment_when_it_is_asked_for_anew_and_stops_nothing_that_was_chosen_since()
    {
        var (ana, topics) = (CoreProduct.Email(Ana), _world.Get<TopicCatalog>());
        LedgerDraft OptIn(string topic, string? version) => new(LedgerAction.OptIn, topic, "page", "person") { PolicyVersion = version };
        await _world.Get<ConsentDesk>().MoveInAsync(
            ana, [(topics.Find(TopicKey.Newsletter)!, OptIn(TopicKey.Newsletter, "v1"))], [TopicKey.Promotions], null, null, default);
        await _world.WatchAsync(Ana, with: r => r with { AlsoStops = [TopicKey.Promotions] });
        _world.Clock.Advance(TimeSpan.FromHours(1));
        await _world.Get<ConsentDesk>().OptInAsync(
            ana, topics.Find(TopicKey.Promotions)!, OptIn(TopicKey.Promotions, null), confirmed: true, null, default);
        _world.Clock.Advance(TimeSpan.FromHours(24));
        await _world.WatchAsync(Ana, "JD0002", source: WatchOptions.PublicForm, with: r => r with { SharesWindow = true });
        await _world.WatchAsync(Ana, source: WatchOptions.PublicForm, with: r => r with { SharesWindow = true });
        var moved = (await _world.Watches.OfAsync(_world.KeyOf(Ana), default)).Single(w => w.Number == PackagesWorld.Number).Watch;
        Assert.Null(moved.ConfirmationAt); // It waits for the window of the other.
        await SignUpAsync("v2");
        Assert.Equal("v2", (await StateAsync()).Find(TopicKey.Newsletter)!.Unconfirmed!.PolicyVersion);
        await ConfirmAsync();
        Assert.NotNull(await _world.Watches.ConfirmAsync(_world.KeyOf(Ana), PackagesWorld.Number, "page", null, default));
        var state = await StateAsync();
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions)));
    }

    [Fact]
    public async Task M15_An_older_policy_that_comes_late_takes_the_place_of_no_newer_one_that_waits()
    {
        await SignUpAsync("v2");
        _world.Clock.Advance(TimeSpan.FromDays(2));
        await SignUpAsync("v1");
        Assert.Equal("v2", (await StateAsync()).Find(TopicKey.Newsletter)!.Unconfirmed!.PolicyVersion);
    }

    [Fact]
    public async Task R28_A_sign_up_of_the_last_day_has_its_own_thirty_days_and_its_link_lives()
    {
        await SignUpAsync("v1");
        _world.Clock.Advance(TimeSpan.FromDays(29));
        await SignUpAsync("v1");
        _world.Clock.Advance(TimeSpan.FromDays(2));
        await _world.Get<Retention>().RunAsync(default);
        Assert.True((await StateAsync()).Find(TopicKey.Newsletter)!.Waits);
        _world.Clock.Advance(TimeSpan.FromDays(29));
        await _world.Get<Retention>().RunAsync(default);
        Assert.Null((await _world.Book.LoadAsync(_world.KeyOf(Ana), default)).State);
    }

    [Fact]
    public async Task R28_What_the_person_asks_about_again_by_their_own_link_is_not_dead_when_the_message_comes()
    {
        await SignUpAsync("v1");
        _world.Clock.Advance(TimeSpan.FromDays(29));
        await _world.Get<ConsentQuestions>().AskAgainAsync(_world.KeyOf(Ana), default);
        _world.Clock.Advance(TimeSpan.FromDays(2));
        await _world.Get<Retention>().RunAsync(default);
        Assert.True((await StateAsync()).Find(TopicKey.Newsletter)!.Waits);
    }

    [Fact]
    public async Task R28_R26_A_package_that_is_asked_for_anew_waits_its_days_from_then_and_is_confirmed_under_the_newer_policy()
    {
        await WatchAsync("v1");
        _world.Clock.Advance(TimeSpan.FromDays(6));
        await WatchAsync("v1");
        _world.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, (await _world.Repair.RunAsync(default)).Ended);
        await WatchAsync("v2");
        await WatchAsync("v1"); // Late.
        Assert.NotNull(await _world.Watches.ConfirmAsync(_world.KeyOf(Ana), PackagesWorld.Number, "page", null, default));
        var confirmed = (await _world.Book.LedgerAsync(_world.KeyOf(Ana), default))[^1];
        Assert.Equal((LedgerAction.Confirm, "v2"), (confirmed.Action, confirmed.PolicyVersion));
    }

    [Fact]
    public async Task R26_R49_What_is_chosen_after_a_stop_that_was_taken_back_is_asked_about_though_the_same_waited_unasked_before_it()
    {
        await _world.WatchAsync(Ana, source: WatchOptions.PublicForm, with: r => r with { SharesWindow = true });
        await SignUpAsync("v1", "before");
        await SayAsync((state, now) => Transitions.StopByText(state, Said(LedgerAction.StopAll), now));
        await SayAsync((state, now) => Transitions.ResumeByText(state, Said(LedgerAction.Resume), now));
        await SignUpAsync("v1", "after");
        await _world.PassAsync(TimeSpan.FromHours(26), TimeSpan.FromHours(1));
        Assert.Contains("Newsletter", _world.Outbox.Emails[^1].Subject, StringComparison.Ordinal);
        await ConfirmAsync();
        Assert.Equal(
            "after",
            (await _world.Book.LedgerAsync(_world.KeyOf(Ana), default)).Last(e => e.Action == LedgerAction.OptIn).Detail!.Wording);

        static LedgerDraft Said(LedgerAction action) => new(action, LedgerDraft.AllTopics, ConsentSource.Sms, "person");
        async Task SayAsync(Func<AddressState, DateTimeOffset, Change> what)
        {
            _world.Clock.Advance(TimeSpan.FromMinutes(1));
            await _world.Book.ChangeAsync(_world.KeyOf(Ana), null, what, null, default);
            _world.Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private async Task SignUpAsync(string version, string? wording = null)
    {
        var topic = _world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!;
        await _world.Get<ConsentDesk>().OptInAsync(
            CoreProduct.Email(Ana), topic.Unproven(),
            new LedgerDraft(LedgerAction.OptIn, topic.Key, WatchOptions.PublicForm, "person") { PolicyVersion = version, Wording = wording },
            confirmed: false, null, default);
        await _world.PumpAsync();
    }

    private async Task WatchAsync(string version)
    {
        await _world.WatchAsync(Ana, source: WatchOptions.PublicForm, with: r => r with { PolicyVersion = version });
        await _world.PumpAsync();
    }

    private async Task ConfirmAsync() =>
        await _world.Get<ConsentDesk>().ConfirmAsync(
            _world.KeyOf(Ana), [TopicKey.Newsletter], new LedgerDraft(LedgerAction.Confirm, "*", "page", "person"), default);

    private async Task<AddressState> StateAsync() => (await _world.Book.LoadAsync(_world.KeyOf(Ana), default)).State!;
}
