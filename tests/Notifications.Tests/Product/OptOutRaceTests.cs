using Notifications.Storage.Sqlite;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

public sealed class OptOutRaceTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-races-").FullName;

    [Fact]
    public async Task P1_In_ten_thousand_races_on_SQLite_no_hand_off_begins_after_the_opt_out_has_committed()
    {
        await using var store = SqliteStore.Open(_data, TimeProvider.System);
        Judge(await OptOutRaces.RunAsync(new Backend(store, store, store), 10_000, 64));
    }

    private void Judge(RaceOutcome outcome)
    {
        output.WriteLine($"{outcome.Sent} sent before the opt-out, {outcome.Refused} refused after it.");
        Assert.Empty(outcome.Broken);
        Assert.True(outcome.Sent > 0 && outcome.Refused > 0, $"{outcome.Sent} sent and {outcome.Refused} refused: the two never met.");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
