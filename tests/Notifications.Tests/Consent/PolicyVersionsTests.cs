using Notifications.Consent;

namespace Notifications.Tests.Consent;

public sealed class PolicyVersionsTests
{
    [Theory]
    [InlineData("2026-01-01", "2026-02-01")]
    [InlineData("2026-9", "2026-10")]
    [InlineData("v9", "v10")]
    [InlineData("1.9.3", "1.10")]
    [InlineData("2026", "2026-01")]
    [InlineData("2026-1", "2026-01-02")]
    [InlineData(null, "0")]
    public void M15_The_older_version_comes_first(string? older, string newer)
    {
        Assert.True(PolicyVersions.Compare(older, newer) < 0);
        Assert.True(PolicyVersions.Compare(newer, older) > 0);
        Assert.Equal(0, PolicyVersions.Compare(newer, newer));
    }

    [Fact]
    public void M15_Zeros_in_front_make_no_other_version() => Assert.Equal(0, PolicyVersions.Compare("2026-01", "2026-1"));
}
