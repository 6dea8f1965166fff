using System.Text;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Functions.Queueing;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Timers;

namespace Notifications.Tests.Functions;

/// <summary>What Event Grid could not deliver and laid in the container of dead letters, as the app finds it there.</summary>
public sealed class UndeliveredEventsTests : IDisposable
{
    private const string Phone = "+14155550193";
    private readonly AzureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task P7_R65_What_lies_in_the_clear_is_taken_in_sealed_and_its_STOP_is_heard()
    {
        var blobs = _host.Get<IBlobStore>();
        await _host.Get<ConsentDesk>().OptInAsync(
            CoreProduct.Phone(Phone), _host.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "test", "person"), confirmed: true, null, default);
        // As Event Grid writes it: the event, and why it was given up. Beside it one that nests deeper than anybody reads.
        var deep = string.Concat(Enumerable.Repeat("[", 100)) + new string(']', 100);
        await blobs.PutAsync(
            Containers.DeadLetters, "topic/SUBSCRIPTION/2026/11/24/9/one.json",
            Encoding.UTF8.GetBytes(
                $$$"""[{"id":"u1","eventType":"Microsoft.Communication.SMSReceived","eventTime":"{{{TimeProvider.System.GetUtcNow():O}}}","dataVersion":"1.0","metadataVersion":"1","data":{"From":"{{{Phone[1..]}}}","To":"18005550100","Message":"STOP"},"deadLetterReason":"MaxDeliveryAttemptsExceeded"},{"no":"event","data":{{{deep}}}}]"""));
        await blobs.PutAsync(Containers.DeadLetters, "two.json", "no list of events"u8.ToArray());

        await _host.Get<TimerCatalog>().RunAsync(TimerCatalog.Privacy, default);

        Assert.Empty(await blobs.ListAsync(Containers.DeadLetters, "", null, 10));
        var waiting = await _host.Store.ReceiveAsync(Queues.ProviderEvents, 10, TimeSpan.FromMinutes(1));
        Assert.Equal(3, waiting.Count);
        var (taken, failed) = (0, 0);
        foreach (var item in waiting)
        {
            Assert.DoesNotContain(Phone[1..], Encoding.UTF8.GetString(item.Body.Span), StringComparison.Ordinal);
            try
            {
                await _host.Get<QueuePump>().TakeEventsAsync(
                    item.Body.ToArray(), new Dictionary<string, object?> { ["DequeueCount"] = 1L }, default);
                taken++;
            }
            catch (InvalidOperationException)
            {
                failed++; // The host's to bring again, and then a dead letter.
            }
        }

        Assert.Equal((1, 2), (taken, failed));
        foreach (var item in await _host.Get<IWorkQueue>().ReceiveAsync(Queues.Inbound, 10, TimeSpan.FromMinutes(1)))
            await _host.Get<Work>().DoAsync(Queues.Inbound, item.Body, 1, default);
        var key = _host.Get<Notifications.Security.KeyRing>().KeyOf(CoreProduct.Phone(Phone));
        Assert.NotNull((await _host.Get<AddressBook>().LoadAsync(key, default)).State!.Stopped);
        // The carrier has answered it (R47).
        Assert.Equal(0, await _host.Store.CountAsync(Queues.Send));
    }

    [Fact]
    public async Task R65_An_event_that_is_larger_than_an_item_of_a_queue_holds_up_none_of_the_others()
    {
        var blobs = _host.Get<IBlobStore>();
        var large = $$"""{"id":"u2","data":"{{new string('x', 300 << 10)}}"}""";
        foreach (var (name, content) in new[] { ("1.json", $$"""[{"id":"u1"},{{large}},{"id":"u3"}]"""), ("2.json", """[{"id":"u4"}]""") })
            await blobs.PutAsync(Containers.DeadLetters, name, Encoding.UTF8.GetBytes(content));
        foreach (var _ in new[] { 1, 2 })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                async () => await _host.Get<TimerCatalog>().RunAsync(TimerCatalog.Privacy, default));
            Assert.Equal(3, await _host.Store.CountAsync(Queues.ProviderEvents));
            Assert.Equal(["1.json"], await blobs.ListAsync(Containers.DeadLetters, "", null, 10));
        }

        Assert.Equal($"[{large}]", Encoding.UTF8.GetString((await blobs.GetAsync(Containers.DeadLetters, "1.json"))!.Value.Span));
    }
}
