using System.Text;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>What queues gave up: kept, shown, put back (P5).</summary>
public sealed class DeadLettersTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private readonly World _world = new();

    [Theory]
    [InlineData("", false)]
    [InlineData("a", true)]
    [InlineData("0018-Az_9", true)]
    [InlineData("0123456789012345678901234567890123456789", true)]
    [InlineData("01234567890123456789012345678901234567890", false)]
    [InlineData("a/b", false)]
    [InlineData("ä", false)]
    public void A_letters_id_has_one_to_forty_letters_digits_hyphens_and_underscores(string text, bool isId) =>
        Assert.Equal(isId, DeadLetters.IsId(text));

    [Fact]
    public async Task P5_Letters_are_listed_oldest_first_page_by_page_and_each_queue_for_itself()
    {
        for (var i = 0; i < 5; i++)
        {
            await _world.DeadLetters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("event " + i), 5 + i, default);
            _world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await _world.DeadLetters.KeepAsync(Queues.Packages, Encoding.UTF8.GetBytes("other"), 5, default);
        var first = await _world.DeadLetters.ListAsync(Queues.Inbound, null, 2, default);
        var rest = await _world.DeadLetters.ListAsync(Queues.Inbound, first[^1].Id, 10, default);
        Assert.Equal(
            ["event 0", "event 1", "event 2", "event 3", "event 4"],
            first.Concat(rest).Select(l => Encoding.UTF8.GetString(l.Letter.Body)));
        Assert.Equal((2, 3), (first.Count, rest.Count));
        Assert.Equal(
            (Queues.Inbound, 6, first[0].Letter.At.AddSeconds(1)), (first[1].Letter.Queue, first[1].Letter.Deliveries, first[1].Letter.At));
    }

    [Fact]
    public async Task P5_A_replay_puts_back_what_was_kept_once_and_a_message_begins_its_attempts_anew()
    {
        await _world.DeadLetters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("""{"id":"1"}"""), 5, default);
        await _world.DeadLetters.KeepAsync(Queues.Send, Encoding.UTF8.GetBytes("not a message"), 5, default);
        var inbound = Assert.Single(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 10, default)).Id;
        Assert.True(await _world.DeadLetters.ReplayAsync(Queues.Inbound, inbound, default));
        Assert.False(await _world.DeadLetters.ReplayAsync(Queues.Inbound, inbound, default));
        Assert.Equal(
            """{"id":"1"}""",
            Encoding.UTF8.GetString(
                Assert.Single(await _world.Memory.ReceiveAsync(Queues.Inbound, 10, TimeSpan.FromMinutes(1))).Body.Span));

        Assert.True(await _world.DeadLetters.ReplayAsync(
            Queues.Send, Assert.Single(await _world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id, default));
        var garbled = Assert.Single(await _world.Memory.ReceiveAsync(Queues.Send, 10, TimeSpan.FromMinutes(1)));
        Assert.Equal("not a message", Encoding.UTF8.GetString(garbled.Body.Span));
        await _world.Memory.CompleteAsync(garbled);

        await KeepAsync(_world.Request(Ana, TopicKey.Newsletter) with { Attempt = 7 });
        Assert.True(await _world.DeadLetters.ReplayAsync(
            Queues.Send, Assert.Single(await _world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id, default));
        var back = Assert.Single(await _world.TakeQueuedAsync());
        Assert.Equal((0, true), (back.Attempt, back.Replayed));
    }

    // What a replay writes: that it is at it, what it notes of the item, and that the letter is gone.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task P5_A_letter_that_two_put_back_at_once_goes_back_once_and_one_of_them_counts_it(int at)
    {
        var id = await KeptAsync();
        var (write, other) = (0, false);
        _world.Store.BeforeCommit = async _ =>
        {
            if (write++ != at) return;
            _world.Store.BeforeCommit = null;
            other = await _world.DeadLetters.ReplayAsync(Queues.Inbound, id, default);
        };
        Assert.Equal((at > 0, at == 0), (await _world.DeadLetters.ReplayAsync(Queues.Inbound, id, default), other));
        Assert.Equal(1, await _world.Memory.CountAsync(Queues.Inbound));
        Assert.Empty(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 1, default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task P5_A_letter_is_not_lost_where_whoever_puts_it_back_dies_and_goes_back_a_minute_later(int at)
    {
        var id = await KeptAsync();
        var write = 0;
        _world.Store.BeforeCommit = _ => write++ == at ? throw new CrashException() : Task.CompletedTask;
        await Assert.ThrowsAsync<CrashException>(async () => await _world.DeadLetters.ReplayAsync(Queues.Inbound, id, default));
        _world.Store.BeforeCommit = null;
        Assert.Single(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 10, default));
        Assert.Equal(at == 0, await _world.DeadLetters.ReplayAsync(Queues.Inbound, id, default));
        // And a turn over the whole queue does not say that nothing is left.
        Assert.Equal((0, at == 0 ? 0 : 1), await _world.DeadLetters.ReplayAllAsync(Queues.Inbound, default));
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(at > 0, await _world.DeadLetters.ReplayAsync(Queues.Inbound, id, default));
        Assert.Equal(at < 2 ? 1 : 2, await _world.Memory.CountAsync(Queues.Inbound));
        Assert.Empty(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 1, default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task P5_A_letter_is_counted_where_a_lost_answer_hides_that_a_write_took_effect(int at)
    {
        var id = await KeptAsync();
        var write = 0;
        _world.Store.AfterCommit = (_, result) => write++ == at ? CommitResult.Conflict(0) : result;
        Assert.True(await _world.DeadLetters.ReplayAsync(Queues.Inbound, id, default));
        Assert.Equal(1, await _world.Memory.CountAsync(Queues.Inbound));
    }

    private async Task<string> KeptAsync()
    {
        await _world.DeadLetters.KeepAsync(Queues.Inbound, "event"u8.ToArray(), 5, default);
        return Assert.Single(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 10, default)).Id;
    }

    [Fact]
    public async Task P5_A_queue_goes_back_whole_and_a_letter_that_was_discarded_does_not()
    {
        for (var i = 0; i < 250; i++) await _world.DeadLetters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("event " + i), 5, default);
        await _world.DeadLetters.KeepAsync(Queues.Packages, Encoding.UTF8.GetBytes("other"), 5, default);
        var gone = (await _world.DeadLetters.ListAsync(Queues.Inbound, null, 1, default))[0].Id;
        Assert.True(await _world.DeadLetters.DiscardAsync(Queues.Inbound, gone, default));
        Assert.False(await _world.DeadLetters.DiscardAsync(Queues.Inbound, gone, default));
        Assert.Equal((249, 0), await _world.DeadLetters.ReplayAllAsync(Queues.Inbound, default));
        Assert.Empty(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 1, default));
        Assert.Equal(249, await _world.Memory.CountAsync(Queues.Inbound));
        Assert.Single(await _world.DeadLetters.ListAsync(Queues.Packages, null, 10, default));
    }

    [Fact]
    public async Task P5_A_long_queue_goes_back_several_letters_at_a_time_and_in_turns_that_say_how_many_are_left()
    {
        const int Letters = 150;
        for (var i = 0; i < Letters; i++)
            await _world.DeadLetters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("event " + i), 5, default);
        var (begun, several) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _world.Store.BeforeCommit = async changes =>
        {
            if (changes[0].Kind != RowChangeKind.Delete || changes[0].Key.Length == GivenUpNotes.NameLength) return;
            if (Interlocked.Increment(ref begun) == 16) several.SetResult();
            await several.Task.WaitAsync(TimeSpan.FromSeconds(60)); // Fewer at a time would wait for ever.
            _world.Time.Advance(TimeSpan.FromSeconds(1));
        };
        var turns = new List<(int Replayed, int Remaining)>();
        do turns.Add(await _world.DeadLetters.ReplayAllAsync(Queues.Inbound, default));
        while (turns[^1].Remaining > 0);
        Assert.InRange(turns[0].Replayed, 20, 20 + 16);
        Assert.Equal(Letters - turns[0].Replayed, turns[0].Remaining);
        Assert.InRange(turns.Count, Letters / (20 + 16), Letters / 20 + 1);
        Assert.Equal(Letters, turns.Sum(t => t.Replayed));
        Assert.Equal(Letters, await _world.Memory.CountAsync(Queues.Inbound));
        Assert.Empty(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 1, default));
    }

    [Fact]
    public async Task P5_What_a_turn_leaves_is_counted_up_to_a_thousand_letters()
    {
        for (var i = 0; i < DeadLetters.MostCounted + 50; i++)
            await _world.DeadLetters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("event " + i), 5, default);
        _world.Store.BeforeCommit = _ =>
        {
            _world.Store.BeforeCommit = null;
            _world.Time.Advance(DeadLetters.Turn);
            return Task.CompletedTask;
        };
        var (replayed, remaining) = await _world.DeadLetters.ReplayAllAsync(Queues.Inbound, default);
        Assert.InRange(replayed, 1, 49);
        Assert.Equal(DeadLetters.MostCounted, remaining);
    }

    [Fact]
    public async Task P5_Letters_behind_one_that_no_key_opens_go_back_and_what_a_turn_leaves_is_counted_with_it()
    {
        const int Letters = 100;
        var world = new World(sealedStore: true);
        for (var i = 0; i < Letters; i++)
            await world.DeadLetters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("event " + i), 5, default);
        byte[] shut = [1, 250, .. new byte[60]]; // As something looks that another key had sealed.
        await world.Memory.CommitAsync(Tables.DeadLetters, Queues.Inbound, [RowChange.Insert("!shut", shut)]);
        Assert.True(await world.DeadLetters.AnyAsync(Queues.Inbound, default));
        world.Store.BeforeCommit = changes =>
        {
            if (changes[0].Kind == RowChangeKind.Delete) world.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.CompletedTask;
        };
        var turns = new List<(int Replayed, int Remaining)>();
        do turns.Add(await world.DeadLetters.ReplayAllAsync(Queues.Inbound, default));
        while (turns[^1].Remaining > 0 && turns.Count < 50);
        Assert.Equal(Letters + 1 - turns[0].Replayed, turns[0].Remaining);
        Assert.Equal((Letters, 0), (turns.Sum(t => t.Replayed), turns[^1].Remaining)); // It alone is nothing to come again for.
        Assert.Equal(Letters, await world.Memory.CountAsync(Queues.Inbound));
        Assert.False(await world.DeadLetters.AnyAsync(Queues.Inbound, default));
        Assert.NotNull(await world.Memory.GetAsync(Tables.DeadLetters, Queues.Inbound, "!shut"));
    }

    [Fact]
    public async Task P5_A_letter_that_was_kept_sealed_goes_back_opened_once_its_key_is_there_and_as_it_is_until_then()
    {
        var message = JsonSerializer.SerializeToUtf8Bytes(
            _world.Request(Ana, TopicKey.Newsletter) with { Attempt = 3 }, CoreJson.Default.SendRequest);
        var (ours, theirs) = (Sealed(_world.Ring, message), Sealed(KeyRing.Parse(KeyRing.NewJson(), "test"), message));
        await _world.DeadLetters.KeepAsync(Queues.Send, ours, 5, default);
        await _world.DeadLetters.KeepAsync(Queues.Inbound, theirs, 5, default);
        foreach (var queue in new[] { Queues.Send, Queues.Inbound })
            Assert.True(await _world.DeadLetters.ReplayAsync(
                queue, Assert.Single(await _world.DeadLetters.ListAsync(queue, null, 10, default)).Id, default));

        var back = Assert.Single(await _world.TakeQueuedAsync());
        Assert.Equal((Ana.Value, 0, true), (back.To, back.Attempt, back.Replayed));
        Assert.Equal(theirs, Assert.Single(await _world.Memory.ReceiveAsync(Queues.Inbound, 10, TimeSpan.FromMinutes(1))).Body.ToArray());

        static byte[] Sealed(KeyRing ring, byte[] body) =>
            new SealedWorkQueue(new MemoryStore(TimeProvider.System), new DataSealer(ring)).Seal(body);
    }

    [Fact]
    public async Task P5_P9_A_given_up_message_that_has_no_outcome_fails_with_all_that_is_known_of_it_and_its_campaign_counts_anew()
    {
        var request = _world.Request(
            Ana,
            TopicKey.Newsletter) with
            {
                Client = "shop",
                Campaign = "c1",
                Batch = "b1",
                TrackingNumber = "RB123456789CN",
                Template = "parcel",
            };
        await KeepAsync(request);
        var record = (await _world.RecordAsync(request))!;
        Assert.Equal(
            (MessageStatus.Failed, Reason.ProviderUnavailable, "given up"), (record.Status, record.Reason, record.Timeline[^1].Event));
        Assert.Contains("dead letters", record.Timeline[^1].Detail, StringComparison.Ordinal);
        Assert.Equal(
            (TopicKey.Newsletter, Channel.Email, "shop", "c1", "b1", "RB123456789CN", "parcel"),
            (record.Topic, record.Channel, record.Client, record.Campaign, record.Batch, record.TrackingNumber, record.Template));
        Assert.Equal(["queued", "given up"], record.Timeline.Select(e => e.Event));
        Assert.NotNull(await _world.Tables.GetAsync(Tables.Campaigns, "c1", Rows.Stale("b1")));
    }

    [Fact]
    public async Task P5_A_letter_is_kept_put_back_and_let_go_also_where_no_key_opens_its_messages_record()
    {
        _world.Store.BeforeRead = (table, _) => table == Tables.Addresses ? throw new UnreadableRowException() : Task.CompletedTask;
        var request = _world.Request(Ana, TopicKey.Newsletter);
        for (var i = 0; i < 2; i++)
        {
            await KeepAsync(request);
            var id = Assert.Single(await _world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Id;
            Assert.True(
                i == 0
                    ? await _world.DeadLetters.ReplayAsync(Queues.Send, id, default)
                    : await _world.DeadLetters.DiscardAsync(Queues.Send, id, default));
        }

        Assert.Equal(request.Id, Assert.Single(await _world.TakeQueuedAsync()).Id);
        Assert.Empty(await _world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
    }

    [Fact]
    public async Task P5_What_others_are_faster_with_every_time_is_neither_kept_nor_put_back_by_halves_and_the_failure_says_what_it_was()
    {
        var body = "event"u8.ToArray();
        await _world.DeadLetters.KeepAsync(Queues.Inbound, body, 5, default);
        var letter = Assert.Single(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 10, default)).Id;
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        _world.Email.Answer = _ => HandOff.Throttled(TimeSpan.FromSeconds(5));
        var request = _world.Request(Ana, TopicKey.Newsletter);
        await _world.Dispatcher.SendAsync(request, false, default);
        _world.Store.BeforeCommit = async changes =>
        {
            foreach (var (table, partition) in ((string, string)[])[
                (Tables.DeadLetters, Queues.Inbound), (Tables.DeadLetters, Queues.Inbound + ":notes"),
                (Tables.Addresses, _world.Ring.KeyOf(Ana).Value),
            ])
                if (await _world.Memory.GetAsync(table, partition, changes[0].Key) is { } row)
                    await _world.Memory.CommitAsync(table, partition, [RowChange.Put(row.Key, row.Value)]);
        };
        async Task<string> FailedAsync(Func<ValueTask> act) =>
            (await Assert.ThrowsAsync<StorageUnavailableException>(async () => await act())).Message;

        Assert.Contains("The dead letter " + letter, await FailedAsync(
            async () => await _world.DeadLetters.ReplayAsync(Queues.Inbound, letter, default)), StringComparison.Ordinal);
        Assert.Contains("Message " + request.Id, await FailedAsync(() => KeepAsync(request)), StringComparison.Ordinal);
        _world.Store.BeforeCommit = null;
        Assert.Equal(0, await _world.Memory.CountAsync(Queues.Inbound));
        Assert.Empty(await _world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
        await KeepAsync(request);
        Assert.Equal(MessageStatus.Failed, (await _world.RecordAsync(request))!.Status);
        Assert.True(await _world.DeadLetters.ReplayAsync(Queues.Inbound, letter, default));
    }

    [Fact]
    public async Task P5_A_body_that_names_no_message_of_ours_is_kept_and_writes_no_record()
    {
        await KeepAsync(_world.Request(Ana, TopicKey.Newsletter) with { Id = "made-up" });
        Assert.Single(await _world.DeadLetters.ListAsync(Queues.Send, null, 10, default));
        Assert.Empty(await _world.Tables.ScanAsync(Tables.Addresses, null, 10));
    }

    [Fact]
    public async Task P5_A_message_with_an_outcome_keeps_it()
    {
        await _world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = _world.Request(Ana, TopicKey.Newsletter);
        await _world.Dispatcher.SendAsync(request, false, default);
        await KeepAsync(request);
        Assert.Equal(MessageStatus.Sent, (await _world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task P5_An_item_of_another_queue_fails_no_message_whatever_it_looks_like()
    {
        var request = _world.Request(Ana, TopicKey.Newsletter);
        await _world.DeadLetters.KeepAsync(
            Queues.Inbound, JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.SendRequest), 5, default);
        Assert.Null(await _world.RecordAsync(request));
    }

    [Fact]
    public async Task P5_Work_that_is_not_what_its_queue_holds_is_given_up_and_a_poison_queues_item_is_kept_under_its_own_queue()
    {
        var product = new CoreProduct();
        var garbage = Encoding.UTF8.GetBytes("{");
        foreach (var queue in (string[])[Queues.Send, Queues.Inbound, Queues.Packages, Queues.Campaigns, Queues.Imports])
        {
            Assert.Equal(WorkResult.GiveUp, (await product.Work.DoAsync(queue, garbage, 1, default)).Result);
            Assert.Equal(WorkResult.GiveUp, (await product.Work.DoAsync(queue, Encoding.UTF8.GetBytes("null"), 1, default)).Result);
            Assert.Equal(WorkOutcome.Done, await product.Work.DoAsync(Queues.Poison(queue), garbage, 5, default));
            Assert.Single(await product.Store.RangeAsync(Tables.DeadLetters, queue, default, 10));
        }

        Assert.Equal(WorkResult.GiveUp, (await product.Work.DoAsync(Queues.Imports, Encoding.UTF8.GetBytes("{}"), 1, default)).Result);
    }

    private ValueTask KeepAsync(SendRequest request) =>
        _world.DeadLetters.KeepAsync(Queues.Send, JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.SendRequest), 5, default);

    [Fact]
    public async Task P5_An_item_that_comes_to_the_poison_queue_twice_is_one_letter_and_given_up_after_a_replay_another()
    {
        var body = Encoding.UTF8.GetBytes("event");
        for (var i = 0; i < 2; i++)
        {
            await _world.DeadLetters.KeepAsync(Queues.Inbound, body, 5, default);
            _world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var first = Assert.Single(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 10, default)).Id;
        Assert.True(await _world.DeadLetters.ReplayAsync(Queues.Inbound, first, default));
        await _world.DeadLetters.KeepAsync(Queues.Inbound, body, 5, default);
        var second = Assert.Single(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 10, default)).Id;
        Assert.True(string.CompareOrdinal(first, second) < 0);

        // Where the letter is gone, so is what named it; of that very moment both stay.
        var given = _world.Time.GetUtcNow();
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await _world.DeadLetters.PurgeAsync(given, default));
        await _world.DeadLetters.KeepAsync(Queues.Inbound, body, 5, default);
        Assert.Equal(second, Assert.Single(await _world.DeadLetters.ListAsync(Queues.Inbound, null, 10, default)).Id);
        _world.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await _world.DeadLetters.PurgeAsync(_world.Time.GetUtcNow(), default));
        Assert.Empty(await _world.Memory.ScanAsync(Tables.DeadLetters, null, 10));
    }

    [Theory]
    [InlineData("""{"id":"1","eventType":"Microsoft.Communication.SMSReceived","data":{},"eventTime":"yesterday"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"Microsoft.Communication.SMSReceived","data":{},"time":"2026-11-24T12:00:00Z"}""")]
    [InlineData("""{"id":"1","type":"Microsoft.Communication.SMSReceived","at":"2026-11-24T12:00:00Z"}""")]
    [InlineData("""{"id":"","type":"Microsoft.Communication.SMSReceived","data":{},"at":"2026-11-24T12:00:00Z"}""")]
    [InlineData("null")]
    public async Task R67_An_event_that_could_not_be_read_when_it_came_is_not_lost_when_its_letter_is_replayed(string raw)
    {
        var outcome = await new CoreProduct().Work.DoAsync(Queues.Inbound, Encoding.UTF8.GetBytes(raw), 1, default);
        Assert.Equal((WorkResult.GiveUp, "Not an event."), (outcome.Result, outcome.Why));
    }

    [Fact]
    public async Task R67_A_letter_says_why_the_item_was_given_up_in_our_words_or_by_the_type_of_what_was_thrown()
    {
        var product = new CoreProduct();
        Assert.Equal(WorkResult.GiveUp, (await product.Work.DoAsync(Queues.Inbound, "{"u8.ToArray(), 1, default)).Result);
        const string Campaign = "00000000000000c1";
        var step = JsonSerializer.SerializeToUtf8Bytes(
            new Notifications.Campaigns.CampaignWork(Notifications.Campaigns.CampaignStep.Go, Campaign), CoreJson.Default.CampaignWork);
        await product.Store.CommitAsync(Tables.Campaigns, Campaign, [RowChange.Put(Rows.Campaign, "opened by no key"u8.ToArray())]);
        for (var delivery = 1; delivery <= Work.MaxDeliveries; delivery++)
            await Assert.ThrowsAsync<UnreadableRowException>(
                async () => await product.Work.DoAsync(Queues.Campaigns, step, delivery, default));
        await product.Work.DoAsync(Queues.Poison(Queues.Inbound), "{"u8.ToArray(), 1, default);
        await product.Work.DoAsync(Queues.Poison(Queues.Campaigns), step, 1, default);
        await product.Work.DoAsync(Queues.Poison(Queues.Packages), "unseen"u8.ToArray(), 1, default);
        foreach (var (queue, cause) in ((string, string?)[])[
            (Queues.Inbound, "Not an event."), (Queues.Campaigns, "UnreadableRowException"), (Queues.Packages, null),
        ])
            Assert.Equal(cause, Assert.Single(await product.Letters.ListAsync(queue, null, 10, default)).Letter.Cause);
    }
}
