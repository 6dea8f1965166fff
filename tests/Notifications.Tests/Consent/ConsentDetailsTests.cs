using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Consent;

/// <summary>What the consent desk answers, asks and keeps.</summary>
public sealed class ConsentDetailsTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");
    private readonly World _world = new();

    [Fact]
    public async Task R10_Each_act_is_recorded_once_and_unchanged_the_second_time()
    {
        foreach (var expected in (ConsentResult[])[ConsentResult.Recorded, ConsentResult.Unchanged])
        {
            Assert.Equal(
                expected,
                (await _world.Consents.OptInAsync(
                    Ana, Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn), false, "en", default)).Result);
            Assert.Equal(
                expected,
                (await _world.Consents.SoftOptInAsync(
                    Ana, Topic(TopicKey.Promotions), Draft(LedgerAction.OptIn, TopicKey.Promotions), null, default)).Result);
            Assert.Equal(expected, (await _world.Consents.OptOutAsync(Phone, Draft(LedgerAction.OptOut), default)).Result);
        }
    }

    [Fact]
    public async Task R28_Several_topics_of_which_one_waits_are_asked_about_in_the_language_of_the_request_else_the_stored_one()
    {
        (Topic, LedgerDraft)[] chosen =
            [
                (Topic(TopicKey.PackageUpdates), Draft(LedgerAction.OptIn, TopicKey.PackageUpdates)),
                (Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn)),
            ];
        await _world.Consents.OptInAsync(Ana, chosen, false, "de", default);
        Assert.Equal("de", Assert.Single(await _world.TakeQueuedAsync()).Locale);
        foreach (var (locale, expected) in ((string?, string)[])[(null, "de"), ("fr", "fr")])
        {
            _world.Time.Advance(TimeSpan.FromHours(25));
            var (_, state) = await _world.Consents.OptInAsync(Ana, chosen, false, locale, default);
            var ask = Assert.Single(await _world.TakeQueuedAsync());
            Assert.Equal((expected, TopicKey.Newsletter, "de"), (ask.Locale, ask.Topic, state.Locale)); // What was first said stays.
        }
    }

    [Fact]
    public async Task R63_Within_the_window_nothing_is_asked_again_and_at_its_end_it_is()
    {
        var asked = new List<string>();
        foreach (var pause in (TimeSpan[])[
            TimeSpan.Zero, TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1),
        ])
        {
            _world.Time.Advance(pause);
            await _world.Consents.OptInAsync(Ana, Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn), false, "en", default);
            asked.AddRange((await _world.TakeQueuedAsync()).Select(r => r.Id));
        }

        Assert.Equal(2, asked.Distinct().Count());
    }

    [Fact]
    public async Task R28_What_was_confirmed_together_is_recorded_topic_by_topic_and_only_what_waited()
    {
        foreach (var topic in (string[])[TopicKey.Newsletter, TopicKey.Promotions])
            await _world.Consents.OptInAsync(Ana, Topic(topic), Draft(LedgerAction.OptIn, topic), false, null, default);
        var key = _world.Ring.KeyOf(Ana);
        var (topics, _) = await _world.Consents.ConfirmAsync(
            key, [TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates], Draft(LedgerAction.Confirm), default);
        Assert.Equal([TopicKey.Newsletter, TopicKey.Promotions], topics);
        Assert.Equal(
            [(LedgerAction.Confirm, TopicKey.Newsletter), (LedgerAction.Confirm, TopicKey.Promotions)],
            (await _world.Book.LedgerAsync(key, default)).Skip(2).Select(e => (e.Action, e.Topic)));
    }

    [Fact]
    public async Task R3_An_address_that_only_its_key_was_known_of_is_filled_in_with_its_region_and_a_known_region_stays()
    {
        foreach (var (known, expected) in ((string?, string)[])[(null, "US"), ("CA", "CA")])
        {
            var world = new World();
            await world.Book.ChangeAsync(
                world.Ring.KeyOf(Phone), new AddressState { Channel = Channel.Sms, Region = known },
                (s, now) => Transitions.OptOut(s, Draft(LedgerAction.OptOut), now), null, default);
            var (_, state) = await world.Consents.OptInAsync(
                Phone, Topic(TopicKey.PackageUpdates), Draft(LedgerAction.OptIn, TopicKey.PackageUpdates), false, null, default);
            Assert.Equal(("+14155552671", expected), (state.Value, state.Region));
        }

        Assert.Null(ConsentDesk.Blank(Ana).Region);
    }

    [Fact]
    public async Task R3_R10_A_stop_by_link_that_is_said_again_fills_the_address_in_and_writes_no_second_entry()
    {
        var token = new LinkToken(LinkPurpose.Unsubscribe, _world.Ring.KeyOf(Ana), Channel.Email) { Topic = TopicKey.Newsletter };
        await _world.Unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", default);
        var (result, state) = await _world.Consents.OptOutAsync(Ana, Draft(LedgerAction.OptOut), default);
        Assert.Equal((ConsentResult.Unchanged, "ana@example.com"), (result, state.Value));
        Assert.Equal(state.Value, (await _world.Book.LoadAsync(token.Address, default)).State!.Value);
        Assert.Single(await _world.Book.LedgerAsync(token.Address, default));
    }

    [Fact]
    public async Task R28_One_confirmation_asks_about_all_that_waits_and_names_the_entry_it_asks_about()
    {
        (Topic, LedgerDraft)[] chosen =
            [
                (Topic(TopicKey.Promotions), Draft(LedgerAction.OptIn, TopicKey.Promotions)),
                (Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn)),
            ];
        await _world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        var (_, state) = await _world.Consents.OptInAsync(Ana, chosen, false, "en", default);
        var ask = Assert.Single(await _world.TakeQueuedAsync());
        Assert.Equal((TopicKey.Promotions, TopicKey.Newsletter), (ask.Topic, Assert.Single(ask.AlsoTopics)));
        Assert.Equal(
            (MessagePurpose.Confirmation, Channel.Email, "ana@example.com", _world.Time.GetUtcNow()),
            (ask.Purpose, ask.Channel, ask.To, ask.AcceptedAt));
        Assert.All(_world.Questions.Asked(state), s => Assert.Equal(3, s.ConfirmationSeq));

        // The id is the same in every version: asking again after an update sends nothing twice.
        Assert.Equal(
            _world.Ids.Derive(_world.Ring.KeyOf(Ana), $"confirm/3/{_world.Time.GetUtcNow().ToUnixTimeMilliseconds()}").ToString(), ask.Id);
        await _world.Dispatcher.SendAsync(ask, false, default);
        await _world.Consents.OptInAsync(Ana, chosen, false, "en", default);
        Assert.Empty(await _world.TakeQueuedAsync());
    }

    [Fact]
    public async Task R28_Nothing_can_be_confirmed_for_an_address_that_is_not_known()
    {
        var (topics, state) = await _world.Consents.ConfirmAsync(
            _world.Ring.KeyOf(Ana), [TopicKey.Newsletter], Draft(LedgerAction.Confirm), default);
        Assert.Empty(topics);
        Assert.Null(state);
    }

    [Fact]
    public void M5_A_topic_is_marketing_with_double_opt_in_and_no_cap_unless_it_is_configured_otherwise()
    {
        var topic = new Topic();
        Assert.Equal(
            (TopicKind.Marketing, true, 0, 7, "", ""),
            (topic.Kind, topic.DoubleOptIn, topic.CapCount, topic.CapDays, topic.Name, topic.Description));
        Assert.Contains(
            "'' is not a topic key", Assert.Throws<ArgumentException>(() => new TopicCatalog([topic])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_was_said_nothing_is_written()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var commits = _world.Store.Committed.Count;
        await _world.Consents.OptInAsync(
            Ana, Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn) with { PolicyVersion = null }, false, "de", default);
        Assert.Equal(commits, _world.Store.Committed.Count);
    }

    [Fact]
    public void R55_A_built_in_topic_is_named_in_the_persons_language_unless_it_was_given_a_name()
    {
        var german = ConsentTexts.For("de");
        Assert.NotEqual("Package updates", german.NameOf(Topic(TopicKey.PackageUpdates)));
        Assert.Equal("Parcel news", german.NameOf(new Topic { Key = TopicKey.PackageUpdates, Name = "Parcel news" }));
        Assert.Equal("Surveys", german.NameOf(new Topic { Key = "surveys", Name = "Surveys" }));
    }

    private Topic Topic(string key) => _world.Topics.Find(key)!;

    private static LedgerDraft Draft(LedgerAction action, string topic = TopicKey.Newsletter) =>
        new(action, topic, "form", "person") { PolicyVersion = "v1" };
}
