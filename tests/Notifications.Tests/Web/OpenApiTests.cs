using System.Text.Json;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

/// <summary>What the OpenAPI document says of a request is what the server does with it.</summary>
public sealed class OpenApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("/v1/campaigns/{id}/launch", "post", false)]
    [InlineData("/v1/campaigns/{id}/pause", "post", false)]
    [InlineData("/v1/campaigns/{id}/schedule", "post", false)]
    [InlineData("/v1/campaigns/{id}/test", "post", true)]
    [InlineData("/v1/contacts/{id}/disable", "post", false)]
    [InlineData("/v1/contacts/{id}/enable", "post", false)]
    [InlineData("/v1/templates/{id}/preview", "post", true)]
    [InlineData("/v1/packages/{number}/watches", "delete", false)]
    [InlineData("/v1/messages", "post", true)]
    public async Task A_body_is_required_where_it_cannot_be_left_out(string path, string method, bool required) =>
        Assert.Equal(required, (await OperationAsync(path, method)).GetProperty("requestBody").TryGetProperty("required", out var said) && said.GetBoolean());

    [Theory]
    [InlineData("put")]
    [InlineData("delete")]
    public async Task The_header_without_which_a_template_cannot_be_changed_is_described(string method)
    {
        var header = Assert.Single((await OperationAsync("/v1/templates/{id}", method)).GetProperty("parameters").EnumerateArray(), p => p.GetProperty("in").GetString() == "header");
        Assert.Equal(("If-Match", true), (header.GetProperty("name").GetString(), header.GetProperty("required").GetBoolean()));
    }

    [Theory]
    [InlineData("/v1/templates", "post", "201")]
    [InlineData("/v1/templates/{id}", "get", "200")]
    [InlineData("/v1/templates/{id}", "put", "200")]
    public async Task The_ETag_that_the_next_change_needs_is_described(string path, string method, string status) =>
        Assert.True((await OperationAsync(path, method)).GetProperty("responses").GetProperty(status).GetProperty("headers").TryGetProperty("ETag", out _));

    [Theory]
    [InlineData("/v1/campaigns/{id}/recipients", "text/csv")]
    [InlineData("/v1/privacy/requests/{id}/export", "text/html")]
    public async Task An_answer_in_two_media_types_is_described_in_both(string path, string other) =>
        Assert.Equal(new[] { "application/json", other }, (await OperationAsync(path, "get")).GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(c => c.Name).Order());

    [Fact]
    public async Task A_request_that_is_refused_with_an_unknown_member_does_not_declare_that_it_may_have_one()
    {
        var document = (await product.GetAsync("/openapi/v1.json")).Json;
        var bodies = product.Routes.Select(r => r.Metadata.GetMetadata<ApiDoc>()?.Request).OfType<Type>().Where(t => t != typeof(Notifications.Privacy.PersonExport)).Distinct().ToList(); // An export is an answer first.
        Assert.True(bodies.Count > 20);
        foreach (var body in bodies)
            Assert.False(document.GetProperty("components").GetProperty("schemas").GetProperty(body.Name).GetProperty("additionalProperties").GetBoolean(), body.Name);
    }

    private async Task<JsonElement> OperationAsync(string path, string method) => (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").GetProperty(path).GetProperty(method);
}
