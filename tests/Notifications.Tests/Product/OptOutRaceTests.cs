using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Storage.Sqlite;
using Notifications.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

[Collection(Azurite.Collection)]
public sealed class OptOutRaceTests(Azurite azurite, ITestOutputHelper output) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-races-").FullName;

    [Fact]
    public async Task P1_In_ten_thousand_races_on_SQLite_no_hand_off_begins_after_the_opt_out_has_committed()
    {
        await using var store = SqliteStore.Open(_data, TimeProvider.System);
        Judge(await OptOutRaces.RunAsync(new Backend(store, store, store), 10_000, 64));
    }

    [AzuriteFact]
    public async Task P1_In_five_hundred_races_on_Azurite_no_hand_off_begins_after_the_opt_out_has_committed()
    {
        var azure = AzureStorage.FromConnectionString(await azurite.ConnectionAsync(), TimeProvider.System, Azurite.Prefix());
        await azure.EnsureCreatedAsync(Tables.All, Queues.All, []);
        Judge(await OptOutRaces.RunAsync(new Backend(azure.Tables, azure.Queues, azure.Blobs), 500, 8));
    }

    private void Judge(RaceOutcome outcome)
    {
        output.WriteLine($"{outcome.Sent} sent before the opt-out, {outcome.Refused} refused after it.");
        Assert.Empty(outcome.Broken);
        Assert.True(outcome.Sent > 0 && outcome.Refused > 0, $"{outcome.Sent} sent and {outcome.Refused} refused: the two never met.");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
