using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>Why is asked in one way: of two, one was passed over, and its answer read as that of the other.</summary>
public sealed class ExplainedAloneTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("messageId=~&topic=newsletter", "topic")]
    [InlineData("messageId=~&campaign=0123456789abcdef", "campaign")]
    [InlineData("messageId=~&at=2026-11-24T10:00:00Z", "at")]
    [InlineData("messageId=~&topic=zz&campaign=zz&at=2020-01-01T00:00:00Z", "campaign topic at")]
    [InlineData("email=alone@example.com&campaign=0123456789abcdef&topic=newsletter", "topic")]
    [InlineData("email=alone@example.com&campaign=0123456789abcdef&at=2026-11-24T10:00:00Z", "at")]
    [InlineData("messageId=~", "")]
    [InlineData("email=alone@example.com&messageId=~", "")]
    [InlineData("email=alone@example.com&topic=newsletter&at=2026-11-24T10:00:00Z", "")]
    public async Task P2_What_would_be_passed_over_beside_another_question_is_refused(string query, string fields)
    {
        var sent = await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email = "alone@example.com" } });
        await product.WorkAsync();
        var reply = await product.GetAsync("/v1/explain?" + query.Replace("~", sent["id"], StringComparison.Ordinal));
        Assert.Equal(
            (fields.Length == 0 ? HttpStatusCode.OK : HttpStatusCode.BadRequest, fields), (reply.Status, string.Join(' ', reply.Fields)));
    }
}
