using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Notifications.Benchmarks.Load;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using Notifications.Unsubscribe;
using Notifications.Web;
using Channel = Notifications.Addresses.Channel;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// Bytes allocated for a campaign's message, from its batch to its record, and for a one-click POST through the product's own pipeline
/// without the server's part. The bounds are not DESIGN's: they are a quarter above what was measured when this was written, so that growth
/// is seen.
/// </summary>
internal static class Allocation
{
    private const int Count = 20_000;
    private const double MessageBound = 39_000, OneClickBound = 17_000;

    public static async Task<Result[]> RunAsync()
    {
        var message = await MessageAsync();
        var oneClick = await OneClickAsync();
        return
        [
            new("allocation", "bytes per message of a campaign", message, MessageBound, 1, AtLeast: false),
            new("allocation", "bytes per one-click", oneClick, OneClickBound, 1, AtLeast: false),
        ];
    }

    private static async Task<double> MessageAsync()
    {
        var allocated = 0L;
        for (var round = 0; round < 2; round++) // The first one warms up.
        {
            await using var bed = new CampaignBed(new NullSender());
            await bed.SubscribeAsync(Count);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await bed.RunAsync();
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        return (double)allocated / Count;
    }

    private static async Task<double> OneClickAsync()
    {
        using var seed = new Seed();
        await seed.SubscribeAsync(Count * 2);
        await using var store = SqliteStore.Open(seed.Folder, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IEmailSender>(new NullSender()).AddSingleton<ISmsSender>(new NullSender());
        var options = new NotificationsOptions { PublicUrl = "https://mail.example.com" };
        builder.Services.AddNotifications(options, seed.Ring, Instance.New(exclusive: true), new Backend(store, store, store));
        builder.Services.AddNotificationsWeb(options);
        await using var app = builder.Build();
        var pipeline = WebServices.BuildPipeline(app.Services);
        var tokens = new LinkTokens(seed.Ring);
        var contexts = Enumerable.Range(0, Count * 2)
            .Select(
                i => Context(
                    app.Services,
                    "/u/"
                    + tokens.Write(
                        new LinkToken(LinkPurpose.Unsubscribe, seed.Ring.KeyOf(Seed.Person(i)), Channel.Email)
                        {
                            Topic = TopicKey.Newsletter,
                        })))
            .ToArray();
        await RunAsync(contexts[..Count]);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RunAsync(contexts[Count..]);
        return (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / Count;

        Task RunAsync(DefaultHttpContext[] some) =>
            Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (http, _) =>
            {
                await pipeline(http);
                if (http.Response.StatusCode != StatusCodes.Status200OK)
                    throw new InvalidOperationException(string.Create(
                        CultureInfo.InvariantCulture, $"A one-click was answered with {http.Response.StatusCode}."));
            });
    }

    private static DefaultHttpContext Context(IServiceProvider services, string path)
    {
        var http = new DefaultHttpContext { RequestServices = services };
        http.Request.Method = HttpMethods.Post;
        http.Request.Path = path;
        http.Request.Host = new HostString("mail.example.com");
        http.Request.ContentType = "application/x-www-form-urlencoded";
        http.Request.Body = new MemoryStream(Encoding.ASCII.GetBytes("List-Unsubscribe=One-Click"));
        http.Request.ContentLength = http.Request.Body.Length;
        http.Features.Set<IHttpMaxRequestBodySizeFeature>(null);
        return http;
    }
}
