using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Local;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Unsubscribe;

/// <summary>The Local host in this process, on a directory of its own and a free port, with a store that can be taken away.</summary>
public sealed class PublicSite : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("notifications-").FullName;
    private Store _store = null!;
    private WebApplication _app = null!;
    private Switch _switch = null!;

    internal Uri Url { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    internal IServiceProvider Services => _app.Services;

    internal T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    internal Links Links => Get<Links>();

    internal bool StoreIsDown { set => _switch.Down = value; }

    public async Task InitializeAsync()
    {
        var options = LocalOptions.Parse(["--urls", "http://127.0.0.1:0", "--data", _directory]);
        options = options with { Urls = Settings.FreePort(options.Urls) };
        var builder = WebApplication.CreateSlimBuilder();
        var data = DataDirectory.Open(_directory);
        _store = await Store.OpenAsync(options, data);
        _switch = new Switch(_store.Backend.Tables);
        var store = new Store(_store.Backend with { Tables = _switch }, exclusive: true, _store.WaitForWork, owned: null);
        _app = LocalHost.Build(builder, options, Settings.Read(builder.Configuration, options, data), data, store);
        await _app.StartAsync();
        Url = new Uri(options.Urls);
        Http = Client();
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Leads a page of Chromium to a path.</summary>
    internal Task<IResponse?> OpenAsync(IPage page, string path) => page.GotoAsync(new Uri(Url, path).ToString());

    /// <summary>A client without cookies that follows nothing.</summary>
    internal HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url };

    /// <summary>Somebody who agreed to every topic.</summary>
    internal async Task<AddressKey> PersonAsync(string address)
    {
        var channel = address.StartsWith('+') ? Channel.Sms : Channel.Email;
        Assert.True(Address.TryParse(channel, address, out var parsed, out _));
        foreach (var topic in Get<TopicCatalog>().All)
            await Get<ConsentDesk>().OptInAsync(
                parsed, topic, new LedgerDraft(LedgerAction.OptIn, topic.Key, "test", "person"), confirmed: true, null, default);
        return Get<KeyRing>().KeyOf(parsed);
    }

    internal string UnsubscribePath(AddressKey key, string? topic, Channel channel = Channel.Email, string? package = null) =>
        "/u/"
        + Get<LinkTokens>().Write(new LinkToken(LinkPurpose.Unsubscribe, key, channel) { Topic = topic, TrackingNumber = package });

    internal async Task<AddressState> StateAsync(AddressKey key) => (await Get<AddressBook>().LoadAsync(key, default)).State!;

    internal async Task<IReadOnlyList<LedgerEntry>> LedgerAsync(AddressKey key) => await Get<AddressBook>().LedgerAsync(key, default);

    /// <summary>A table store that can be out of reach.</summary>
    private sealed class Switch(ITableStore inner) : PassingStore(inner)
    {
        public bool Down { get; set; }

        protected override ITableStore At(string table) => Down ? throw new StorageUnavailableException() : Inner;
    }
}
