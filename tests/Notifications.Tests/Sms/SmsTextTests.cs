using Notifications.Sms;

namespace Notifications.Tests.Sms;

/// <summary>The forms that texts are compared in (R40), and the languages that pleas are read in (R41, R55).</summary>
public sealed class SmsTextTests
{
    [Theory]
    [InlineData("don’t STOP, it!", ". dont stop . it .")]
    [InlineData("really? qué؟ ¿no", ". really ? que ? no .")]
    [InlineData("a.b,c!d;e:f\ng…h،i。j、k", ". a . b . c . d . e . f . g . h . i . j . k .")]
    [InlineData("opt-out (now)", ". opt out now .")]
    [InlineData("wait... stop", ". wait . stop .")]
    [InlineData("", ".")]
    public void R41_Words_stand_apart_and_clauses_end_where_they_are_written_to(string text, string words) =>
        Assert.Equal(words, string.Join(' ', SmsText.Words(text)));

    [Fact]
    public void R40_A_long_text_is_read_to_its_four_thousandth_character_and_no_character_is_cut_in_two()
    {
        var a = new string('a', 3_998);
        Assert.Equal(a + "bc", SmsText.Cut(a + "bc"));
        Assert.Equal(a + "bc", SmsText.Cut(a + "bcd"));
        Assert.Equal(a + "b", SmsText.Cut(a + "b😀"));
        Assert.Equal(a + "😀", SmsText.Cut(a + "😀d"));
    }

    [Fact]
    public void R41_A_text_of_more_than_two_hundred_characters_is_no_keyword()
    {
        Assert.Equal(SmsIntent.Help, SmsKeyword.Read("HELP" + new string('!', 196)).Intent);
        Assert.Equal(SmsIntent.None, SmsKeyword.Read("HELP" + new string('!', 197)).Intent);
    }

    [Theory]
    [InlineData("别再发了", "zh-Hans")]
    [InlineData("請勿再傳簡訊", "zh-Hant")]
    [InlineData("別再傳了", "zh-Hant")]
    [InlineData("停止傳送", "zh-Hant")]
    [InlineData("打錯了", "zh-Hant")]
    [InlineData("打错了", "zh-Hans")]
    [InlineData("打錯電話", "zh-Hant")]
    [InlineData("沒興趣", "zh-Hant")]
    [InlineData("没兴趣", "zh-Hans")]
    [InlineData("送るのをやめてください", "ja")]
    [InlineData("문자 그만 보내세요", "ko")]
    [InlineData("hört auf mir zu schreiben", "de")]
    public void R41_R55_A_plea_is_answered_in_its_language_and_its_script(string text, string language) =>
        Assert.Equal(new SmsReading(SmsIntent.Stop, language), SmsKeyword.Read(text));

    [Theory]
    [InlineData("please don’t stop stop")]
    [InlineData("配信やめないで停止")]
    public void R41_What_only_looks_like_a_plea_does_not_let_its_neighbours_meet(string text) =>
        Assert.Equal(SmsIntent.Unsure, SmsKeyword.Read(text).Intent);

    [Fact]
    public void R56_Half_a_surrogate_pair_is_one_unit_wherever_it_stands()
    {
        Assert.Equal((2, 1), SmsSegments.Count("я\ud83d") is var cut ? (cut.Units, cut.Segments) : default);
        var low = SmsSegments.Count(new string('я', 67) + "\ude00" + new string('я', 66));
        Assert.Equal((134, 2), (low.Units, low.Segments));
    }
}
