namespace Notifications.Tests.Infrastructure;

/// <summary>The emulator is installed by whoever needs it first, while others look for it.</summary>
public sealed class AzuriteInstallTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_npm_has_not_finished_is_not_taken_for_installed_and_of_two_that_would_install_one_does()
    {
        var place = Directory.CreateTempSubdirectory("azurite-install").FullName;
        var folder = Path.Combine(place, "tools", "azurite");
        var (linked, finish, runs) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        async Task NpmAsync(string into, CancellationToken deadline)
        {
            Interlocked.Increment(ref runs);
            var programs = Path.Combine(into, "node_modules", ".bin");
            Directory.CreateDirectory(programs);
            await File.WriteAllTextAsync(Path.Combine(programs, OperatingSystem.IsWindows() ? "azurite.cmd" : "azurite"), "", deadline);
            linked.TrySetResult();
            await finish.Task.WaitAsync(deadline); // What it needs is still to come.
        }

        try
        {
            var first = AzuriteProcess.InstallAsync(folder, NpmAsync);
            await linked.Task.WaitAsync(Deadline);
            Assert.Null(AzuriteProcess.InstalledIn(folder));
            var second = AzuriteProcess.InstallAsync(folder, NpmAsync);
            Assert.False(second.IsCompleted);
            finish.SetResult();
            Assert.Equal(await first.WaitAsync(Deadline), await second.WaitAsync(Deadline));
            Assert.Equal((AzuriteProcess.InstalledIn(folder), 1), (await first, runs));
        }
        finally
        {
            finish.TrySetResult();
            Directory.Delete(place, recursive: true);
        }
    }
}
