using CsCheck;
using Notifications.Addresses;

namespace Notifications.Tests.Addresses;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("User@EXAMPLE.com", "user@example.com")]
    [InlineData("  ana@example.com\n", "ana@example.com")]
    [InlineData("ana+parcels@example.com", "ana+parcels@example.com")]
    [InlineData("ana@bücher.example", "ana@xn--bcher-kva.example")]
    [InlineData("ana@BÜCHER.example", "ana@xn--bcher-kva.example")]
    [InlineData("ana@例え。テスト", "ana@xn--r8jz45g.xn--zckzah")]
    [InlineData("o'neil_{x}@sub.example.co.uk", "o'neil_{x}@sub.example.co.uk")]
    [InlineData("a@b.xn--p1ai", "a@b.xn--p1ai")]
    public void R66_Spellings_of_one_mailbox_are_one_address(string input, string expected)
    {
        Assert.True(EmailAddress.TryParse(input, out var address, out var problem), problem);
        Assert.Equal(expected, address.Value);
        Assert.Equal("", problem);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("ana")]
    [InlineData("ana@")]
    [InlineData("@example.com")]
    [InlineData("ana@example")]
    [InlineData("ana@example.c")]
    [InlineData("ana@example.com.")]
    [InlineData("ana@.example.com")]
    [InlineData("ana@exa mple.com")]
    [InlineData("ana@exa_mple.com")]
    [InlineData("ana@127.0.0.1")]
    [InlineData("ana@[127.0.0.1]")]
    [InlineData(".ana@example.com")]
    [InlineData("ana.@example.com")]
    [InlineData("a..na@example.com")]
    [InlineData("\"ana\"@example.com")]
    [InlineData("ana maria@example.com")]
    [InlineData("ana@one@example.com")]
    [InlineData("ana@example.com\r\nBcc: eve@example.com")]
    [InlineData("ana\r\n@example.com")]
    [InlineData("änä@example.com")]
    [InlineData("ana@-example.com")]
    [InlineData("ana@example-.com")]
    public void What_is_not_one_mailbox_is_refused_with_a_remedy_that_repeats_nothing(string? input)
    {
        Assert.False(EmailAddress.TryParse(input, out _, out var problem));
        Assert.StartsWith("must ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("eve", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jörg@example.com")]
    [InlineData("анна@example.com")]
    [InlineData("用户@example.com")]
    public void R66_A_mailbox_with_other_letters_is_told_that_those_are_what_is_not_supported(string input)
    {
        Assert.False(EmailAddress.TryParse(input, out _, out var problem));
        Assert.Contains("RFC 6531", problem, StringComparison.Ordinal);
        Assert.False(EmailAddress.TryParse("jorg.@example.com", out _, out problem));
        Assert.DoesNotContain("RFC 6531", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_are_those_of_RFC_5321()
    {
        var label = new string('d', 61);
        Assert.True(EmailAddress.TryParse(new string('a', 64) + "@example.com", out _, out _));
        Assert.False(EmailAddress.TryParse(new string('a', 65) + "@example.com", out _, out _));
        var domain = $"{label}.{label}.{label}";
        Assert.True(EmailAddress.TryParse(new string('a', 64) + "@" + domain + ".co", out var longest, out _));
        Assert.Equal(253, longest.Value.Length);
        Assert.True(EmailAddress.TryParse(new string('a', 64) + "@" + domain + ".com", out _, out _));
        Assert.False(EmailAddress.TryParse(new string('a', 64) + "@" + domain + ".come", out _, out _));
        Assert.False(EmailAddress.TryParse("a@" + new string('d', 64) + ".com", out _, out _));
    }

    [Fact]
    public void R66_Normalising_twice_is_normalising_once_and_no_text_makes_it_throw()
    {
        var part = Gen.OneOf(
            Gen.String[Gen.Char.AlphaNumeric, 1, 12], Gen.String[Gen.Char, 0, 6],
            Gen.OneOf("xn--", "-", ".", "ü", "ß", "İ", "\u200d", "。", "xn--bcher-kva", "\ud800", "🙂", "_", "xn--a"));
        var local = part.Array[1, 3].Select(string.Concat);
        var domain = part.Array[1, 4].Select(p => string.Join('.', p));
        Gen.OneOf(Gen.Select(local, domain, (l, d) => l + "@" + d), Gen.String).Sample(
            text =>
            {
                if (!EmailAddress.TryParse(text, out var once, out _)) return;
                Assert.True(EmailAddress.TryParse(once.Value, out var twice, out var problem), $"{once.Value}: {problem}");
                Assert.Equal(once, twice);
                Assert.True(once.Value.Length <= 254);
                Assert.DoesNotContain(once.Value, c => c is <= ' ' or >= '\u007f');
            },
            iter: 20_000);
    }
}
