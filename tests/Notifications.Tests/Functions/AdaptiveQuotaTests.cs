using Microsoft.Extensions.Time.Testing;
using Notifications.Functions.Communication;

namespace Notifications.Tests.Functions;

public sealed class AdaptiveQuotaTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void In_any_minute_a_sender_begins_what_its_quota_allows_and_one_seconds_worth_more()
    {
        var quota = new AdaptiveQuota(120, _time);
        var begun = 0;
        for (var tick = 0; tick < 600; tick++, _time.Advance(TimeSpan.FromMilliseconds(100)))
            while (quota.TryTake(TimeSpan.Zero, out _)) begun++;

        Assert.InRange(begun, 119, 122);
    }

    [Fact]
    public void A_short_wait_reserves_the_place_and_a_long_one_does_not()
    {
        var quota = new AdaptiveQuota(60, _time);
        Assert.True(quota.TryTake(TimeSpan.FromSeconds(2), out var first));
        Assert.True(quota.TryTake(TimeSpan.FromSeconds(2), out var second));
        Assert.True(quota.TryTake(TimeSpan.FromSeconds(2), out var third));
        Assert.False(quota.TryTake(TimeSpan.FromSeconds(2), out var fourth));
        Assert.False(quota.TryTake(TimeSpan.FromSeconds(2), out var again));

        Assert.Equal([0, 1, 2, 3, 3], [first.TotalSeconds, second.TotalSeconds, third.TotalSeconds, fourth.TotalSeconds, again.TotalSeconds]);
    }

    [Fact]
    public void A_refusal_stops_and_halves_and_five_quiet_minutes_bring_the_rate_back()
    {
        var quota = new AdaptiveQuota(600, _time);
        quota.SlowDown(TimeSpan.FromSeconds(30));
        quota.SlowDown(TimeSpan.FromSeconds(30)); // Of a request that was under way at the same time: it counts once.
        Assert.Equal(5, quota.PerSecond);
        Assert.False(quota.TryTake(TimeSpan.FromSeconds(29), out var wait));
        Assert.InRange(wait.TotalSeconds, 30, 30.3);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(5, quota.PerSecond);
        _time.Advance(TimeSpan.FromSeconds(75));
        Assert.Equal(7.5, quota.PerSecond, 3);
        quota.SlowDown(TimeSpan.FromSeconds(1));
        Assert.Equal(3.75, quota.PerSecond, 3);
        _time.Advance(TimeSpan.FromSeconds(301));
        Assert.Equal(10, quota.PerSecond);
    }

    [Fact]
    public void A_provider_that_only_refuses_is_still_asked_now_and_then()
    {
        var quota = new AdaptiveQuota(600, _time);
        for (var refusal = 0; refusal < 100; refusal++)
        {
            quota.SlowDown(TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(quota.PerSecond > 0.1);
    }

    [Fact]
    public void Without_a_quota_only_the_providers_pause_holds_back()
    {
        var quota = new AdaptiveQuota(0, _time);
        for (var i = 0; i < 10_000; i++) Assert.True(quota.TryTake(TimeSpan.Zero, out _));
        quota.SlowDown(TimeSpan.FromMinutes(1));
        Assert.False(quota.TryTake(TimeSpan.FromSeconds(2), out _));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(quota.TryTake(TimeSpan.Zero, out _));
    }
}
