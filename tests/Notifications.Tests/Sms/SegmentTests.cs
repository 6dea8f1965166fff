using CsCheck;
using Notifications.Sms;

namespace Notifications.Tests.Sms;

public sealed class SegmentTests
{
    [Theory]
    [InlineData(0, 0), InlineData(1, 1), InlineData(160, 1), InlineData(161, 2), InlineData(306, 2), InlineData(307, 3)]
    public void R56_Plain_letters_fill_160_once_and_153_each(int letters, int segments)
    {
        var counted = SmsSegments.Count(new string('a', letters));
        Assert.Equal((SmsEncoding.Gsm7, segments, letters), (counted.Encoding, counted.Segments, counted.Units));
        Assert.Empty(counted.Forcing);
    }

    [Theory]
    [InlineData(70, 1), InlineData(71, 2), InlineData(134, 2), InlineData(135, 3)]
    public void R56_Other_scripts_fill_70_once_and_67_each(int letters, int segments)
    {
        var counted = SmsSegments.Count(new string('я', letters));
        Assert.Equal((SmsEncoding.Ucs2, segments), (counted.Encoding, counted.Segments));
        Assert.Equal(["я"], counted.Forcing);
    }

    [Fact]
    public void R56_The_escaped_characters_cost_two_and_are_not_split()
    {
        foreach (var c in "^{}\\[~]|€")
            Assert.Equal((SmsEncoding.Gsm7, 2), (SmsSegments.Count(c.ToString()).Encoding, SmsSegments.Count(c.ToString()).Units));
        Assert.Equal(2, SmsSegments.Count(new string('a', 159) + "€").Segments);
        Assert.Equal(1, SmsSegments.Count(new string('a', 158) + "€").Segments);

        // 152 + an escaped one does not fit 153: one unit of the first segment stays empty, so 152 + 2 + 152 needs a third.
        Assert.Equal(3, SmsSegments.Count(new string('a', 152) + "€" + new string('a', 152)).Segments);
        Assert.Equal(2, SmsSegments.Count(new string('a', 152) + "€" + new string('a', 151)).Segments);
    }

    [Fact]
    public void R56_A_surrogate_pair_is_not_split_and_is_named_once()
    {
        var counted = SmsSegments.Count(new string('я', 66) + "😀" + new string('я', 66));
        Assert.Equal((134, 3), (counted.Units, counted.Segments));
        Assert.Equal(["я", "😀"], counted.Forcing);
        Assert.Equal(1, SmsSegments.Count(string.Concat(Enumerable.Repeat("😀", 35))).Segments);
        Assert.Equal(2, SmsSegments.Count(string.Concat(Enumerable.Repeat("😀", 36))).Segments);
    }

    [Fact]
    public void R56_A_text_that_would_switch_names_what_forces_it() =>
        Assert.Equal(["’", "…"], SmsSegments.Count("It’s here… it’s yours").Forcing);

    [Fact]
    public void R56_Any_text_is_counted_within_its_bounds() =>
        Gen.String[Gen.Char, 0, 700].Sample(text =>
        {
            var counted = SmsSegments.Count(text);
            var several = counted.Encoding == SmsEncoding.Gsm7 ? 153 : 67;
            Assert.True(counted.Units >= text.Length && counted.Segments <= counted.Units);
            Assert.True(counted.Segments * several >= counted.Units || counted.Segments <= 1);
            Assert.Equal(text.Length == 0, counted.Segments == 0);
        });
}
