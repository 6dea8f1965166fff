using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Privacy;

/// <summary>What is asked for while an address is changed, and what an erasure says of a change before it.</summary>
public sealed class MoveRaceTests
{
    private static readonly Address A = CoreProduct.Email("a@example.com");
    private static readonly Address B = CoreProduct.Email("b@example.com");
    private static readonly Address C = CoreProduct.Email("c@example.com");

    [Fact]
    public async Task R34_An_erasure_by_the_address_that_was_left_says_that_the_account_goes_on_and_how_to_erase_that()
    {
        var (world, _) = await OwnedAsync();
        var desk = world.Get<PrivacyDesk>();
        await MoveAsync(world, A, B);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var erased = await desk.OpenAsync(PrivacyRight.Erasure, [A], null, null, null, "agent:mia", default);
        Assert.Contains("has moved on to another address", erased.Outcome, StringComparison.Ordinal);
        Assert.Contains("(contactId)", erased.Outcome, StringComparison.Ordinal);
        Assert.DoesNotContain(B.Value, erased.Outcome, StringComparison.Ordinal);
        Assert.Equal(B.Value, (await world.StateAsync(B)).Value);
        var rest = await desk.OpenAsync(PrivacyRight.Erasure, [B], "c1", null, null, "agent:mia", default);
        Assert.DoesNotContain("moved on", rest.Outcome, StringComparison.Ordinal);
        Assert.Null((await world.StateAsync(B)).Value);
    }

    [Fact]
    public async Task R34_An_erasure_of_an_account_reaches_every_new_address_whatever_step_of_two_changes_it_comes_between()
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = await OwnedAsync();
            left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left != 0) return;
                await MoveAsync(world, A, C);
                await EraseAsync(world);
            };
            var first = await MoveAsync(world, A, B);
            store.BeforeCommit = null;
            if (left > 0) break;
            await world.Get<PrivacyDesk>().RunAsync(default);
            foreach (var address in new[] { A, B, C })
            {
                var state = (await world.Book.LoadAsync(world.Ring.KeyOf(address), default)).State;
                Assert.True(state is null or { Contact: ContactStatus.Erased, Value: null }, $"{address.Value}, at write {at}.");
            }

            Assert.Equal((at, PrivacyStatus.Completed), (at, (await world.Get<PrivacyDesk>().FindAsync(first.Id, default))!.Status));
            Assert.Empty(await world.Store.RangeAsync(Tables.Contacts, "c1", RowRange.All, 10));
        }
    }

    [Fact]
    public async Task R34_A_change_that_comes_at_whatever_step_of_an_erasure_of_the_account_leaves_no_address_behind()
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = await OwnedAsync();
            left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left == 0) await MoveAsync(world, A, B);
            };
            await EraseAsync(world);
            store.BeforeCommit = null;
            if (left > 0) break;
            foreach (var address in new[] { A, B })
            {
                var state = (await world.Book.LoadAsync(world.Ring.KeyOf(address), default)).State;
                Assert.True(state is null or { Contact: ContactStatus.Erased, Value: null }, $"{address.Value}, at write {at}.");
            }
        }
    }

    [Fact]
    public async Task R36_R33_An_objection_at_whatever_step_of_a_change_reaches_the_new_address()
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = await OwnedAsync();
            left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left == 0)
                    await world.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Objection, [A], null, null, null, "agent:mia", default);
            };
            await MoveAsync(world, A, B);
            store.BeforeCommit = null;
            if (left > 0) break;
            Assert.True((await world.StateAsync(B)).ObjectedAt is not null, $"At write {at}.");
        }
    }

    [Fact]
    public async Task R33_Of_two_changes_at_once_at_whatever_step_the_account_has_one_new_address_and_the_other_is_left()
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = await OwnedAsync();
            left = at;
            store.BeforeCommit = async _ =>
            {
                if (--left == 0) await MoveAsync(world, A, C);
            };
            await MoveAsync(world, A, B);
            store.BeforeCommit = null;
            if (left > 0) break;
            await world.Get<PrivacyDesk>().RunAsync(default);
            var owned = Assert.Single((await world.Get<ContactDesk>().GetAsync("c1", default))!.Addresses).Address;
            Assert.True(owned == B || owned == C, $"At write {at}.");
            var state = await world.StateAsync(owned);
            Assert.Equal((at, null, SubscriptionStatus.Pending), (at, state.Stopped, state.StatusOf(TopicKey.Newsletter)));
            Assert.True((await world.StateAsync(owned == B ? C : B)).Stopped is not null, $"At write {at}.");
        }
    }

    private static async Task<(PackagesWorld World, HookedStore Store)> OwnedAsync()
    {
        var (world, store) = PackagesWorld.Hooked();
        await world.SubscribeAsync(A, TopicKey.Newsletter);
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [A], "service:x", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(1); // As time goes by within a request.
        return (world, store);
    }

    private static async Task<PrivacyRequest> MoveAsync(PackagesWorld world, Address from, Address to) =>
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [from], null, null, new Rectification(NewAddress: to.Value), "agent:mia", default);

    private static async Task EraseAsync(PackagesWorld world)
    {
        var desk = world.Get<PrivacyDesk>();
        if (await desk.ResolveAsync(null, "c1", default) is { } addresses)
            await desk.OpenAsync(PrivacyRight.Erasure, addresses, "c1", null, null, "agent:mia", default);
    }
}
