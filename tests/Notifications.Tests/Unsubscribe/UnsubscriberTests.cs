using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Unsubscribe;

/// <summary>What a link stops, and what the ledger then says.</summary>
public sealed class UnsubscriberTests
{
    private const string Suffix = "AbCdEfGhIjKlMnOpQrStUvWx";
    private const string Number = "RB123456789CN";
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private readonly World _world = new();

    [Theory]
    [InlineData(UnsubscribeScope.Named, null, LedgerAction.OptOut)]
    [InlineData(UnsubscribeScope.Topic, null, LedgerAction.OptOut)]
    [InlineData(UnsubscribeScope.All, null, LedgerAction.StopAll)]
    [InlineData(UnsubscribeScope.Named, Number, LedgerAction.Unwatch)]
    [InlineData(UnsubscribeScope.Topic, Number, LedgerAction.OptOut)]
    [InlineData(UnsubscribeScope.All, Number, LedgerAction.StopAll)]
    public async Task R11_R26_A_link_stops_what_was_asked_for_and_the_ledger_says_by_which_message(
        UnsubscribeScope scope, string? number, LedgerAction action)
    {
        foreach (var topic in _world.Topics.All) await _world.SubscribeAsync(Ana, topic.Key);
        var token = Token() with
        {
            Topic = number is null ? TopicKey.Newsletter : TopicKey.PackageUpdates,
            TrackingNumber = number,
            Message = Suffix,
        };
        var done = await _world.Unsubscriber.StopAsync(token, scope, "one-click", default);
        Assert.True(done.Changed);
        var entry = (await _world.Book.LedgerAsync(token.Address, default))[^1];
        Assert.Equal(
            (action, action == LedgerAction.StopAll ? "*" : token.Topic, "one-click", "person"),
            (entry.Action, entry.Topic, entry.Detail!.Source, entry.Detail.Actor));
        var package = action == LedgerAction.Unwatch ? ",\"package\":\"RB123456789CN\"" : "";
        Assert.Equal($$"""{"message":"{{token.Address.Value}}.{{Suffix}}"{{package}}}""", entry.Detail.Evidence);
        foreach (var topic in _world.Topics.All)
            Assert.Equal(
                action == LedgerAction.StopAll || (action == LedgerAction.OptOut && topic.Key == token.Topic)
                    ? SubscriptionStatus.Unsubscribed
                    : SubscriptionStatus.Subscribed,
                done.State.StatusOf(topic.Key));
        Assert.False((await _world.Unsubscriber.StopAsync(token, scope, "one-click", default)).Changed); // R10
        Assert.Equal(4, (await _world.Book.LedgerAsync(token.Address, default)).Count);
    }

    [Theory]
    [InlineData(UnsubscribeScope.Named, null, "n")]
    [InlineData(UnsubscribeScope.All, null, "nop")]
    [InlineData(UnsubscribeScope.Named, Number, "o")]
    [InlineData(UnsubscribeScope.Topic, Number, "op")]
    public async Task R9_Whoever_comes_back_is_known_to_have_stopped_what_they_stopped_and_nothing_else(
        UnsubscribeScope scope, string? number, string stopped)
    {
        foreach (var topic in _world.Topics.All) await _world.SubscribeAsync(Ana, topic.Key);
        LinkToken news = Token() with
        {
            Topic = TopicKey.Newsletter,
        }, one = Token() with
        {
            Topic = TopicKey.PackageUpdates,
            TrackingNumber = Number,
        }, packages = Token() with { Topic = TopicKey.PackageUpdates }, all = Token() with { Topic = null };
        async Task<string> StoppedAsync()
        {
            var state = (await _world.Book.LoadAsync(news.Address, default)).State!;
            var told = "";
            foreach (var (token, letter) in new[] { (news, "n"), (one, "o"), (packages, "p"), (all, "a") })
                if (await _world.Unsubscriber.HasStoppedAsync(token, state, default)) told += letter;
            return told;
        }

        Assert.Equal("", await StoppedAsync());
        await _world.Unsubscriber.StopAsync(number is null ? news : one, scope, "page", default);
        Assert.Equal(scope == UnsubscribeScope.All ? stopped + "a" : stopped, await StoppedAsync());

        // What was asked for again meanwhile can be stopped again.
        await _world.Consents.OptInAsync(
            Ana, _world.Topics.Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person") { PolicyVersion = "2027-01-01" }, confirmed: false,
            null, default);
        Assert.DoesNotContain('n', await StoppedAsync());
        Assert.DoesNotContain('a', await StoppedAsync());
    }

    [Fact]
    public async Task M7_A_link_without_a_topic_stops_everything()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        Assert.NotNull((await _world.Unsubscriber.StopAsync(Token(), UnsubscribeScope.Named, "link", default)).State.Stopped);
        Assert.Null((await _world.Book.LedgerAsync(Token().Address, default))[^1].Detail!.Evidence);
    }

    [Fact]
    public async Task R26_A_package_left_without_a_message_is_named_in_the_evidence()
    {
        await _world.Unsubscriber.StopAsync(
            Token() with { Topic = TopicKey.PackageUpdates, TrackingNumber = Number }, UnsubscribeScope.Named, "link", default);
        Assert.Equal(
            """{"package":"RB123456789CN"}""", Assert.Single(await _world.Book.LedgerAsync(Token().Address, default)).Detail!.Evidence);
        var row = await _world.Tables.GetAsync(Tables.Addresses, Token().Address.Value, Rows.Watch(Number));
        Assert.Equal(WatchStatus.Unwatched, row!.Read(CoreJson.Default.WatchRecord).Status);
    }

    [Fact]
    public async Task R10_Several_topics_stop_in_one_commit_and_what_had_stopped_is_not_said_again()
    {
        foreach (var topic in _world.Topics.All) await _world.SubscribeAsync(Ana, topic.Key);
        await _world.Unsubscriber.StopTopicsAsync(Token(), [TopicKey.Newsletter], "page", default);
        var done = await _world.Unsubscriber.StopTopicsAsync(
            Token() with { Message = Suffix }, [TopicKey.Newsletter, TopicKey.Promotions], "page", default);
        Assert.Equal(
            (LedgerAction.OptOut, TopicKey.Promotions, "page"),
            Assert.Single(done.Entries) is var e ? (e.Action, e.Topic, e.Detail!.Source) : default);
        Assert.Equal(
            [SubscriptionStatus.Subscribed, SubscriptionStatus.Unsubscribed, SubscriptionStatus.Unsubscribed],
            _world.Topics.All.Select(t => done.State.StatusOf(t.Key)));
    }

    [Fact]
    public async Task P9_A_stop_by_a_campaigns_link_has_its_batch_counted_anew_and_any_other_does_not()
    {
        var request = _world.Request(Ana, TopicKey.Newsletter) with { Campaign = "c1", Batch = "b1" };
        Assert.True(MessageId.TryParse(request.Id, out var id));
        var record = new MessageRecord
        {
            Topic = TopicKey.Newsletter,
            Channel = Channel.Email,
            Status = MessageStatus.Sent,
            Campaign = "c1",
            Batch = "b1",
        };
        await _world.Tables.CommitAsync(
            Tables.Addresses, id.Address.Value, [RowChange.Put(Rows.Message(id.Suffix), record, CoreJson.Default.MessageRecord)]);
        await _world.Unsubscriber.StopAsync(Token() with { Topic = TopicKey.Promotions }, UnsubscribeScope.Named, "link", default);
        // Changes nothing.
        await _world.Unsubscriber.StopAsync(
            Token() with { Topic = TopicKey.Promotions, Message = id.Suffix }, UnsubscribeScope.Named, "link", default);
        Assert.Null(await _world.Tables.GetAsync(Tables.Campaigns, "c1", Rows.Stale("b1")));
        await _world.Unsubscriber.StopAsync(
            Token() with { Topic = TopicKey.Newsletter, Message = id.Suffix }, UnsubscribeScope.Named, "link", default);
        Assert.NotNull(await _world.Tables.GetAsync(Tables.Campaigns, "c1", Rows.Stale("b1")));
    }

    [Fact]
    public async Task R10_A_package_left_while_something_else_is_stopped_is_left_all_the_same()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var reads = 0;
        _world.Store.Before = async () =>
        {
            if (++reads != 3) return; // After the head and the watch were read, before the change.
            _world.Store.Before = null;
            await _world.OptOutAsync(Ana, TopicKey.Newsletter);
        };
        var done = await _world.Unsubscriber.StopAsync(
            Token() with { Topic = TopicKey.PackageUpdates, TrackingNumber = Number }, UnsubscribeScope.Named, "link", default);
        Assert.True(done.Changed);
        Assert.Equal(
            [LedgerAction.OptIn, LedgerAction.OptOut, LedgerAction.Unwatch],
            (await _world.Book.LedgerAsync(Token().Address, default)).Select(e => e.Action));
    }

    [Fact]
    public async Task M1_Leaving_a_package_takes_the_follower_out_also_where_a_crash_had_left_it_and_answers_with_the_record()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var token = Token() with { Topic = TopicKey.PackageUpdates, TrackingNumber = Number };
        for (var i = 0; i < 2; i++)
        {
            await _world.Tables.CommitAsync(Tables.Packages, Number, [RowChange.Put(Rows.Watcher(token.Address.Value), "{}"u8.ToArray())]);
            var done = await _world.Unsubscriber.StopAsync(token, UnsubscribeScope.Named, "link", default);
            Assert.Equal((i == 0, SubscriptionStatus.Subscribed), (done.Changed, done.State.StatusOf(TopicKey.Newsletter)));
            Assert.Null(await _world.Tables.GetAsync(Tables.Packages, Number, Rows.Watcher(token.Address.Value)));
        }
    }

    [Fact]
    public async Task A_package_is_not_left_for_somebody_who_is_gone()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        var token = Token() with { Topic = TopicKey.PackageUpdates, TrackingNumber = Number };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await _world.Unsubscriber.StopAsync(token, UnsubscribeScope.Named, "link", gone.Token));
        Assert.Equal(0, _world.Store.Operations);
    }

    private LinkToken Token() => new(LinkPurpose.Unsubscribe, _world.Ring.KeyOf(Ana), Channel.Email);
}
