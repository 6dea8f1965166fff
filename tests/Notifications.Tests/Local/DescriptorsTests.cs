using Notifications.Local;

namespace Notifications.Tests.Local;

public sealed class DescriptorsTests
{
    [Theory]
    [InlineData(512, 112)]
    [InlineData(1024, 624)]
    [InlineData(65536, 49152)]
    public void R69_Fewer_connections_are_held_than_the_system_lets_the_process_open(long limit, long connections) =>
        Assert.Equal(connections, Descriptors.MostConnections(limit));

    [Fact]
    public void R69_A_limit_that_the_runtime_would_end_at_is_refused_with_the_remedy()
    {
        Assert.Null(Descriptors.MostConnections(null));
        Assert.Contains(
            "ulimit -n", Assert.Throws<InvalidOperationException>(() => Descriptors.MostConnections(511)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             1024                 1024                 processes ", null)]
    public void The_limit_is_the_one_that_holds_now(string line, long? limit) =>
        Assert.Equal(limit, Descriptors.Limit(["Limit                     Soft Limit           Hard Limit           Units     ", line]));
}
