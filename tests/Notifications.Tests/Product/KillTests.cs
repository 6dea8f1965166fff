using Xunit.Abstractions;

namespace Notifications.Tests.Product;

public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-kill-").FullName;

    [Fact]
    public Task P5_Fifty_kills_lose_nothing_acknowledged_and_hand_nothing_off_twice() =>
        Kills.RunAsync(output, _data, kills: 50, people: 40, each: 10, []);

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
