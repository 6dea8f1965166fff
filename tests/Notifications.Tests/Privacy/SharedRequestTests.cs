using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>
/// A request that is about several addresses, or that two change at once: an erasure takes its own out of it, and nobody loses another's
/// word.
/// </summary>
public sealed class SharedRequestTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Ben = CoreProduct.Email("ben@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+351912345678");

    [Fact]
    public async Task R35_R34_A_restriction_of_an_account_can_be_lifted_from_the_others_after_one_of_its_addresses_was_erased()
    {
        var world = await AccountAsync();
        var desk = world.Get<PrivacyDesk>();
        var restricted = await desk.OpenAsync(
            PrivacyRight.Restriction, [Ana, Ben, Phone], "c1", "Asked by phone.", null, "agent:mia", default);
        await desk.OpenByHolderAsync(PrivacyRight.Erasure, Ana, default);
        var left = (await desk.FindAsync(restricted.Id, default))!;
        Assert.Equal(["email:ben@example.com", "sms:+351912345678"], left.Addresses);
        // Each at the place of its key, and the erased one's last.
        Assert.Equal([Key(world, Ben), Key(world, Phone), Key(world, Ana)], left.AddressKeys);
        Assert.Equal(("c1", "Asked by phone."), (left.ContactId, left.Note));
        Assert.NotNull(await desk.LiftAsync(left, "Told by letter.", "agent:mia", default));
        foreach (var address in new[] { Ben, Phone }) Assert.Null((await world.StateAsync(address)).RestrictedSince);
    }

    [Fact]
    public async Task R35_R34_What_came_under_a_restricted_account_later_can_be_lifted_after_everything_of_before_was_erased()
    {
        var world = new PackagesWorld();
        var (desk, contacts) = (world.Get<PrivacyDesk>(), world.Get<ContactDesk>());
        await contacts.PutAsync("c1", "Ana", null, null, [Ana], "service:x", default);
        var restricted = await desk.OpenAsync(
            PrivacyRight.Restriction, [Ana], "c1", "Ask for ana@example.com.", null, "agent:mia", default);
        await contacts.PutAsync("c1", "Ana", null, null, [Ana, Ben], "service:x", default);
        await desk.OpenByHolderAsync(PrivacyRight.Erasure, Ana, default);
        var left = (await desk.FindAsync(restricted.Id, default))!;
        Assert.Equal((0, "c1", null), (left.Addresses.Length, left.ContactId, left.Note)); // The note named the erased address.
        Assert.NotNull(await desk.LiftAsync(left, "Told by letter.", "agent:mia", default));
        Assert.Null((await world.StateAsync(Ben)).RestrictedSince);
    }

    [Fact]
    public async Task R34_Of_a_request_whose_every_address_was_erased_nothing_is_left_but_the_hashes()
    {
        var world = await AccountAsync();
        var desk = world.Get<PrivacyDesk>();
        var access = await desk.OpenAsync(PrivacyRight.Access, [Ana, Ben, Phone], "c1", "Ana, by phone.", null, "agent:mia", default);
        await desk.OpenAsync(PrivacyRight.Erasure, [Ana, Ben, Phone], "c1", null, null, "agent:mia", default);
        var left = (await desk.FindAsync(access.Id, default))!;
        Assert.Equal((0, null, null, 3), (left.Addresses.Length, left.ContactId, left.Note, left.AddressKeys.Length));
    }

    [Theory]
    [InlineData("lift")]
    [InlineData("complete")]
    public async Task R34_An_erasure_between_the_reading_and_the_writing_of_a_request_is_not_undone_by_it(string act)
    {
        var (world, store) = PackagesWorld.Hooked();
        var desk = world.Get<PrivacyDesk>();
        var key = world.Ring.KeyOf(Ana);
        await world.SubscribeAsync(Ana, TopicKey.Newsletter);
        var request = act == "lift"
            ? await desk.OpenAsync(PrivacyRight.Restriction, [Ana], null, "Ana asked.", null, "agent:mia", default)
            : null;
        store.BeforeCommit = async rows =>
        {
            // The record of the address is changed by the act; its request is written after that.
            if (!rows.Any(r => r.Key == Rows.State)) return;
            store.BeforeCommit = null;
            await desk.OpenByHolderAsync(PrivacyRight.Erasure, Ana, default);
        };
        if (act == "lift") await desk.LiftAsync(request!, "Told.", "agent:mia", default);
        else await desk.OpenAsync(PrivacyRight.Objection, [Ana], null, "Ana asked.", null, "agent:mia", default);
        foreach (var one in await desk.ListAsync(null, 100, default))
            Assert.Equal((0, PrivacyStatus.Completed, null), (one.Addresses.Length, one.Status, one.Note));
        Assert.Contains(await desk.ListAsync(null, 100, default), r => r.AddressKeys.Contains(key.Value));
    }

    [Fact]
    public async Task R31_An_extension_that_is_told_while_the_request_is_carried_out_is_kept()
    {
        var (world, store) = PackagesWorld.Hooked();
        var desk = world.Get<PrivacyDesk>();
        store.BeforeCommit = async rows =>
        {
            if (!rows.Any(r => r.Key == Rows.State)) return;
            store.BeforeCommit = null;
            await foreach (var running in desk.StillOpenAsync(default))
                Assert.NotNull(await desk.ExtendAsync(running, "It takes longer.", "agent:mia", default));
        };
        var done = await desk.OpenAsync(PrivacyRight.Objection, [Ana], null, null, null, "agent:mia", default);
        Assert.Equal((PrivacyStatus.Completed, "It takes longer.", done.OpenedAt.AddMonths(3)), (done.Status, done.Notice, done.DueAt));
    }

    [Fact]
    public async Task R31_A_closed_request_is_kept_for_its_years_and_one_that_restricts_as_long_as_it_does()
    {
        var world = new PackagesWorld();
        var (desk, requests) = (world.Get<PrivacyDesk>(), world.Get<PrivacyRequests>());
        var access = await desk.OpenAsync(PrivacyRight.Access, [Ana], null, null, null, "agent:mia", default);
        Assert.NotNull(await desk.CompleteAsync(access, "Sent by letter.", "agent:mia", default));
        var standing = await desk.OpenAsync(PrivacyRight.Restriction, [Ben], null, null, null, "agent:mia", default);
        world.Clock.Advance(TimeSpan.FromDays(1095));
        Assert.Equal(0, await requests.PurgeAsync(default));
        world.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await requests.PurgeAsync(default));
        Assert.Equal([standing.Id], (await desk.ListAsync(null, 10, default)).Select(r => r.Id));
        await desk.LiftAsync(standing, "Told.", "agent:mia", default);
        Assert.Equal(1, await requests.PurgeAsync(default));
        Assert.Empty(await world.Store.ScanAsync(Tables.Requests, null, 10)); // No mark is left beside it.
    }

    private static async Task<PackagesWorld> AccountAsync()
    {
        var world = new PackagesWorld();
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [Ana, Ben, Phone], "service:x", default);
        return world;
    }

    private static string Key(PackagesWorld world, Address address) => world.Ring.KeyOf(address).Value;
}
