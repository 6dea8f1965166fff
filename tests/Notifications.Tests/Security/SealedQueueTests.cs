using System.Text;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

public sealed class SealedQueueTests
{
    [Fact]
    public async Task An_item_that_no_key_opens_is_given_up_and_holds_up_none_of_its_neighbours()
    {
        var store = new MemoryStore(TimeProvider.System);
        var queue = new SealedWorkQueue(store, new DataSealer(KeyRing.Parse(KeyRing.NewJson(), "test")));
        await queue.EnqueueAsync("send", "one"u8.ToArray());
        await store.EnqueueAsync("send", "sealed by nobody"u8.ToArray());
        await queue.EnqueueAsync("send", "two"u8.ToArray());

        var given = await queue.ReceiveAsync("send", 32, TimeSpan.FromMinutes(1));
        Assert.Equal(["one", "two"], given.Select(i => Encoding.UTF8.GetString(i.Body.Span)).Order());
        var poison = Assert.Single(await queue.ReceiveAsync(Queues.Poison("send"), 32, TimeSpan.FromMinutes(1)));
        Assert.Equal("sealed by nobody", Encoding.UTF8.GetString(poison.Body.Span));
    }
}
