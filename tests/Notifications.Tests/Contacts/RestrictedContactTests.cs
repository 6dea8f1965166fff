using Notifications.Access;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Contacts;

/// <summary>A restricted account reads as restricted wherever it is told of (R35).</summary>
public sealed class RestrictedContactTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("active", "restricted")]
    [InlineData("disabled", "disabled")]
    public async Task R35_A_restricted_account_reads_so_at_its_address_and_in_the_persons_export(string before, string after)
    {
        var (id, mail) = ("r-" + before, CoreProduct.Email(before + "@example.com"));
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/" + id, new { addresses = new[] { new { email = mail.Value } } });
        if (before == "disabled") await product.PostAsync($"/v1/contacts/{id}/disable", "");
        await product.PostAsync("/v1/privacy/requests", new { type = "restriction", contactId = id });
        Assert.Equal(after, (await product.GetAsync("/v1/contacts/" + id))["status"]);
        var browser = await product.SignedInAsync("restricted-" + before, Scope.All);
        var page = (await browser.GetAsync("/console/people/" + product.Key(mail).Value)).Document;
        Assert.Contains($"{id} ({after})", page.Body!.TextContent, StringComparison.Ordinal);
        var access = await product.PostAsync("/v1/privacy/requests", new { type = "access", contactId = id });
        var export = (await product.GetAsync($"/v1/privacy/requests/{access["id"]}/export")).Json.GetProperty("contact");
        Assert.Equal(after, export.GetProperty("status").GetString());
    }

    [Fact]
    public async Task R35_An_address_that_is_restricted_alone_does_not_say_that_its_account_is()
    {
        var mail = CoreProduct.Email("alone@example.com");
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/alone", new { addresses = new[] { new { email = mail.Value } } });
        await product.PostAsync("/v1/privacy/requests", new { type = "restriction", email = mail.Value });
        var browser = await product.SignedInAsync("restricted-alone", Scope.All);
        var page = (await browser.GetAsync("/console/people/" + product.Key(mail).Value)).Document;
        Assert.Contains("alone (active)", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R35_An_account_that_comes_restricted_in_an_export_is_active_here_once_that_is_lifted()
    {
        var mail = CoreProduct.Email("ana@example.com");
        var there = new PackagesWorld();
        await there.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [mail], "service:x", default);
        await there.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Restriction, [mail], "c1", null, null, "agent:mia", default);
        var export = await there.Get<PersonExports>().ReadAsync([mail], "c1", default);
        var here = new PackagesWorld();
        var (desk, contacts) = (here.Get<PrivacyDesk>(), here.Get<ContactDesk>());
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        var request = Assert.Single(await desk.ListAsync(null, 10, default));
        Assert.Equal("Restricted", (await contacts.GetAsync("c1", default))!.Profile.ShownStatus.ToString());
        Assert.NotNull(await desk.LiftAsync(request, "Told by letter.", "agent:mia", default));
        Assert.Equal("Active", (await contacts.GetAsync("c1", default))!.Profile.ShownStatus.ToString());
    }
}
