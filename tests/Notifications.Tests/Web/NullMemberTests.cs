using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>
/// Many a client writes null for what it leaves out. The API took that for as good as nothing in most bodies, but not within a filter, nor
/// within evidence.
/// </summary>
public sealed class NullMemberTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("/v1/segments", """{"name":"nulls","filter":{"locale":["de"],"country":null,"not":null,"all":null,"watching":null}}""")]
    [InlineData(
        "/v1/audiences/count",
        """{"topic":"promotions","channel":"email","list":null,"segment":{"any":[{"tag":"vip","engagedSince":null}]},"exclude":{"segment":null,"list":null}}""")]
    [InlineData(
        "/v1/campaigns",
        """{"name":"Nulls","topic":"promotions","channel":"email","template":"promotions","audience":null,"subject":null,"data":null,"schedule":null,"throttle":null,"subjectTest":null}""")]
    [InlineData(
        "/v1/messages",
        """{"topic":"newsletter","to":{"email":"nulls@example.com","phone":null,"contactId":null},"channel":null,"template":null,"data":null,"content":null,"trackingNumber":null,"sendAt":null,"expiresAt":null,"locale":null}""")]
    [InlineData(
        "/v1/consents",
        """{"email":"nulls@example.com","phone":null,"topic":"newsletter","action":"opt-in","source":"form","policyVersion":"1","wording":"Yes.","channel":null,"locale":null,"evidence":{"confirmed":true,"ip":null,"userAgent":null,"url":null,"at":null,"age":null,"birthDate":null}}""")]
    [InlineData(
        "/v1/consents",
        """{"email":"nulls2@example.com","topic":"newsletter","action":"opt-in","source":"form","policyVersion":"1","wording":"Yes.","evidence":{"confirmed":null}}""")]
    [InlineData(
        "/v1/packages/NULLS123/watches",
        """{"email":"nulls@example.com","phone":null,"statuses":null,"digest":null,"locale":null,"source":"shop","evidence":null,"age":null,"birthDate":null}""")]
    [InlineData(
        "/v1/packages/NULLS123/events",
        """{"id":"n1","status":"InTransit","subStatus":null,"description":null,"location":null,"occurredAt":null,"carrier":null}""")]
    public async Task A_null_is_as_good_as_nothing(string path, string body)
    {
        var reply = await product.PostAsync(path, body);
        Assert.True((int)reply.Status is >= 200 and < 300, reply.Text);
    }

    [Fact]
    public async Task A_filter_of_nulls_alone_is_no_filter_and_an_unknown_member_stays_unknown()
    {
        foreach (var (filter, field) in ((string, string)[])[
            ("""{"tag":null}""", "filter"), ("""{"not":{"tag":null}}""", "filter.not"), ("""{"lcoale":null}""", "filter.lcoale")])
        {
            var reply = await product.PostAsync("/v1/segments", $$"""{"name":"none","filter":{{filter}}}""");
            Assert.Equal((HttpStatusCode.BadRequest, field), (reply.Status, string.Join(' ', reply.Fields)));
        }
    }
}
