using System.Net;
using System.Net.Http.Json;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Contacts;

/// <summary>Two systems that keep the same contact: neither takes back unseen what the other has written (RFC 9110 section 13).</summary>
public sealed class ContactPreconditionTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task M6_A_contact_is_changed_as_it_was_read_where_If_Match_says_so()
    {
        var made = await PutAsync("tagged", "Ana");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var read = (await product.GetAsync("/v1/contacts/tagged")).Headers.ETag!.Tag;
        Assert.Equal(read, made.Tag);

        var first = await PutAsync("tagged", "First", match: read); // In the same millisecond, by the fixture's clock.
        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.NotEqual(read, first.Tag);
        var late = await PutAsync("tagged", "Second", match: read);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.Status);
        Assert.Contains("contact-changed", late.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync("tagged", "Second", match: "\"none of ours\"")).Status);
        Assert.Equal("First", (await product.GetAsync("/v1/contacts/tagged"))["name"]);

        // Whatever else changes it makes it another.
        await product.PostAsync("/v1/contacts/tagged/disable", new { });
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync("tagged", "Second", match: first.Tag)).Status);
        foreach (var match in (string?[])[(await product.GetAsync("/v1/contacts/tagged")).Headers.ETag!.Tag, "*", null])
            Assert.Equal(HttpStatusCode.OK, (await PutAsync("tagged", "Second", match)).Status);
    }

    [Fact]
    public async Task M6_Under_If_None_Match_a_contact_is_created_and_never_changed_and_under_If_Match_never_created()
    {
        Assert.Equal(HttpStatusCode.Created, (await PutAsync("new", "Ana", noneMatch: "*")).Status);
        var there = await PutAsync("new", "Eve", noneMatch: "*");
        Assert.Equal(HttpStatusCode.PreconditionFailed, there.Status);
        Assert.Contains("contact-exists", there.Text, StringComparison.Ordinal);
        Assert.Equal("Ana", (await product.GetAsync("/v1/contacts/new"))["name"]);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync("other", "Eve", noneMatch: "\"7\"")).Status);

        foreach (var match in (string[])["*", "\"7\""])
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync("never", "Eve", match: match)).Status);
        foreach (var id in (string[])["other", "never"])
            Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/contacts/" + id)).Status);
    }

    private async Task<(HttpStatusCode Status, string? Tag, string Text)> PutAsync(
        string id, string name, string? match = null, string? noneMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/contacts/" + id) { Content = JsonContent.Create(new { name }) };
        if (match is not null) request.Headers.TryAddWithoutValidation("If-Match", match);
        if (noneMatch is not null) request.Headers.TryAddWithoutValidation("If-None-Match", noneMatch);
        using var answer = await product.Http.SendAsync(request);
        return (answer.StatusCode, answer.Headers.ETag?.Tag, await answer.Content.ReadAsStringAsync());
    }
}
