using Notifications.Packages;

namespace Notifications.Tests.Packages;

public class TrackingNumberTests
{
    [Theory]
    [InlineData("lx 123 456 785 cn", "LX123456785CN")]
    [InlineData("RR473124829GB", "RR473124829GB")]
    [InlineData("1Z-999AA10123456784", "1Z999AA10123456784")]
    [InlineData("JD0002", "JD0002")]
    public void A_number_is_normalised(string input, string expected)
    {
        Assert.True(TrackingNumber.TryParse(input, out var number, out var problem), problem);
        Assert.Equal(expected, number.Value);
    }

    [Fact]
    public void A_postal_number_with_a_wrong_check_digit_is_refused_and_the_digit_named()
    {
        Assert.False(TrackingNumber.TryParse("LX123456789CN", out _, out var problem));
        Assert.Contains("check digit 9", problem, StringComparison.Ordinal);
        Assert.Contains("calls for 5", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00000000", '5')] // 11 - 0
    [InlineData("12345678", '5')]
    [InlineData("47312482", '9')]
    [InlineData("00000005", '9')]
    [InlineData("00000008", '0')] // 11 - 56 % 11 = 10
    public void The_check_digit_is_that_of_UPU_S10(string serial, char expected) =>
        Assert.Equal(expected, TrackingNumber.CheckDigit(serial));

    [Theory]
    [InlineData(null)]
    [InlineData("abc")]
    [InlineData("12/34")]
    [InlineData("<script>")]
    [InlineData("12345678901234567890123456789012345678901")]
    public void What_cannot_be_a_number_is_refused(string? input) => Assert.False(TrackingNumber.TryParse(input, out _, out _));
}
