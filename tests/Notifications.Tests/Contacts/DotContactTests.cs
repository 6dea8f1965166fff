using System.Net;
using Notifications.Access;
using Notifications.Contacts;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Privacy;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Contacts;

/// <summary>Earlier versions took <c>.</c> and <c>..</c> for a contact's id, and no path leads to what has that name.</summary>
public sealed class DotContactTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task M9_Who_has_a_dot_or_two_for_an_id_is_reached_restricted_and_erased_by_a_request_about_it(string id)
    {
        var mail = CoreProduct.Email($"dot{id.Length}@example.com");
        var desk = product.Get<ContactDesk>();
        await desk.PutAsync(id, "Dot", null, null, [mail], "service:test", default);
        foreach (var path in (string[])[id, "%2E", "%2E%2E", "%252E"])
            Assert.NotEqual(HttpStatusCode.OK, (await product.GetAsync("/v1/contacts/" + path)).Status);

        var access = await product.OpenRequestAsync(new { type = "access", contactId = id });
        var export = (await product.GetAsync(access["exportUrl"]!)).Json;
        Assert.Equal(
            (id, "Dot", mail.Value),
            (export.GetProperty("contact").GetProperty("id").GetString(), export.GetProperty("contact").GetProperty("name").GetString(),
                export.GetProperty("addresses")[0].GetProperty("address").GetString()));
        var console = await product.SignedInAsync("olga" + id.Length, Scope.All);
        var objected = await console.PostAsync("/console/requests", ("type", "objection"), ("who", id));
        Assert.NotNull((await desk.GetAsync(id, default))!.Profile.ObjectedAt);
        Assert.Equal(HttpStatusCode.SeeOther, objected.Status);

        Assert.Equal("completed", (await product.OpenRequestAsync(new { type = "erasure", contactId = id }))["status"]);
        Assert.Null(await desk.GetAsync(id, default));

        // None is made anew.
        var gone = await product.PostAsync("/v1/privacy/requests", new { type = "access", contactId = id });
        Assert.Equal(HttpStatusCode.NotFound, gone.Status);
        Assert.False(ContactId.IsValid(id));
    }
}
