using System.Globalization;
using Notifications.Addresses;

namespace Notifications.Tests.Addresses;

/// <summary>What people type, paste and export where a phone number belongs.</summary>
public sealed class TypedNumberTests
{
    [Theory]
    [InlineData("+44 7400 12345O", "O")]
    [InlineData("+49 171 123456b", "b")]
    [InlineData("+4917I1234567", "I")]
    [InlineData("+49-171-1234567xyz", "x")]
    [InlineData("+49 171 123458 Anna", "A")]
    [InlineData("+1 800 FLOWERS", "F")]
    [InlineData("+1 415 555 2671 x5", "x")]
    [InlineData("+14155552671 ext. 5", "e")]
    [InlineData("+7 916 123-45-6О", "О")]
    [InlineData("００44 7400 12345Ｏ", "Ｏ")]
    [InlineData("Tel.: +49 171 1234567", "T")]
    [InlineData("tel:+14155552671;ext=5", "e")]
    [InlineData("+14155552671𝐎", "𝐎")]
    public void M4_P6_A_letter_in_a_number_is_refused_by_its_name_and_is_neither_passed_over_nor_a_key_of_the_dial(
        string input, string letter)
    {
        Assert.False(PhoneNumber.TryParse(input, out _, out var problem));
        Assert.Equal($"must be one phone number in international form such as +14155552671, without the letter {letter}", problem);
    }

    [Fact]
    public void M4_P6_No_letter_at_any_place_of_a_number_makes_another_number()
    {
        const string number = "+447400123456";
        foreach (var letter in "oOlIxXbzSäОоοﻩ")
        {
            for (var i = 0; i <= number.Length; i++)
            {
                Assert.False(PhoneNumber.TryParse(number.Insert(i, letter.ToString(CultureInfo.InvariantCulture)), out _, out _));
                if (i < number.Length) Assert.False(PhoneNumber.TryParse($"{number[..i]}{letter}{number[(i + 1)..]}", out _, out _));
            }
        }
    }

    [Theory]
    [InlineData("(+44) 7400 123468", "+447400123468")]
    [InlineData("+44 (0)7400 123468", "+447400123468")]
    [InlineData("[0044] 7400 123468", "+447400123468")]
    [InlineData("\u202A+44 7400 123468\u202C", "+447400123468")]
    [InlineData("\u200E+44 7400 123468", "+447400123468")]
    [InlineData("\u2066+44 7400 123468\u2069", "+447400123468")]
    [InlineData("\u202D+44 7400 123468\u202C", "+447400123468")]
    [InlineData("\uFEFF+44\u00A07400\u202F123\u200B468", "+447400123468")]
    [InlineData("+966 50 123 4567", "+966501234567")]
    [InlineData("+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧", "+966501234567")]
    [InlineData("٠٠٩٦٦٥٠١٢٣٤٥٦٧", "+966501234567")]
    [InlineData("۰۰۹۸۹۱۲۳۴۵۶۷۸۹", "+989123456789")]
    [InlineData("＋４４　７４００　１２３４６８", "+447400123468")]
    [InlineData("００４４７４００１２３４６８", "+447400123468")]
    [InlineData("+44-7400‐123‑468", "+447400123468")]
    [InlineData("+44–7400—123−468", "+447400123468")]
    [InlineData("＋８１ー９０ー１２３４－５６７８", "+819012345678")]
    [InlineData("+49.171.1234567", "+491711234567")]
    [InlineData("+49 171/1234567", "+491711234567")]
    [InlineData("tel:+44-7400-123468", "+447400123468")]
    [InlineData("TEL: +44 7400 123468", "+447400123468")]
    [InlineData("\t+44\t7400 123468 ", "+447400123468")]
    public void M4_A_number_is_taken_alike_in_whatever_digits_marks_and_marks_of_direction_it_is_written(string input, string expected)
    {
        Assert.True(PhoneNumber.TryParse(input, out var phone, out var problem), problem);
        Assert.Equal(expected, phone.Value);
        Assert.Equal(Channel.Sms, Address.ChannelOf(input));
    }

    [Theory]
    [InlineData("+44 7400\n123468")]
    [InlineData("+44 7400 123468, 123469")]
    [InlineData("+44 7400 123468 +44 7400 123469")]
    [InlineData("+44 7400 123468 / +44 7400 123469")]
    [InlineData("+44 7400 12346#")]
    [InlineData("+44 7400 12346*")]
    [InlineData("+44 7400 12346?")]
    [InlineData("+44 7400 12346½")]
    [InlineData("+44 7400 12346⑧")]
    [InlineData("\u202E864321 0047 44+")]
    [InlineData("7400 123468")]
    [InlineData("(07400) 123468")]
    [InlineData("()")]
    [InlineData("tel:")]
    [InlineData("+447400123468447400123468")]
    public void M4_What_a_number_does_not_hold_is_not_passed_over(string input)
    {
        Assert.False(PhoneNumber.TryParse(input, out _, out var problem));
        Assert.Equal("must be one phone number in international form such as +14155552671", problem);
    }

    [Theory]
    [InlineData("ana@example.com", Channel.Email)]
    [InlineData("+ana@example.com", Channel.Email)]
    [InlineData("4711@example.com", Channel.Email)]
    [InlineData("ana", Channel.Email)]
    [InlineData("", Channel.Email)]
    [InlineData("\u200F٠٠٩٦٦", Channel.Sms)]
    [InlineData("(+44", Channel.Sms)]
    public void What_a_text_means_to_be_is_told_by_how_it_begins(string text, Channel channel) =>
        Assert.Equal(channel, Address.ChannelOf(text));
}
