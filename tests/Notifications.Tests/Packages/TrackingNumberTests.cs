using Notifications.Packages;

namespace Notifications.Tests.Packages;

public class TrackingNumberTests
{
    [Theory]
    [InlineData("lx 123 456 785 cn", "LX123456785CN")]
    [InlineData("RR473124829GB", "RR473124829GB")]
    [InlineData("1Z-999AA10123456784", "1Z999AA10123456784")]
    [InlineData("JD0002", "JD0002")]
    [InlineData("12345678901234567890123456789012345678901234567890", "12345678901234567890123456789012345678901234567890")]
    public void A_number_is_normalised(string input, string expected)
    {
        Assert.True(TrackingNumber.TryParse(input, out var number, out var problem), problem);
        Assert.Equal(expected, number.Value);
    }

    [Theory]
    [InlineData("LX123456789CN")]
    [InlineData("RB123456780CN")]
    public void M1_A_number_with_another_check_digit_than_that_of_S10_is_taken_for_carriers_give_out_such(string input)
    {
        Assert.True(TrackingNumber.TryParse(input, out var number, out var problem), problem);
        Assert.Equal(input, number.Value);
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
    [InlineData("123456789012345678901234567890123456789012345678901")]
    public void What_cannot_be_a_number_is_refused(string? input) => Assert.False(TrackingNumber.TryParse(input, out _, out _));
}
