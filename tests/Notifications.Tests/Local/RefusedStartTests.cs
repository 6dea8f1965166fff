using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Notifications.Tests.Product;

namespace Notifications.Tests.Local;

/// <summary>Starts that cannot be: each ends with one line that says what is wrong and what to do, and with nothing before it.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notifications-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task P4_A_logo_that_cannot_be_read_stops_the_start_and_not_the_pages()
    {
        var (code, said) = await StartAsync([("Notifications__Sender__Logo", "/no/such/logo.svg")]);
        Assert.Equal(2, code);
        Assert.Contains("Notifications:Sender:Logo cannot be read (/no/such/logo.svg)", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task P5_Without_the_data_of_languages_no_message_could_be_written_and_nothing_starts()
    {
        var (code, said) = await StartAsync([("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")]);
        Assert.Equal(1, code);
        Assert.Contains("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT to false", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task M15_A_port_that_is_taken_is_told_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://{taken.LocalEndpoint}";
        var (code, said) = await StartAsync([], "--urls", url);
        Assert.Equal(1, code);
        Assert.Contains(url, Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task M15_An_address_that_this_machine_does_not_have_is_told_in_one_line()
    {
        var url = $"http://192.0.2.1:{LocalProcess.FreePort()}"; // Nobody's (RFC 5737).
        var (code, said) = await StartAsync([], "--urls", url);
        Assert.Equal(1, code);
        Assert.Contains($"{url} cannot be listened on", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task M15_A_connection_string_that_is_none_is_refused_by_the_name_of_its_option()
    {
        var (code, said) = await StartAsync([], "--storage", "nonsense");
        Assert.Equal(2, code);
        Assert.StartsWith("--storage must be the connection string", Assert.Single(said), StringComparison.Ordinal);
    }

    private async Task<(int Code, string[] Said)> StartAsync((string Name, string Value)[] settings, params string[] more)
    {
        string[] urls = more.Contains("--urls") ? [] : ["--urls", "http://127.0.0.1:0"];
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Notifications.Local"), ["--data", _directory.FullName, .. urls, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            var said = await output + await error;
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
