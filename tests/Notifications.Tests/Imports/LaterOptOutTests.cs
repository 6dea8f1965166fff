using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Imports;

/// <summary>A file that says stop more than once, in the words of one source.</summary>
public sealed class LaterOptOutTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("crm")]
    [InlineData("shop")]
    public async Task P6_R26_An_opt_out_counts_from_its_last_time_also_where_the_same_source_had_ended_a_consent_before(string last)
    {
        var email = $"last.{last}@example.com";
        string Row(string status, string at, string source = "crm") =>
            $"{email},,newsletter,email,{status},{source},2026-01,Send me the newsletter.,{at}T10:00:00Z,203.0.113.7,,,,\n";
        var import = await product.ImportAsync(
            ImportWorld.Header
            + Row("subscribed", "2026-01-10") + Row("unsubscribed", "2026-03-10") + Row("unsubscribed", "2026-06-10", last)
            + Row("subscribed", "2026-04-10"));
        Assert.Equal((4, 3, 1, 2), import.Counts());
        Assert.Equal("5,at,\"is not after the opt-out on record, which stands\"", Assert.Single(await product.ErrorsAsync(import)));
        Assert.Equal("unsubscribed", await product.StatusAsync(email));
    }
}
