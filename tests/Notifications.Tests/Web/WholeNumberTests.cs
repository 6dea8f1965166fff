using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>A whole number is what the API's description says it is (JSON Schema 2020-12, integer), and nothing else.</summary>
public sealed class WholeNumberTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("PATCH", "/v1/preferences", """{"age":@}""", "age", "must be a whole number of at most 2147483647")]
    [InlineData("POST", "/v1/campaigns/x1/launch", """{"confirm":@}""", "confirm", "must be a whole number")]
    [InlineData(
        "POST", "/v1/campaigns", """{"throttle":{"perHour":@}}""", "throttle.perHour", "must be a whole number of at most 2147483647")]
    public async Task A_number_in_quotes_or_with_a_part_is_refused_and_one_with_a_point_and_no_part_is_read(
        string method, string path, string body, string field, string problem)
    {
        Task<Reply> SendAsync(string number) =>
            product.SendAsync(new HttpMethod(method), path, body.Replace("@", number, StringComparison.Ordinal));
        foreach (var wrong in (string[])["\"17\"", "17.5", "1e400", "99999999999999999999", "true"])
        {
            var reply = await SendAsync(wrong);
            Assert.Equal(
                (wrong, HttpStatusCode.BadRequest, $"{field} {problem}."), (wrong, reply.Status, reply["detail"]));
        }

        foreach (var right in (string[])["17", "17.0", "1.7e1", "-0.0"])
            Assert.DoesNotContain("whole number", (await SendAsync(right)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R38_An_age_with_a_point_is_that_age() =>
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await product.PostAsync(
                "/v1/consents",
                """{"email":"young@example.com","topic":"surveys","action":"opt-in","source":"form","wording":"Yes.","age":17.0}""")).Status);
}
