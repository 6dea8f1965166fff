using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Contacts;

/// <summary>An address that leaves its contact while others write there, or while the process dies.</summary>
public sealed class LeavingAddressTests
{
    private static readonly Address Old = CoreProduct.Email("old@example.com");
    private static readonly Address New = CoreProduct.Email("new@example.com");
    private static readonly Address Kept = CoreProduct.Email("kept@example.com");

    [Theory]
    [InlineData("put")]
    [InlineData("replace")]
    [InlineData("remove")]
    public async Task R33_An_address_that_left_stays_away_though_somebody_read_the_contact_before_it_was_gone(string way)
    {
        var world = await SeedAsync();
        var (read, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var late = Desk(world, new PausedRead(world.Tables, async () =>
        {
            read.SetResult();
            await go.Task;
        }));
        Task? named = null;
        var desk = Desk(world, new InterruptedStore(world.Tables)
        {
            AfterCommit = ("c1", async () =>
            {
                named = late.PutAsync("c1", "Anna", null, null, null, "service:x", default).AsTask();
                await read.Task.WaitAsync(TimeSpan.FromSeconds(60));
            }),
        });
        if (way == "replace") await desk.ReplaceAsync("c1", Old, New, "service:x", default);
        else await desk.PutAsync("c1", "Ana", null, null, way == "put" ? [New, Kept] : [Kept], "service:x", default);
        go.SetResult();
        await named!.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal("Anna", (await world.Contacts.GetAsync("c1", default))!.Profile.Name);
        await HasAsync(world, way == "remove" ? [Kept] : [New, Kept]);
        await IsFreeAsync(world, Old);
    }

    [Fact]
    public async Task An_address_that_is_put_under_its_contact_again_while_it_leaves_belongs_to_it()
    {
        var world = await SeedAsync();
        var desk = Desk(world, new InterruptedStore(world.Tables)
        {
            AfterCommit = (
                "c1", async () => await world.Contacts.PutAsync("c1", "Ana", null, null, [Old, Kept], "service:x", default)),
        });
        await desk.PutAsync("c1", "Ana", null, null, [Kept], "service:x", default);
        await HasAsync(world, Old, Kept);
        Assert.Equal("c1", await OwnerAsync(world.Book, world.Ring.KeyOf(Old)));
    }

    [Theory]
    [InlineData("put")]
    [InlineData("delete")]
    public async Task R33_An_address_that_a_crash_left_on_its_way_is_the_contacts_no_longer_and_whoever_comes_next_lets_it_go(string next)
    {
        var world = await SeedAsync();
        await Assert.ThrowsAsync<CrashException>(
            async () => await Desk(world, Mortal(world.Tables)).PutAsync("c1", "Ana", null, null, [Kept], "service:x", default));
        await HasAsync(world, Kept);
        if (next == "put") await world.Contacts.PutAsync("c1", "Anna", null, null, null, "service:x", default);
        else await world.Contacts.DeleteAsync("c1", default);
        await IsFreeAsync(world, Old);
        Assert.DoesNotContain(
            await world.Tables.RangeAsync(Tables.Contacts, "c1", RowRange.All, 10),
            row => row.Key == Rows.Address(world.Ring.KeyOf(Old).Value));
    }

    [Fact]
    public async Task R33_An_address_stays_where_the_one_that_was_to_take_its_place_is_taken_by_another_contact_meanwhile()
    {
        var world = await SeedAsync();
        var desk = Desk(world, new InterruptedStore(world.Tables)
        {
            AfterCommit = ("c1", async () => await world.Contacts.PutAsync("c2", "Eve", null, null, [New], "service:x", default)),
        });
        Assert.Equal(ContactResult.AddressTaken, await desk.ReplaceAsync("c1", Old, New, "service:x", default));
        await HasAsync(world, Old, Kept);
        Assert.Equal("c1", await OwnerAsync(world.Book, world.Ring.KeyOf(Old)));

        // Freed there, it takes that place.
        await world.Contacts.DeleteAsync("c2", default);
        Assert.Equal(ContactResult.Done, await world.Contacts.ReplaceAsync("c1", Old, New, "service:x", default));
        await HasAsync(world, New, Kept);
    }

    [Fact]
    public async Task A_contact_can_exchange_as_many_addresses_as_it_may_own()
    {
        var world = new World();
        Address[] Some(string name) =>
            [.. Enumerable.Range(0, ContactDesk.MaxAddresses).Select(i => CoreProduct.Email($"{name}{i}@example.com"))];
        await world.Contacts.PutAsync("c1", "Ana", null, null, Some("a"), "service:x", default);
        Assert.Equal(
            (ContactResult.Done, false), await world.Contacts.PutAsync("c1", "Ana", null, null, Some("b"), "service:x", default));
        await HasAsync(world, Some("b"));
        foreach (var one in Some("a")) Assert.Null(await OwnerAsync(world.Book, world.Ring.KeyOf(one)));
        Assert.Equal(1 + ContactDesk.MaxAddresses, (await world.Tables.RangeAsync(Tables.Contacts, "c1", RowRange.All, 1000)).Count);
    }

    [Fact]
    public async Task R34_An_account_is_erased_without_an_address_that_a_crash_left_on_its_way_out()
    {
        var (world, contacts) = await CutAsync(restricted: null);
        var done = await world.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [Kept], "c1", null, null, "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, done.Status);
        Assert.Empty(await world.Store.RangeAsync(Tables.Contacts, "c1", RowRange.All, 10));
        var state = await world.StateAsync(Old);
        Assert.Equal((Old.Value, null), (state.Value, state.ContactId));
        Assert.Equal((ContactResult.Done, true), await contacts.PutAsync("c2", "Eve", null, null, [Old], "service:x", default));
    }

    [Fact]
    public async Task R35_An_address_that_a_crash_left_on_its_way_out_of_a_restricted_account_is_free_when_that_is_lifted()
    {
        PrivacyRequest? restricted = null;
        var (world, _) = await CutAsync(async desk =>
            restricted = await desk.OpenAsync(PrivacyRight.Restriction, [Kept], "c1", null, null, "agent:mia", default));
        Assert.NotNull(await world.Get<PrivacyDesk>().LiftAsync(
            (await world.Get<PrivacyDesk>().FindAsync(restricted!.Id, default))!, "Told by letter.", "agent:mia", default));
        foreach (var one in new[] { Old, Kept })
            Assert.Null((await world.StateAsync(one)).RestrictedSince);
        Assert.Null(await OwnerAsync(world.Book, world.Ring.KeyOf(Old)));
    }

    /// <summary>An account from which the old address was on its way when the process died.</summary>
    private static async Task<(PackagesWorld World, ContactDesk Contacts)> CutAsync(Func<PrivacyDesk, Task>? restricted)
    {
        var world = new PackagesWorld();
        var contacts = world.Get<ContactDesk>();
        await contacts.PutAsync("c1", "Ana", null, null, restricted is null ? [Old, Kept] : [Kept], "service:x", default);
        if (restricted is not null)
        {
            await restricted(world.Get<PrivacyDesk>());
            await contacts.PutAsync("c1", "Ana", null, null, [Old, Kept], "service:x", default);
        }

        var mortal = new ContactDesk(
            world.Book, Mortal(world.Get<ITableStore>()), world.Ring, world.Get<TopicCatalog>(), world.Get<PrivacyRequests>(), world.Clock);
        await Assert.ThrowsAsync<CrashException>(
            async () => await mortal.PutAsync("c1", "Ana", null, null, [Kept], "service:x", default));
        return (world, contacts);
    }

    private static async Task<World> SeedAsync()
    {
        var world = new World();
        await world.Contacts.PutAsync("c1", "Ana", null, null, [Old, Kept], "service:x", default);
        return world;
    }

    private static ContactDesk Desk(World world, ITableStore tables) => new(
        world.Book, tables, world.Ring, world.Topics, new PrivacyRequests(tables, new PrivacyOptions(), world.Time), world.Time);

    private static InterruptedStore Mortal(ITableStore tables) =>
        new(tables) { AfterCommit = ("c1", () => throw new CrashException()) };

    private static async Task HasAsync(World world, params Address[] addresses) => Assert.Equal(
        addresses.ToHashSet(), (await world.Contacts.GetAsync("c1", default))!.Addresses.Select(a => a.Address).ToHashSet());

    private static async Task IsFreeAsync(World world, Address address)
    {
        Assert.Null(await OwnerAsync(world.Book, world.Ring.KeyOf(address)));
        Assert.Equal((ContactResult.Done, true), await world.Contacts.PutAsync("c2", "Eve", null, null, [address], "service:x", default));
    }

    private static async Task<string?> OwnerAsync(AddressBook book, AddressKey key) =>
        (await book.LoadAsync(key, default)).State!.ContactId;

    /// <summary>A store in which something happens once, right after a contact was read.</summary>
    private sealed class PausedRead(ITableStore inner, Func<Task> pauseAsync) : PassingStore(inner)
    {
        private bool _paused;

        public override async ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            var rows = await base.RangeAsync(table, partition, range, limit, cancel);
            if (_paused || table != Tables.Contacts) return rows;
            _paused = true;
            await pauseAsync();
            return rows;
        }
    }
}
