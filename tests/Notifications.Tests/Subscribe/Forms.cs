using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Subscribe;

/// <summary>Forms as a browser sends them, and what is stored after.</summary>
internal static class Forms
{
    public static async Task<(HttpStatusCode Status, string Body)> FormAsync(
        this ProductFixture product, string path, string language, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
        request.Headers.TryAddWithoutValidation("Accept-Language", language);
        using var answer = await product.Anonymous.SendAsync(request);
        if (path == "/subscribe") await product.TakeInAsync();
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
    }

    /// <summary>Does what sign-ups have left on the queue; the messages that come of it stay on theirs.</summary>
    private static async Task TakeInAsync(this ProductFixture product)
    {
        var queue = product.Get<IWorkQueue>();
        foreach (var item in await queue.ReceiveAsync(Queues.Inbound, 32, TimeSpan.FromMinutes(2)))
        {
            await product.Get<Work>().DoAsync(Queues.Inbound, item.Body, item.DequeueCount, default);
            await queue.CompleteAsync(item);
        }
    }

    public static AddressKey Key(this ProductFixture product, Address address) => product.Get<KeyRing>().KeyOf(address);

    public static async Task<AddressState?> StateAsync(this ProductFixture product, Address address) =>
        (await product.Get<AddressBook>().LoadAsync(product.Key(address), default)).State;

    public static async Task<IReadOnlyList<LedgerEntry>> LedgerAsync(this ProductFixture product, Address address) =>
        await product.Get<AddressBook>().LedgerAsync(product.Key(address), default);

    public static async Task SubscribedAsync(this ProductFixture product, Address address, params string[] topics)
    {
        foreach (var key in topics)
            await product.Get<ConsentDesk>().OptInAsync(
                address, product.Get<TopicCatalog>().Find(key)!,
                new LedgerDraft(LedgerAction.OptIn, key, "test", "person")
                {
                    PolicyVersion = product.Get<SendingOptions>().PolicyVersion, // As on the pages.
                },
                confirmed: true, null, default);
    }

    public static async Task FollowAsync(this ProductFixture product, Address address, string number)
    {
        Assert.True(TrackingNumber.TryParse(number, out var parsed, out _));
        await product.Get<Watches>().WatchAsync(new WatchRequest(parsed, address, "app", "service:test"), default);
    }

    /// <summary>The same, confirmed by the address: also after a stop.</summary>
    public static async Task FollowConfirmedAsync(this ProductFixture product, Address address, string number)
    {
        await product.FollowAsync(address, number);
        await product.Get<Watches>().ConfirmAsync(product.Key(address), number, "test", null, default);
    }

    /// <summary>Where the link to the page of somebody's choices leads.</summary>
    public static string PreferencesPath(this ProductFixture product, Address address) =>
        new Uri(product.Get<Links>().Preferences(product.Key(address), address.Channel)).AbsolutePath;

    /// <summary>Where a link that asks to confirm a topic, or a package, leads.</summary>
    public static string ConfirmPath(this ProductFixture product, Address address, string topic, string? number = null) =>
        new Uri(product.Get<Links>().Confirm(product.Key(address), address.Channel, topic, number)).AbsolutePath;

    /// <summary>Presses a button of the page of somebody's choices.</summary>
    public static Task<(HttpStatusCode Status, string Body)> PressAsync(
        this ProductFixture product, Address address, params (string Name, string Value)[] fields) =>
        product.FormAsync(product.PreferencesPath(address), "en", fields);

    public static async Task<IEnumerable<WatchRecord>> WatchesAsync(this ProductFixture product, Address address) =>
        (await product.Get<Watches>().OfAsync(product.Key(address), default)).Select(w => w.Watch);

    public static int MailsTo(this ProductFixture product, Address address) => product.Sent.Emails.Count(m => m.To == address.Value);
}
