using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Tests.Packages;

public class FanOutTests
{
    [Fact]
    public async Task M1_Every_event_of_a_package_is_told_however_many_there_are()
    {
        var world = new PackagesWorld();
        var (number, now) = (PackagesWorld.Parse(PackagesWorld.Number), world.Clock.GetUtcNow());
        foreach (var ids in Enumerable.Range(0, 1_200).Chunk(100))
        {
            RowChange[] events =
            [
                .. ids.Select(i => RowChange.Insert(
                    Rows.PackageEvent($"e{i}"),
                    new PackageEventRow(
                        new PackageEvent($"e{i}", ParcelStatus.InTransit, null, null, null, now, null, now), PackageEventRow.NoNews),
                    CoreJson.Default.PackageEventRow)),
            ];
            Assert.True((await world.Get<ITableStore>().CommitAsync(Tables.Packages, number.Value, events)).Committed);
        }

        Assert.Equal(1_200, (await world.Tracker.EventsAsync(number, default)).Count);
    }

    [Fact]
    public async Task M1_A_carrier_event_reaches_every_watcher_once()
    {
        var world = new PackagesWorld();
        for (var i = 0; i < 250; i++) await world.WatchAsync($"w{i}@example.com");
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Equal(250, world.Outbox.Emails.Count);
        Assert.Equal(250, world.Outbox.Emails.Select(e => e.To).Distinct().Count());
    }

    [Fact]
    public async Task R65_M1_The_same_event_id_twice_fans_out_once()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        await world.HappensAsync("e1", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
    }

    [Fact]
    public async Task An_older_event_than_the_last_notifies_nobody()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        var now = world.Clock.GetUtcNow();
        await world.HappensAsync("e2", ParcelStatus.Delivered, at: now);
        await world.PumpAsync();
        await world.HappensAsync("e1", ParcelStatus.OutForDelivery, at: now.AddHours(-3));
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
        var events = await world.Tracker.EventsAsync(PackagesWorld.Parse(PackagesWorld.Number), default);
        Assert.Equal(PackageEventRow.Stale, events.Single(e => e.Event.Id == "e1").Outcome);
    }

    [Fact]
    public async Task A_future_dated_event_is_told_and_does_not_silence_what_comes_after_it()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.InTransit, at: world.Clock.GetUtcNow().AddDays(3));
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.HappensAsync("e2", ParcelStatus.OutForDelivery);
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Emails.Count);
        var events = await world.Tracker.EventsAsync(PackagesWorld.Parse(PackagesWorld.Number), default);
        Assert.True(events.Single(e => e.Event.Id == "e1").Event.Clamped);
    }

    [Fact]
    public async Task Scans_without_news_and_late_scans_of_a_delivered_parcel_are_not_told()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        ParcelStatus[] day =
            [
                ParcelStatus.NotFound, ParcelStatus.InTransit, ParcelStatus.InTransit, ParcelStatus.OutForDelivery,
                ParcelStatus.OutForDelivery, ParcelStatus.Delivered, ParcelStatus.InTransit, ParcelStatus.Delivered,
            ];
        foreach (var (i, status) in day.Index())
        {
            world.Clock.Advance(TimeSpan.FromMinutes(30));
            await world.HappensAsync($"e{i}", status);
            await world.PumpAsync();
        }

        Assert.Equal(3, world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task A_second_attempt_to_deliver_is_news_again()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.DeliveryFailure, "DeliveryFailure_NoBody");
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromHours(24));
        await world.HappensAsync("e2", ParcelStatus.DeliveryFailure, "DeliveryFailure_NoBody");
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task A_burst_for_one_package_collapses_and_the_last_state_wins()
    {
        var world = new PackagesWorld(o => o.Packages.CollapseWindow = TimeSpan.FromSeconds(30));
        await world.WatchAsync("ana@example.com");
        foreach (var status in (ParcelStatus[])[ParcelStatus.InfoReceived, ParcelStatus.InTransit, ParcelStatus.OutForDelivery])
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await world.HappensAsync(status.ToString(), status);
            await world.PumpAsync();
        }

        Assert.Empty(world.Outbox.Emails);
        await world.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5));
        var only = Assert.Single(world.Outbox.Emails);
        Assert.Contains("Out for delivery", only.Subject, StringComparison.Ordinal);
    }

    private static readonly (ParcelStatus, string?)[] Day =
        [
            (ParcelStatus.InTransit, null), (ParcelStatus.Exception, "Exception_Delayed"), (ParcelStatus.OutForDelivery, null),
            (ParcelStatus.DeliveryFailure, null), (ParcelStatus.Delivered, null),
        ];

    [Theory]
    [InlineData(WatchFilter.All, 5)]
    [InlineData(WatchFilter.Delivery, 3)]
    [InlineData(WatchFilter.Problems, 2)]
    public async Task A_watcher_hears_only_of_what_was_asked_for(WatchFilter filter, int expected)
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com", filter: filter);
        foreach (var (i, (status, sub)) in Day.Index())
        {
            world.Clock.Advance(TimeSpan.FromHours(1));
            await world.HappensAsync($"e{i}", status, sub);
            await world.PumpAsync();
        }

        Assert.Equal(expected, world.Outbox.Emails.Count);
    }

    [Theory]
    [InlineData(1, "delivered")]
    [InlineData(3, "Delivered", "exception", "InTransit")]
    [InlineData(4, "delivery", "Exception")]
    [InlineData(3, "problems", "DeliveryFailure", "Delivered")]
    [InlineData(0, "Expired", "NotFound")]
    [InlineData(5, "Delivered", "all")]
    public async Task M1_A_watcher_of_several_words_hears_of_exactly_those(int expected, params string[] words)
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com", filter: WatchFilters.Join([.. words.Select(w => WatchFilters.Read(w)!.Value)]));
        foreach (var (i, (status, sub)) in Day.Index())
        {
            world.Clock.Advance(TimeSpan.FromHours(1));
            await world.HappensAsync($"e{i}", status, sub);
            await world.PumpAsync();
        }

        Assert.Equal(expected, world.Outbox.Emails.Count);
    }

    [Fact]
    public void What_was_written_before_statuses_could_be_chosen_reads_as_before_and_what_is_written_reads_as_it_was_said()
    {
        foreach (var (json, filter) in new (string, WatchFilter)[]
        {
            ("\"all\"", WatchFilter.All), ("\"delivery\"", WatchFilter.Delivery), ("\"problems\"", WatchFilter.Problems),
            ("""["problems","Delivered"]""", WatchFilter.Problems | WatchFilters.Of(ParcelStatus.Delivered)),
            ("""["Exception"]""", WatchFilters.Of(ParcelStatus.Exception)),
        })
        {
            Assert.Equal(json, JsonSerializer.Serialize(filter, CoreJson.Default.WatchFilter));
            Assert.Equal(filter, JsonSerializer.Deserialize(json, CoreJson.Default.WatchFilter));
        }

        foreach (var wrong in (string[])["[]", "1", "\"nonsense\"", "[\"all\",1]", "null"])
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(wrong, CoreJson.Default.WatchFilter));
    }

    [Fact]
    public async Task News_overtaken_by_newer_news_is_skipped_as_stale()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.OutForDelivery);

        // The provider has no time for the first message, and the second change is told while that waits.
        world.Outbox.Answer = _ => HandOff.Throttled(TimeSpan.FromMinutes(10), "busy");
        await world.PumpAsync();
        world.Outbox.Answer = _ => null;
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        await world.HappensAsync("e2", ParcelStatus.Delivered);
        await world.PumpAsync();
        await world.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1));
        Assert.Contains("Delivered", Assert.Single(world.Outbox.Emails).Subject, StringComparison.Ordinal);
        var overtaken = await world.MessageAsync("ana@example.com", "e1");
        Assert.Equal((MessageStatus.Skipped, Reason.StaleEvent), (overtaken!.Status, overtaken.Reason));
    }

    [Fact]
    public async Task A_decision_asked_for_knows_newer_news_as_the_send_would()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.WatchAsync("ben@example.com", with: r => r with { Daily = true });
        await world.HappensAsync("e1", ParcelStatus.OutForDelivery);
        await world.PumpAsync();
        var told = (await world.Tracker.FindAsync(PackagesWorld.Parse(PackagesWorld.Number), default))!.Seq;
        async Task<Reason> AskAsync(long seq, string to = "ana@example.com", bool daily = false, long? due = null) =>
            (await world.Get<DecisionDesk>().AskAsync(
                new SendRequest
                {
                    Id = world.Get<MessageIds>().New(world.KeyOf(to)).ToString(),
                    Channel = Channel.Email,
                    To = to,
                    Topic = TopicKey.PackageUpdates,
                    TrackingNumber = PackagesWorld.Number,
                    PackageSeq = seq,
                    Daily = daily,
                    SendAt = due is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(due.Value),
                    AcceptedAt = world.Clock.GetUtcNow(),
                },
                default)).Decision.Reason;

        Assert.Equal(Reason.Allowed, await AskAsync(told));
        Assert.Equal(Reason.StaleEvent, await AskAsync(told - 1));
        Assert.Equal(Reason.Allowed, await AskAsync(0));
        Assert.Equal(Reason.Allowed, await AskAsync(told, "ben@example.com", daily: true)); // It is the newest that was announced,
        // and this is not, though nothing has gone to him yet.
        Assert.Equal(Reason.StaleEvent, await AskAsync(told - 1, "ben@example.com", daily: true));

        // What was announced before the day's message was due is told in its place, and what came later only tomorrow.
        Assert.Equal(Reason.StaleEvent, await AskAsync(told - 1, "ben@example.com", daily: true, due: told + 1));
        Assert.Equal(Reason.Allowed, await AskAsync(told - 1, "ben@example.com", daily: true, due: told));
    }

    [Fact]
    public async Task One_message_of_a_batch_that_fails_goes_to_the_queue_alone_and_its_neighbours_are_told_once()
    {
        var world = new PackagesWorld();
        for (var i = 0; i < 250; i++) await world.WatchAsync($"w{i}@example.com");
        var offered = 0;
        world.Outbox.Answer = to => to == "w7@example.com" && ++offered == 1 ? HandOff.Throttled(TimeSpan.FromMinutes(1), "busy") : null;
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Equal(249, world.Outbox.Emails.Select(e => e.To).Distinct().Count());
        Assert.Equal(1, await world.Store.CountAsync(Queues.Send));
        await world.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        Assert.Equal(250, world.Outbox.Emails.Select(e => e.To).Distinct().Count());
        Assert.Equal(250, world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task M1_P5_The_days_message_goes_out_though_newer_news_was_announced_between_its_hour_and_its_turn()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com", with: r => r with { Daily = true });
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        world.Clock.Advance(TimeSpan.FromHours(10) + TimeSpan.FromSeconds(1)); // 18:00:01: the message is due, and nobody has come to it.
        await world.Tracker.DoAsync(
            new PackageWork(
                PackageStep.Event, PackagesWorld.Number,
                Event: new PackageEvent(
                    "e2", ParcelStatus.OutForDelivery, null, null, null, world.Clock.GetUtcNow(), null, world.Clock.GetUtcNow())),
            false, default);
        await world.Tracker.DoAsync(new PackageWork(PackageStep.Announce, PackagesWorld.Number), false, default);
        await world.PumpAsync();
        Assert.Contains("In transit", Assert.Single(world.Outbox.Emails).Subject, StringComparison.Ordinal);
        await world.PassAsync(TimeSpan.FromHours(25), TimeSpan.FromHours(1));
        Assert.Contains("Out for delivery", world.Outbox.Emails[1].Subject, StringComparison.Ordinal);
        Assert.Equal(2, world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task A_daily_watch_gets_one_message_a_day_with_the_last_state()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com", with: r => r with { Daily = true });
        await world.WatchAsync("ben@example.com", filter: WatchFilter.Delivery, with: r => r with { Daily = true });
        await world.WatchAsync(
            "cleo@example.com",
            filter: WatchFilters.Of(ParcelStatus.InfoReceived) | WatchFilters.Of(ParcelStatus.OutForDelivery),
            with: r => r with { Daily = true });
        foreach (var (i, status) in ((ParcelStatus[])[
            ParcelStatus.InfoReceived, ParcelStatus.OutForDelivery, ParcelStatus.InTransit,
        ]).Index())
        {
            world.Clock.Advance(TimeSpan.FromHours(1));
            await world.HappensAsync($"e{i}", status);
            await world.PumpAsync();
        }

        Assert.Empty(world.Outbox.Emails);
        await world.PassAsync(TimeSpan.FromHours(12), TimeSpan.FromMinutes(30));
        Assert.Contains("In transit", Assert.Single(world.Outbox.Emails, e => e.To == "ana@example.com").Subject, StringComparison.Ordinal);
        Assert.Contains(
            "Out for delivery", Assert.Single(world.Outbox.Emails, e => e.To == "ben@example.com").Subject, StringComparison.Ordinal);
        Assert.Contains(
            "Out for delivery", Assert.Single(world.Outbox.Emails, e => e.To == "cleo@example.com").Subject, StringComparison.Ordinal);
    }
}
