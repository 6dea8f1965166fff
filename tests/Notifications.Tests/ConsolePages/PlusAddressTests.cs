using System.Net;
using Notifications.Access;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>An email address may begin with a plus sign, as a phone number does.</summary>
public sealed class PlusAddressTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task An_email_address_that_begins_with_a_plus_sign_is_found_blocked_listed_and_erased_like_any_other()
    {
        const string who = "+tag@plus.example";
        await product.PostAsync("/v1/consents", new { email = who, topic = "newsletter", action = "opt-out", source = "phone" });
        var browser = await product.SignedInAsync("plus", Scope.All);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/console/people", ("who", who))).Status);
        Assert.Equal(
            "/console/blocked?said=blocked", (await browser.PostAsync("/console/blocked", ("who", who), ("reason", "manual"))).Location);
        var list = (await browser.PostAsync("/console/lists", ("name", "Plus"))).Location!.Split('?')[0];
        Assert.Contains(
            "said=saved", (await browser.PostAsync(list, ("addresses", who), ("act", "add"))).Location, StringComparison.Ordinal);
        Assert.StartsWith(
            "/console/requests/", (await browser.PostAsync("/console/requests", ("type", "access"), ("who", who))).Location,
            StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.SeeOther, (await browser.PostAsync("/console/blocked", ("who", "+14155550191"), ("reason", "manual"))).Status);
    }
}
