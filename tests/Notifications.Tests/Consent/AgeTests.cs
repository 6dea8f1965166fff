using Notifications.Consent;

namespace Notifications.Tests.Consent;

/// <summary>Who is too young (M11, R38).</summary>
public sealed class AgeTests
{
    [Theory]
    [InlineData("0", true)]
    [InlineData("17.5", true)]
    [InlineData("18", false)]
    [InlineData("150", false)]
    [InlineData("150.5", null)]
    [InlineData("-1", null)]
    [InlineData("NaN", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void M11_An_age_is_0_to_150_years_and_under_18_is_too_young(string? years, bool? under) =>
        Assert.Equal(under, Age.IsUnder(years));

    [Theory]
    [InlineData("2008-03-02", false)] // Eighteen today, everywhere from noon UTC on.
    [InlineData("2008-03-03", true)]
    [InlineData("1870-01-01", false)]
    [InlineData("1869-12-31", null)]
    [InlineData("2008-02-30", null)]
    [InlineData("2008-3-2", null)]
    [InlineData("2030-01-01", true)]
    public void M11_Whoever_is_born_later_than_eighteen_years_ago_is_too_young(string born, bool? under) =>
        Assert.Equal(under, Age.IsUnder(born, new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void M11_Where_it_is_still_the_day_before_somewhere_nobody_is_eighteen_yet() =>
        Assert.True(Age.IsUnder("2008-03-02", new DateTimeOffset(2026, 3, 2, 11, 59, 0, TimeSpan.Zero)));
}
