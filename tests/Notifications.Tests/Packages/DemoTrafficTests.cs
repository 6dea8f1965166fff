using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Local.Demo;
using Notifications.Storage;

namespace Notifications.Tests.Packages;

public class DemoTrafficTests
{
    [Fact]
    public async Task The_demos_parcels_bring_a_message_every_few_seconds_to_its_people_and_a_restart_repeats_none()
    {
        var world = new PackagesWorld(o => o.Packages.CollapseWindow = TimeSpan.FromSeconds(2));
        ParcelTraffic Start() => new(world.Tracker, world.Watches, world.Clock, NullLogger<ParcelTraffic>.Instance);
        var traffic = Start();
        const int Minutes = 10, Step = 1;
        var (most, before) = (0, 0);
        for (var second = 0; second < Minutes * 60; second += Step)
        {
            if (second is 200 or 201 or 430) traffic = Start(); // Killed, and started again; once with both living for a moment.
            await traffic.PlayAsync(default);
            await world.PumpAsync();
            world.Clock.Advance(TimeSpan.FromSeconds(Step));
            if (second % 10 != 9) continue;
            var now = world.Outbox.Emails.Count + world.Outbox.Texts.Count;
            (most, before) = (Math.Max(most, now - before), now);
        }

        var people = Company.Followers.Select(a => a.Value).ToHashSet();
        Assert.All(world.Outbox.Emails, mail => Assert.Contains(mail.To, people));
        Assert.All(world.Outbox.Texts, text => Assert.Contains(text.To, people));
        Assert.Equal(world.Outbox.Emails.Count, world.Outbox.Emails.Select(e => e.Id).Distinct().Count());
        Assert.Equal(world.Outbox.Texts.Count, world.Outbox.Texts.Select(t => t.Id).Distinct().Count());
        Assert.NotEmpty(world.Outbox.Texts);
        Assert.InRange(before, Minutes * 60 / 10, Minutes * 60 / 2);
        Assert.InRange(most, 1, 15);
        Assert.Equal(0, await world.Store.CountAsync(Queues.Poison(Queues.Packages)));
    }
}
