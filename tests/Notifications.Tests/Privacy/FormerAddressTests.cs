using System.Text;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>What a person had before a change of address stays theirs: an erasure reaches it, and an export has it.</summary>
public sealed class FormerAddressTests
{
    private static readonly Address First = CoreProduct.Email("first@example.com");
    private static readonly Address Second = CoreProduct.Email("second@example.com");
    private static readonly Address Third = CoreProduct.Email("third@example.com");
    private static readonly Address Fourth = CoreProduct.Email("fourth@example.com");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R34_R32_An_erasure_reaches_the_addresses_of_before_every_change_and_an_access_request_shows_them(bool account)
    {
        var world = new PackagesWorld();
        var desk = world.Get<PrivacyDesk>();
        await MovedAsync(world, First, Second, account ? "c1" : null);
        world.Clock.Advance(TimeSpan.FromDays(30));
        await MovedAsync(world, Second, Third, account ? "c1" : null);
        world.Clock.Advance(TimeSpan.FromDays(30));

        var (address, contact) = (account ? (Address?)null : Third, account ? "c1" : null);
        var whose = (await desk.ResolveAsync(address, contact, default))!;
        var access = await desk.OpenAsync(PrivacyRight.Access, whose, contact, null, null, "agent:mia", default);
        var export = (await desk.ExportAsync(access, default))!;
        Assert.Equal([Third.Value, Second.Value, First.Value], export.Addresses.Select(a => a.Address));

        var done = await desk.OpenAsync(PrivacyRight.Erasure, whose, contact, null, null, "agent:mia", default);
        Assert.Equal((PrivacyStatus.Completed, 3), (done.Status, done.AddressKeys.Length));
        Assert.DoesNotContain("former", done.Outcome, StringComparison.Ordinal);
        foreach (var one in new[] { First, Second, Third })
        {
            var state = await world.StateAsync(one);
            Assert.Equal((ContactStatus.Erased, null), (state.Contact, state.Value));
            Assert.All(await world.Book.LedgerAsync(world.Ring.KeyOf(one), default), e => Assert.Null(e.Detail));
        }

        var requests = await desk.ListAsync(null, 10, default);
        Assert.All(requests, r => Assert.Equal((0, null, null), (r.Addresses.Length, r.Change, r.ContactId)));
    }

    [Fact]
    public async Task R34_A_former_address_where_somebody_has_spoken_since_is_left_to_them_and_the_outcome_says_so()
    {
        var world = new PackagesWorld();
        var desk = world.Get<PrivacyDesk>();
        var move = await MovedAsync(world, First, Second, "c1");
        world.Clock.Advance(TimeSpan.FromDays(30));
        await world.SubscribeAsync(First, TopicKey.Newsletter); // A mailbox that was given away is another's by now.
        var done = await desk.OpenAsync(PrivacyRight.Erasure, [Second], "c1", null, null, "agent:mia", default);
        Assert.Contains($"Not of the former address that request {move.Id} names", done.Outcome, StringComparison.Ordinal);
        Assert.Equal(First.Value, (await world.StateAsync(First)).Value);
        Assert.Equal(["email:" + First.Value], (await desk.FindAsync(move.Id, default))!.Addresses);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R34_R32_Who_has_an_address_that_a_person_left_gets_and_erases_nothing_of_what_that_person_had_before(bool erased)
    {
        var world = new PackagesWorld();
        var desk = world.Get<PrivacyDesk>();
        async Task<(string? Outcome, IEnumerable<string> Addresses)> AccessAsync(Address address)
        {
            var access = await desk.OpenAsync(PrivacyRight.Access, [address], null, null, null, "agent:mia", default);
            return (access.Outcome, (await desk.ExportAsync(access, default))!.Addresses.Select(a => a.Address));
        }

        var first = await MovedAsync(world, First, Second, null);
        world.Clock.Advance(TimeSpan.FromDays(30));
        await MovedAsync(world, Second, Third, null);
        world.Clock.Advance(TimeSpan.FromDays(30));
        if (erased) await desk.OpenByHolderAsync(PrivacyRight.Erasure, Third, default); // Of that address alone.
        await world.SubscribeAsync(Second, TopicKey.Newsletter); // Its new owner.
        var (outcome, theirs) = await AccessAsync(Second);
        Assert.Equal([Second.Value], theirs);
        Assert.Contains($"Not of the former address that request {first.Id} names", outcome, StringComparison.Ordinal);
        if (!erased) Assert.Equal([Third.Value], (await AccessAsync(Third)).Addresses);

        // And where they move on it is the same.
        world.Clock.Advance(TimeSpan.FromDays(30));
        await MovedAsync(world, Second, Fourth, null);
        world.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal([Fourth.Value, Second.Value], (await AccessAsync(Fourth)).Addresses);
        var done = await desk.OpenAsync(PrivacyRight.Erasure, [Fourth], null, null, null, "agent:mia", default);
        Assert.Equal(2, done.AddressKeys.Length);
        Assert.Equal(First.Value, (await world.StateAsync(First)).Value);
    }

    [Fact]
    public async Task R34_A_former_address_that_was_stopped_before_and_corrected_with_the_change_is_erased_too()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(First, TopicKey.Newsletter);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(First), null,
            (s, now) => Transitions.StopAll(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, "form", "person"), now), null,
            default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(1); // As time goes by within a request.
        var desk = world.Get<PrivacyDesk>();
        var change = new Rectification(Locale: "pt", NewAddress: Second.Value);
        await desk.OpenAsync(PrivacyRight.Rectification, [First], null, null, change, "agent:mia", default);
        var done = await desk.OpenAsync(PrivacyRight.Erasure, [Second], null, null, null, "agent:mia", default);
        Assert.Equal(2, done.AddressKeys.Length);
        Assert.DoesNotContain("former", done.Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R34_An_erasure_that_was_cut_off_at_any_moment_and_is_carried_on_says_of_no_former_address_that_it_is_left_out()
    {
        for (var (at, left) = (1, 0); left <= 0; at++)
        {
            var (world, store) = PackagesWorld.Hooked();
            var desk = world.Get<PrivacyDesk>();
            await MovedAsync(world, First, Second, "c1");
            world.Clock.Advance(TimeSpan.FromDays(30));
            await MovedAsync(world, Second, Third, "c1");
            world.Clock.Advance(TimeSpan.FromDays(30));
            left = at;
            store.BeforeCommit = _ => --left == 0 ? throw new CrashException() : Task.CompletedTask;
            try
            {
                await desk.OpenAsync(PrivacyRight.Erasure, [Third], "c1", null, null, "agent:mia", default);
            }
            catch (CrashException)
            {
                await desk.RunAsync(default);
                await desk.SweepAsync(default);
            }

            if ((await desk.ListAsync(null, 10, default)).FirstOrDefault(r => r.Type == PrivacyRight.Erasure) is not { } done) continue;
            Assert.Equal((at, PrivacyStatus.Completed, 3), (at, done.Status, done.AddressKeys.Length));
            Assert.DoesNotContain("former", done.Outcome, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task R34_A_link_to_the_new_address_proves_nothing_of_the_former_one_and_the_outcome_says_so()
    {
        var world = new PackagesWorld();
        var desk = world.Get<PrivacyDesk>();
        var move = await MovedAsync(world, First, Second, "c1");
        var taken = await desk.OpenByHolderAsync(PrivacyRight.Portability, Second, default);
        Assert.Equal([Second.Value], (await desk.ExportAsync(taken, default))!.Addresses.Select(a => a.Address));
        Assert.Contains(move.Id, taken.Outcome, StringComparison.Ordinal);
        var done = await desk.OpenByHolderAsync(PrivacyRight.Erasure, Second, default);
        Assert.Contains(move.Id, done.Outcome, StringComparison.Ordinal);
        Assert.Equal(First.Value, (await world.StateAsync(First)).Value);
    }

    [Fact]
    public async Task R34_P6_What_an_erasure_by_link_leaves_of_a_former_address_is_its_own_stopped_record_and_nothing_of_who_was_erased()
    {
        var world = new PackagesWorld();
        var desk = world.Get<PrivacyDesk>();
        await world.SubscribeAsync(First, TopicKey.Newsletter);
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [First], "service:x", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await desk.OpenAsync(
            PrivacyRight.Rectification, [First], "c1", $"Ana moves to {Second.Value}.",
            new Rectification(Name: "Ana Leckfrei", NewAddress: Second.Value), "agent:mia", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains(await StoredAsync(world), row => row.Contains("Ana Leckfrei", StringComparison.Ordinal));
        Assert.Equal(PrivacyStatus.Completed, (await desk.OpenByHolderAsync(PrivacyRight.Erasure, Second, default)).Status);
        foreach (var row in await StoredAsync(world))
            foreach (var gone in (string[])[Second.Value, "Ana Leckfrei"]) Assert.DoesNotContain(gone, row, StringComparison.Ordinal);

        // What stays there is stopped, topic by topic, and whoever names that address to us has it erased as well.
        var left = await world.StateAsync(First);
        Assert.Equal((First.Value, SubscriptionStatus.Unsubscribed), (left.Value, left.StatusOf(TopicKey.Newsletter)));
        Assert.NotNull(left.Stopped);
        await desk.OpenAsync(PrivacyRight.Erasure, [First], null, null, null, "agent:mia", default);
        Assert.DoesNotContain(await StoredAsync(world), row => row.Contains(First.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task R34_An_address_that_comes_under_the_account_while_it_is_erased_is_erased_with_it()
    {
        var (world, store) = PackagesWorld.Hooked();
        var contacts = world.Get<ContactDesk>();
        foreach (var one in new[] { First, Second, Third }) await world.SubscribeAsync(one, TopicKey.Newsletter);
        await contacts.PutAsync("c1", "Ana", null, null, [First], "service:x", default);
        store.BeforeCommit = async rows =>
        {
            if (!rows.Any(r => r.Key == Rows.State)) return; // The first address is being buried.
            store.BeforeCommit = null;
            await contacts.PutAsync("c1", "Ana", null, null, [Second, Third], "service:x", default);
        };
        var done = await world.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [First], "c1", null, null, "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, done.Status);
        foreach (var one in new[] { First, Second, Third })
            Assert.Null((await world.StateAsync(one)).Value);
        Assert.Empty(await world.Store.RangeAsync(Tables.Contacts, "c1", RowRange.All, 10));
    }

    private static async Task<List<string>> StoredAsync(PackagesWorld world)
    {
        var rows = new List<string>();
        foreach (var table in Tables.All)
            foreach (var row in await world.Get<ITableStore>().ScanAsync(table, null, 1000))
                rows.Add($"{table} {row.Partition} {row.Row.Key} {Encoding.UTF8.GetString(row.Row.Value.Span)}");
        return rows;
    }

    private static async Task<PrivacyRequest> MovedAsync(PackagesWorld world, Address from, Address to, string? contact)
    {
        await world.SubscribeAsync(from, TopicKey.Newsletter);
        if (contact is not null && await world.Get<ContactDesk>().GetAsync(contact, default) is null)
            await world.Get<ContactDesk>().PutAsync(contact, "Ana", null, null, [from], "service:x", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        return await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [from], null, null, new Rectification(NewAddress: to.Value), "agent:mia", default);
    }
}
