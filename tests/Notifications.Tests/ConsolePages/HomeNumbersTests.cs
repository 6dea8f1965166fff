using Notifications.Access;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>What Home says of its own numbers.</summary>
public sealed class HomeNumbersTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task Home_says_that_its_counts_miss_what_a_crash_cut_off_and_where_the_exact_ones_are()
    {
        var page = (await (await product.SignedInAsync("counts", Scope.Campaigns)).GetAsync("/console")).Document;
        Assert.Contains(
            "a process that dies takes the last three seconds of its counts along", page.Body!.TextContent, StringComparison.Ordinal);
    }
}
