using System.Text;
using System.Text.Json.Nodes;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using static Notifications.Tests.Privacy.Mover;

namespace Notifications.Tests.Privacy;

/// <summary>
/// What waits to be read at an address, and was shed by moving to another: it holds marketing back there too, and what is decided
/// reaches it wherever it has gone.
/// </summary>
public sealed class MovedReviewTests
{
    [Theory]
    [InlineData(ReviewVerdict.Revoke, Reason.Unsubscribed)]
    [InlineData(ReviewVerdict.NotARevocation, Reason.Allowed)]
    public async Task R41_R33_What_waits_to_be_read_holds_marketing_at_the_new_address_too_and_what_is_decided_reaches_it(
        ReviewVerdict verdict, Reason then)
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await WriteAsync(world, Old);
        await RectifyAsync(world);
        await ConfirmAsync(world, New);
        Assert.Equal(Reason.ReviewPending, await DecideAsync(world, New));

        // And further, to where the person moves next.
        var third = CoreProduct.Email("third@example.com");
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [New], null, null, new Rectification(NewAddress: third.Value), "agent:mia", default);
        await ConfirmAsync(world, third);
        Assert.Equal(Reason.ReviewPending, await DecideAsync(world, third));
        Assert.Equal(ReviewResult.Done, await world.Get<ReviewDesk>().ResolveAsync(Item, verdict, "agent:mia", default));
        Assert.Equal(then, await DecideAsync(world, third));
        foreach (var address in new[] { Old, New, third }) Assert.False((await world.StateAsync(address)).ReviewPending);
    }

    [Theory]
    [InlineData(ReviewVerdict.Revoke)]
    [InlineData(ReviewVerdict.NotARevocation)]
    public async Task R41_R33_What_is_decided_at_any_moment_of_a_move_holds_at_the_new_address(ReviewVerdict verdict)
    {
        for (var at = 1; ; at++)
        {
            var (world, store) = PackagesWorld.Hooked();
            await world.SubscribeAsync(Old, TopicKey.Newsletter);
            await WriteAsync(world, Old);
            var left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left > 0) return;
                store.BeforeCommit = null;
                await world.Get<ReviewDesk>().ResolveAsync(Item, verdict, "agent:mia", default);
            };
            await RectifyAsync(world);
            if (left > 0) break; // It had fewer writes than that.
            await ConfirmAsync(world, New);
            Assert.True((await world.StateAsync(New)) is { Reviews: [], ReviewPending: false }, $"Decided at write {at}.");
            Assert.Equal((at, verdict == ReviewVerdict.Revoke ? Reason.Unsubscribed : Reason.Allowed), (at, await DecideAsync(world, New)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R41_R33_What_is_written_at_the_old_address_after_a_package_has_moved_stays_there_and_one_that_no_key_opens_is_no_hindrance(
        bool unreadable)
    {
        var world = new PackagesWorld();
        await FollowAsync(world, Old);
        await AskAsync(world, Old, New);
        await WriteAsync(world, Old);
        if (unreadable)
            await world.Store.CommitAsync(
                Tables.Addresses, world.Ring.KeyOf(Old).Value, [RowChange.Put(Rows.State, (byte[])[1, 250, .. new byte[60]])]);
        var key = world.Ring.KeyOf(New);
        Assert.Equal(WatchStatus.Active, (await world.Get<Watches>().ConfirmAsync(key, Number, "form", null, default))!.Value.Status);
        Assert.True(await world.StateAsync(New) is { Reviews: [], ReviewPending: false });
    }

    [Theory]
    [InlineData(ReviewVerdict.Revoke)]
    [InlineData(ReviewVerdict.NotARevocation)]
    public async Task R41_R33_What_is_decided_at_any_moment_of_a_package_that_moves_holds_nothing_back_for_ever(ReviewVerdict verdict)
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = PackagesWorld.Hooked();
            await FollowAsync(world, Old);
            await WriteAsync(world, Old);
            left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left > 0) return;
                store.BeforeCommit = null;
                await world.Get<ReviewDesk>().ResolveAsync(Item, verdict, "agent:mia", default);
            };
            await AskAsync(world, Old, New);
            await world.Get<Watches>().ConfirmAsync(world.Ring.KeyOf(New), Number, "form", null, default);
            store.BeforeCommit = null;
            if (left > 0) await world.Get<ReviewDesk>().ResolveAsync(Item, verdict, "agent:mia", default);
            Assert.True((await world.StateAsync(New)) is { Reviews: [], ReviewPending: false }, $"Decided at write {at}.");
        }
    }

    [Theory]
    [InlineData(ReviewVerdict.Revoke, SubscriptionStatus.None)]
    [InlineData(ReviewVerdict.NotARevocation, SubscriptionStatus.Subscribed)]
    public async Task R41_R33_What_is_decided_before_the_holder_of_a_named_address_confirms_touches_only_what_waits_there(
        ReviewVerdict verdict, SubscriptionStatus then)
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await world.SubscribeAsync(New, TopicKey.Promotions);
        await WriteAsync(world, Old);
        await AskAsync(world, Old, New);
        Assert.Equal([Item], (await world.StateAsync(New)).Find(TopicKey.Newsletter)!.AlsoHolds!.Reviews);
        await world.Get<ReviewDesk>().ResolveAsync(Item, verdict, "agent:mia", default);
        await ConfirmAsync(world, New);
        var state = await world.StateAsync(New);
        Assert.Equal((then, SubscriptionStatus.Subscribed), (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions)));
        Assert.True(state is { Stopped: null, Reviews: [] });
    }

    [Fact]
    public async Task R41_R33_What_was_read_is_not_opened_again_by_a_topic_that_the_new_address_confirms_later()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await world.SubscribeAsync(Old, TopicKey.Promotions);
        await WriteAsync(world, Old);
        await AskAsync(world, Old, New);
        await ConfirmAsync(world, New);
        Assert.Equal([Item], (await world.StateAsync(New)).Reviews);
        Assert.Equal([Item], (await world.StateAsync(New)).Find(TopicKey.Promotions)!.AlsoHolds!.Reviews);
        await world.Get<ReviewDesk>().ResolveAsync(Item, ReviewVerdict.NotARevocation, "agent:mia", default);
        await ConfirmAsync(world, New, TopicKey.Promotions);
        Assert.True(await world.StateAsync(New) is { Reviews: [], ReviewPending: false });
        Assert.Equal(Reason.Allowed, await DecideAsync(world, New, TopicKey.Promotions));
    }

    [Fact]
    public async Task R41_R33_Nor_by_one_that_comes_back_to_the_old_address()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await WriteAsync(world, Old);
        await AskAsync(world, Old, New);
        await ConfirmAsync(world, New);
        await world.SubscribeAsync(New, TopicKey.Promotions);
        await AskAsync(world, New, Old);
        Assert.Equal([Item], (await world.StateAsync(Old)).Find(TopicKey.Promotions)!.AlsoHolds!.Reviews);
        await world.Get<ReviewDesk>().ResolveAsync(Item, ReviewVerdict.NotARevocation, "agent:mia", default);
        await ConfirmAsync(world, Old, TopicKey.Promotions);
        Assert.True(await world.StateAsync(Old) is { Reviews: [], ReviewPending: false });
        Assert.Equal(Reason.Allowed, await DecideAsync(world, Old, TopicKey.Promotions));
    }

    [Fact]
    public async Task R41_R33_A_record_of_before_moves_were_noted_moves_too()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await WriteAsync(world, Old);
        var (tables, key) = (world.Get<ITableStore>(), world.Ring.KeyOf(Old).Value);
        var row = await tables.GetAsync(Tables.Addresses, key, Rows.State) is { } stored
            ? JsonNode.Parse(stored.Value.Span)!.AsObject()
            : [];
        Assert.True(row.Remove("movedTo"));
        await tables.CommitAsync(Tables.Addresses, key, [RowChange.Put(Rows.State, Encoding.UTF8.GetBytes(row.ToJsonString()))]);
        await RectifyAsync(world);
        await ConfirmAsync(world, New);
        Assert.Equal(Reason.ReviewPending, await DecideAsync(world, New));
        await world.Get<ReviewDesk>().ResolveAsync(Item, ReviewVerdict.NotARevocation, "agent:mia", default);
        Assert.Equal(Reason.Allowed, await DecideAsync(world, New));
    }

    [Fact]
    public async Task R34_R33_What_nobody_will_read_since_the_old_address_was_erased_holds_nothing_back_wherever_its_person_has_moved_to()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await WriteAsync(world, Old);
        await AskAsync(world, Old, New);
        await ConfirmAsync(world, New);
        var third = CoreProduct.Email("third@example.com");
        await AskAsync(world, New, third);
        await ConfirmAsync(world, third);
        Assert.Equal(Reason.ReviewPending, await DecideAsync(world, third));
        await EraseAsync(world, Old);
        Assert.Equal(
            ReviewResult.NotFound, await world.Get<ReviewDesk>().ResolveAsync(Item, ReviewVerdict.NotARevocation, "agent:mia", default));
        foreach (var address in new[] { New, third }) Assert.Equal(Reason.Allowed, await DecideAsync(world, address));
    }

    [Fact]
    public async Task R41_R34_The_erasure_of_an_address_in_the_middle_lifts_nothing_that_is_still_read_and_what_is_decided_reaches_behind_it()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await WriteAsync(world, Old);
        await AskAsync(world, Old, New);
        await ConfirmAsync(world, New);
        var third = CoreProduct.Email("third@example.com");
        await AskAsync(world, New, third);
        await ConfirmAsync(world, third);
        await EraseAsync(world, New);
        foreach (var address in new[] { Old, third }) Assert.Equal(Reason.ReviewPending, await DecideAsync(world, address));
        Assert.Equal(ReviewResult.Done, await world.Get<ReviewDesk>().ResolveAsync(Item, ReviewVerdict.Revoke, "agent:mia", default));
        foreach (var address in new[] { Old, third }) Assert.Equal(Reason.Unsubscribed, await DecideAsync(world, address));
    }

    [Fact]
    public async Task R34_A_record_that_no_key_opens_where_the_person_has_moved_to_keeps_no_erasure_from_its_end()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await WriteAsync(world, Old);
        await AskAsync(world, Old, New);
        // As something looks that another key had sealed.
        await world.Store.CommitAsync(
            Tables.Addresses, world.Ring.KeyOf(New).Value, [RowChange.Put(Rows.State, (byte[])[1, 250, .. new byte[60]])]);
        await EraseAsync(world, Old);
        Assert.Equal(SuppressionReason.Erased, (await world.StateAsync(Old)).Suppression?.Reason);
    }

    [Fact]
    public async Task R34_R33_Nor_where_the_old_address_is_erased_at_any_moment_of_the_move()
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = PackagesWorld.Hooked();
            await world.SubscribeAsync(Old, TopicKey.Newsletter);
            await WriteAsync(world, Old);
            left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left > 0) return;
                store.BeforeCommit = null;
                await EraseAsync(world, Old);
            };
            await AskAsync(world, Old, New);
            store.BeforeCommit = null;
            if (left > 0) await EraseAsync(world, Old); // It had fewer writes than that.
            await ConfirmAsync(world, New);
            Assert.True((await world.StateAsync(New)) is { Reviews: [], ReviewPending: false }, $"Erased at write {at}.");
        }
    }
}
