using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Notifications.Benchmarks.Load;

/// <summary>A server in a process of its own on a free loopback port, ended with this object.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The most memory it has had resident, in MB.</summary>
    public double PeakMemoryMb
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts the empty server and waits until it listens.</summary>
    public static Task<ServerProcess> EmptyAsync() =>
        StartAsync(Environment.ProcessPath!, port => ["--serve-empty", "--urls", $"http://127.0.0.1:{port}"]);

    /// <summary>Starts the local host over a data folder and waits until it listens.</summary>
    public static Task<ServerProcess> ProductAsync(string data, string apiKey) => StartAsync(
        Path.Combine(AppContext.BaseDirectory, "Notifications.Local"),
        port => ["--urls", $"http://127.0.0.1:{port}", "--data", data, "--api-key", apiKey]);

    private static async Task<ServerProcess> StartAsync(string program, Func<int, string[]> arguments)
    {
        var server = Start(program, arguments);
        var deadline = Stopwatch.StartNew();
        while (!await ListensAsync(server.Port))
        {
            if (server._process.HasExited || deadline.Elapsed > TimeSpan.FromSeconds(30))
                throw new InvalidOperationException($"{Path.GetFileName(program)} did not start.");
            await Task.Delay(5);
        }

        return server;
    }

    /// <summary>Starts a program and returns at once.</summary>
    public static ServerProcess Start(string program, Func<int, string[]> arguments)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(program, arguments(port)) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) => { if (line.Data is not null) Console.Error.WriteLine("  " + line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ServerProcess(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
