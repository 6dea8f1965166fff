using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Security;

namespace Notifications.Tests.Addresses;

public sealed class AddressTests
{
    private static readonly KeyRing Ring = KeyRing.Parse(KeyRing.NewJson(), "test");

    [Theory]
    [InlineData("+14155552671", "+14155552671", "US")]
    [InlineData(" +1 (415) 555-2671 ", "+14155552671", "US")]
    [InlineData("＋１４１５５５５２６７１", "+14155552671", "US")]
    [InlineData("+44 20 7946 0958", "+442079460958", "GB")]
    [InlineData("0049 151 55550133", "+4915155550133", "DE")]
    [InlineData("00 44 20 7946 0958", "+442079460958", "GB")]
    [InlineData("+39 02 1234 5678", "+390212345678", "IT")]
    [InlineData("+86 138 0013 8000", "+8613800138000", "CN")]
    public void Spellings_of_one_phone_are_one_number(string input, string expected, string region)
    {
        Assert.True(PhoneNumber.TryParse(input, out var phone, out var problem), problem);
        Assert.Equal((expected, region), (phone.Value, phone.Region));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("4155552671")]
    [InlineData("+1415")]
    [InlineData("+1415555267123456")]
    [InlineData("+14155552671 ext. 5")]
    [InlineData("+999123456789")]
    [InlineData("phone +14155552671")]
    [InlineData("+1 415 555 2671 +1 415 555 2672")]
    public void What_is_not_one_international_number_is_refused(string? input)
    {
        Assert.False(PhoneNumber.TryParse(input, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Normalising_a_number_twice_is_normalising_it_once_and_no_text_makes_it_throw()
    {
        var digits = Gen.String[Gen.Char['0', '9'], 5, 16].Select(d => "+" + d);
        Gen.OneOf(digits, Gen.String, Gen.String.Select(s => "+" + s)).Sample(
            text =>
            {
                if (!PhoneNumber.TryParse(text, out var once, out _)) return;
                Assert.True(PhoneNumber.TryParse(once.Value, out var twice, out _), once.Value);
                Assert.Equal(once.Value, twice.Value);
                Assert.Matches("^\\+[0-9]{5,15}$", once.Value);
            },
            iter: 5_000);
    }

    [Theory]
    [InlineData(Channel.Email, "ana@example.com", "a•••@example.com")]
    [InlineData(Channel.Sms, "+14155552671", "+1•••••71")]
    public void P7_An_address_shows_itself_masked(Channel channel, string input, string masked)
    {
        Assert.True(Address.TryParse(channel, input, out var address, out _));
        Assert.Equal(masked, address.Masked());
        Assert.Equal(masked, $"{address}");
    }

    [Fact]
    public void An_address_of_one_channel_is_not_read_as_the_other()
    {
        Assert.False(Address.TryParse(Channel.Sms, "ana@example.com", out _, out _));
        Assert.False(Address.TryParse(Channel.Email, "+14155552671", out _, out _));
    }

    [Fact]
    public void R66_The_key_of_an_address_is_the_same_for_every_spelling_and_says_nothing_of_it()
    {
        Assert.True(Address.TryParse(Channel.Email, "User@EXAMPLE.com", out var one, out _));
        Assert.True(Address.TryParse(Channel.Email, "user@example.com", out var two, out _));
        Assert.True(Address.TryParse(Channel.Email, "user+tag@example.com", out var tagged, out _));
        Assert.Equal(Ring.KeyOf(one), Ring.KeyOf(two));
        Assert.NotEqual(Ring.KeyOf(one), Ring.KeyOf(tagged));
        Assert.NotEqual(Ring.KeyOf(one), Ring.KeyOf(one with { Channel = Channel.Sms }));
    }

    [Fact]
    public void An_address_key_goes_through_text_and_bytes_unchanged_and_only_its_own_spelling_is_read()
    {
        Gen.Byte.Array[16].Sample(
            hash =>
            {
                var key = AddressKey.From(hash);
                Assert.Equal(AddressKey.Length, key.Value.Length);
                Assert.True(AddressKey.TryParse(key.Value, out var read));
                Assert.Equal(key, read);
                var bytes = new byte[16];
                read.CopyTo(bytes);
                Assert.Equal(hash, bytes);
                // Another spelling of the same bits, or other bits that do not fit.
                var other = key.Value[..^1] + (char)(key.Value[^1] + 1);
                Assert.False(AddressKey.TryParse(other, out _));
            },
            iter: 2_000);
        Gen.String.Sample(
            text => AddressKey.TryParse(text, out var key) ? Assert.IsType<string>(key.Value).Length == 22 : text is not null, iter: 2_000);
        foreach (var bad in new[]
        {
            "",
            new string('A', 21),
            new string('A', 23),
            new string('A', 20) + "==",
            "AAAAAAAAAAAAAAAAAAAA A",
            "AAAAAAAAAAAAAAAAAAAA+A",
        })
        {
            Assert.False(AddressKey.TryParse(bad, out _));
        }
    }

    [Theory]
    [InlineData("rb123456785cn", "RB123456785CN")]
    [InlineData("1Z 999-AA1 01 2345 6784", "1Z999AA10123456784")]
    public void A_tracking_number_is_upper_case_without_spaces_and_hyphens(string input, string expected)
    {
        Assert.True(TrackingNumber.TryParse(input, out var number, out _));
        Assert.Equal(expected, number.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ABC")]
    [InlineData("- - - -")]
    [InlineData("AB/CDE")]
    [InlineData("ÄBCDE")]
    [InlineData("ABCDE\n")]
    [InlineData("123456789012345678901234567890123456789012345678901")]
    public void What_is_not_a_tracking_number_is_refused(string? input) => Assert.False(TrackingNumber.TryParse(input, out _, out _));

    [Fact]
    public void No_text_makes_a_tracking_number_throw_and_reading_twice_is_reading_once() => Gen.String.Sample(
        text =>
        {
            if (!TrackingNumber.TryParse(text, out var once, out _)) return;
            Assert.True(TrackingNumber.TryParse(once.Value, out var twice, out _));
            Assert.Equal(once, twice);
        },
        iter: 5_000);

    [Theory]
    [InlineData("newsletter", true)]
    [InlineData("package-updates", true)]
    [InlineData("a", true)]
    [InlineData("2-for-1", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz123456", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz1234567", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a--b", false)]
    [InlineData("News", false)]
    [InlineData("a b", false)]
    [InlineData("*", false)]
    [InlineData("é", false)]
    public void A_topic_key_is_short_lower_case_ascii_with_single_hyphens(string? key, bool valid) =>
        Assert.Equal(valid, TopicKey.IsValid(key));

    [Fact]
    public void M5_A_topic_is_configuration_and_a_wrong_one_names_the_remedy()
    {
        var catalog = new TopicCatalog([new Topic { Key = "surveys" }, new Topic { Key = "newsletter", Name = "Post" }]);
        Assert.Equal(["package-updates", "promotions", "newsletter", "surveys"], catalog.All.Select(t => t.Key));
        Assert.True(catalog.Find("surveys")!.IsMarketing && catalog.Find("surveys")!.DoubleOptIn);
        Assert.Equal("Post", catalog.Find("newsletter")!.Name);
        Assert.Null(catalog.Find("other"));
        Assert.Contains(
            "lower-case", Assert.Throws<ArgumentException>(() => new TopicCatalog([new Topic { Key = "Big" }])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "CapDays", Assert.Throws<ArgumentException>(() => new TopicCatalog([new Topic { Key = "a", CapDays = 0 }])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "one line", Assert.Throws<ArgumentException>(() => new TopicCatalog([new Topic { Key = "a", Name = "x\r\nBcc: y" }])).Message,
            StringComparison.Ordinal);
    }
}
