using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Notifications.Access;
using Notifications.Audiences;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Web;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// The real pipeline over HTTP on a free port, on the store in memory, with a clock that tests can move. One for all tests of a class: each
/// takes its own addresses.
/// </summary>
public sealed class ProductFixture : IAsyncLifetime
{
    internal const string WebhookSecret = "webhook-secret-0123456789";
    private WebApplication _app = null!;

    /// <summary>Changes the settings before the start.</summary>
    internal Action<NotificationsOptions>? Configure { get; init; }

    /// <summary>What the store says of its last write.</summary>
    internal string? WriteFailure { get; set; }

    /// <summary>What the store says that it met.</summary>
    internal string? Damage { get; set; }

    /// <summary>Takes every log line; without it there are none.</summary>
    internal ILoggerProvider? Logs { get; init; }

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    internal MemoryStore Store { get; private set; } = null!;

    /// <summary>Makes the store unreachable while it is set.</summary>
    internal FaultyStore Faults { get; private set; } = null!;

    internal MemoryBlobs Blobs { get; } = new();

    internal RecordingSenders Sent { get; } = new();

    internal IServiceProvider Services => _app.Services;

    /// <summary>A client with a key of every scope.</summary>
    internal HttpClient Http { get; private set; } = null!;

    /// <summary>A client without a key.</summary>
    internal HttpClient Anonymous { get; private set; } = null!;

    internal string Secret { get; private set; } = "";

    internal IReadOnlyList<RouteEndpoint> Routes =>
        [.. Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public async Task InitializeAsync()
    {
        Store = new MemoryStore(Time);
        Faults = new FaultyStore(Store);
        var options = new NotificationsOptions { PublicUrl = "http://mail.example.com", WebhookSecret = WebhookSecret };
        options.Topics.Add(new Notifications.Consent.Topic { Key = "surveys", Name = "Surveys", DoubleOptIn = false });
        Configure?.Invoke(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // As both hosts do.
        if (Logs is not null)
            builder.Logging.AddProvider(Logs).SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "http://127.0.0.1:0");
        builder.Services.AddNotifications(
            options, KeyRing.Parse(KeyRing.NewJson(), "test"), Instance.New(exclusive: true),
            new Backend(Faults, Faults, Blobs) { WriteFailure = () => WriteFailure, Damage = () => Damage });
        builder.Services.AddNotificationsWeb(options);
        builder.Services.AddSingleton<TimeProvider>(Time).AddSingleton<IEmailSender>(Sent).AddSingleton<ISmsSender>(Sent);
        _app = builder.Build();
        var pipeline = WebServices.BuildPipeline(_app.Services);
        _app.Run(pipeline);
        await _app.StartAsync();
        var url = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Anonymous = Client(url, null);
        Secret = await KeyAsync(Scope.All);
        Http = Client(url, Secret);
        // The API and the console are composed at the first request that asks for them: all routes are there from now on.
        (await Http.GetAsync("/v1")).Dispose();
    }

    /// <summary>Makes a key and gives its secret.</summary>
    internal async Task<string> KeyAsync(params string[] scopes) =>
        (await Services.GetRequiredService<ApiKeys>().CreateAsync("test", scopes, default)).Secret;

    internal HttpClient ClientOf(string secret) => Client(Anonymous.BaseAddress!, secret);

    internal Task<Reply> GetAsync(string path) => SendAsync(Http, HttpMethod.Get, path, null);

    internal Task<Reply> PostAsync(string path, object body, string? idempotencyKey = null) =>
        SendAsync(Http, HttpMethod.Post, path, body is string text ? text : JsonSerializer.Serialize(body), idempotencyKey);

    internal Task<Reply> SendAsync(HttpMethod method, string path, object? body = null) =>
        SendAsync(Http, method, path, body is null or string ? (string?)body : JsonSerializer.Serialize(body));

    internal static async Task<Reply> SendAsync(
        HttpClient client, HttpMethod method, string path, string? body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
        if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        using var response = await client.SendAsync(request);
        return new Reply(
            response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync());
    }

    /// <summary>
    /// How many rows and queue items there are once the audience index has followed, but for the counts of what happened, which are written
    /// by themselves some seconds after.
    /// </summary>
    internal async Task<long> StoredAsync()
    {
        await Poll.UntilAsync(
            () => Task.FromResult(Services.GetRequiredService<AudienceIndex>().IsIdle), "the audience index has followed");
        var count = 0L;
        foreach (var queue in Queues.All) count += await Store.CountAsync(queue) + await Store.CountAsync(Queues.Poison(queue));
        foreach (var table in Tables.All.Except([Tables.Statistics]))
        {
            (string, string)? after = null;
            while (await Store.ScanAsync(table, after, 1000) is { Count: > 0 } rows)
            {
                count += rows.Count;
                after = (rows[^1].Partition, rows[^1].Row.Key);
            }
        }

        return count;
    }

    /// <summary>Does everything that waits on the queues and is due.</summary>
    internal async Task WorkAsync()
    {
        var queue = Services.GetRequiredService<IWorkQueue>();
        var work = Services.GetRequiredService<Work>();
        for (var idle = false; !idle;)
        {
            idle = true;
            foreach (var name in Queues.All)
            {
                foreach (var item in await queue.ReceiveAsync(name, 32, TimeSpan.FromMinutes(2)))
                {
                    idle = false;
                    var outcome = await work.DoAsync(name, item.Body, item.DequeueCount, default);
                    Assert.NotEqual(WorkResult.GiveUp, outcome.Result);
                    if (outcome.Result == WorkResult.Later) await queue.ReleaseAsync(item, outcome.Delay);
                    else await queue.CompleteAsync(item);
                }
            }
        }
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        Anonymous.Dispose();
        await _app.DisposeAsync();
    }

    private static HttpClient Client(Uri url, string? secret)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = url };
        if (secret is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }
}

/// <summary>The store in memory, until it is said to be down.</summary>
internal sealed class FaultyStore(MemoryStore inner) : ITableStore, IWorkQueue
{
    public bool Down { get; set; }

    /// <summary>What every operation throws while it is set.</summary>
    public Exception? Broken { get; set; }

    /// <summary>A table that nothing can be written to while it is set.</summary>
    public string? WithoutTable { get; set; }

    /// <summary>A queue that nothing can be put on while it is set.</summary>
    public string? WithoutQueue { get; set; }

    private MemoryStore Inner => Down ? throw new StorageUnavailableException() : Broken is { } broken ? throw broken : inner;

    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
        Inner.GetAsync(table, partition, row, cancel);

    public ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default) =>
        Inner.RangeAsync(table, partition, range, limit, cancel);

    public ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default) =>
        But(table, WithoutTable).CommitAsync(table, partition, changes, cancel);

    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
        Inner.ScanAsync(table, after, limit, cancel);

    public ValueTask EnqueueAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default) =>
        But(queue, WithoutQueue).EnqueueAsync(queue, body, delay, cancel);

    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(
        string queue, int max, TimeSpan visibility, CancellationToken cancel = default) =>
        Inner.ReceiveAsync(queue, max, visibility, cancel);

    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default) => Inner.CompleteAsync(item, cancel);

    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default) =>
        Inner.ReleaseAsync(item, delay, cancel);

    public ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default) => Inner.PoisonAsync(item, cancel);

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => Inner.CountAsync(queue, cancel);

    private MemoryStore But(string wanted, string? without) => wanted == without ? throw new StorageUnavailableException() : Inner;
}

/// <summary>An HTTP answer, read whole.</summary>
internal sealed record Reply(HttpStatusCode Status, HttpResponseHeaders Headers, string? MediaType, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>A string member, null where there is none.</summary>
    public string? this[string name] => Json.TryGetProperty(name, out var value) ? value.ToString() : null;

    /// <summary>The fields that a problem names.</summary>
    public IReadOnlyList<string> Fields =>
        Json.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray().Select(e => e.GetProperty("field").GetString()!)] : [];
}

/// <summary>Takes every message and keeps it.</summary>
internal sealed class RecordingSenders : IEmailSender, ISmsSender
{
    public System.Collections.Concurrent.ConcurrentQueue<OutgoingEmail> Emails { get; } = new();

    public System.Collections.Concurrent.ConcurrentQueue<OutgoingSms> Texts { get; } = new();

    public bool Deduplicates => false;

    /// <summary>What a provider's library throws in place of an answer, while it is set.</summary>
    public Func<string, Exception>? Throws { get; set; }

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        if (Throws?.Invoke(email.To) is { } thrown) throw thrown;
        Emails.Enqueue(email);
        return ValueTask.FromResult(HandOff.Accepted("test-" + email.Id.Suffix));
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel)
    {
        if (Throws?.Invoke(sms.To) is { } thrown) throw thrown;
        Texts.Enqueue(sms);
        return ValueTask.FromResult(HandOff.Accepted("test-" + sms.Id.Suffix));
    }
}
