using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Local.Demo;

/// <summary>
/// The whole product once more on the same store, with a clock that begins a month ago, queues of its own and providers that take
/// everything.
/// </summary>
internal sealed class Past : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly PastQueue _queue;

    public Past(IServiceProvider live)
    {
        Now = live.GetRequiredService<TimeProvider>().UtcNowMs();
        Clock = new PastClock(new DateTimeOffset(Now.UtcDateTime.Date.AddDays(-31), TimeSpan.Zero).AddHours(8));
        _queue = new PastQueue(Clock);
        var tables = live.GetRequiredService<ITableStore>();
        var blobs = live.GetRequiredService<IBlobStore>();
        var services = new ServiceCollection();
        services.AddNotifications(
            live.GetRequiredService<NotificationsOptions>(), live.GetRequiredService<KeyRing>(), Instance.New(exclusive: true),
            new Backend(tables, _queue, blobs));
        services.AddSingleton<TimeProvider>(Clock).AddSingleton(tables).AddSingleton(blobs); // Sealed already.
        services.AddSingleton<IEmailSender>(Post).AddSingleton<ISmsSender>(Post);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        _services = services.BuildServiceProvider();
        Get<CampaignClock>().LongestPause = TimeSpan.FromMinutes(15); // Or the month is looks, at campaigns that wait for the morning.
    }

    /// <summary>The present, at which the past ends.</summary>
    public DateTimeOffset Now { get; }

    public PastClock Clock { get; }

    public PastPost Post { get; } = new();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>Lets the clock run to a moment; what comes due on the way is done at its time.</summary>
    public async ValueTask UntilAsync(DateTimeOffset moment)
    {
        while (_queue.NextDue is { } due && due <= moment)
        {
            Clock.MoveTo(due);
            foreach (var name in Queues.All)
            {
                await WorkAsync(name);
                await WorkAsync(Queues.Poison(name));
            }
        }

        Clock.MoveTo(moment);
    }

    // Many at once, so that the store writes them together.
    private async ValueTask WorkAsync(string name)
    {
        var queue = Get<SealedWorkQueue>();
        var work = Get<Work>();
        while (await queue.ReceiveAsync(name, 256, TimeSpan.FromMinutes(1)) is { Count: > 0 } items)
        {
            await Task.WhenAll(items.Select(async item =>
            {
                var outcome = await work.DoAsync(name, item.Body, item.DequeueCount, default);
                if (outcome.Result == WorkResult.Done) await queue.CompleteAsync(item);
                else if (outcome.Result == WorkResult.Later) await queue.ReleaseAsync(item, outcome.Delay);
                else await queue.PoisonAsync(item);
            }));
        }
    }

    public static void Assume(bool holds)
    {
        if (!holds) throw new InvalidOperationException("The demo's story does not hold together.");
    }

    public static Address Parse(Channel channel, string text) =>
        Address.TryParse(channel, text, out var address, out var problem) ? address : throw new ArgumentException(problem);
}
