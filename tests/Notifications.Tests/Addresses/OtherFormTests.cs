using Notifications.Addresses;
using Notifications.Security;

namespace Notifications.Tests.Addresses;

/// <summary>Numbers of one phone that are written in several forms.</summary>
public sealed class OtherFormTests
{
    private static readonly KeyRing Ring = KeyRing.Parse(KeyRing.NewJson(), "test");

    [Theory]
    [InlineData("+541133334444", "+5491133334444")]
    [InlineData("+542966123456", "+5492966123456")]
    [InlineData("+551187654321", "+5511987654321")]
    [InlineData("+552165554433", "+5521965554433")]
    public void M4_P1_The_forms_of_a_number_are_one_address_with_one_key_and_each_keeps_how_it_was_written(string other, string one)
    {
        var (first, second) = (Of(other), Of(one));
        Assert.Equal((other, one), (first.Value, second.Value));
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
        Assert.Equal(Ring.KeyOf(first), Ring.KeyOf(second));
        foreach (var address in new[] { first, second })
        {
            Assert.Equal((one, other), (address.Known, address.OtherForm!.Value.Value));
            Assert.NotEqual(Ring.KeyOf(address), Ring.FormerKeyOf(address)); // Under which a build of before had the other form.
        }

        Assert.Equal(PhoneNumber.OneForm(one), one);
    }

    [Theory]
    [InlineData("+14155552671"), InlineData("+448081570000"), InlineData("+548001234567"), InlineData("+4915155550133")]
    [InlineData("+551133334444"), InlineData("+551178901234"), InlineData("+5511978901234")]
    public void M4_Most_have_none(string text)
    {
        Assert.Equal((text, null), (Of(text).Known, Of(text).OtherForm?.Value));
        Assert.Null(Ring.FormerKeyOf(Of(text)));
    }

    [Fact]
    public void R66_An_email_address_has_no_other_form_whatever_it_begins_with()
    {
        Assert.True(Address.TryParse(Channel.Email, "+541133334444@example.com", out var address, out _));
        Assert.Equal((address.Value, null), (address.Known, address.OtherForm));
        Assert.NotEqual(new Address(Channel.Email, "+541133334444"), new Address(Channel.Email, "+5491133334444"));
    }

    [Theory]
    [InlineData("+5215511111111", "+525511111111"), InlineData("+52 1 449 978 0001", "+524499780001"), InlineData("005215511111111", "+525511111111")]
    public void M4_A_Mexican_number_with_the_1_that_was_dropped_is_the_one_without(string text, string expected)
    {
        Assert.True(PhoneNumber.TryParse(text, out var number, out var problem), problem);
        Assert.Equal((expected, "MX"), (number.Value, number.Region));
        Assert.Equal("+521" + expected[3..], Of(text).OtherForm!.Value.Value);
        Assert.Equal(Of(text), new Address(Channel.Sms, "+521" + expected[3..])); // As a build of before stored it.
    }

    private static Address Of(string text)
    {
        Assert.True(Address.TryParse(Channel.Sms, text, out var address, out var problem), problem);
        return address;
    }
}
