using System.Net;
using Notifications.Access;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>An address pasted from a file of ours, in which an apostrophe keeps spreadsheets from running it as a formula.</summary>
public sealed class ApostropheTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("+14155550301")]
    [InlineData("+tag@apostrophe.example")]
    public async Task CWE_1236_An_address_as_the_recipients_have_it_is_found_blocked_and_in_a_request(string who)
    {
        var pasted = "'" + who;
        var browser = await product.SignedInAsync("apostrophe", Scope.All);
        var blocked = await browser.PostAsync("/console/blocked", ("who", pasted), ("reason", "manual"));
        Assert.Equal("/console/blocked?said=blocked", blocked.Location);
        var found = await browser.PostAsync("/console/people", ("who", pasted));
        Assert.Equal(HttpStatusCode.SeeOther, found.Status);
        Assert.Equal((await browser.PostAsync("/console/people", ("who", who))).Location, found.Location);
        var opened = await browser.PostAsync("/console/requests", ("type", "access"), ("who", pasted));
        Assert.StartsWith("/console/requests/", opened.Location, StringComparison.Ordinal);
        var corrected = await browser.PostAsync(
            "/console/requests", ("type", "rectification"), ("who", pasted),
            ("newAddress", pasted.Replace("0301", "0302", StringComparison.Ordinal)));
        Assert.StartsWith("/console/requests/", corrected.Location, StringComparison.Ordinal);
    }
}
