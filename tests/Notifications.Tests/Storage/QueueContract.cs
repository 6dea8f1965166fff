using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>What <see cref="IWorkQueue"/> promises, on every backend.</summary>
[Collection(Azurite.Collection)]
public sealed class QueueContract(Azurite azurite)
{
    private const string Queue = "send";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory, OnSqlite, OnAzurite]
    public async Task An_item_is_received_once_and_gone_when_completed(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        Assert.Empty(await stores.Queues.ReceiveAsync(Queue, 32, Minute));
        await stores.Queues.EnqueueAsync(Queue, Bytes("work"));
        Assert.Equal(1, await stores.Queues.CountAsync(Queue));
        var item = Assert.Single(await stores.Queues.ReceiveAsync(Queue, 32, Minute));
        Assert.Equal((Queue, 1, "work"), (item.Queue, item.DequeueCount, item.Body.Text()));
        Assert.Empty(await stores.Queues.ReceiveAsync(Queue, 32, Minute));
        Assert.Equal(1, await stores.Queues.CountAsync(Queue));
        Assert.True(await stores.Queues.CompleteAsync(item));
        Assert.False(await stores.Queues.CompleteAsync(item));
        Assert.Equal(0, await stores.Queues.CountAsync(Queue));
        Assert.Equal(0, await stores.Queues.CountAsync(Queues.Poison(Queue)));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_receive_takes_no_more_than_asked_and_every_item_once(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await Task.WhenAll(Enumerable.Range(0, 70).Select(i => stores.Queues.EnqueueAsync(Queue, Bytes($"{i}")).AsTask()));
        await stores.Queues.EnqueueAsync("inbound", Bytes("elsewhere"));
        Assert.Equal(3, (await stores.Queues.ReceiveAsync(Queue, 3, Minute)).Count);
        var batches = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => stores.Queues.ReceiveAsync(Queue, 32, Minute).AsTask()));
        Assert.Equal(67, batches.Sum(b => b.Count));
        Assert.Equal(67, batches.SelectMany(b => b).Select(i => i.Body.Text()).Distinct().Count());
        Assert.Equal("elsewhere", Assert.Single(await stores.Queues.ReceiveAsync("inbound", 1, Minute)).Body.Text());
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_delayed_item_is_counted_but_not_received_before_its_time(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await stores.Queues.EnqueueAsync(Queue, Bytes("in a week"), TimeSpan.FromDays(7));
        await stores.Queues.EnqueueAsync(Queue, Bytes("in a second"), TimeSpan.FromSeconds(1));
        Assert.Empty(await stores.Queues.ReceiveAsync(Queue, 32, Minute));
        Assert.Equal(2, await stores.Queues.CountAsync(Queue));
        Assert.Equal("in a second", (await ReceiveAsync(stores, Minute)).Body.Text());
        Assert.Empty(await stores.Queues.ReceiveAsync(Queue, 32, Minute));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task An_item_left_alone_comes_back_with_a_higher_count_and_its_old_receipt_is_dead(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await stores.Queues.EnqueueAsync(Queue, Bytes("work"));
        var first = await ReceiveAsync(stores, TimeSpan.FromSeconds(1));
        var second = await ReceiveAsync(stores, Minute);
        Assert.Equal((first.Id, 2, "work"), (second.Id, second.DequeueCount, second.Body.Text()));
        Assert.False(await stores.Queues.CompleteAsync(first));
        Assert.False(await stores.Queues.ReleaseAsync(first, TimeSpan.Zero));
        Assert.Empty(await stores.Queues.ReceiveAsync(Queue, 32, Minute));
        Assert.True(await stores.Queues.CompleteAsync(second));
        Assert.Equal(0, await stores.Queues.CountAsync(Queue));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_released_item_is_visible_after_its_delay_and_its_old_receipt_is_dead(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await stores.Queues.EnqueueAsync(Queue, Bytes("work"));
        var first = await ReceiveAsync(stores, Minute);
        Assert.True(await stores.Queues.ReleaseAsync(first, TimeSpan.Zero));
        var second = await ReceiveAsync(stores, Minute);
        Assert.Equal(2, second.DequeueCount);
        Assert.True(await stores.Queues.ReleaseAsync(second, TimeSpan.FromSeconds(1)));
        Assert.Empty(await stores.Queues.ReceiveAsync(Queue, 32, Minute));
        var third = await ReceiveAsync(stores, Minute);
        Assert.Equal((3, "work"), (third.DequeueCount, third.Body.Text()));
        Assert.False(await stores.Queues.CompleteAsync(second));
        Assert.True(await stores.Queues.CompleteAsync(third));
        Assert.False(await stores.Queues.ReleaseAsync(third, TimeSpan.Zero));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_poisoned_item_moves_to_the_poison_queue(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await stores.Queues.EnqueueAsync(Queue, Noise(200 * 1024));
        var item = await ReceiveAsync(stores, Minute);
        await stores.Queues.PoisonAsync(item);
        Assert.Equal((0, 1), (await stores.Queues.CountAsync(Queue), await stores.Queues.CountAsync(Queues.Poison(Queue))));
        Assert.False(await stores.Queues.CompleteAsync(item));
        var poisoned = Assert.Single(await stores.Queues.ReceiveAsync(Queues.Poison(Queue), 1, Minute));
        Assert.Equal(Noise(200 * 1024), poisoned.Body.ToArray());
        Assert.True(await stores.Queues.CompleteAsync(poisoned));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task Bodies_are_kept_whole_from_nothing_to_256_KiB(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        foreach (var length in new[] { 0, 1, 47 * 1024, 48 * 1024, 48 * 1024 + 1, 200 * 1024, 256 * 1024 })
        {
            await stores.Queues.EnqueueAsync(Queue, Noise(length));
            var item = await ReceiveAsync(stores, Minute);
            Assert.Equal(Noise(length), item.Body.ToArray());
            Assert.True(await stores.Queues.ReleaseAsync(item, TimeSpan.Zero));
            item = await ReceiveAsync(stores, Minute);
            Assert.Equal(Noise(length), item.Body.ToArray());
            Assert.True(await stores.Queues.CompleteAsync(item));
        }
    }

    private static Task<QueueItem> ReceiveAsync(Stores stores, TimeSpan visibility) =>
        Poll.UntilAsync(async () => (await stores.Queues.ReceiveAsync(Queue, 1, visibility)).SingleOrDefault());
}
