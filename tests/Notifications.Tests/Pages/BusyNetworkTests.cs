using System.Net;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Web.Subscribe;

namespace Notifications.Tests.Pages;

/// <summary>Apart: nothing is left of the network's budget after it.</summary>
public sealed class BusyNetworkTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R57_R63_Who_changes_the_address_over_the_networks_limit_is_told_to_come_again_with_what_was_typed()
    {
        var address = CoreProduct.Email("busy@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        var path = product.PreferencesPath(address);
        for (var i = 0; i <= SignupLimits.Burst + SignupLimits.PerMinute; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent(
                    [KeyValuePair.Create("move", "yes"), KeyValuePair.Create("address", "busy.new@")]),
            };
            using var answer = await product.Anonymous.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            Assert.Contains("value=\"busy.new@\"", body, StringComparison.Ordinal);
            Assert.Contains("id=\"change\" open", body, StringComparison.Ordinal);
            if (answer.StatusCode == HttpStatusCode.UnprocessableEntity) continue;
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            Assert.Equal("60", Assert.Single(answer.Headers.GetValues("Retry-After")));
            Assert.Contains("Too many requests came from your network", body, StringComparison.Ordinal);
            return;
        }

        Assert.Fail("The network was never told to wait.");
    }
}
