using System.Text.Json;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Web;

/// <summary>Whom the evidence of a consent names when a proxy stands before the local host.</summary>
public sealed class ForwardedForTests
{
    [Theory]
    [InlineData(0, "203.0.113.7", "127.0.0.1")]
    [InlineData(1, "192.0.2.66, 203.0.113.7", "203.0.113.7")]
    [InlineData(2, "192.0.2.66, 203.0.113.7, 198.51.100.1", "203.0.113.7")]
    [InlineData(1, "", "127.0.0.1")]
    public async Task R26_Evidence_names_whom_the_trusted_proxy_was_called_by_and_nobody_chooses_it(
        int proxies, string forwarded, string expected)
    {
        var product = new ProductFixture { Configure = o => o.TrustedProxies = proxies };
        await product.InitializeAsync();
        try
        {
            product.Anonymous.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", forwarded);
            await product.FormAsync(
                "/subscribe", "en", ("email", "proxied@example.com"), ("topic-email-newsletter", "yes"), ("age", "adult"));
            var evidence = Assert.Single(await product.LedgerAsync(CoreProduct.Email("proxied@example.com"))).Detail!.Evidence!;
            Assert.Equal(expected, JsonElement.Parse(evidence).GetProperty("ip").GetString());
        }
        finally
        {
            await product.DisposeAsync();
        }
    }
}
