using Notifications.Addresses;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>An address that leaves a restricted account: nothing could lift its restriction any more.</summary>
public sealed class LeftRestrictedTests
{
    private static readonly Address Stays = CoreProduct.Email("stays@example.com");
    private static readonly Address Leaves = CoreProduct.Email("leaves@example.com");

    [Theory]
    [InlineData("put")]
    [InlineData("delete")]
    public async Task R35_An_address_that_came_under_a_restricted_account_and_leaves_it_is_free_when_that_is_lifted(string way)
    {
        var (world, restricted) = await RestrictedAsync(PrivacyRight.Restriction);
        var contacts = world.Get<ContactDesk>();
        if (way == "put") await contacts.PutAsync("c1", "Ana", null, null, [Stays], "service:x", default);
        else await contacts.DeleteAsync("c1", default);
        Assert.Equal((null, true), await HeldAsync(world, Leaves)); // What the person asked for goes on.

        var desk = world.Get<PrivacyDesk>();
        var stands = (await desk.FindAsync(restricted.Id, default))!;
        Assert.Contains(world.Ring.KeyOf(Leaves).Value, stands.AddressKeys);
        Assert.NotNull(await desk.LiftAsync(stands, "Told by letter.", "agent:mia", default));
        foreach (var one in new[] { Stays, Leaves }) Assert.False((await HeldAsync(world, one)).Restricted);
    }

    [Fact]
    public async Task R35_An_open_request_that_no_key_opens_keeps_no_address_from_leaving_and_those_that_can_be_read_hold_it()
    {
        const string Shut = "000000000000001-00000000";
        var (world, restricted) = await RestrictedAsync(PrivacyRight.Restriction);
        await world.Store.CommitAsync(
            Tables.Requests, "requests",
            [RowChange.Insert(Shut, (byte[])[1, 250, .. new byte[60]]), RowChange.Insert("open:" + Shut, "{}"u8.ToArray())]);
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [Stays], "service:x", default);
        Assert.Equal((null, true), await HeldAsync(world, Leaves));
        var stands = (await world.Get<PrivacyDesk>().FindAsync(restricted.Id, default))!;
        Assert.Contains(world.Ring.KeyOf(Leaves).Value, stands.AddressKeys);
    }

    [Fact]
    public async Task R35_A_link_to_an_address_that_left_lifts_nothing_of_the_account_it_was_in()
    {
        var world = new PackagesWorld();
        var (contacts, desk) = (world.Get<ContactDesk>(), world.Get<PrivacyDesk>());
        await contacts.PutAsync("c1", "Ana", null, null, [Stays], "service:x", default);
        await desk.OpenByHolderAsync(PrivacyRight.Restriction, Stays, default); // All that the account has, and so the account.
        await contacts.PutAsync("c1", "Ana", null, null, [Stays, Leaves], "service:x", default);
        await contacts.PutAsync("c1", "Ana", null, null, [Stays], "service:x", default);
        Assert.Empty(await desk.HoldersRestrictionsAsync(world.Ring.KeyOf(Leaves), default));
        Assert.Single(await desk.HoldersRestrictionsAsync(world.Ring.KeyOf(Stays), default));
    }

    private static async Task<(PackagesWorld World, PrivacyRequest Request)> RestrictedAsync(PrivacyRight right)
    {
        var world = new PackagesWorld();
        var contacts = world.Get<ContactDesk>();
        await contacts.PutAsync("c1", "Ana", null, null, [Stays], "service:x", default);
        var request = await world.Get<PrivacyDesk>().OpenAsync(right, [Stays], "c1", null, null, "agent:mia", default);
        await contacts.PutAsync("c1", "Ana", null, null, [Stays, Leaves], "service:x", default);
        return (world, request);
    }

    private static async Task<(string? Contact, bool Restricted)> HeldAsync(PackagesWorld world, Address address)
    {
        var state = await world.StateAsync(address);
        return (state.ContactId, state.RestrictedSince is not null);
    }
}
