using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Consent;

/// <summary>What the consent desk answers, asks and keeps.</summary>
public sealed class ConsentDetailsTests
{
    private static readonly Address Ana = World.Mail("ana@example.com");
    private static readonly Address Phone = World.Phone("+14155552671");
    private readonly World _world = new();

    [Fact]
    public async Task R10_Each_act_is_recorded_once_and_unchanged_the_second_time()
    {
        foreach (var expected in (ConsentResult[])[ConsentResult.Recorded, ConsentResult.Unchanged])
        {
            Assert.Equal(expected, (await _world.Consents.OptInAsync(Ana, Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn), false, "en", default)).Result);
            Assert.Equal(expected, (await _world.Consents.SoftOptInAsync(Ana, Topic(TopicKey.Promotions), Draft(LedgerAction.OptIn, TopicKey.Promotions), null, default)).Result);
            Assert.Equal(expected, (await _world.Consents.OptOutAsync(Phone, Draft(LedgerAction.OptOut), default)).Result);
        }
    }

    [Fact]
    public async Task R28_Several_topics_of_which_one_waits_are_asked_about_in_the_language_of_the_request_else_the_stored_one()
    {
        (Topic, LedgerDraft)[] chosen = [(Topic(TopicKey.PackageUpdates), Draft(LedgerAction.OptIn, TopicKey.PackageUpdates)), (Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn))];
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
        foreach (var pause in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)])
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
        foreach (var topic in (string[])[TopicKey.Newsletter, TopicKey.Promotions]) await _world.Consents.OptInAsync(Ana, Topic(topic), Draft(LedgerAction.OptIn, topic), false, null, default);
        var key = _world.Ring.KeyOf(Ana);
        var (topics, _) = await _world.Consents.ConfirmAsync(key, [TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates], Draft(LedgerAction.Confirm), default);
        Assert.Equal([TopicKey.Newsletter, TopicKey.Promotions], topics);
        Assert.Equal([(LedgerAction.Confirm, TopicKey.Newsletter), (LedgerAction.Confirm, TopicKey.Promotions)], (await _world.Book.LedgerAsync(key, default)).Skip(2).Select(e => (e.Action, e.Topic)));
    }

    [Fact]
    public async Task R3_An_address_that_only_its_key_was_known_of_is_filled_in_with_its_region_and_a_known_region_stays()
    {
        foreach (var (known, expected) in ((string?, string)[])[(null, "US"), ("CA", "CA")])
        {
            var world = new World();
            await world.Book.ChangeAsync(world.Ring.KeyOf(Phone), new AddressState { Channel = Channel.Sms, Region = known }, (s, now) => Transitions.OptOut(s, Draft(LedgerAction.OptOut), now), null, default);
            var (_, state) = await world.Consents.OptInAsync(Phone, Topic(TopicKey.PackageUpdates), Draft(LedgerAction.OptIn, TopicKey.PackageUpdates), false, null, default);
            Assert.Equal(("+14155552671", expected), (state.Value, state.Region));
        }

        Assert.Null(ConsentDesk.Blank(Ana).Region);
    }

    [Fact]
    public async Task Where_nothing_was_said_nothing_is_written()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var commits = _world.Store.Committed.Count;
        await _world.Consents.OptInAsync(Ana, Topic(TopicKey.Newsletter), Draft(LedgerAction.OptIn), false, "de", default);
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

    private static LedgerDraft Draft(LedgerAction action, string topic = TopicKey.Newsletter) => new(action, topic, "form", "person") { PolicyVersion = "v1" };
}
