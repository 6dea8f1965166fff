using System.Globalization;
using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

/// <summary>The hour of the day's one message, where the person is.</summary>
public sealed class DailyTimeTests
{
    [Theory]
    [InlineData("Asia/Tokyo", "+14155552671", "2026-11-24T09:00:00Z")] // Their own zone says more than their number.
    [InlineData(null, "+819012345678", "2026-11-24T09:00:00Z")]
    [InlineData(null, "+351912345678", "2026-11-24T18:00:00Z")] // Lisbon, Madeira and the Azores: the one in the middle.
    [InlineData(null, "+14155552671", "2026-11-25T01:00:00Z")] // Six in Denver is eight in New York and three in Honolulu.
    [InlineData(null, "+12225550100", "2026-11-25T00:00:00Z")] // The plan does not tell which region of +1 it is of: six in Chicago.
    [InlineData(null, "+870773111632", "2026-11-24T18:00:00Z")] // Of a satellite.
    [InlineData("Middle/Earth", "+819012345678", "2026-11-24T09:00:00Z")]
    [InlineData(null, "ana@example.com", "2026-11-24T18:00:00Z")]
    public void M1_Without_a_zone_the_days_message_comes_at_its_hour_where_the_number_is(string? zone, string to, string due)
    {
        var (after, address) = (new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero), new Address(Address.ChannelOf(to), to));
        Assert.Equal(DateTimeOffset.Parse(due, CultureInfo.InvariantCulture), DailyTime.Next(after, zone, address, 18));
    }

    [Fact]
    public async Task M1_The_days_text_to_a_phone_in_Tokyo_comes_in_its_evening_and_not_at_three_in_the_morning()
    {
        var world = new PackagesWorld(); // 08:00 UTC, 17:00 in Tokyo.
        await world.Watches.WatchAsync(
            new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), CoreProduct.Phone("+819012345678"), "app", "service:test")
            {
                Daily = true,
            },
            default);
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Empty(world.Outbox.Texts);
        await world.PassAsync(TimeSpan.FromMinutes(70), TimeSpan.FromMinutes(10));
        Assert.Single(world.Outbox.Texts);
    }
}
