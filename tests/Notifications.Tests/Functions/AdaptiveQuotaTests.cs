using Microsoft.Extensions.Time.Testing;
using Notifications.Functions.Communication;
using Notifications.Tests.Faults;

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
    public void A_short_wait_reserves_the_place_and_a_long_one_is_told_a_time_of_its_own()
    {
        var quota = new AdaptiveQuota(60, _time);
        Assert.True(quota.TryTake(TimeSpan.FromSeconds(2), out var first));
        Assert.True(quota.TryTake(TimeSpan.FromSeconds(2), out var second));
        Assert.True(quota.TryTake(TimeSpan.FromSeconds(2), out var third));
        Assert.False(quota.TryTake(TimeSpan.FromSeconds(2), out var fourth));
        Assert.False(quota.TryTake(TimeSpan.FromSeconds(2), out var again));

        Assert.Equal(
            [0, 1, 2, 3, 4], [first.TotalSeconds, second.TotalSeconds, third.TotalSeconds, fourth.TotalSeconds, again.TotalSeconds]);
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
    public void A_thousand_that_come_at_once_are_refused_about_once_each_and_lose_next_to_no_time()
    {
        var quota = new AdaptiveQuota(30, _time);
        var begun = _time.GetUtcNow();
        var waiting = new PriorityQueue<int, DateTimeOffset>(Enumerable.Range(0, 1000).Select(i => (i, begun)));
        var (taken, refused) = (0, 0);
        while (waiting.Count > 0)
        {
            while (waiting.TryPeek(out var one, out var due) && due <= _time.GetUtcNow())
            {
                waiting.Dequeue();
                if (quota.TryTake(TimeSpan.FromSeconds(2), out var wait)) taken++;
                else
                {
                    refused++;
                    waiting.Enqueue(one, _time.GetUtcNow() + wait);
                }
            }

            _time.Advance(TimeSpan.FromSeconds(1)); // As often as a queue is asked.
        }

        Assert.Equal(1000, taken);
        Assert.InRange(refused, 900, 1500);
        Assert.InRange((_time.GetUtcNow() - begun).TotalSeconds, 1990, 2200);
    }

    [Fact]
    public void The_time_a_refused_one_is_told_is_an_hour_at_most_and_shrinks_again()
    {
        var quota = new AdaptiveQuota(60, _time);
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 10_000; i++)
            if (!quota.TryTake(TimeSpan.Zero, out var wait) && wait > longest) longest = wait;

        Assert.Equal(TimeSpan.FromHours(1), longest);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(quota.TryTake(TimeSpan.Zero, out _));
        Assert.False(quota.TryTake(TimeSpan.Zero, out var again));
        Assert.InRange(again.TotalSeconds, 0.9, 5);
    }

    [Fact]
    public void A_clock_that_is_set_back_stops_no_sender()
    {
        var clock = new JumpingClock(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        var quota = new AdaptiveQuota(60, clock);
        Assert.True(quota.TryTake(TimeSpan.Zero, out _));
        quota.SlowDown(TimeSpan.FromSeconds(10));
        clock.Jump(TimeSpan.FromHours(-1));
        clock.Advance(TimeSpan.FromSeconds(13));
        Assert.True(quota.TryTake(TimeSpan.Zero, out _));
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
