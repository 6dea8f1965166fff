using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Functions.Queueing;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

public sealed class QueuePumpTests : IDisposable
{
    private const string Stop =
        """[{"id":"e1","topic":"t","subject":"s","eventType":"Microsoft.Communication.SMSReceived","dataVersion":"1.0","metadataVersion":"1","eventTime":"2026-11-24T09:30:00Z","data":{"MessageId":"Incoming_1","From":"15555550123","To":"18005550100","Message":"STOP"}},{"id":"e2","eventType":"Microsoft.Communication.SMSReceived","eventTime":"2026-11-24T09:30:01Z","data":{"From":"15555550124","Message":"HELP"}}]""";
    private readonly BlockingSender _sender = new();
    private readonly AzureHost _host;

    public QueuePumpTests() => _host = new AzureHost(services => services.AddSingleton<IEmailSender>(_sender));

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task An_item_that_is_done_is_done()
    {
        var (id, body) = await QueuedAsync();
        _sender.Go.SetResult();
        await RunAsync(Queues.Send, body, 1);

        Assert.Equal(MessageStatus.Sent, (await RecordAsync(id)).Status);
        Assert.Equal(0, await _host.Store.CountAsync(Queues.Send));
    }

    [Fact]
    public async Task An_item_for_later_is_put_back_with_its_delay_and_not_counted_as_a_failure()
    {
        var (id, body) = await QueuedAsync();
        var first = RunAsync(Queues.Send, body, 1);
        await _sender.Begun.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await RunAsync(Queues.Send, body, 2); // Delivered again while the first still has it.

        Assert.Equal(1, await _host.Store.CountAsync(Queues.Send));
        Assert.Empty(await _host.Store.ReceiveAsync(Queues.Send, 1, TimeSpan.FromMinutes(1))); // There, and not visible yet.
        _sender.Go.SetResult();
        await first;
        Assert.Equal((MessageStatus.Sent, 1), ((await RecordAsync(id)).Status, _sender.Count));
    }

    [Fact]
    public async Task An_item_given_up_goes_to_the_poison_queue_and_from_there_to_the_dead_letters()
    {
        var body = "not a message"u8.ToArray();
        await RunAsync(Queues.Send, Seal(body), 1);
        var poison = Assert.Single(await _host.Store.ReceiveAsync(Queues.Poison(Queues.Send), 2, TimeSpan.FromMinutes(1)));
        await RunAsync(Queues.Poison(Queues.Send), poison.Body.ToArray(), 1);

        Assert.Equal(body, Assert.Single(await _host.Get<DeadLetters>().ListAsync(Queues.Send, null, 10, default)).Letter.Body);
    }

    [Fact]
    public async Task An_unplanned_failure_is_the_hosts_to_repeat_and_its_poison_twin_keeps_even_what_cannot_be_opened()
    {
        var foreign = "sealed by a key that is gone, or by nobody"u8.ToArray();
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Queues.Send, foreign, 1));
        await RunAsync(Queues.Poison(Queues.Send), foreign, 1);

        Assert.Equal(foreign, Assert.Single(await _host.Get<DeadLetters>().ListAsync(Queues.Send, null, 10, default)).Letter.Body);
    }

    [Fact]
    public async Task P5_What_fails_at_its_last_delivery_is_put_into_the_poison_twin_by_us_and_lives_for_ever_there()
    {
        var (foreign, raw) = ("sealed by a key that is gone, or by nobody"u8.ToArray(), "{\"no\":\"event\"}"u8.ToArray());
        await RunAsync(Queues.Send, foreign, 5); // Returns: the host's own copy would be gone in seven days.
        await _host.Get<QueuePump>().TakeEventsAsync(raw, Binding(5L), default);
        foreach (var (queue, body) in ((string, byte[])[])[(Queues.Send, foreign), (Queues.ProviderEvents, raw)])
        {
            var poison = Assert.Single(await _host.Store.ReceiveAsync(Queues.Poison(queue), 2, TimeSpan.FromMinutes(1)));
            Assert.Equal(body, poison.Body.ToArray());
            await RunAsync(Queues.Poison(queue), poison.Body.ToArray(), 1);
        }

        Assert.Equal(
            "id must have 1 to 1024 characters",
            Assert.Single(await _host.Get<DeadLetters>().ListAsync(Queues.ProviderEvents, null, 10, default)).Letter.Cause);
    }

    [Fact]
    public async Task R69_A_store_that_is_away_brings_the_item_back_for_as_long_as_it_is_away()
    {
        using var host = new AzureHost(tables: new AwayTables());
        var request = new SendRequest
        {
            Id = Samples.Id.ToString(),
            Channel = Channel.Email,
            To = "ana@example.com",
            Topic = TopicKey.Newsletter,
        };
        var body = host.Get<SealedWorkQueue>().Seal(JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.SendRequest));
        foreach (var queue in (string[])[Queues.Send, Queues.Poison(Queues.Send)])
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => host.Get<QueuePump>().RunAsync(queue, body, Binding(4L), default));
            Assert.Equal(0, await host.Store.CountAsync(queue));
            await host.Get<QueuePump>().RunAsync(queue, body, Binding(5L), default); // The host would give it up next.
            Assert.Equal(1, await host.Store.CountAsync(queue));
        }
    }

    [Fact]
    public async Task P5_When_the_app_is_told_to_stop_what_is_being_handed_off_ends_known_and_what_is_not_comes_back()
    {
        var (id, body) = await QueuedAsync();
        using var stopping = new CancellationTokenSource();
        var run = _host.Get<QueuePump>().RunAsync(Queues.Send, body, Binding(1L), stopping.Token);
        await _sender.Begun.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await stopping.CancelAsync();
        _sender.Go.SetResult();
        await run;
        Assert.Equal(MessageStatus.Sent, (await RecordAsync(id)).Status);

        var (next, other) = await QueuedAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _host.Get<QueuePump>().RunAsync(Queues.Send, other, Binding(4L), stopping.Token));
        await _host.Get<QueuePump>().RunAsync(Queues.Send, other, Binding(5L), stopping.Token); // The host would give it up next.
        Assert.Equal((1, 1), (await _host.Store.CountAsync(Queues.Send), _sender.Count));
        Assert.Null(await _host.Get<ITableStore>().GetAsync(Tables.Addresses, next.Address.Value, Rows.Message(next.Suffix)));
    }

    [Fact]
    public async Task P5_R69_A_delivery_of_events_outlives_a_queue_that_is_away_and_begins_anew_as_it_came()
    {
        var store = new MemoryStore(TimeProvider.System);
        using var host = new AzureHost(queue: new AwayQueue(store, Queues.Inbound));
        var body = Encoding.UTF8.GetBytes(Stop);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => host.Get<QueuePump>().TakeEventsAsync(body, Binding(4L), default));
        await host.Get<QueuePump>().TakeEventsAsync(body, Binding(5L), default);
        Assert.Equal(1, await store.CountAsync(Queues.ProviderEvents));
        Assert.Equal(0, await store.CountAsync(Queues.Poison(Queues.ProviderEvents)));
    }

    [Fact]
    public async Task P5_A_poison_twins_item_that_fails_whatever_is_done_is_not_left_lying_and_makes_one_letter()
    {
        using var host = new AzureHost(tables: new FailingTables(_host.Store));
        var body = host.Get<SealedWorkQueue>().Seal("not a message"u8);
        var poison = Queues.Poison(Queues.Inbound);
        for (var delivery = 1L; delivery < 5; delivery++)
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => host.Get<QueuePump>().RunAsync(poison, body, Binding(delivery), default));
        await host.Get<QueuePump>().RunAsync(poison, body, Binding(5L), default);
        Assert.Equal(1, await host.Store.CountAsync(poison));
    }

    [Fact]
    public async Task P5_A_record_that_cannot_be_read_keeps_no_given_up_message_from_the_dead_letters()
    {
        var (id, body) = await QueuedAsync();
        await _host.Store.CommitAsync(
            Tables.Addresses, id.Address.Value, [RowChange.Put(Rows.Message(id.Suffix), "sealed by nobody"u8.ToArray())]);
        await RunAsync(Queues.Poison(Queues.Send), body, 1);
        Assert.Single(await _host.Get<DeadLetters>().ListAsync(Queues.Send, null, 10, default));
    }

    [Fact]
    public void The_number_of_deliveries_is_read_in_whatever_form_the_host_gives_it()
    {
        Assert.Equal([3, 3, 3], [QueuePump.Deliveries(Binding(3L)), QueuePump.Deliveries(Binding(3)), QueuePump.Deliveries(Binding("3"))]);
        Assert.Equal(2, QueuePump.Deliveries(new Dictionary<string, object?>())); // Unknown: looked up, not assumed to be the first.
        Assert.Equal(2, QueuePump.Deliveries(Binding("many")));
    }

    [Fact]
    public async Task R39_Stop_delivered_by_event_grid_to_its_queue_takes_the_webhooks_way()
    {
        await _host.Get<QueuePump>().TakeEventsAsync(Encoding.UTF8.GetBytes(Stop), Binding(1L), default);
        var items = await _host.Store.ReceiveAsync(Queues.Inbound, 10, TimeSpan.FromMinutes(1));
        Assert.Equal(2, items.Count);
        foreach (var item in items)
        {
            // R66: sealed from here on.
            Assert.DoesNotContain("15555550123", Encoding.Latin1.GetString(item.Body.Span), StringComparison.Ordinal);
            await RunAsync(Queues.Inbound, item.Body.ToArray(), 1);
        }

        Assert.True(Address.TryParse(Channel.Sms, "+15555550123", out var phone, out _));
        var (state, _) = await _host.Get<AddressBook>().LoadAsync(_host.Get<KeyRing>().KeyOf(phone), default);
        Assert.Contains(
            await _host.Get<AddressBook>().LedgerAsync(_host.Get<KeyRing>().KeyOf(phone), default), e => e.Action == LedgerAction.StopAll);
        Assert.NotNull(state);
    }

    [Theory]
    [InlineData("\"2026-11-24T09:30:00+00:00\"", "2026-11-24T09:30:00Z")]
    [InlineData("11/24/2026 09:30:00 +00:00", "2026-11-24T09:30:00Z")]
    [InlineData("2026-11-24T11:00:00Z", "2026-11-24T10:00:00Z")] // The queue's clock is ahead.
    [InlineData("yesterday", "2026-11-24T10:00:00Z")]
    [InlineData(null, "2026-11-24T10:00:00Z")]
    public void An_event_without_a_date_is_of_when_it_came_onto_the_queue(string? inserted, string came) => Assert.Equal(
        DateTimeOffset.Parse(came, CultureInfo.InvariantCulture),
        QueuePump.Came(
            inserted is null ? [] : new Dictionary<string, object?> { ["InsertionTime"] = inserted },
            DateTimeOffset.Parse("2026-11-24T10:00:00Z", CultureInfo.InvariantCulture)));

    [Fact]
    public async Task P6_A_stop_without_a_date_that_stood_on_the_queue_is_dated_when_it_came()
    {
        const string undated =
            """[{"specversion":"1.0","id":"e1","source":"s","type":"Microsoft.Communication.SMSReceived","data":{"MessageId":"Incoming_1","From":"15555550123","To":"18005550100","Message":"STOP"}}]""";
        var came = TimeProvider.System.UtcNowMs().AddHours(-3);
        await _host.Get<QueuePump>().TakeEventsAsync(
            Encoding.UTF8.GetBytes(undated),
            new Dictionary<string, object?> { ["DequeueCount"] = 1L, ["InsertionTime"] = $"\"{came:O}\"" }, default);

        var items = await _host.Store.ReceiveAsync(Queues.Inbound, 10, TimeSpan.FromMinutes(1));
        var happening = JsonSerializer.Deserialize(
            _host.Get<SealedWorkQueue>().Open(Assert.Single(items).Body.Span), CoreJson.Default.InboundEvent)!;
        Assert.Equal((came, true), (happening.At, happening.Undated));
    }

    [Fact]
    public async Task A_delivery_that_is_none_becomes_a_dead_letter_and_can_be_put_back()
    {
        var raw = "{\"no\":\"event\"}"u8.ToArray();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _host.Get<QueuePump>().TakeEventsAsync(raw, Binding(1L), default));
        Assert.Equal(0, await _host.Store.CountAsync(Queues.Inbound));
        await RunAsync(Queues.Poison(QueuePump.ProviderEvents), Encoding.UTF8.GetBytes(Stop), 1);
        var letter = Assert.Single(await _host.Get<DeadLetters>().ListAsync(QueuePump.ProviderEvents, null, 10, default));

        Assert.True(await _host.Get<DeadLetters>().ReplayAsync(QueuePump.ProviderEvents, letter.Id, default));
        var replayed = Assert.Single(await _host.Store.ReceiveAsync(QueuePump.ProviderEvents, 10, TimeSpan.FromMinutes(1)));
        await _host.Get<QueuePump>().TakeEventsAsync(replayed.Body.ToArray(), Binding(1L), default);
        Assert.Equal(2, await _host.Store.CountAsync(Queues.Inbound));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task P5_A_step_that_comes_as_a_new_item_says_that_it_was_given_out_before(int deliveries, bool again)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new MemoryStore(clock);
        using var host = new AzureHost(queue: store);
        await DraftAsync(host, "00000000000fa017");
        var step = new CampaignWork(CampaignStep.End, "00000000000fa017", At: TimeProvider.System.GetUtcNow()); // Waits for the cancel.
        var body = host.Get<SealedWorkQueue>().Seal(JsonSerializer.SerializeToUtf8Bytes(step, CoreJson.Default.CampaignWork));
        await host.Get<QueuePump>().RunAsync(Queues.Campaigns, body, Binding((long)deliveries), default);
        clock.Advance(TimeSpan.FromMinutes(1));
        var item = Assert.Single(await host.Get<IWorkQueue>().ReceiveAsync(Queues.Campaigns, 2, TimeSpan.FromMinutes(1)));
        Assert.Equal(step with { Again = again }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork));
    }

    [Fact]
    public async Task P5_A_batch_in_which_what_a_dead_worker_left_was_looked_for_comes_back_as_for_the_first_time()
    {
        const string Id = "00000000000fa018", Batch = "A000000";
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new MemoryStore(clock);
        using var host = new AzureHost(queue: store);
        await DraftAsync(host, Id);
        var (key, now) = (Samples.Id.Address, TimeProvider.System.GetUtcNow());
        var record = new MessageRecord
        {
            Topic = TopicKey.Newsletter,
            Channel = Channel.Email, Status = MessageStatus.Sending, Reason = Reason.Allowed, Campaign = Id, Batch = Batch,
            Claim = new Claim("attempt", "another", now), Timeline = [new(now, MessageRecord.Claimed)],
        };
        var suffix = host.Get<MessageIds>().Derive(key, CampaignBatches.Seed(Id)).Suffix;
        await host.Get<ITableStore>().CommitAsync(
            Tables.Addresses, key.Value, [RowChange.Put(Rows.Message(suffix), record, CoreJson.Default.MessageRecord)]);
        await host.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, Id,
            [
                RowChange.Insert(Rows.Batch(Batch), new BatchRow { Size = 1 }, CoreJson.Default.BatchRow),
                RowChange.Insert(Rows.Members(Batch), BatchMembers.Write([key])),
            ]);
        var step = new CampaignWork(CampaignStep.Batch, Id, Part: Batch) { Again = true };
        var body = host.Get<SealedWorkQueue>().Seal(JsonSerializer.SerializeToUtf8Bytes(step, CoreJson.Default.CampaignWork));
        await host.Get<QueuePump>().RunAsync(Queues.Campaigns, body, Binding(2L), default);
        clock.Advance(TimeSpan.FromMinutes(10)); // The other worker may still be at it.
        var item = Assert.Single(await host.Get<IWorkQueue>().ReceiveAsync(Queues.Campaigns, 2, TimeSpan.FromMinutes(1)));
        Assert.Equal(step with { Again = false }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork));
    }

    private static async Task DraftAsync(AzureHost host, string id) =>
        await host.Get<CampaignDesk>().CreateAsync(Drafts.Newsletter("Spring"), id, "service:test", default);

    [Fact]
    public async Task P5_R69_A_step_that_begins_anew_after_the_store_was_away_is_no_first_delivery()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new MemoryStore(clock);
        using var host = new AzureHost(tables: new AwayTables(), queue: store);
        var bucket = new CampaignWork(CampaignStep.Bucket, "00000000000fa017", Part: "A");
        var announce = new PackageWork(PackageStep.Announce, "LX123456785CN");
        foreach (var (queue, body) in ((string, byte[])[])[
            (Queues.Campaigns, JsonSerializer.SerializeToUtf8Bytes(bucket, CoreJson.Default.CampaignWork)),
            (Queues.Packages, JsonSerializer.SerializeToUtf8Bytes(announce, CoreJson.Default.PackageWork)),
        ])
        {
            await host.Get<QueuePump>().RunAsync(queue, host.Get<SealedWorkQueue>().Seal(body), Binding(5L), default);
            clock.Advance(TimeSpan.FromMinutes(1));
            var item = Assert.Single(await host.Get<IWorkQueue>().ReceiveAsync(queue, 2, TimeSpan.FromMinutes(1)));
            if (queue == Queues.Campaigns)
                Assert.Equal(bucket with { Again = true }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.CampaignWork));
            else Assert.Equal(announce with { Again = true }, JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.PackageWork));
        }
    }

    private async Task<(MessageId Id, byte[] Body)> QueuedAsync()
    {
        Assert.True(Address.TryParse(Channel.Email, "ana@example.com", out var address, out _));
        var key = _host.Get<KeyRing>().KeyOf(address);
        var draft = new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "test", "test");
        await _host.Get<AddressBook>().ChangeAsync(
            key, ConsentDesk.Blank(address),
            (state, now) => Transitions.OptIn(state, _host.Get<TopicCatalog>().Find(TopicKey.Newsletter)!, draft, confirmed: true, now),
            null, default);
        var id = _host.Get<MessageIds>().New(key);
        var request = new SendRequest
        {
            Id = id.ToString(),
            Channel = Channel.Email,
            To = address.Value,
            Topic = TopicKey.Newsletter,
            Content = new MessageContent("News", "Hello", null),
            AcceptedAt = TimeProvider.System.GetUtcNow(),
        };
        return (id, Seal(JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.SendRequest)));
    }

    private async Task<MessageRecord> RecordAsync(MessageId id) =>
        (await _host.Get<ITableStore>().GetAsync(
            Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix)))!.Read(CoreJson.Default.MessageRecord);

    private byte[] Seal(ReadOnlySpan<byte> body) => _host.Get<SealedWorkQueue>().Seal(body);

    private Task RunAsync(string queue, byte[] body, int deliveries) =>
        _host.Get<QueuePump>().RunAsync(queue, body, Binding((long)deliveries), default);

    private static Dictionary<string, object?> Binding(object count) => new() { ["DequeueCount"] = count };

    private sealed class AwayTables() : PassingStore(new MemoryStore(TimeProvider.System))
    {
        protected override ITableStore At(string table) => throw new StorageUnavailableException();
    }

    /// <summary>Tables that fail as nobody planned whenever something is written.</summary>
    private sealed class FailingTables(ITableStore inner) : PassingStore(inner)
    {
        public override ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default) =>
            throw new InvalidDataException();
    }

    /// <summary>One queue is away, the others are there.</summary>
    private sealed class AwayQueue(IWorkQueue inner, string away) : IWorkQueue
    {
        public ValueTask EnqueueAsync(
            string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default) =>
            queue == away ? throw new StorageUnavailableException() : inner.EnqueueAsync(queue, body, delay, cancel);

        public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
            string queue, int max, TimeSpan visibility, CancellationToken cancel = default) =>
            inner.ReceiveAsync(queue, max, visibility, cancel);

        public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) => inner.CompleteAsync(item, cancel);

        public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) =>
            inner.ReleaseAsync(item, delay, cancel);

        public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => inner.PoisonAsync(item, cancel);

        public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => inner.CountAsync(queue, cancel);
    }

    private sealed class BlockingSender : IEmailSender
    {
        private int _count;

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count => _count;

        public bool Deduplicates => false;

        public async ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
        {
            Interlocked.Increment(ref _count);
            Begun.TrySetResult();
            await Go.Task.WaitAsync(cancel);
            return HandOff.Accepted("provider-1");
        }
    }
}
