using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Contacts;

public sealed class ContactDeskTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    [Fact]
    public async Task M8_Disabling_a_contact_stops_every_address_and_enabling_restores_them()
    {
        var world = await SeedAsync();
        await world.Contacts.SetStatusAsync("c1", ContactStatus.Disabled, "api", "service:x", default);
        foreach (var address in new[] { Ana, Phone }) Assert.Equal(Reason.AccountDisabled, await SendAsync(world, address));
        Assert.Equal(0, world.Email.HandOffs + world.Sms.HandOffs);
        await world.Contacts.SetStatusAsync("c1", ContactStatus.Active, "api", "service:x", default);
        foreach (var address in new[] { Ana, Phone }) Assert.Equal(Reason.Allowed, await SendAsync(world, address));
        var actions = (await world.Book.LedgerAsync(world.Ring.KeyOf(Ana), default)).Select(e => e.Action);
        Assert.Equal([LedgerAction.OptIn, LedgerAction.Disable, LedgerAction.Enable], actions);
        Assert.Null(await world.Contacts.SetStatusAsync("nobody", ContactStatus.Disabled, "api", "x", default));
    }

    [Fact]
    public async Task P6_Deleting_a_contact_or_moving_an_address_never_raises_permission()
    {
        var world = await SeedAsync();
        await world.Contacts.SetStatusAsync("c1", ContactStatus.Disabled, "api", "service:x", default);
        Assert.True(await world.Contacts.DeleteAsync("c1", default));
        Assert.False(await world.Contacts.DeleteAsync("c1", default));
        Assert.Null(await world.Contacts.GetAsync("c1", default));
        Assert.Equal(Reason.AccountDisabled, await SendAsync(world, Ana));
        Assert.Equal((ContactResult.Done, true), await world.Contacts.PutAsync("c2", "Ana", null, null, [Ana], "service:x", default));
        Assert.Equal(Reason.AccountDisabled, await SendAsync(world, Ana));
        await world.Contacts.SetStatusAsync("c2", ContactStatus.Active, "api", "service:x", default);
        Assert.Equal(Reason.Allowed, await SendAsync(world, Ana));
    }

    [Fact]
    public async Task M8_An_address_put_under_a_disabled_contact_is_silent()
    {
        var world = await SeedAsync();
        await world.Contacts.SetStatusAsync("c1", ContactStatus.Disabled, "api", "service:x", default);
        var other = CoreProduct.Email("ana@work.example");
        await world.SubscribeAsync(other, TopicKey.PackageUpdates);
        await world.Contacts.PutAsync("c1", "Ana", null, null, [Ana, Phone, other], "service:x", default);
        Assert.Equal(Reason.AccountDisabled, await SendAsync(world, other));
    }

    [Fact]
    public async Task M8_An_update_that_began_before_the_account_was_disabled_does_not_enable_it_again()
    {
        var world = await SeedAsync();
        var once = true;
        world.Store.BeforeCommit = async _ =>
        {
            if (!once) return;
            once = false;
            await world.Contacts.SetStatusAsync("c1", ContactStatus.Disabled, "api", "service:x", default);
        };
        // Decided again on the disabled account.
        await world.Contacts.PutAsync("c1", "Ana", null, null, [Ana, Phone], "service:x", default);
        Assert.Equal(ContactStatus.Disabled, (await world.Contacts.GetAsync("c1", default))!.Profile.Status);
        Assert.Equal(Reason.AccountDisabled, await SendAsync(world, Ana));
    }

    [Fact]
    public async Task An_address_that_comes_while_its_contact_is_deleted_belongs_to_nobody_after_it()
    {
        var world = await SeedAsync();
        var later = CoreProduct.Email("later@example.com");
        world.Store.BeforeCommit = async rows =>
        {
            if (!rows.Any(r => r is { Kind: RowChangeKind.Delete, Key: Rows.Profile })) return;
            world.Store.BeforeCommit = null;
            await world.Contacts.PutAsync("c1", "Ana", null, null, [Ana, Phone, later], "service:x", default);
        };
        Assert.True(await world.Contacts.DeleteAsync("c1", default));
        Assert.Null(await world.Contacts.GetAsync("c1", default));
        foreach (var address in new[] { Ana, Phone, later })
            Assert.Null((await world.StateAsync(address)).ContactId);
    }

    [Fact]
    public async Task A_contact_that_is_deleted_before_its_addresses_are_attached_owns_none_of_them()
    {
        var world = new World();
        world.Store.BeforeCommit = async rows =>
        {
            if (!rows.Any(r => r.Key == Rows.State)) return;
            world.Store.BeforeCommit = null;
            Assert.True(await world.Contacts.DeleteAsync("c1", default));
        };
        await world.Contacts.PutAsync("c1", "Ana", null, null, [Ana], "service:x", default);
        Assert.Null((await world.StateAsync(Ana)).ContactId);
        Assert.Equal((ContactResult.Done, true), await world.Contacts.PutAsync("c2", "Ana", null, null, [Ana], "service:x", default));
    }

    [Fact]
    public async Task An_address_belongs_to_one_contact()
    {
        var world = await SeedAsync();
        Assert.Equal(
            (ContactResult.AddressTaken, false), await world.Contacts.PutAsync("c2", "Eve", null, null, [Ana], "service:x", default));
        Assert.Null(await world.Contacts.GetAsync("c2", default));
        Assert.Equal((ContactResult.Done, false), await world.Contacts.PutAsync("c1", "Ana", "fr", null, [Phone], "service:x", default));
        Assert.Equal([Phone], (await world.Contacts.GetAsync("c1", default))!.Addresses.Select(a => a.Address));
        Assert.Equal((ContactResult.Done, true), await world.Contacts.PutAsync("c2", "Eve", null, null, [Ana], "service:x", default));
    }

    [Fact]
    public async Task An_address_that_another_contact_takes_at_the_same_moment_stays_with_the_first()
    {
        var world = new World();
        var once = true;
        world.Store.BeforeCommit = async _ =>
        {
            if (!once) return;
            once = false;
            await world.Contacts.PutAsync("c2", "Eve", null, null, [Ana], "service:x", default);
        };
        Assert.Equal(
            ContactResult.AddressTaken, (await world.Contacts.PutAsync("c1", "Ana", null, null, [Ana], "service:x", default)).Result);
        Assert.Equal("c2", (await world.StateAsync(Ana)).ContactId);
        Assert.Empty((await world.Contacts.GetAsync("c1", default))!.Addresses);
        await world.Contacts.SetStatusAsync("c1", ContactStatus.Disabled, "api", "service:x", default);
        Assert.Equal(ContactStatus.Active, (await world.StateAsync(Ana)).Contact);
    }

    [Fact]
    public async Task R34_An_erased_person_is_not_filled_in_again_by_a_contact()
    {
        var world = await SeedAsync();
        var draft = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "erasure", "agent:x");
        var key = world.Ring.KeyOf(CoreProduct.Email("gone@example.com"));
        await world.Book.ChangeAsync(
            key, new AddressState { Channel = Channel.Email },
            (s, now) => AddressTransitions.Suppress(s, SuppressionReason.Erased, null, draft, now), null, default);
        Assert.Equal(
            (ContactResult.AddressErased, false),
            await world.Contacts.PutAsync("c9", null, null, null, [CoreProduct.Email("gone@example.com")], "service:x", default));
        Assert.Null((await world.Book.LoadAsync(key, default)).State!.Value);
    }

    [Fact]
    public async Task Saying_the_same_of_a_contact_again_writes_nothing_to_its_addresses()
    {
        var world = await SeedAsync();
        var (_, etag) = await world.Book.LoadAsync(world.Ring.KeyOf(Ana), default);
        await world.Contacts.PutAsync("c1", "Ana", "de", "Europe/Berlin", null, "service:x", default);
        await world.Contacts.SetStatusAsync("c1", ContactStatus.Active, "api", "service:x", default);
        Assert.Equal(etag, (await world.Book.LoadAsync(world.Ring.KeyOf(Ana), default)).ETag);
        Assert.Equal(
            ("de", "Europe/Berlin"),
            ((await world.StateAsync(Phone)).Locale,
                (await world.StateAsync(Phone)).TimeZone));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task M8_An_address_that_is_added_or_exchanged_undoes_nothing_that_was_changed_of_its_contact_meanwhile(bool added)
    {
        var world = await SeedAsync();
        var (later, next) = (CoreProduct.Email("later@example.com"), CoreProduct.Email("next@example.com"));
        var between = new ChangedAfterRead(
            world.Tables, async () => await world.Contacts.PutAsync("c1", "Anna", null, null, [Ana, Phone, later], "service:x", default));
        var slower = new ContactDesk(
            world.Book, between, world.Ring, world.Topics, new PrivacyRequests(between, new PrivacyOptions(), world.Time), world.Time);
        if (added) await slower.AddAsync("c1", next, world.Ring.KeyOf(next), null, null, "service:x", default);
        else await slower.ReplaceAsync("c1", Phone, next, "service:x", default);
        var contact = (await world.Contacts.GetAsync("c1", default))!;
        Assert.Equal("Anna", contact.Profile.Name);
        Assert.Equal(
            [.. added ? [Phone] : Array.Empty<Address>(), Ana, later, next],
            contact.Addresses.Select(a => a.Address).OrderBy(a => a.Value, StringComparer.Ordinal));
    }

    private static async Task<World> SeedAsync()
    {
        var world = new World();
        await world.SubscribeAsync(Ana, TopicKey.PackageUpdates);
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        Assert.Equal(
            (ContactResult.Done, true),
            await world.Contacts.PutAsync("c1", "Ana", "de", "Europe/Berlin", [Ana, Phone, Ana], "service:x", default));
        return world;
    }

    private static async Task<Reason> SendAsync(World world, Address address)
    {
        var request = world.Request(address, TopicKey.PackageUpdates);
        await world.Dispatcher.SendAsync(request, false, default);
        return (await world.RecordAsync(request))!.Reason;
    }

    /// <summary>A store in which somebody changes a contact once, right after it was read.</summary>
    private sealed class ChangedAfterRead(ITableStore inner, Func<Task> changeAsync) : PassingStore(inner)
    {
        private bool _changed;

        public override async ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            var rows = await base.RangeAsync(table, partition, range, limit, cancel);
            if (_changed || table != Tables.Contacts) return rows;
            _changed = true;
            await changeAsync();
            return rows;
        }
    }
}
