using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Privacy;

/// <summary>Several restrict the same data: it is free again when the last of them has lifted (R35).</summary>
public sealed class RestrictionOverlapTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R35_The_person_cannot_lift_what_an_agent_has_restricted_as_well()
    {
        var mail = CoreProduct.Email("both@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await PressAsync(mail, ("restrict", "yes"));
        var agents = await RestrictAsync(new { type = "restriction", email = mail.Value });
        var (_, body) = await PressAsync(mail, ("lift", "yes"));
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.DoesNotContain("name=\"lift\"", body, StringComparison.Ordinal);
        Assert.Contains("To end the restriction, write to us: help@example.com", body, StringComparison.Ordinal);

        // The agent's end leaves the person's own, which is theirs to lift.
        await LiftAsync(agents);
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Contains("name=\"lift\"", (await ProductFixture.SendAsync(product.Anonymous, HttpMethod.Get, PathOf(mail), null)).Text, StringComparison.Ordinal);
        await PressAsync(mail, ("lift", "yes"));
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
    }

    [Fact]
    public async Task R35_What_an_agent_lifts_of_a_person_stays_restricted_by_another_request_and_is_offered_to_nobody_twice()
    {
        var mail = CoreProduct.Email("both.agent@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await PressAsync(mail, ("restrict", "yes"));
        var own = (await product.Services.GetRequiredService<PrivacyDesk>().ListAsync(null, 1000, default)).Single(r => r.AddressKeys.Contains(product.Key(mail).Value)).Id;
        var agents = await RestrictAsync(new { type = "restriction", email = mail.Value });
        await LiftAsync(own);
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.DoesNotContain("name=\"lift\"", (await ProductFixture.SendAsync(product.Anonymous, HttpMethod.Get, PathOf(mail), null)).Text, StringComparison.Ordinal);
        await LiftAsync(agents);
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R35_An_account_that_two_requests_restrict_is_free_when_both_are_lifted_in_either_order(bool newestFirst)
    {
        var (id, desk) = ("overlap-" + newestFirst, product.Services.GetRequiredService<ContactDesk>());
        var (first, later) = (CoreProduct.Email($"first.{newestFirst}@example.com"), CoreProduct.Email($"later.{newestFirst}@example.com"));
        await desk.PutAsync(id, null, null, null, [first], "service:x", default);
        string[] requests = [await RestrictAsync(new { type = "restriction", contactId = id }), await RestrictAsync(new { type = "restriction", contactId = id })];
        if (newestFirst) Array.Reverse(requests);
        await LiftAsync(requests[0]);
        await desk.PutAsync(id, null, null, null, [first, later], "service:x", default);
        foreach (var address in new[] { first, later }) Assert.NotNull((await product.StateAsync(address))!.RestrictedSince);
        await LiftAsync(requests[1]);
        foreach (var address in new[] { first, later }) Assert.Null((await product.StateAsync(address))!.RestrictedSince);
        Assert.Null((await desk.GetAsync(id, default))!.Profile.RestrictedBy);
    }

    private async Task<string> RestrictAsync(object body)
    {
        var opened = await product.PostAsync("/v1/privacy/requests", body);
        Assert.Equal(HttpStatusCode.Created, opened.Status);
        return opened["id"]!;
    }

    private async Task LiftAsync(string id) => Assert.Equal(HttpStatusCode.OK, (await product.PostAsync($"/v1/privacy/requests/{id}/lift", new { notice = "Told by letter." })).Status);

    private string PathOf(Address address) => new Uri(product.Services.GetRequiredService<Links>().Preferences(product.Key(address), address.Channel)).AbsolutePath;

    private Task<(HttpStatusCode Status, string Body)> PressAsync(Address address, params (string Name, string Value)[] fields) => product.FormAsync(PathOf(address), "en", fields);
}
