using System.Net;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

public sealed class RightsApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R35_A_restriction_blocks_every_send_survives_enabling_the_account_and_ends_only_with_notice()
    {
        const string email = "restrict@example.com";
        await product.OptInAsync(email, "newsletter");
        await product.PutAsync("restricted-1", new { addresses = new[] { new { email } } });
        var opened = await product.OpenRequestAsync(new { type = "restriction", contactId = "restricted-1" });
        Assert.Equal("processing-restricted", await product.ReasonAsync(email));
        await product.PostAsync("/v1/contacts/restricted-1/disable", new { });
        await product.PostAsync("/v1/contacts/restricted-1/enable", new { });
        Assert.Equal("processing-restricted", await product.ReasonAsync(email));
        var lift = $"/v1/privacy/requests/{opened["id"]}/lift";
        Assert.Equal(HttpStatusCode.BadRequest, (await product.PostAsync(lift, new { })).Status);
        Assert.Equal("processing-restricted", await product.ReasonAsync(email));
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync(lift, new { notice = "Letter of 24 November" })).Status);
        Assert.NotEqual("processing-restricted", await product.ReasonAsync(email));
    }

    [Fact]
    public async Task R36_An_objection_stops_all_marketing_and_leaves_the_service()
    {
        const string email = "object@example.com";
        foreach (var topic in new[] { "newsletter", "promotions", "package-updates" }) await product.OptInAsync(email, topic);
        await product.OpenRequestAsync(new { type = "objection", email });
        foreach (var topic in new[] { "newsletter", "promotions", "surveys" })
            Assert.Equal("unsubscribed", await product.ReasonAsync(email, topic));
        Assert.Equal("allowed", await product.ReasonAsync(email, "package-updates"));
    }

    [Fact]
    public async Task R33_A_changed_address_confirms_anew_and_sheds_no_opt_out()
    {
        const string email = "old.address@example.com";
        await product.OptInAsync(email, "newsletter");
        await product.OptInAsync(email, "package-updates");
        await product.DoAsync("/v1/consents", new { email, topic = "promotions", action = "opt-out", source = "phone" });
        await product.OpenRequestAsync(new { type = "rectification", email, newEmail = "new.address@example.com", locale = "de" });
        Assert.Equal("unconfirmed", await product.ReasonAsync("new.address@example.com"));
        Assert.Equal("unconfirmed", await product.ReasonAsync("new.address@example.com", "package-updates"));
        Assert.Equal("unsubscribed", await product.ReasonAsync("new.address@example.com", "promotions"));
        Assert.Equal("unsubscribed", await product.ReasonAsync(email));
    }

    [Fact]
    public async Task R33_A_rectification_may_leave_a_contact_without_a_name_and_beside_another_right_an_empty_one_says_nothing()
    {
        await product.PutAsync("unnamed-1", new { name = "Nora", addresses = new[] { new { email = "unnamed@example.com" } } });
        await product.OpenRequestAsync(new { type = "access", contactId = "unnamed-1", name = "" });
        await product.OpenRequestAsync(new { type = "rectification", contactId = "unnamed-1", locale = "de" });
        Assert.Equal("Nora", (await product.GetAsync("/v1/contacts/unnamed-1"))["name"]);
        await product.OpenRequestAsync(new { type = "rectification", contactId = "unnamed-1", name = " " });
        Assert.Null((await product.GetAsync("/v1/contacts/unnamed-1"))["name"]);
    }

    [Fact]
    public async Task R34_An_erased_person_stays_suppressed_by_API_opt_in_and_the_request_names_nobody()
    {
        const string email = "erase.me@example.com";
        await product.OptInAsync(email, "newsletter");
        var opened = await product.OpenRequestAsync(new { type = "erasure", email, note = "erase.me please" });
        Assert.Equal("completed", opened["status"]);
        Assert.DoesNotContain("erase.me", (await product.GetAsync("/v1/privacy/requests/" + opened["id"])).Text, StringComparison.Ordinal);
        var again = await product.PostAsync(
            "/v1/consents", new { email, topic = "newsletter", action = "opt-in", source = "form", wording = RightsOf.Words });
        Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:erased"), (again.Status, again["type"]));
        Assert.Equal("suppressed-erased", await product.ReasonAsync(email));
        Assert.True((await product.GetAsync("/v1/consents?email=" + email)).Json.GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task R28_An_opt_in_that_nobody_confirmed_is_purged_and_a_confirmed_one_stays()
    {
        const string waiting = "unconfirmed@example.com";
        await product.PostAsync(
            "/v1/consents", new { email = waiting, topic = "newsletter", action = "opt-in", source = "form", wording = RightsOf.Words });
        await product.OptInAsync("confirmed@example.com", "newsletter");
        Assert.Equal("unconfirmed", await product.ReasonAsync(waiting));
        var late = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(product.Time.GetUtcNow().AddDays(31));
        var tables = product.Get<ITableStore>();
        await new Retention(
            tables, new Notifications.Addresses.AddressBook(tables, late), new PrivacyOptions(), new WatchOptions(), new SendingOptions(),
            late).RunAsync(default);
        Assert.Equal("no-consent", await product.ReasonAsync(waiting));
        Assert.NotEqual("no-consent", await product.ReasonAsync("confirmed@example.com"));
    }
}
