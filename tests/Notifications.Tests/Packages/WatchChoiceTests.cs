using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

/// <summary>How often, and of what, a person hears of a package: what they chose, and what services ask for again and again.</summary>
public sealed class WatchChoiceTests
{
    private const string Ana = "ana@example.com";

    [Fact]
    public async Task Somebody_who_follows_hundreds_of_packages_chooses_for_all_of_them_in_a_few_writes()
    {
        var commits = new Commits();
        var world = new PackagesWorld(between: store => (commits.Over(store), store));
        for (var i = 0; i < 250; i++) await world.WatchAsync(Ana, $"ZZ{100000 + i}TEST");
        await world.Watches.UnwatchAsync(world.KeyOf(Ana), "ZZ100007TEST", "page", "person", null, default);
        commits.Addresses = 0;
        Assert.Equal(249, await world.Get<DailyChoice>().SetAsync(world.KeyOf(Ana), true, default));
        Assert.Equal(3, commits.Addresses);
        Assert.All(
            await world.Watches.OfAsync(world.KeyOf(Ana), default),
            w => Assert.Equal(w.Number != "ZZ100007TEST", w.Watch.Daily));
        var follower = Assert.Single(
            await world.Get<ITableStore>().RangeAsync(Tables.Packages, "ZZ100249TEST", RowRange.Prefix(Rows.WatcherPrefix), 10));
        Assert.True(follower.Read(CoreJson.Default.WatcherRow).Daily);
    }

    [Fact]
    public async Task Somebody_who_follows_thousands_is_answered_after_a_turn_and_the_queue_goes_on_up_to_their_next_choice()
    {
        var slow = new Commits();
        var world = new PackagesWorld(between: store => (slow.Over(store), store));
        for (var i = 0; i < 250; i++) await world.WatchAsync(Ana, $"ZZ{100000 + i}TEST");
        slow.Committed = () => world.Clock.Advance(TimeSpan.FromSeconds(15));
        // All: what a turn left is in the queue.
        Assert.Equal(250, await world.Get<DailyChoice>().SetAsync(world.KeyOf(Ana), true, default));
        Assert.Equal(180, await DailyAsync());
        slow.Committed = null;
        await world.WatchAsync(Ana, "ZZ999999TEST"); // What began since is as it began.
        await world.PumpAsync();
        Assert.Equal(250, await DailyAsync());

        // Of two choices the later one holds, in whatever order their turns come.
        slow.Committed = () => world.Clock.Advance(TimeSpan.FromSeconds(15));
        await world.Get<DailyChoice>().SetAsync(world.KeyOf(Ana), true, default);
        await world.Get<DailyChoice>().SetAsync(world.KeyOf(Ana), false, default);
        slow.Committed = null;
        await world.PumpAsync();
        Assert.Equal(0, await DailyAsync());

        async Task<int> DailyAsync() => (await world.Watches.OfAsync(world.KeyOf(Ana), default)).Count(w => w.Watch.Daily);
    }

    [Fact]
    public async Task P6_A_services_repeated_call_leaves_what_it_does_not_say_as_it_stands()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, filter: WatchFilter.Delivery);
        await world.Get<DailyChoice>().SetAsync(world.KeyOf(Ana), true, default);
        world.Clock.Advance(TimeSpan.FromHours(1));
        foreach (var at in (DateTimeOffset?[])[null, world.Clock.GetUtcNow()])
            Assert.Equal(
                (WatchStatus.Active, WatchFilter.Delivery, true),
                Shown(await world.WatchAsync(Ana, with: r => r with { Filter = null, ActedAt = at })));

        // Also where the person stopped it in between.
        await world.Watches.UnwatchAsync(world.KeyOf(Ana), PackagesWorld.Number, "page", "person", null, default);
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(
            (WatchStatus.Active, WatchFilter.Delivery, true),
            Shown(await world.WatchAsync(Ana, with: r => r with { Filter = null, ActedAt = world.Clock.GetUtcNow() })));
    }

    [Fact]
    public async Task P6_Only_evidence_of_later_date_than_the_persons_choice_makes_news_more_frequent_or_wider()
    {
        var world = new PackagesWorld();
        var begun = world.Clock.GetUtcNow();
        await world.WatchAsync(Ana, filter: WatchFilter.Delivery);
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Get<DailyChoice>().SetAsync(world.KeyOf(Ana), true, default);
        world.Clock.Advance(TimeSpan.FromHours(1));
        WatchRequest More(WatchRequest request) => request with { Filter = WatchFilter.All, Daily = false };
        foreach (var with in (Func<WatchRequest, WatchRequest>[])[
            r => More(r), r => More(r) with { ActedAt = begun }, r => More(r) with { ActedAt = begun, Confirmed = true },
            r => More(r) with { ActedAt = begun.AddDays(2) },
        ])
        {
            Assert.Equal((WatchStatus.Active, WatchFilter.Delivery, true), Shown(await world.WatchAsync(Ana, with: with)));
        }

        Assert.Equal(
            (WatchStatus.Active, WatchFilter.All, false),
            Shown(await world.WatchAsync(Ana, with: r => More(r) with { ActedAt = world.Clock.GetUtcNow() })));

        // That was the person's choice in its turn; less needs nobody's word.
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(
            (WatchStatus.Active, WatchFilter.Problems, true),
            Shown(await world.WatchAsync(Ana, filter: WatchFilter.Problems, with: r => r with { Daily = true })));
        Assert.Equal((WatchStatus.Active, WatchFilter.Problems, true), Shown(await world.WatchAsync(Ana, with: More)));
        Assert.Equal(
            (WatchStatus.Active, WatchFilter.All, false), Shown(await world.WatchAsync(Ana, with: r => More(r) with { Confirmed = true })));
    }

    [Fact]
    public async Task P6_Of_several_statuses_that_the_person_chose_fewer_need_nobodys_word_and_others_do()
    {
        var world = new PackagesWorld();
        WatchFilter[] chosen = [WatchFilter.Problems, WatchFilters.Of(ParcelStatus.Delivered), WatchFilters.Of(ParcelStatus.InTransit)];
        await world.WatchAsync(Ana, filter: WatchFilters.Join(chosen), with: r => r with { ActedAt = world.Clock.GetUtcNow() });
        world.Clock.Advance(TimeSpan.FromHours(1));
        var fewer = WatchFilters.Join(chosen[..2]);
        Assert.Equal(fewer, (await world.WatchAsync(Ana, filter: fewer)).Filter);
        Assert.Equal(fewer, (await world.WatchAsync(Ana, filter: WatchFilter.Delivery)).Filter);
        Assert.Equal(fewer, (await world.WatchAsync(Ana, filter: WatchFilters.Join(chosen))).Filter);
        // One of the problems, by its own name.
        var expired = WatchFilters.Of(ParcelStatus.Expired);
        Assert.Equal(expired, (await world.WatchAsync(Ana, filter: expired)).Filter);
        Assert.Equal(expired, (await world.WatchAsync(Ana, filter: WatchFilter.Problems)).Filter);
    }

    [Fact]
    public async Task P6_What_the_address_confirmed_is_its_choice_and_where_it_never_chose_a_service_decides()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, filter: WatchFilter.Delivery, source: WatchOptions.PublicForm, with: r => r with { Daily = true });
        await world.Watches.ConfirmAsync(world.KeyOf(Ana), PackagesWorld.Number, "confirm-page", null, default);
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(
            (WatchStatus.Active, WatchFilter.Delivery, true), Shown(await world.WatchAsync(Ana, with: r => r with { Daily = false })));

        await world.WatchAsync("ben@example.com", filter: WatchFilter.Delivery, with: r => r with { Daily = true });
        Assert.Equal(
            (WatchStatus.Active, WatchFilter.All, false),
            Shown(await world.WatchAsync("ben@example.com", with: r => r with { Daily = false })));
    }

    private static (WatchStatus, WatchFilter, bool) Shown(WatchAnswer answer) => (answer.Status, answer.Filter, answer.Daily);

    private sealed class Commits
    {
        public int Addresses { get; set; }

        /// <summary>What happens with each.</summary>
        public Action? Committed { get; set; }

        public ITableStore Over(ITableStore inner) => new Counting(inner, this);

        private sealed class Counting(ITableStore inner, Commits commits) : PassingStore(inner)
        {
            public override ValueTask<CommitResult> CommitAsync(
                string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
            {
                if (table == Tables.Addresses)
                {
                    commits.Addresses++;
                    commits.Committed?.Invoke();
                }

                return Inner.CommitAsync(table, partition, changes, cancel);
            }
        }
    }
}
