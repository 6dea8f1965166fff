using Notifications.Tests.Product;

namespace Notifications.Tests.Local;

public sealed class EndedStartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task M15_A_process_that_is_told_to_end_while_it_starts_ends_as_one_that_ran()
    {
        await using var host = await LocalProcess.StartAsync(_directory.FullName); // It answers; what sends begins a moment later.
        Assert.Equal(0, await host.EndAsync());
        Assert.DoesNotContain("xception", host.Output, StringComparison.Ordinal);
    }
}
