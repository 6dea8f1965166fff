using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using NodaTime;
using Hours = Notifications.Sending.QuietHours;

namespace Notifications.Tests.Sending;

public sealed class QuietHoursTests
{
    private static readonly SendingOptions Default = new();

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("2026-06-03T11:59:59Z", "America/New_York", "2026-06-03T12:00:00Z")] // 07:59:59 -> 08:00
    [InlineData("2026-06-03T12:00:00Z", "America/New_York", null)] // 08:00
    [InlineData("2026-06-04T00:59:59Z", "America/New_York", null)] // 20:59:59
    [InlineData("2026-06-04T01:00:00Z", "America/New_York", "2026-06-04T12:00:00Z")] // 21:00
    [InlineData("2026-03-08T06:30:00Z", "America/New_York", "2026-03-08T12:00:00Z")] // the night the clocks go forward: 8:00 is 12:00 UTC
    [InlineData("2026-03-07T06:30:00Z", "America/New_York", "2026-03-07T13:00:00Z")] // the night before: 13:00 UTC
    [InlineData("2026-11-01T05:30:00Z", "America/New_York", "2026-11-01T13:00:00Z")] // the night the clocks go back
    [InlineData("2026-11-02T01:30:00Z", "America/New_York", null)] // and its evening: 20:30 standard time
    [InlineData("2026-06-03T02:00:00Z", "Asia/Kathmandu", "2026-06-03T02:15:00Z")] // +05:45
    [InlineData("2026-10-02T21:00:00Z", "Australia/Lord_Howe", "2026-10-02T21:30:00Z")] // +10:30
    // the morning after the clocks went forward half an hour, +11
    [InlineData("2026-10-03T20:30:00Z", "Australia/Lord_Howe", "2026-10-03T21:00:00Z")]
    public void R52_A_text_waits_for_eight_in_the_persons_zone_on_every_day_of_the_clocks(string now, string zone, string? opens) =>
        Assert.Equal(opens is null ? (DateTimeOffset?)null : Utc(opens), Hours.NextOpening(Utc(now), zone, null, Default));

    [Fact]
    public void R52_Every_quarter_of_two_years_agrees_with_the_clock_on_the_wall()
    {
        foreach (var id in (string[])[
            "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns",
            "Pacific/Apia",
        ])
        {
            var zone = DateTimeZoneProviders.Tzdb[id];
            for (var at = Utc("2026-01-01T00:00:00Z"); at < Utc("2028-01-01T00:00:00Z"); at = at.AddMinutes(45))
            {
                var local = Instant.FromDateTimeOffset(at).InZone(zone);
                var open = local.Hour is >= 8 and < 21;
                var next = Hours.NextOpening(at, id, null, Default);
                Assert.Equal(open, next is null);
                if (next is { } opening)
                {
                    var then = Instant.FromDateTimeOffset(opening).InZone(zone);
                    Assert.True(
                        then.Hour == 8 && then.Minute == 0 && opening > at && opening - at <= TimeSpan.FromHours(12.5),
                        $"{id} {at:o} -> {opening:o}");
                }
            }
        }
    }

    [Theory]
    [InlineData("2026-06-03T17:00:00Z", "US", "2026-06-03T18:00:00Z")] // noon in Chicago is seven in Honolulu
    [InlineData("2026-06-03T18:00:00Z", "US", null)]
    [InlineData("2026-06-04T00:59:00Z", "US", null)] // 20:59 in New York
    [InlineData("2026-06-04T01:00:00Z", "US", "2026-06-04T18:00:00Z")]
    [InlineData("2026-12-03T17:30:00Z", "US", "2026-12-03T18:00:00Z")]
    public void R52_Where_only_the_number_is_known_it_must_be_day_in_every_zone_it_may_be_in(string now, string region, string? opens) =>
        Assert.Equal(opens is null ? (DateTimeOffset?)null : Utc(opens), Hours.NextOpening(Utc(now), null, region, Default));

    [Theory]
    [InlineData("2026-06-03T18:30:00Z", "2026-06-03T22:00:00Z")] // day in Los Angeles, half past four in Guam
    [InlineData("2026-06-03T22:00:00Z", null)] // eight in Guam
    [InlineData("2026-06-03T23:29:59Z", null)]
    [InlineData("2026-06-03T23:30:00Z", "2026-06-04T22:00:00Z")] // nine in Newfoundland
    public void R52_Where_several_regions_share_the_code_it_must_be_day_in_the_zones_of_all_of_them(string now, string? opens)
    {
        Assert.True(PhoneNumber.TryParse("+12225550100", out var phone, out _)); // An area code that the plan does not know.
        Assert.Equal("+1", phone.Region);
        Assert.Equal(opens is null ? (DateTimeOffset?)null : Utc(opens), Hours.NextOpening(Utc(now), null, phone.Region, Default));
        var late = new SendingOptions { QuietRegions = { ["CA"] = new QuietWindow { Opens = 9, Closes = 20 } } };
        Assert.NotNull(Hours.NextOpening(Utc(now), null, phone.Region, late)); // Narrower by one region's word: there is no such hour.
    }

    [Theory]
    [InlineData("Europe/London", null)]
    [InlineData(null, "US")]
    [InlineData(null, "+1")]
    [InlineData(null, "FR")]
    public void R52_An_open_window_tells_when_it_closes_before_any_hand_off_can_outlast_it(string? zone, string? region)
    {
        var (told, longest) = (0, TimeSpan.FromMinutes(5));
        for (var at = Utc("2026-03-06T00:00:07Z"); at < Utc("2026-03-09T00:00:00Z"); at = at.AddMinutes(1))
        {
            if (Hours.NextOpening(at, zone, region, Default) is not null) continue;
            if (Hours.ClosesAt(at, zone, region, Default) is not { } closes)
            {
                Assert.Null(Hours.NextOpening(at + longest, zone, region, Default));
                continue;
            }

            told++;
            Assert.Null(Hours.NextOpening(closes.AddTicks(-1), zone, region, Default));
            Assert.NotNull(Hours.NextOpening(closes, zone, region, Default));
        }

        Assert.NotEqual(0, told);
        Assert.Null(Hours.ClosesAt(Utc("2026-03-06T20:59:00Z"), zone, region, new SendingOptions { QuietUntilHour = 8, QuietFromHour = 8 }));
    }

    [Theory]
    [InlineData(null), InlineData("ZZ"), InlineData("001")]
    public void R52_An_unknown_region_is_never_safe(string? region)
    {
        for (var hour = 0; hour < 48; hour++)
            Assert.NotNull(Hours.NextOpening(Utc("2026-06-03T00:00:00Z").AddHours(hour), null, region, Default));
    }

    [Theory]
    [InlineData("2026-06-05T18:30:00Z", "2026-06-06T06:00:00Z")] // Friday 20:30 in Paris -> Saturday 8:00
    [InlineData("2026-06-06T18:30:00Z", "2026-06-08T06:00:00Z")] // Saturday night -> Monday
    [InlineData("2026-06-07T10:00:00Z", "2026-06-08T06:00:00Z")] // Sunday noon -> Monday
    [InlineData("2026-06-08T17:59:00Z", null)]
    public void R52_France_has_no_sundays_and_ends_at_eight(string now, string? opens) =>
        Assert.Equal(opens is null ? (DateTimeOffset?)null : Utc(opens), Hours.NextOpening(Utc(now), null, "FR", Default));

    [Fact]
    public void R52_Windows_are_configuration_and_the_narrower_counts()
    {
        var at = Utc("2026-06-07T10:00:00Z");
        var sundays = new SendingOptions { QuietRegions = { ["FR"] = new QuietWindow { Opens = 9, Closes = 18 } } };
        sundays.Validate();
        Assert.Null(Hours.NextOpening(at, null, "FR", sundays));
        Assert.Equal(
            Utc("2026-06-03T07:00:00Z"),
            Hours.NextOpening(Utc("2026-06-03T06:30:00Z"), null, "FR", new SendingOptions { QuietUntilHour = 9 }));
        Assert.Throws<ArgumentException>(
            () => new SendingOptions { QuietRegions = { ["FR"] = new QuietWindow { Opens = 9, Closes = 9 } } }.Validate());
    }

    [Fact]
    public void R52_Where_no_hour_is_day_everywhere_there_is_no_opening()
    {
        var now = Utc("2026-06-03T12:00:00Z");
        Assert.Equal(Hours.Never, Hours.NextOpening(now, null, null, Default));
        // Too short for four hours and more between the coasts.
        Assert.Equal(Hours.Never, Hours.NextOpening(now, null, "US", new SendingOptions { QuietUntilHour = 8, QuietFromHour = 10 }));
        Assert.Null(Hours.NextOpening(now, null, null, new SendingOptions { QuietUntilHour = 8, QuietFromHour = 8 })); // Off.
    }

    [Fact]
    public void R52_A_window_of_one_day_a_week_is_found_a_week_ahead_and_a_day_named_twice_is_one()
    {
        var mondays = new SendingOptions { QuietRegions = { ["FR"] = new QuietWindow { Days = [DayOfWeek.Monday, DayOfWeek.Monday] } } };
        // Monday 21:00 in Paris
        Assert.Equal(Utc("2026-06-08T06:00:00Z"), Hours.NextOpening(Utc("2026-06-01T19:00:00Z"), null, "FR", mondays));
        Assert.Null(Hours.NextOpening(Utc("2026-06-01T18:59:59Z"), null, "FR", mondays));
    }

    [Fact]
    public void R52_A_zone_that_nobody_knows_counts_as_none_and_a_known_one_before_the_region()
    {
        var now = Utc("2026-06-03T13:00:00Z"); // Nine in New York, three in Honolulu.
        Assert.Equal(Utc("2026-06-03T18:00:00Z"), Hours.NextOpening(now, "Middle/Earth", "US", Default));
        Assert.Equal(Hours.Never, Hours.NextOpening(now, "Middle/Earth", null, Default));
        Assert.Null(Hours.NextOpening(now, "America/New_York", "US", Default));
    }

    [Fact]
    public async Task R52_A_promotion_at_night_goes_out_in_the_morning_and_is_decided_again_then()
    {
        var product = new CoreProduct(start: Utc("2026-06-04T03:00:00Z"));
        var phone = CoreProduct.Phone("+14155552671");
        await product.SubscribeAsync("+14155552671", TopicKey.Promotions, TopicKey.PackageUpdates);
        var night = product.Message(phone, TopicKey.Promotions);
        var record = await product.SendAsync(night);
        Assert.Equal(
            (MessageStatus.Deferred, Reason.QuietHours, Utc("2026-06-04T18:00:00Z")), (record!.Status, record.Reason, record.DueAt!.Value));
        var update = await product.SendAsync(product.Message(phone, TopicKey.PackageUpdates));
        Assert.Equal(MessageStatus.Sent, update!.Status);

        var second = product.Message(phone, TopicKey.Promotions);
        await product.SendAsync(second);
        product.Time.Advance(TimeSpan.FromHours(14));
        await product.PumpAsync();
        Assert.Equal(MessageStatus.Deferred, (await product.RecordAsync(night.Id))!.Status);
        product.Time.Advance(TimeSpan.FromHours(1));
        await product.PumpAsync();
        Assert.Equal(MessageStatus.Sent, (await product.RecordAsync(night.Id))!.Status);
        Assert.Equal(MessageStatus.Sent, (await product.RecordAsync(second.Id))!.Status);
    }

    [Fact]
    public async Task R52_P9_A_text_whose_hours_nobody_knows_waits_some_days_for_a_zone_and_is_then_skipped()
    {
        var product = new CoreProduct();
        var phone = CoreProduct.Phone("+881612345678"); // A satellite phone: of no region, so of no zone.
        await product.SubscribeAsync("+881612345678", TopicKey.Promotions);
        var message = product.Message(phone, TopicKey.Promotions);
        await product.SendAsync(message);
        for (var day = 0; day < 5; day++)
        {
            Assert.Equal(
                (MessageStatus.Deferred, Reason.QuietHours),
                (await product.RecordAsync(message.Id)) is { } waits ? (waits.Status, waits.Reason) : default);
            product.Time.Advance(TimeSpan.FromDays(1));
            await product.PumpAsync();
        }

        product.Time.Advance(TimeSpan.FromDays(1));
        await product.PumpAsync();
        Assert.Equal(
            (MessageStatus.Skipped, Reason.QuietHours, null),
            (await product.RecordAsync(message.Id)) is { } r ? (r.Status, r.Reason, r.DueAt) : default);
        Assert.Empty(product.Outbox.Texts);

        // What is sent later waits as long from its own time on, and goes out once a zone is known.
        var later = product.Message(
            phone, TopicKey.Promotions) with { AcceptedAt = product.Now.AddDays(-30), SendAt = product.Now.AddDays(-1) };
        await product.SendAsync(later);
        Assert.Equal(MessageStatus.Deferred, (await product.RecordAsync(later.Id))!.Status);
        await product.Book.ChangeAsync(
            product.Ring.KeyOf(phone), null, (state, _) => new Change(state with { TimeZone = "America/New_York" }, []), null, default);
        product.Time.Advance(TimeSpan.FromDays(1));
        await product.PumpAsync();
        Assert.Equal(MessageStatus.Sent, (await product.RecordAsync(later.Id))!.Status);
    }

    [Fact]
    public async Task R15_A_promotion_that_waited_for_morning_is_not_sent_after_stop()
    {
        var product = new CoreProduct(start: Utc("2026-06-04T03:00:00Z"));
        var phone = CoreProduct.Phone("+14155552671");
        await product.SubscribeAsync("+14155552671", TopicKey.Promotions);
        var night = product.Message(phone, TopicKey.Promotions);
        await product.SendAsync(night);
        await product.TextAsync("+14155552671", "STOP");
        product.Time.Advance(TimeSpan.FromHours(16));
        await product.PumpAsync();
        Assert.Equal(
            (MessageStatus.Skipped, Reason.Unsubscribed), (await product.RecordAsync(night.Id)) is { } r ? (r.Status, r.Reason) : default);
    }

    [Fact]
    public async Task Caps_slide_per_topic_and_over_all_marketing()
    {
        var product = new CoreProduct(
            sending: o => { o.MarketingCapCount = 3; o.MarketingCapDays = 7; },
            topics: [new Topic { Key = TopicKey.Promotions, Name = "Promotions", CapCount = 2, CapDays = 2 }]);
        var ana = CoreProduct.Email("ana@example.com");
        await product.SubscribeAsync(ana, null, TopicKey.Promotions, TopicKey.Newsletter, TopicKey.PackageUpdates);
        var start = product.Now;
        async Task<MessageRecord> Send(string topic) => (await product.SendAsync(product.Message(ana, topic)))!;

        Assert.Equal(MessageStatus.Sent, (await Send(TopicKey.Promotions)).Status);
        product.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(MessageStatus.Sent, (await Send(TopicKey.Promotions)).Status);
        var third = await Send(TopicKey.Promotions);
        // the first leaves the topic's window
        Assert.Equal((MessageStatus.Deferred, Reason.FrequencyCap, start.AddDays(2)), (third.Status, third.Reason, third.DueAt!.Value));
        Assert.Equal(MessageStatus.Sent, (await Send(TopicKey.Newsletter)).Status);
        var fifth = await Send(TopicKey.Newsletter);
        // the first leaves the window over all marketing
        Assert.Equal((MessageStatus.Deferred, start.AddDays(7)), (fifth.Status, fifth.DueAt!.Value));
        Assert.Equal(MessageStatus.Sent, (await Send(TopicKey.PackageUpdates)).Status); // transactional mail has no part in it
        product.Time.Advance(TimeSpan.FromDays(6.5));
        await product.PumpAsync();
        Assert.Equal(4 + 1, product.Outbox.Emails.Count);
    }

    [Fact]
    public async Task A_topic_with_a_wide_cap_is_not_forgotten_when_one_with_a_narrow_cap_is_sent()
    {
        var product = new CoreProduct(topics:
        [
            new Topic { Key = TopicKey.Promotions, Name = "Promotions", CapCount = 1, CapDays = 30 },
            new Topic { Key = TopicKey.Newsletter, Name = "Newsletter", CapCount = 5, CapDays = 2 },
        ]);
        var ana = CoreProduct.Email("ana@example.com");
        await product.SubscribeAsync(ana, null, TopicKey.Promotions, TopicKey.Newsletter);
        Assert.Equal(MessageStatus.Sent, (await product.SendAsync(product.Message(ana, TopicKey.Promotions)))!.Status);
        product.Time.Advance(TimeSpan.FromDays(10));
        Assert.Equal(MessageStatus.Sent, (await product.SendAsync(product.Message(ana, TopicKey.Newsletter)))!.Status);
        var again = await product.SendAsync(product.Message(ana, TopicKey.Promotions));
        Assert.Equal((MessageStatus.Deferred, Reason.FrequencyCap), (again!.Status, again.Reason));
    }
}
