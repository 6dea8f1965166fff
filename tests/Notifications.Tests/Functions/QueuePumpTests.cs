using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Functions.Queueing;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

public sealed class QueuePumpTests : IDisposable
{
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
        await _host.Get<QueuePump>().TakeEventsAsync(raw, AzureHost.Binding(5L), default);
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
            await Assert.ThrowsAsync<StorageUnavailableException>(
                () => host.Get<QueuePump>().RunAsync(queue, body, AzureHost.Binding(4L), default));
            Assert.Equal(0, await host.Store.CountAsync(queue));
            await host.Get<QueuePump>().RunAsync(queue, body, AzureHost.Binding(5L), default); // The host would give it up next.
            Assert.Equal(1, await host.Store.CountAsync(queue));
        }
    }

    [Fact]
    public async Task P5_When_the_app_is_told_to_stop_what_is_being_handed_off_ends_known_and_what_is_not_comes_back()
    {
        var (id, body) = await QueuedAsync();
        using var stopping = new CancellationTokenSource();
        var run = _host.Get<QueuePump>().RunAsync(Queues.Send, body, AzureHost.Binding(1L), stopping.Token);
        await _sender.Begun.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await stopping.CancelAsync();
        _sender.Go.SetResult();
        await run;
        Assert.Equal(MessageStatus.Sent, (await RecordAsync(id)).Status);

        var (next, other) = await QueuedAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _host.Get<QueuePump>().RunAsync(Queues.Send, other, AzureHost.Binding(4L), stopping.Token));
        await _host.Get<QueuePump>().RunAsync(Queues.Send, other, AzureHost.Binding(5L), stopping.Token); // The host would give it up next.
        Assert.Equal((1, 1), (await _host.Store.CountAsync(Queues.Send), _sender.Count));
        Assert.Null(await _host.Get<ITableStore>().GetAsync(Tables.Addresses, next.Address.Value, Rows.Message(next.Suffix)));
    }

    [Fact]
    public async Task P5_A_poison_twins_item_that_fails_whatever_is_done_is_not_left_lying_and_makes_one_letter()
    {
        using var host = new AzureHost(tables: new FailingTables(_host.Store));
        var body = host.Get<SealedWorkQueue>().Seal("not a message"u8);
        var poison = Queues.Poison(Queues.Inbound);
        for (var delivery = 1L; delivery < 5; delivery++)
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => host.Get<QueuePump>().RunAsync(poison, body, AzureHost.Binding(delivery), default));
        await host.Get<QueuePump>().RunAsync(poison, body, AzureHost.Binding(5L), default);
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
        Assert.All((object[])[3L, 3, "3"], given => Assert.Equal(3, QueuePump.Deliveries(AzureHost.Binding(given))));
        Assert.Equal(2, QueuePump.Deliveries(new Dictionary<string, object?>())); // Unknown: looked up, not assumed to be the first.
        Assert.Equal(2, QueuePump.Deliveries(AzureHost.Binding("many")));
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
        _host.Get<QueuePump>().RunAsync(queue, body, AzureHost.Binding((long)deliveries), default);

    /// <summary>Tables that fail as nobody planned whenever something is written.</summary>
    private sealed class FailingTables(ITableStore inner) : PassingStore(inner)
    {
        public override ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default) =>
            throw new InvalidDataException();
    }
}
