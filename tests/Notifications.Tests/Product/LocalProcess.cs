using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Notifications.Tests.Product;

/// <summary>The product as a newcomer has it: the local host in a process of its own, spoken to over HTTP only.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
    public const string ApiKey = "nk_test_0123456789abcdefghijklmnopqrstuvwxyzABCD";
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private LocalProcess(Process process, int port)
    {
        _process = process;
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(60),
        };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts the host over a data folder and waits until it is ready.</summary>
    public static Task<LocalProcess> StartAsync(string data, params string[] more) => StartAsync(data, [], more);

    /// <summary>The same with settings, which come from the environment.</summary>
    public static async Task<LocalProcess> StartAsync(string data, Dictionary<string, string> settings, params string[] more)
    {
        var port = FreePort();
        string[] arguments = ["--urls", $"http://127.0.0.1:{port}", "--data", data, "--api-key", ApiKey, .. more];
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Notifications.Local"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var host = new LocalProcess(Process.Start(start)!, port);
        var waited = Stopwatch.StartNew();
        while (!await host.ReadyAsync())
        {
            if (host._process.HasExited || waited.Elapsed > TimeSpan.FromMinutes(5)) // A demo plays a month first.
                throw new InvalidOperationException($"The local host did not start:\n{host.Output}");
            await Task.Delay(10);
        }

        return host;
    }

    /// <summary>The memory it takes, in bytes.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; the code that the process ends with.</summary>
    public async Task<int> EndAsync()
    {
        using var signal = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}")]);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Http.Dispose();
        _process.Dispose();
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object body, string? idempotencyKey = null) =>
        SendAsync(HttpMethod.Post, path, body, idempotencyKey);

    public async Task<JsonElement> GetAsync(string path)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    /// <summary>Queues a message and waits until it has come to an end.</summary>
    public async Task<JsonElement> DeliverAsync(object message)
    {
        var (status, accepted) = await PostAsync("/v1/messages", message);
        Assert.True(status == HttpStatusCode.Accepted, $"{status}: {accepted}");
        return await EndOfAsync(accepted.GetProperty("id").GetString()!);
    }

    /// <summary>Waits until a message has come to an end and answers it.</summary>
    public async Task<JsonElement> EndOfAsync(string id)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var message = await GetAsync("/v1/messages/" + id);
            if (message.GetProperty("status").GetString() is not ("queued" or "sending" or "deferred")) return message;
            if (waited.Elapsed > TimeSpan.FromSeconds(60)) throw new TimeoutException($"Message {id} is still {message}.\n{Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>The newest message in the inbox for an address.</summary>
    public async Task<JsonElement> NewestForAsync(string address)
    {
        var inbox = await GetAsync("/inbox/messages?to=" + Uri.EscapeDataString(address));
        var list = inbox.ValueKind == JsonValueKind.Array ? inbox : inbox.GetProperty("messages");
        return list.EnumerateArray().OrderBy(m => m.GetProperty("at").GetDateTimeOffset()).Last();
    }

    private async Task<bool> ReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }

    public static int FreePort()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
