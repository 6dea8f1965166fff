using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Audiences;

/// <summary>
/// The audience index says what the address records say: after whatever happens, and after one repair where the store died in between.
/// </summary>
public sealed class AudienceIndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_happens_to_a_record_its_rows_follow(int seed)
    {
        var world = new PackagesWorld();
        await RandomLives.LiveAsync(world, seed, concurrent: seed == 3);
        await SubscribeAsync(world, "stays@example.com"); // Whatever the others came to, the comparison is never of nothing with nothing.
        await Poll.UntilAsync(
            async () => await AudienceLines.IndexAsync(world) == await AudienceLines.RecordsAsync(world),
            "the index says what the records say");
        Assert.NotEmpty(await AudienceLines.RecordsAsync(world));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Where_the_store_died_in_between_one_repair_makes_it_right(int seed)
    {
        DyingStore? dying = null;
        var world = new PackagesWorld(between: store => (dying = new DyingStore(store, seed), store));
        await RandomLives.LiveAsync(world, seed, concurrent: false);
        await Poll.UntilAsync(() => Task.FromResult(world.Get<AudienceIndex>().IsIdle), "the background is done");
        Assert.NotEqual(await AudienceLines.RecordsAsync(world), await AudienceLines.IndexAsync(world));
        dying!.Dies = false;
        var report = await world.Get<AudienceRepair>().RunAsync(default);
        Assert.True(report.Rows > 0);
        Assert.Equal(await AudienceLines.RecordsAsync(world), await AudienceLines.IndexAsync(world));
        Assert.Equal(new AudienceRepairReport(0, 0), await world.Get<AudienceRepair>().RunAsync(default));
    }

    [Fact]
    public async Task A_record_that_no_key_opens_any_more_keeps_nobody_elses_row_in_the_index()
    {
        using var store = new HookedStore(new MemoryStore(TimeProvider.System));
        var book = new AddressBook(store, TimeProvider.System, new AudienceIndex(store, NullLogger<AudienceIndex>.Instance));
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var (ana, bob) = (CoreProduct.Email("ana@example.com"), CoreProduct.Email("bob@example.com"));
        var topic = new TopicCatalog().Find(TopicKey.Newsletter)!;
        async Task SayAsync(Address address, LedgerAction action) =>
            await book.ChangeAsync(
                ring.KeyOf(address), ConsentDesk.Blank(address),
                (state, now) => new LedgerDraft(action, topic.Key, "test", "person") is var draft && action == LedgerAction.OptIn
                    ? Transitions.OptIn(state, topic, draft, confirmed: true, now)
                    : Transitions.OptOut(state, draft, now),
                null, default);
        await SayAsync(ana, LedgerAction.OptIn);
        await SayAsync(bob, LedgerAction.OptIn);

        // The first read is of the opt-out itself, the second looks after the removal whether Ana has come back.
        var reads = 0;
        store.BeforeRead = async (_, partition) =>
        {
            if (partition != ring.KeyOf(ana).Value || ++reads != 2) return;
            await SayAsync(bob, LedgerAction.OptOut);
            throw new UnreadableRowException();
        };
        await SayAsync(ana, LedgerAction.OptOut);
        var key = ring.KeyOf(bob);
        var part = AudienceBuckets.Partition(topic.Key, Channel.Email, AudienceBuckets.Of(key));
        await Poll.UntilAsync(async () => await store.GetAsync(Tables.Audience, part, key.Value) is null, "Bob's row is taken out");
    }

    [Fact]
    public async Task The_repair_takes_out_rows_without_a_record_and_counts_followed_packages_anew()
    {
        var world = new PackagesWorld();
        var address = await SubscribeAsync(world, "left@example.com");
        var key = world.Ring.KeyOf(address);
        await world.WatchAsync(address.Value);
        var tables = world.Get<ITableStore>();
        Assert.Contains(""" "watching":1""".Trim(), await AudienceLines.IndexAsync(world), StringComparison.Ordinal);
        await tables.CommitAsync(Tables.Addresses, key.Value, [RowChange.Delete(Rows.Watch(PackagesWorld.Number))]);
        Assert.Equal(1, (await world.Get<AudienceRepair>().RunAsync(default)).Counts);
        Assert.Equal(0, (await world.Book.LoadAsync(key, default)).State!.Watching);
        Assert.Contains(""" "watching":0""".Trim(), await AudienceLines.IndexAsync(world), StringComparison.Ordinal);
        await tables.CommitAsync(Tables.Addresses, key.Value, [RowChange.Delete(Rows.State)]);
        Assert.Equal(1, (await world.Get<AudienceRepair>().RunAsync(default)).Rows);
        Assert.Equal("", await AudienceLines.IndexAsync(world));
    }

    [Fact]
    public async Task Many_changes_at_once_go_in_few_commits()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var store = new CountingStore(new MemoryStore(time));
        var index = new AudienceIndex(store, NullLogger<AudienceIndex>.Instance);
        var changes = new List<AudienceChange>();
        for (var i = 0; i < 1000; i++)
        {
            var hash = new byte[16];
            BitConverter.TryWriteBytes(hash.AsSpan(1), i);
            hash[0] = (byte)(i % 2 * 128); // Two buckets.
            changes.Add(new AudienceChange(
                AddressKey.From(hash), null,
                new AddressState
                {
                    Channel = Channel.Email,
                    Subscriptions = [new Subscription("newsletter", SubscriptionStatus.Subscribed, time.GetUtcNow(), "import")],
                }));
        }

        await index.FollowAsync(changes);
        Assert.Equal(10, store.Commits);
        Assert.Equal(
            500,
            (await store.RangeAsync(
                Tables.Audience, AudienceBuckets.Partition("newsletter", Channel.Email, AudienceBuckets.Of(changes[0].Key)), RowRange.All,
                1000)).Count);
    }

    [Fact]
    public async Task R34_An_erased_person_is_in_no_audience_and_on_no_list_when_the_erasure_returns()
    {
        var world = new PackagesWorld();
        var (gone, stays) = (await SubscribeAsync(world, "gone@example.com"), await SubscribeAsync(world, "stays@example.com"));
        var lists = world.Get<StaticLists>();
        var list = await lists.CreateAsync("Spring", default);
        Assert.Equal(2, await lists.AddAsync(list.Id, [world.Ring.KeyOf(gone), world.Ring.KeyOf(stays)], default));
        await world.Get<Erasure>().RunAsync([gone], [world.Ring.KeyOf(gone)], null, "test", "service:test", default);
        Assert.DoesNotContain(world.Ring.KeyOf(gone).Value, await AudienceLines.IndexAsync(world), StringComparison.Ordinal);
        Assert.Equal([world.Ring.KeyOf(stays)], await lists.MembersAsync(list.Id, null, 10, default));
        Assert.Equal(1, await lists.SizeAsync(list.Id, default));
    }

    [Fact]
    public async Task M6_A_corrected_address_takes_its_tags_and_its_place_on_lists_along()
    {
        var world = new PackagesWorld();
        var from = await SubscribeAsync(world, "old@example.com");
        var to = CoreProduct.Email("new@example.com");
        var lists = world.Get<StaticLists>();
        var list = await lists.CreateAsync("Spring", default);
        await lists.AddAsync(list.Id, [world.Ring.KeyOf(from)], default);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(from), null, (state, _) => new Change(state with { Tags = ["vip"] }, []), null, default);
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [from], null, null, new Rectification(NewAddress: to.Value), "service:test", default);
        Assert.Equal([world.Ring.KeyOf(to)], await lists.MembersAsync(list.Id, null, 10, default));
        Assert.Equal(["vip"], (await world.StateAsync(to)).Tags);
        await Poll.UntilAsync(
            async () => await AudienceLines.IndexAsync(world) == "", "the old address is out, the new one waits for its confirmation");
    }

    [Fact]
    public async Task M6_An_address_is_corrected_and_keeps_its_places_though_something_of_a_list_cannot_be_opened()
    {
        var world = new PackagesWorld();
        var (from, to) = (await SubscribeAsync(world, "old@example.com"), CoreProduct.Email("new@example.com"));
        var (lists, ids) = (world.Get<StaticLists>(), new List<string>());
        for (var i = 0; i < 4; i++)
        {
            ids.Add((await lists.CreateAsync("Spring", default, id: $"00000000000{i}")).Id);
            await lists.AddAsync(ids[i], [world.Ring.KeyOf(from)], default);
        }

        await world.Store.CommitAsync(Tables.Lists, "index", [RowChange.Put(ids[0], RawStorage.Shut)]);
        await world.Store.CommitAsync(Tables.Lists, ids[1], [RowChange.Put("size", RawStorage.Shut)]);
        await world.Store.CommitAsync(Tables.Lists, ids[2], [RowChange.Put("member:" + world.Ring.KeyOf(from).Value, RawStorage.Shut)]);
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [from], null, null, new Rectification(NewAddress: to.Value), "service:test", default);
        foreach (var id in ids)
            Assert.Equal(
                ["member:" + world.Ring.KeyOf(to).Value],
                (await world.Store.RangeAsync(Tables.Lists, id, RowRange.Prefix("member:"), 10)).Select(r => r.Key));
    }

    [Fact]
    public async Task An_engagement_report_marks_the_day_once_and_reaches_the_index()
    {
        var world = new PackagesWorld();
        var address = await SubscribeAsync(world, "reads@example.com");
        var key = world.Ring.KeyOf(address);
        async Task SeenAsync(string type, string at)
        {
            var data =
                System.Text.Json.JsonSerializer.SerializeToElement(
                    new Dictionary<string, string> { ["recipient"] = address.Value, ["userActionTimeStamp"] = at });
            await world.Get<InboundEvents>().HandleAsync(new InboundEvent(at, type, data, world.Clock.GetUtcNow()), default);
        }

        await SeenAsync(EngagementReports.EmailReport, "2026-11-23T08:00:00Z");
        var (state, etag) = await world.Book.LoadAsync(key, default);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero), state!.EngagedAt);
        Assert.Contains("2026-11-23T00:00:00", await AudienceLines.IndexAsync(world), StringComparison.Ordinal);
        await SeenAsync(EngagementReports.Engagement, "2026-11-23T21:00:00Z");
        await SeenAsync(EngagementReports.EmailReport, "2026-11-20T08:00:00Z");
        Assert.Equal(etag, (await world.Book.LoadAsync(key, default)).ETag);
        await SeenAsync(EngagementReports.EmailReport, "2027-11-20T08:00:00Z"); // A clock that runs ahead: today at most.
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero), (await world.Book.LoadAsync(key, default)).State!.EngagedAt);
    }

    [Theory]
    [InlineData("de-CH", "Europe/Berlin", null, "CH")]
    [InlineData("zh-Hant-TW", null, null, "TW")]
    [InlineData("de", "Europe/Berlin", null, "DE")]
    [InlineData("en-x-us", null, null, null)]
    [InlineData("de-CH", null, "AT", "AT")]
    [InlineData("de-CH", null, "ZZ", "CH")]
    [InlineData(null, "Asia/Calcutta", null, "IN")] // As browsers call it.
    [InlineData(null, "Africa/Asmera", null, "ER")] // The zone it stands for is that of ten countries; CLDR says which.
    [InlineData(null, "US/Eastern", null, "US")] // CLDR does not have it: all names of the zone agree.
    [InlineData(null, "Iceland", null, "IS")] // They do not, and it is a place.
    [InlineData(null, "GB", null, "GB")]
    [InlineData(null, "America/Montreal", null, "CA")]
    [InlineData(null, "US/Arizona", null, "US")]
    [InlineData(null, "America/Virgin", null, "VI")] // Puerto Rico's zone.
    [InlineData(null, "CET", null, null)] // No place.
    [InlineData(null, "Europe/Oslo", null, "NO")] // A name of Berlin's zone, and listed.
    [InlineData(null, "Etc/UTC", null, null)]
    [InlineData(null, "Middle/Earth", null, null)]
    public void A_country_is_the_phones_else_the_locales_else_the_time_zones(string? locale, string? zone, string? region, string? country)
    {
        var subscription = new Subscription("newsletter", SubscriptionStatus.Subscribed, default, "api");
        Assert.Equal(
            country,
            AudienceIndex.Row(
                new AddressState { Channel = Channel.Email, Locale = locale, TimeZone = zone, Region = region }, subscription)!.Country);
    }

    [Fact]
    public void M16_Every_zone_that_is_a_place_has_a_country_and_no_offset_has_one()
    {
        string[] offsets = ["CET", "MET", "EST", "MST", "CST6CDT", "EST5EDT", "MST7MDT", "PST8PDT"];
        var none = NodaTime.TimeZones.TzdbDateTimeZoneSource.Default.CanonicalIdMap
            .Where(z => !z.Value.StartsWith("Etc/", StringComparison.Ordinal) && ZoneCountry.Of(z.Key) is null)
            .Select(z => z.Key);
        Assert.Equal(offsets.Order(StringComparer.Ordinal), none.Order(StringComparer.Ordinal));
        Assert.All((string[])["UTC", "Etc/UTC", "GMT", "Etc/GMT+5", "Zulu"], zone => Assert.Null(ZoneCountry.Of(zone)));
    }

    [Fact]
    public void R52_A_country_is_the_one_that_the_number_tells_today_as_the_hours_of_its_texts_are()
    {
        var subscription = new Subscription("newsletter", SubscriptionStatus.Subscribed, default, "api");
        Assert.Equal(
            "CA",
            AudienceIndex.Row(new AddressState { Channel = Channel.Sms, Value = "+14165550123", Region = "US" }, subscription)!.Country);
    }

    [Fact]
    public async Task M16_Who_is_left_out_by_country_is_left_out_under_an_old_name_of_the_zone_too_and_the_repair_mends_rows_of_before()
    {
        var world = new PackagesWorld();
        var key = world.Ring.KeyOf(await SubscribeAsync(world, "in@example.com"));
        await SubscribeAsync(world, "elsewhere@example.com");
        await world.Book.ChangeAsync(key, null, (state, _) => new Change(state with { TimeZone = "Asia/Calcutta" }, []), null, default);
        Assert.Equal(1, await SelectedAsync());
        var (tables, partition) = (
            world.Get<ITableStore>(), AudienceBuckets.Partition("newsletter", Channel.Email, AudienceBuckets.Of(key)));
        var row = AudienceIndex.Read((await tables.GetAsync(Tables.Audience, partition, key.Value))!);
        await tables.CommitAsync(Tables.Audience, partition, [AudienceIndex.Put(key, row with { Country = null })]); // As it was stored.
        Assert.Equal(2, await SelectedAsync());
        Assert.Equal(1, (await world.Get<AudienceRepair>().RunAsync(default)).Rows);
        Assert.Equal(1, await SelectedAsync());

        async Task<long> SelectedAsync() =>
            (await world.Get<AudienceCounter>().CountAsync(
                new Audience("newsletter", Channel.Email)
                {
                    Exclude = new AudienceExclusion { Segment = new SegmentRef(new CountryIn(["IN"])) },
                },
                default)).Selected;
    }

    private static async Task<Address> SubscribeAsync(PackagesWorld world, string email)
    {
        var address = CoreProduct.Email(email);
        await world.SubscribeAsync(address, TopicKey.Newsletter);
        return address;
    }

    /// <summary>Fails a third of all that is asked of the audience table, before or after it was done.</summary>
    private sealed class DyingStore(MemoryStore inner, int seed) : PassingStore(inner)
    {
        private readonly Random _random = new(seed);

        public bool Dies { get; set; } = true;

        public override async ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            var fate = Dies && table == Tables.Audience ? Next() : 5;
            if (fate == 0) throw new StorageUnavailableException("died before");
            var result = await Inner.CommitAsync(table, partition, changes, cancel);
            return fate == 1 ? throw new StorageUnavailableException("died after") : result;
        }

        private int Next()
        {
            lock (_random) return _random.Next(6);
        }
    }

    private sealed class CountingStore(MemoryStore inner) : PassingStore(inner)
    {
        private int _commits;

        public int Commits => _commits;

        public override ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            Interlocked.Increment(ref _commits);
            return Inner.CommitAsync(table, partition, changes, cancel);
        }
    }
}
