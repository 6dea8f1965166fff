using Notifications.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Notifications.Tests.Product;

/// <summary>
/// The kills again, with --storage pointed at an emulator of its own: the load would starve the tests that share one. What a killed process
/// held comes back only when its visibility ends, so this test mostly waits; a short hand-off timeout makes that about half a minute.
/// </summary>
public sealed class KillOnAzuriteTests(Azurite azurite, ITestOutputHelper output) : IClassFixture<Azurite>, IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-kill-").FullName;

    [AzuriteFact]
    public async Task P5_Six_kills_on_Azurite_lose_nothing_acknowledged_and_hand_nothing_off_twice() => await Kills.RunAsync(
        output,
        _data, kills: 6, people: 6, each: 8, new() { ["Notifications__Sending__HandOffTimeout"] = "00:00:02" }, "--storage",
        await azurite.ConnectionAsync());

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
