using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Unsubscribe;

public sealed class LinkForgeryTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static readonly string RingJson = KeyRing.NewJson();
    private static readonly LinkTokens Tokens = new(KeyRing.Parse(RingJson, "local"));

    private static readonly Gen<LinkToken> AnyToken = Gen.Select(
        Gen.Byte.Array[16],
        Gen.Bool,
        OneOf("newsletter", "promotions", "package-updates", "a-topic-of-ours", null),
        OneOf(null, "RR123456785PT"),
        OneOf(null, "AAAAAAAAAAAAAAAAAAAAAAAA", "yd2VtnSpObWb9Xy9D-414G0S"),
        (hash, sms, topic, package, message) =>
            new LinkToken(LinkPurpose.Unsubscribe, AddressKey.From(hash), sms ? Channel.Sms : Channel.Email)
            {
                Topic = package is null ? topic : TopicKey.PackageUpdates,
                TrackingNumber = package,
                Message = message,
            });

    [Fact]
    public void R3_What_a_link_says_is_read_back_whole() =>
        AnyToken.Sample(token => Assert.Equal(token, Tokens.Read(LinkPurpose.Unsubscribe, Tokens.Write(token))));

    [Fact]
    public void R12_No_other_character_anywhere_makes_a_link() =>
        Gen.Select(AnyToken, Gen.Int[0, 399], Gen.Int[1, 63]).Sample((token, place, step) =>
        {
            var text = Tokens.Write(token).ToCharArray();
            var at = place % text.Length;
            text[at] = Alphabet[(Alphabet.IndexOf(text[at], StringComparison.Ordinal) + step) % 64];
            Assert.Null(Tokens.Read(LinkPurpose.Unsubscribe, new string(text)));
        });

    [Fact]
    public void R12_No_part_of_a_link_and_nothing_longer_is_one() =>
        Gen.Select(AnyToken, Gen.Int[1, 400], Gen.String[Gen.Char[Alphabet], 1, 20]).Sample((token, cut, more) =>
        {
            var text = Tokens.Write(token);
            Assert.Null(Tokens.Read(LinkPurpose.Unsubscribe, text[..(cut % text.Length)]));
            Assert.Null(Tokens.Read(LinkPurpose.Unsubscribe, text + more));
        });

    [Fact]
    public void R60_A_link_of_one_purpose_or_environment_is_none_of_another()
    {
        var production = new LinkTokens(KeyRing.Parse(RingJson, "prod"));
        AnyToken.Sample(token =>
        {
            var text = Tokens.Write(token);
            Assert.Null(Tokens.Read(LinkPurpose.Preferences, text));
            Assert.Null(Tokens.Read(LinkPurpose.Confirm, text));
            Assert.Null(production.Read(LinkPurpose.Unsubscribe, text));
        });
    }

    private static Gen<string?> OneOf(params string?[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
