using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Review;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Events;

/// <summary>
/// A mail without a token that is delivered twice and read at the same moment: what was read was opened again, and nobody could close it.
/// </summary>
public sealed class MailReadMeanwhileTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Fact]
    public async Task R41_A_mail_that_is_delivered_twice_at_once_and_read_between_the_two_holds_nothing_back_again()
    {
        var (world, store) = await WithAnaAsync();
        store.BeforeCommit = async _ =>
        {
            store.BeforeCommit = null;
            await ReceiveAsync(world);
            await ReadAsync(world);
        };
        await ReceiveAsync(world);
        await NothingWaitsAsync(world, "between the two");
    }

    [Fact]
    public async Task R41_Nor_one_that_is_delivered_again_at_any_moment_of_its_being_read()
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = await WithAnaAsync();
            await ReceiveAsync(world);
            left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left > 0) return;
                store.BeforeCommit = null;
                await ReceiveAsync(world);
            };
            await ReadAsync(world);
            await NothingWaitsAsync(world, $"at write {at}");
        }
    }

    [Fact]
    public async Task R65_R41_A_mail_that_is_delivered_again_a_day_later_is_the_same_before_and_after_its_decision()
    {
        var (world, _) = await WithAnaAsync();
        await ReceiveAsync(world);
        world.Clock.Advance(TimeSpan.FromDays(1)); // When it was delivered is all that is known of its time.
        await ReceiveAsync(world);
        await ReadAsync(world);
        world.Clock.Advance(TimeSpan.FromDays(1));
        await ReceiveAsync(world);
        await NothingWaitsAsync(world, "a day after it was read");

        // What is remembered of it goes with the item.
        Assert.Equal(1, await world.Get<ReviewDesk>().PurgeAsync(world.Clock.GetUtcNow().AddDays(1), default));
        Assert.Empty(await world.Store.ScanAsync(Notifications.Storage.Tables.Review, null, 10));
    }

    private static async Task<(PackagesWorld World, HookedStore Store)> WithAnaAsync()
    {
        var (world, store) = PackagesWorld.Hooked();
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        return (world, store);
    }

    private static async Task ReceiveAsync(PackagesWorld world)
    {
        var mail = JsonSerializer.SerializeToElement(
            new InboundMail { From = Ana.Value, Text = "please stop" }, CoreJson.Default.InboundMail);
        await world.Get<InboundMailDesk>().HandleAsync(
            new InboundEvent("m1", InboundMail.EventType, mail, world.Clock.GetUtcNow()), default);
    }

    private static async Task ReadAsync(PackagesWorld world)
    {
        var desk = world.Get<ReviewDesk>();
        var item = Assert.Single(await desk.ListAsync(resolved: false, null, 10, default));
        Assert.Equal(ReviewResult.Done, await desk.ResolveAsync(item.Id, ReviewVerdict.NotARevocation, "agent:mia", default));
    }

    private static async Task NothingWaitsAsync(PackagesWorld world, string when)
    {
        Assert.Empty(await world.Get<ReviewDesk>().ListAsync(resolved: false, null, 10, default));
        Assert.True(
            (await world.Book.LoadAsync(world.Ring.KeyOf(Ana), default)).State is { Reviews: [], ReviewPending: false },
            $"Delivered {when}.");
    }
}
