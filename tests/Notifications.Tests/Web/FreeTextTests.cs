namespace Notifications.Tests.Web;

public class FreeTextTests
{
    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab😀", 4, "ab😀")]
    [InlineData("ab😀", 3, "ab")] // Half a pair would be U+FFFD to whoever reads it.
    [InlineData("ab😀c", 4, "ab😀")]
    [InlineData("😀", 1, "")]
    [InlineData("", 3, "")]
    [InlineData(null, 3, null)]
    public void A_text_is_cut_at_a_length_and_never_within_a_surrogate_pair(string? text, int max, string? expected) =>
        Assert.Equal(expected, FreeText.Cut(text, max));
}
