using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>Several restrict the same data: it is free again when the last of them has lifted (R35).</summary>
public sealed class RestrictionOverlapTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R35_The_person_cannot_lift_what_an_agent_has_restricted_as_well()
    {
        var mail = CoreProduct.Email("both@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await product.PressAsync(mail, ("restrict", "yes"));
        var agents = await RestrictAsync(new { type = "restriction", email = mail.Value });
        var (_, body) = await product.PressAsync(mail, ("lift", "yes"));
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.DoesNotContain("name=\"lift\"", body, StringComparison.Ordinal);
        Assert.Contains("To end the restriction, write to us: help@example.com", body, StringComparison.Ordinal);

        // The agent's end leaves the person's own, which is theirs to lift.
        await LiftAsync(agents);
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Contains(
            "name=\"lift\"", (await product.OpenAsync(product.PreferencesPath(mail))).Text,
            StringComparison.Ordinal);
        await product.PressAsync(mail, ("lift", "yes"));
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
    }

    [Fact]
    public async Task R35_What_an_agent_lifts_of_a_person_stays_restricted_by_another_request_and_is_offered_to_nobody_twice()
    {
        var mail = CoreProduct.Email("both.agent@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await product.PressAsync(mail, ("restrict", "yes"));
        var own = (await product.Get<PrivacyDesk>().ListAsync(
            null, 1000, default)).Single(r => r.AddressKeys.Contains(product.Key(mail).Value)).Id;
        var agents = await RestrictAsync(new { type = "restriction", email = mail.Value });
        await LiftAsync(own);
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.DoesNotContain(
            "name=\"lift\"", (await product.OpenAsync(product.PreferencesPath(mail))).Text,
            StringComparison.Ordinal);
        await LiftAsync(agents);
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R35_An_account_that_two_requests_restrict_is_free_when_both_are_lifted_in_either_order(bool newestFirst)
    {
        var (id, desk) = ("overlap-" + newestFirst, product.Get<ContactDesk>());
        var (first, later) = (CoreProduct.Email($"first.{newestFirst}@example.com"), CoreProduct.Email($"later.{newestFirst}@example.com"));
        await desk.PutAsync(id, null, null, null, [first], "service:x", default);
        string[] requests =
            [
                await RestrictAsync(new { type = "restriction", contactId = id }),
                await RestrictAsync(new { type = "restriction", contactId = id }),
            ];
        if (newestFirst) Array.Reverse(requests);
        await LiftAsync(requests[0]);
        await desk.PutAsync(id, null, null, null, [first, later], "service:x", default);
        foreach (var address in new[] { first, later }) Assert.NotNull((await product.StateAsync(address))!.RestrictedSince);
        await LiftAsync(requests[1]);
        foreach (var address in new[] { first, later }) Assert.Null((await product.StateAsync(address))!.RestrictedSince);
        Assert.Null((await desk.GetAsync(id, default))!.Profile.RestrictedBy);
    }

    [Fact]
    public async Task R35_A_person_who_pressed_twice_lifts_both_at_once()
    {
        var mail = CoreProduct.Email("twice@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        foreach (var _ in new[] { 1, 2 }) await Desk.OpenByHolderAsync(PrivacyRight.Restriction, mail, default);
        Assert.Contains("name=\"lift\"", await ShownAsync(mail), StringComparison.Ordinal);
        await product.PressAsync(mail, ("lift", "yes"));
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Equal([true, true], (await RequestsAsync(mail)).Select(r => r.LiftedAt is not null));
    }

    [Fact]
    public async Task R35_A_person_whose_restriction_came_second_lifts_it_once_the_agent_has_lifted_the_first()
    {
        var mail = CoreProduct.Email("second@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var agents = await RestrictAsync(new { type = "restriction", email = mail.Value });
        await Desk.OpenByHolderAsync(PrivacyRight.Restriction, mail, default); // The page was open from before.
        Assert.DoesNotContain("name=\"lift\"", await ShownAsync(mail), StringComparison.Ordinal);
        await LiftAsync(agents);
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Contains("name=\"lift\"", await ShownAsync(mail), StringComparison.Ordinal);
        await product.PressAsync(mail, ("lift", "yes"));
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R35_What_is_restricted_anew_while_another_request_is_lifted_stays_restricted(bool account)
    {
        var (mail, id, contacts) = (
            CoreProduct.Email($"meanwhile.{account}@example.com"), "meanwhile-" + account,
            product.Get<ContactDesk>());
        await contacts.PutAsync(id, null, null, null, [mail], "service:x", default);
        object body = account ? new { type = "restriction", contactId = id } : new { type = "restriction", email = mail.Value };
        var (first, later) = (await RestrictAsync(body), "");
        await LiftedMeanwhileAsync(first, async () => later = await RestrictAsync(body));
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Equal(account ? later : null, (await contacts.GetAsync(id, default))!.Profile.RestrictedBy);
        await LiftAsync(later);
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Null((await contacts.GetAsync(id, default))!.Profile.RestrictedBy);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R35_Two_requests_that_are_lifted_at_the_same_moment_free_the_data(bool account)
    {
        var (mail, id, contacts) = (CoreProduct.Email($"same.{account}@example.com"), "same-" + account, product.Get<ContactDesk>());
        await contacts.PutAsync(id, null, null, null, [mail], "service:x", default);
        object body = account ? new { type = "restriction", contactId = id } : new { type = "restriction", email = mail.Value };
        string[] requests = [await RestrictAsync(body), await RestrictAsync(body)];
        await LiftedMeanwhileAsync(requests[0], () => LiftAsync(requests[1]));
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Null((await contacts.GetAsync(id, default))!.Profile.RestrictedBy);
        Assert.Equal("The restriction was lifted after notice.", (await Desk.FindAsync(requests[0], default))!.Outcome);
    }

    /// <summary>Lifts a request, and does something else once it has looked which others there are.</summary>
    private async Task LiftedMeanwhileAsync(string request, Func<Task> meanwhile)
    {
        using var store = new HookedStore(product.Get<ITableStore>());
        store.Before = async () =>
        {
            store.Before = null;
            await meanwhile();
        };
        var desk = ActivatorUtilities.CreateInstance<PrivacyDesk>(
            product.Services,
            ActivatorUtilities.CreateInstance<Restrictions>(
                product.Services, ActivatorUtilities.CreateInstance<AddressBook>(product.Services, store)));
        Assert.NotNull(await desk.LiftAsync((await Desk.FindAsync(request, default))!, "Told by letter.", "agent:x", default));
    }

    private PrivacyDesk Desk => product.Get<PrivacyDesk>();

    private async Task<IEnumerable<PrivacyRequest>> RequestsAsync(Address address) =>
        (await Desk.ListAsync(null, 1000, default)).Where(r => r.AddressKeys.Contains(product.Key(address).Value));

    private async Task<string> ShownAsync(Address address) => (await product.OpenAsync(product.PreferencesPath(address))).Text;

    private async Task<string> RestrictAsync(object body)
    {
        var opened = await product.PostAsync("/v1/privacy/requests", body);
        Assert.Equal(HttpStatusCode.Created, opened.Status);
        return opened["id"]!;
    }

    private async Task LiftAsync(string id) =>
        Assert.Equal(
            HttpStatusCode.OK, (await product.PostAsync($"/v1/privacy/requests/{id}/lift", new { notice = "Told by letter." })).Status);
}
