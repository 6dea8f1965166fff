using System.Globalization;
using System.Text;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Functions.Queueing;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

/// <summary>Events as Event Grid puts them on their queue: a delivery of some, or one of another form.</summary>
public sealed class QueuedEventsTests : IDisposable
{
    private const string Stop =
        """[{"id":"e1","topic":"t","subject":"s","eventType":"Microsoft.Communication.SMSReceived","dataVersion":"1.0","metadataVersion":"1","eventTime":"2026-11-24T09:30:00Z","data":{"MessageId":"Incoming_1","From":"15555550123","To":"18005550100","Message":"STOP"}},{"id":"e2","eventType":"Microsoft.Communication.SMSReceived","eventTime":"2026-11-24T09:30:01Z","data":{"From":"15555550124","Message":"HELP"}}]""";

    private readonly AzureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task P5_R69_A_delivery_of_events_outlives_a_queue_that_is_away_and_begins_anew_as_it_came()
    {
        var store = new MemoryStore(TimeProvider.System);
        var away = new HookedQueue(store, queue =>
        {
            if (queue == Queues.Inbound) throw new StorageUnavailableException();
        });
        using var host = new AzureHost(queue: away);
        var body = Encoding.UTF8.GetBytes(Stop);
        await Assert.ThrowsAsync<StorageUnavailableException>(
            () => host.Get<QueuePump>().TakeEventsAsync(body, AzureHost.Binding(4L), default));
        await host.Get<QueuePump>().TakeEventsAsync(body, AzureHost.Binding(5L), default);
        Assert.Equal(1, await store.CountAsync(Queues.ProviderEvents));
        Assert.Equal(0, await store.CountAsync(Queues.Poison(Queues.ProviderEvents)));
    }

    [Fact]
    public async Task R39_Stop_delivered_by_event_grid_to_its_queue_takes_the_webhooks_way()
    {
        await _host.Get<QueuePump>().TakeEventsAsync(Encoding.UTF8.GetBytes(Stop), AzureHost.Binding(1L), default);
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
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _host.Get<QueuePump>().TakeEventsAsync(raw, AzureHost.Binding(1L), default));
        Assert.Equal(0, await _host.Store.CountAsync(Queues.Inbound));
        await RunAsync(Queues.Poison(Queues.ProviderEvents), Encoding.UTF8.GetBytes(Stop), 1);
        var letter = Assert.Single(await _host.Get<DeadLetters>().ListAsync(Queues.ProviderEvents, null, 10, default));

        Assert.True(await _host.Get<DeadLetters>().ReplayAsync(Queues.ProviderEvents, letter.Id, default));
        var replayed = Assert.Single(await _host.Store.ReceiveAsync(Queues.ProviderEvents, 10, TimeSpan.FromMinutes(1)));
        await _host.Get<QueuePump>().TakeEventsAsync(replayed.Body.ToArray(), AzureHost.Binding(1L), default);
        Assert.Equal(2, await _host.Store.CountAsync(Queues.Inbound));
    }

    private Task RunAsync(string queue, byte[] body, int deliveries) =>
        _host.Get<QueuePump>().RunAsync(queue, body, AzureHost.Binding((long)deliveries), default);
}
