using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// A running Azure Storage emulator. It is looked for in <c>NOTIFICATIONS_AZURITE</c> (a path), then in <c>node_modules</c> beside the
/// tests and at the root; else npm installs it under <c>tests/.tools</c>, once, however many processes ask for it at a time. The benchmarks
/// use it too.
/// </summary>
internal sealed class AzuriteProcess : IDisposable
{
    private const string Package = "azurite@3.35.0";

    // Azurite's published account and key: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private readonly Process _process;

    private AzuriteProcess(Process process, string connection)
    {
        _process = process;
        Connection = connection;
    }

    /// <summary>Its connection string.</summary>
    public string Connection { get; }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>Starts one on free ports and waits until it listens.</summary>
    public static async Task<AzuriteProcess> StartAsync()
    {
        var program = Installed() ?? await InstallAsync(Tools, NpmAsync);
        var ports = FreePorts(3);
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--skipApiVersionCheck", "--silent", "--disableTelemetry", "--inMemoryPersistence" },
        };
        string[] services = ["blob", "queue", "table"];
        for (var i = 0; i < services.Length; i++)
        {
            start.ArgumentList.Add($"--{services[i]}Host");
            start.ArgumentList.Add("127.0.0.1");
            start.ArgumentList.Add($"--{services[i]}Port");
            start.ArgumentList.Add(ports[i].ToString(CultureInfo.InvariantCulture));
        }

        var process = Process.Start(start)!;
        // A full pipe would stop it.
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        foreach (var port in ports)
        {
            while (!await ListensAsync(port))
            {
                if (process.HasExited) throw new InvalidOperationException($"Azurite ended at its start: {await output} {await errors}");
                if (clock.Elapsed > TimeSpan.FromSeconds(60)) throw new TimeoutException("Azurite did not listen within a minute.");
                await Task.Delay(50);
            }
        }

        return new AzuriteProcess(
            process,
            $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{ports[0]}/{Account};"
                + $"QueueEndpoint=http://127.0.0.1:{ports[1]}/{Account};TableEndpoint=http://127.0.0.1:{ports[2]}/{Account};");
    }

    /// <summary>Where it is installed, or null.</summary>
    public static string? Installed()
    {
        if (Environment.GetEnvironmentVariable("NOTIFICATIONS_AZURITE") is { Length: > 0 } named) return named;
        string[] places = [Path.Combine(Repository.Root, "tests", "Notifications.Tests"), Repository.Root, Tools];
        return places.Select(InstalledIn).FirstOrDefault(found => found is not null);
    }

    /// <summary>The same of one place.</summary>
    public static string? InstalledIn(string place)
    {
        var file = Path.Combine(place, "node_modules", ".bin", OperatingSystem.IsWindows() ? "azurite.cmd" : "azurite");
        return File.Exists(file) ? file : null;
    }

    /// <summary>
    /// Installs it under a folder, unless another process did so meanwhile. npm links the program long before all that it needs is there,
    /// so it works beside the folder, which gets its name at the end.
    /// </summary>
    public static async Task<string> InstallAsync(string folder, Func<string, CancellationToken, Task> installAsync)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        using var turn = await LockAsync(folder + ".lock", deadline.Token);
        if (InstalledIn(folder) is { } meanwhile) return meanwhile;
        var unfinished = folder + ".unfinished";
        foreach (var left in (string[])[unfinished, folder])
            if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
        Directory.CreateDirectory(unfinished);
        await installAsync(unfinished, deadline.Token);
        Directory.Move(unfinished, folder);
        return InstalledIn(folder) ?? throw new InvalidOperationException($"npm installed {Package} without its program.");
    }

    private static string Tools => Path.Combine(Repository.Root, "tests", ".tools", "azurite");

    private static async Task<FileStream> LockAsync(string file, CancellationToken deadline)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100, deadline); // Another process installs.
            }
        }
    }

    private static async Task NpmAsync(string folder, CancellationToken deadline)
    {
        var npm = NeedsTool.OnPath("npm")
            ?? throw new InvalidOperationException(
                "Azurite comes from npm, and there is no npm. Install Node.js, or name an azurite by NOTIFICATIONS_AZURITE.");
        using var process = Process.Start(new ProcessStartInfo(npm)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, Package },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("npm did not install Azurite within five minutes.");
        }

        if (process.ExitCode != 0)
            throw new InvalidOperationException($"npm could not install {Package}: {await output} {await errors}");
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
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

    // Held together, so that they differ, and let go before Azurite takes them.
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }
}
