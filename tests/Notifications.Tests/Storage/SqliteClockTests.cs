using Notifications.Storage.Sqlite;
using Notifications.Tests.Faults;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>The embedded store's queue on a machine whose clock is set while it runs.</summary>
public sealed class SqliteClockTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");
    private readonly JumpingClock _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task R43_A_clock_set_back_hides_nothing_that_waits_and_lengthens_no_delay()
    {
        await using var store = SqliteStore.Open(_directory.FullName, _time);
        await store.EnqueueAsync("inbound", Bytes("STOP"));
        await store.EnqueueAsync("send", Bytes("later"), TimeSpan.FromMinutes(10));
        _time.Jump(TimeSpan.FromHours(-1));
        await store.EnqueueAsync("send", Bytes("now"));
        Assert.Single(await store.ReceiveAsync("inbound", 10, TimeSpan.FromMinutes(1)));
        Assert.Equal("now", Assert.Single(await store.ReceiveAsync("send", 10, TimeSpan.FromHours(1))).Body.Text());

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("later", Assert.Single(await store.ReceiveAsync("send", 10, TimeSpan.FromMinutes(1))).Body.Text());
    }

    [Fact]
    public async Task P5_What_was_put_off_while_the_clock_was_a_year_ahead_is_due_at_the_next_opening_under_the_right_one()
    {
        var year = TimeSpan.FromDays(365);
        await using (var store = SqliteStore.Open(_directory.FullName, _time))
        {
            await store.EnqueueAsync("send", Bytes("in six days"), TimeSpan.FromDays(6));
            _time.Jump(year);
            await store.EnqueueAsync("send", Bytes("put off"), TimeSpan.FromMinutes(10));
        }

        _time.Jump(-year);
        await using var again = SqliteStore.Open(_directory.FullName, _time);
        Assert.Equal("put off", Assert.Single(await again.ReceiveAsync("send", 10, TimeSpan.FromMinutes(1))).Body.Text());
    }

    [Fact]
    public async Task A_clock_set_forward_counts_at_once()
    {
        await using var store = SqliteStore.Open(_directory.FullName, _time);
        await store.EnqueueAsync("send", Bytes("later"), TimeSpan.FromMinutes(10));
        Assert.Empty(await store.ReceiveAsync("send", 10, TimeSpan.FromMinutes(1)));
        _time.Jump(TimeSpan.FromMinutes(10)); // As after a laptop's sleep, in which no stopwatch runs.
        Assert.Single(await store.ReceiveAsync("send", 10, TimeSpan.FromMinutes(1)));
    }
}
