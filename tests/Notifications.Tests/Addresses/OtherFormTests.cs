using Notifications.Addresses;

namespace Notifications.Tests.Addresses;

/// <summary>Numbers of one phone that are written in several forms.</summary>
public sealed class OtherFormTests
{
    [Theory]
    [InlineData("+541133334444", "+5491133334444")]
    [InlineData("+542966123456", "+5492966123456")]
    [InlineData("+551187654321", "+5511987654321")]
    [InlineData("+552165554433", "+5521965554433")]
    public void M4_A_number_with_another_form_says_it_and_that_one_says_this(string one, string other)
    {
        Assert.Equal([other], Parse(one).OtherForms().Select(n => n.Value));
        Assert.Equal([one], Parse(other).OtherForms().Select(n => n.Value));
        var address = Address.Of(Parse(one));
        Assert.Equal([address, Address.Of(Parse(other))], address.Forms());
    }

    [Theory]
    [InlineData("+14155552671"), InlineData("+525511111111"), InlineData("+448081570000"), InlineData("+548001234567")]
    [InlineData("+551133334444"), InlineData("+551178901234"), InlineData("+5511978901234"), InlineData("+4915155550133")]
    public void M4_Most_have_none(string text) => Assert.Empty(Parse(text).OtherForms());

    [Theory]
    [InlineData("+5215511111111", "+525511111111"), InlineData("+52 1 449 978 0001", "+524499780001"), InlineData("005215511111111", "+525511111111")]
    public void M4_A_Mexican_number_with_the_1_that_was_dropped_is_the_one_without(string text, string expected) =>
        Assert.Equal((expected, "MX"), (Parse(text).Value, Parse(text).Region));

    private static PhoneNumber Parse(string text)
    {
        Assert.True(PhoneNumber.TryParse(text, out var number, out var problem), problem);
        return number;
    }
}
