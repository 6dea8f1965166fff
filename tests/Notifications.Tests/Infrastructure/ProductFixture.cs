using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
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

    internal T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    internal IReadOnlyList<RouteEndpoint> Routes =>
        [.. Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

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
    internal async Task<string> KeyAsync(params string[] scopes) => (await Get<ApiKeys>().CreateAsync("test", scopes, default)).Secret;

    internal HttpClient ClientOf(string secret) => Client(Anonymous.BaseAddress!, secret);

    /// <summary>A page as anybody gets it, without a key.</summary>
    internal Task<Reply> OpenAsync(string path) => SendAsync(Anonymous, HttpMethod.Get, path, null);

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
        await Poll.UntilAsync(() => Task.FromResult(Get<AudienceIndex>().IsIdle), "the audience index has followed");
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
        var (queue, work) = (Get<IWorkQueue>(), Get<Work>());
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
