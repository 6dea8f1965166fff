using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>An erasure looks through the queues and takes nothing from anybody else.</summary>
public sealed class QueueSweepTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private IWorkQueue Queue => product.Get<IWorkQueue>();

    private PrivacyDesk Desk => product.Get<PrivacyDesk>();

    [Fact]
    public void R34_Every_queue_has_its_place_in_the_erasure()
    {
        // A new queue fails here until somebody says whether its items can name a person: see the lists in Erasure.cs.
        Assert.Equal(Queues.WithDeadLetters.Order(), Erasure.SweptQueues.Concat(Erasure.ImpersonalQueues).Order());
    }

    [Fact]
    public async Task P5_What_waits_for_others_while_many_people_are_erased_is_still_at_its_first_delivery()
    {
        var other = CoreProduct.Email("waits@example.com");
        await product.SubscribedAsync(other, TopicKey.PackageUpdates);
        var request = Request(other);
        await product.Get<SendQueue>().EnqueueAsync(request, default);
        await Queue.EnqueueAsync(
            Queues.Inbound,
            JsonSerializer.SerializeToUtf8Bytes(
                CoreProduct.Text("waits", "14155550181", "hello", product.Time.GetUtcNow()), CoreJson.Default.InboundEvent));
        for (var i = 0; i < 6; i++)
            await Desk.OpenAsync(PrivacyRight.Erasure, [CoreProduct.Email($"gone{i}@example.com")], null, null, null, "agent:mia", default);
        for (var hour = 0; hour < 3; hour++)
        {
            product.Time.Advance(TimeSpan.FromHours(1));
            await Desk.RunAsync(default);
        }

        foreach (var queue in new[] { Queues.Send, Queues.Inbound })
        {
            var item = Assert.Single(await Queue.ReceiveAsync(queue, 32, TimeSpan.FromSeconds(1)));
            Assert.Equal(1, item.DequeueCount); // The Azure host gives up an item of more than five without looking at it.
            await Queue.CompleteAsync(item);
        }
    }

    [Fact]
    public async Task R34_One_look_through_the_queues_is_for_everybody_who_was_erased_and_ends_a_day_later()
    {
        var people = Enumerable.Range(0, 3).Select(i => CoreProduct.Phone($"+1415555019{i}")).ToList();
        foreach (var phone in people)
            await Queue.EnqueueAsync(
                Queues.Inbound,
                JsonSerializer.SerializeToUtf8Bytes(
                    CoreProduct.Text("late-" + phone.Value, phone.Value.TrimStart('+'), "hello", product.Time.GetUtcNow()),
                    CoreJson.Default.InboundEvent),
                TimeSpan.FromMinutes(30));
        foreach (var phone in people) await Desk.OpenAsync(PrivacyRight.Erasure, [phone], null, null, null, "agent:mia", default);
        product.Time.Advance(TimeSpan.FromHours(1));
        await Desk.RunAsync(default);
        Assert.Equal(0, await Queue.CountAsync(Queues.Inbound));
        Assert.Contains(await Desk.ListAsync(null, 1000, default), r => r.SweepUntil is not null);
        product.Time.Advance(TimeSpan.FromDays(1));
        await Desk.RunAsync(default);
        Assert.DoesNotContain(await Desk.ListAsync(null, 1000, default), r => r.SweepUntil is not null);
    }

    [Fact]
    public async Task P5_A_step_of_a_package_that_ends_at_an_erased_follower_is_still_done()
    {
        var gone = CoreProduct.Email("last.of.batch@example.com");
        await product.SubscribedAsync(gone, TopicKey.Newsletter);
        // A place among the followers, and the others stand after it.
        var step = new PackageWork(PackageStep.Page, "RR123456785PT", Seq: 1, Cursor: Rows.Watcher(product.Key(gone).Value));
        await Queue.EnqueueAsync(Queues.Packages, JsonSerializer.SerializeToUtf8Bytes(step, CoreJson.Default.PackageWork));
        await Desk.OpenAsync(PrivacyRight.Erasure, [gone], null, null, null, "agent:mia", default);
        await Queue.CompleteAsync(Assert.Single(await Queue.ReceiveAsync(Queues.Packages, 32, TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public async Task P5_A_sweep_that_dies_between_putting_an_item_back_and_taking_it_off_sends_nothing_twice()
    {
        var other = CoreProduct.Email("twice@example.com");
        await product.SubscribedAsync(other, TopicKey.PackageUpdates);
        var body = JsonSerializer.SerializeToUtf8Bytes(Request(other), CoreJson.Default.SendRequest);
        for (var i = 0; i < 2; i++) await Queue.EnqueueAsync(Queues.Send, body);
        var text = JsonSerializer.SerializeToUtf8Bytes(
            CoreProduct.Text("twice", "14155550182", "HELP", product.Time.GetUtcNow()), CoreJson.Default.InboundEvent);
        for (var i = 0; i < 2; i++) await Queue.EnqueueAsync(Queues.Inbound, text);
        await product.WorkAsync();
        Assert.Equal(1, product.MailsTo(other));
        Assert.Single(product.Sent.Texts, t => t.To == "+14155550182");
    }

    private SendRequest Request(Address to) => new()
    {
        Id = product.Get<MessageIds>().New(product.Key(to)).ToString(),
        Channel = to.Channel, To = to.Value, Topic = TopicKey.PackageUpdates,
        Content = new MessageContent("s", "t", null), AcceptedAt = product.Time.GetUtcNow(),
    };
}
