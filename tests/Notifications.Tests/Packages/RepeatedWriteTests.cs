using System.Text.Json;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

/// <summary>What was refused by its own write has taken effect, and nobody else does what was to follow it.</summary>
public sealed class RepeatedWriteTests
{
    [Fact]
    public async Task M1_News_whose_taking_in_was_refused_by_its_own_write_are_told_without_the_timer()
    {
        var world = World(change => change.Key.StartsWith(Rows.EventPrefix, StringComparison.Ordinal));
        await world.WatchAsync("ana@example.com");
        foreach (var status in (ParcelStatus[])[ParcelStatus.InTransit, ParcelStatus.Delivered])
        {
            await world.HappensAsync(status.ToString(), status);
            await world.PumpAsync();
        }

        Assert.Equal(2, world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task M1_News_whose_announcement_was_refused_by_its_own_write_are_told_without_the_timer()
    {
        var world = World(change => change is { Key: Rows.Package, Kind: RowChangeKind.Replace });
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
    }

    [Fact]
    public async Task M1_News_that_waited_for_an_end_that_was_refused_by_its_own_write_are_told_without_the_timer()
    {
        var ends = 0;
        var world = World(change => change.Key == Rows.Package && ends-- == 1);
        await world.WatchAsync("ana@example.com");
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        foreach (var item in await StepAsync(world)) Assert.Equal(PackageStep.Announce, item.Step);
        await StepAsync(world);
        var now = world.Clock.UtcNowMs();
        await world.Tracker.DoAsync(
            new PackageWork(
                PackageStep.Event, PackagesWorld.Number,
                new PackageEvent("e2", ParcelStatus.Delivered, null, null, null, now, "China Post", now)),
            false, default);
        var waiting = await StepAsync(world, last: true); // The second's item finds that its turn has not come.
        Assert.Equal(PackageStep.Page, Assert.Single(waiting).Step);
        ends = 1;
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Emails.Count);
    }

    private static PackagesWorld World(Func<RowChange, bool> repeated) =>
        new(between: store => (new RepeatingStore(store, Tables.Packages, repeated), store));

    /// <summary>Does the first item that is due, or the last, and answers with those that are due then.</summary>
    private static async Task<IReadOnlyList<PackageWork>> StepAsync(PackagesWorld world, bool last = false)
    {
        var queue = world.Get<IWorkQueue>();
        var items = await queue.ReceiveAsync(Queues.Packages, 32, TimeSpan.FromMinutes(2));
        var chosen = last ? items[^1] : items[0];
        await world.Get<Work>().DoAsync(Queues.Packages, chosen.Body, 1, default);
        await queue.CompleteAsync(chosen);
        foreach (var item in items)
            if (item != chosen) await queue.ReleaseAsync(item, TimeSpan.Zero);
        var due = await queue.ReceiveAsync(Queues.Packages, 32, TimeSpan.FromMinutes(2));
        foreach (var item in due) await queue.ReleaseAsync(item, TimeSpan.Zero);
        return [.. due.Select(item => JsonSerializer.Deserialize(item.Body.Span, CoreJson.Default.PackageWork)!)];
    }
}
