using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Events;

/// <summary>What rings twice is seen twice, and a flood stays one line.</summary>
public sealed class AlertTests
{
    [Fact]
    public async Task R19_An_alert_that_rings_again_within_its_hour_says_how_often_when_last_and_what_it_said_then()
    {
        var product = new CoreProduct();
        var start = product.Now;
        await product.Alerts.RaiseAsync("campaign-paused", "Complaints: 0.4 %.", "c1", default);
        product.Time.Advance(TimeSpan.FromMinutes(20));
        await product.Alerts.RaiseAsync("campaign-paused", "Complaints: 0.4 %.", "c1", default);
        await product.Alerts.RaiseAsync("campaign-paused", "Complaints: 0.7 %.", "c1", default);
        await product.Alerts.RaiseAsync("campaign-paused", "Complaints: 0.4 %.", "c2", default);
        var alerts = await product.Alerts.TodayAsync(default);
        Assert.Equal(2, alerts.Count);
        Assert.Equal(
            ("Complaints: 0.7 %.", start, 3, product.Now),
            (alerts[0].Detail, alerts[0].At, alerts[0].Times, alerts[0].LastAt!.Value));
        Assert.Equal((1, null), (alerts[1].Times, alerts[1].LastAt));

        // A flood says the same again and again: once a minute is enough.
        for (var i = 0; i < 120; i++)
        {
            await product.Alerts.RaiseAsync("campaign-paused", "Complaints: 0.4 %.", "c2", default);
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, (await product.Alerts.TodayAsync(default))[1].Times);
    }
}
