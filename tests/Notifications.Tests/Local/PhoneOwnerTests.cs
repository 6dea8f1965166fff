using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Local.Inbox;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.Local;

/// <summary>A reply that could not reach the webhook was answered as a fault of the inbox (500), and not as the webhook's (502).</summary>
public sealed class PhoneOwnerTests(PublicSite site) : IClassFixture<PublicSite>
{
    [Fact]
    public async Task A_reply_that_no_webhook_can_be_reached_with_is_not_taken()
    {
        using var nowhere = new Nowhere();
        using var owner = ActivatorUtilities.CreateInstance<PhoneOwner>(site.Services, nowhere);
        Assert.True(PhoneNumber.TryParse("+14155550125", out var phone, out _));
        Assert.Null(await owner.ReplyAsync(phone, null, "Hello?", default));
    }

    /// <summary>A server at an address where nobody listens.</summary>
    private sealed class Nowhere : IServer
    {
        public Nowhere() => Features.Set<IServerAddressesFeature>(new ServerAddressesFeature { Addresses = { "http://127.0.0.1:1" } });

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull =>
            Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
