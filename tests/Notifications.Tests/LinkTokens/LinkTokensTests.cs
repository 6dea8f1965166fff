using System.Buffers.Text;
using System.Security.Cryptography;
using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Unsubscribe;

// Not "LinkTokens": that would hide the type of that name from every test.
namespace Notifications.Tests.Unsubscribe;

public sealed class LinkTokensTests
{
    private const string Suffix = "AbCdEfGhIjKlMnOpQrStUvWx";
    private static readonly string Json = KeyRing.NewJson();
    private static readonly KeyRing Ring = KeyRing.Parse(Json, "test");
    private static readonly LinkTokens Tokens = new(Ring);
    private static readonly AddressKey Key = Ring.KeyOf(new Address(Channel.Email, "ana@example.com"));

    private static readonly Gen<LinkToken> AnyToken = Gen.Select(
        Gen.OneOf(LinkPurpose.Unsubscribe, LinkPurpose.Preferences, LinkPurpose.Confirm),
        Gen.Byte.Array[16],
        Gen.Bool,
        Gen.OneOf<string?>(null, TopicKey.PackageUpdates, TopicKey.Promotions, TopicKey.Newsletter, "surveys", "a", new string('t', 32)),
        Gen.OneOf<string?>(null, "RB123456789CN", "1234", new string('9', 40)),
        Gen.OneOf<string?>(null, Suffix),
        (purpose, address, sms, topic, number, message) =>
            new LinkToken(purpose, AddressKey.From(address), sms ? Channel.Sms : Channel.Email)
            {
                Topic = number is null ? topic : TopicKey.PackageUpdates,
                TrackingNumber = number,
                Message = message,
            });

    [Fact]
    public void R3_What_was_written_is_read_and_at_its_own_purpose_alone() => AnyToken.Sample(
        token =>
        {
            var text = Tokens.Write(token);
            Assert.InRange(text.Length, 48, 400);
            Assert.Matches("^[A-Za-z0-9_-]+$", text);
            foreach (var purpose in Enum.GetValues<LinkPurpose>())
            {
                var read = Tokens.Read(purpose, text);
                if (purpose == token.Purpose) Assert.Equal(token, read);
                else Assert.Null(read);
            }
        },
        iter: 5_000);

    [Fact]
    public void R12_Any_flipped_bit_truncation_or_extension_is_refused() => AnyToken.Sample(
        token =>
        {
            var text = Tokens.Write(token);
            var bytes = Base64Url.DecodeFromChars(text);
            for (var i = 0; i < bytes.Length * 8; i++)
            {
                bytes[i / 8] ^= (byte)(1 << (i % 8));
                Assert.Null(Tokens.Read(token.Purpose, Base64Url.EncodeToString(bytes)));
                bytes[i / 8] ^= (byte)(1 << (i % 8));
            }

            for (var i = 0; i < text.Length; i++)
            {
                Assert.Null(Tokens.Read(token.Purpose, text[..i]));
                Assert.Null(Tokens.Read(token.Purpose, text.Insert(i, "A")));
                Assert.Null(Tokens.Read(token.Purpose, text.Insert(i, " ")));
                var other = text.ToCharArray();
                other[i] = other[i] == 'A' ? 'B' : 'A';
                Assert.Null(Tokens.Read(token.Purpose, new string(other)));
            }

            foreach (var end in new[] { "A", "AAAA", "=", "==", ".", " ", "\n", new string('A', 400) })
                Assert.Null(Tokens.Read(token.Purpose, text + end));
        },
        iter: 60);

    [Fact]
    public void R12_The_last_character_has_one_spelling()
    {
        var token = new LinkToken(LinkPurpose.Unsubscribe, Key, Channel.Email) { Topic = "surveys" };
        var text = Tokens.Write(token);
        Assert.NotEqual(0, text.Length % 4); // Bits are left over in the last character, or this test would see nothing.
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        Assert.Single(alphabet, c => Tokens.Read(LinkPurpose.Unsubscribe, text[..^1] + c) is not null);
    }

    [Fact]
    public void R60_A_token_of_another_environment_or_another_ring_is_refused()
    {
        var text = Tokens.Write(new LinkToken(LinkPurpose.Unsubscribe, Key, Channel.Email) { Topic = TopicKey.Newsletter });
        Assert.NotNull(Tokens.Read(LinkPurpose.Unsubscribe, text));
        Assert.Null(new LinkTokens(KeyRing.Parse(Json, "prod")).Read(LinkPurpose.Unsubscribe, text));
        Assert.Null(new LinkTokens(KeyRing.Parse(KeyRing.NewJson(), "test")).Read(LinkPurpose.Unsubscribe, text));
    }

    [Fact]
    public void R22_Links_of_an_old_key_work_after_rotation_and_those_of_a_newer_key_are_unknown_before_it()
    {
        var rotated = new LinkTokens(KeyRing.Parse(KeyRing.Parse(Ring.RotatedJson(), "test").RotatedJson(), "test"));
        var token = new LinkToken(LinkPurpose.Unsubscribe, Key, Channel.Email) { Topic = TopicKey.Newsletter };
        Assert.Equal(token, rotated.Read(LinkPurpose.Unsubscribe, Tokens.Write(token)));
        Assert.NotEqual(Tokens.Write(token), rotated.Write(token));
        Assert.Null(Tokens.Read(LinkPurpose.Unsubscribe, rotated.Write(token)));
    }

    [Fact]
    public void R12_A_hundred_thousand_made_up_tokens_are_refused()
    {
        var random = new byte[150];
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = random.AsSpan(0, 36 + i % 100);
            RandomNumberGenerator.Fill(bytes);
            if (i % 2 == 0) (bytes[0], bytes[1]) = (1, 1); // Half of them get as far as the MAC.
            Assert.Null(Tokens.Read(LinkPurpose.Unsubscribe, Base64Url.EncodeToString(bytes)));
        }

        Gen.String.Sample(s => Assert.Null(Tokens.Read(LinkPurpose.Unsubscribe, s)), iter: 5_000);
    }

    [Fact]
    public void R12_Blanks_and_padding_make_no_short_token_long_enough()
    {
        for (var length = 0; length < 36; length++)
        {
            var text = Base64Url.EncodeToString(Enumerable.Repeat((byte)1, length).ToArray());
            foreach (var fill in new[] { ' ', '\n' }) Assert.Null(Tokens.Read(LinkPurpose.Unsubscribe, text.PadRight(48, fill)));
        }
    }

    [Fact]
    public void R61_A_token_names_no_person()
    {
        var bytes = Base64Url.DecodeFromChars(Tokens.Write(new LinkToken(LinkPurpose.Preferences, Key, Channel.Email)));
        Assert.Equal(36, bytes.Length);
        Assert.DoesNotContain("ana", System.Text.Encoding.Latin1.GetString(bytes.AsSpan(0, 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scope_that_does_not_fit_a_token_is_an_error_and_not_a_wrong_token()
    {
        Assert.Throws<ArgumentException>(
            () => Tokens.Write(new LinkToken(LinkPurpose.Confirm, Key, Channel.Email) { Topic = new string('x', 129) }));
        Assert.Throws<ArgumentException>(
            () => Tokens.Write(new LinkToken(LinkPurpose.Confirm, Key, Channel.Email) { TrackingNumber = "" }));
        var longest = new LinkToken(LinkPurpose.Confirm, Key, Channel.Email) { Topic = new string('x', 128), Message = Suffix };
        Assert.Equal(longest, Tokens.Read(LinkPurpose.Confirm, Tokens.Write(longest)));
    }

    [Fact]
    public void R1_The_headers_hold_one_https_and_one_mailto_link()
    {
        var links = new Links(new LinkOptions { PublicUrl = "https://mail.example.com" }, Tokens);
        var token = links.UnsubscribeToken(Key, Channel.Email, TopicKey.Newsletter, null, Suffix);
        var headers = links.ListHeaders(token, new TopicCatalog().Find(TopicKey.Newsletter)!);
        Assert.Equal(
            $"<https://mail.example.com/u/{token}>, <mailto:unsubscribe@mail.example.com?subject={token}>",
            Assert.Single(headers, h => h.Key == "List-Unsubscribe").Value);
        Assert.Equal("List-Unsubscribe=One-Click", Assert.Single(headers, h => h.Key == "List-Unsubscribe-Post").Value);
        Assert.Equal("Newsletter <newsletter.mail.example.com>", Assert.Single(headers, h => h.Key == "List-Id").Value);
    }

    [Fact]
    public void R2_Even_the_longest_headers_are_ASCII_on_one_line_of_at_most_998()
    {
        var options = new LinkOptions
        {
            PublicUrl = "https://" + new string('h', 60) + ".example.com/" + new string('p', 115),
            UnsubscribeMailbox = new string('u', 64) + "@" + new string('d', 60) + ".example.com",
        };
        options.Validate();
        var links = new Links(options, Tokens);
        Gen.String.Sample(
            name =>
            {
                foreach (var (number, topic) in new (string?, string)[]
                {
                    (null, new string('t', 32)),
                    (new string('9', 40), TopicKey.PackageUpdates),
                })
                {
                    foreach (var header in links.ListHeaders(
                        links.UnsubscribeToken(Key, Channel.Email, topic, number, Suffix),
                        new Topic { Key = topic, Name = name + "(\r\nBcc: eve@example.com" + name }))
                    {
                        Assert.DoesNotContain(header.Value, c => c is < ' ' or >= '\u007f');
                        Assert.True(header.Key.Length + 2 + header.Value.Length <= 998, header.Key);
                        if (header.Key == "List-Id") Assert.Matches("^[^<>()\"@,:;]*<[a-z-]+\\.[a-z.]+>$", header.Value);
                    }
                }
            },
            iter: 500);
    }

    [Theory]
    [InlineData("mail.example.com", null)]
    [InlineData("ftp://mail.example.com", null)]
    [InlineData("https://mail.example.com?x=1", null)]
    [InlineData("https://mail.example.com#x", null)]
    [InlineData("https://user:secret@mail.example.com", null)]
    [InlineData("https://пример.example.com", null)]
    [InlineData("https://mail.example.com/a b", null)]
    [InlineData(" https://mail.example.com", null)]
    [InlineData("https://mail.example.com", "not a mailbox")]
    [InlineData("https://mail.example.com", "a@example.com>\r\nBcc: eve@example.com")]
    [InlineData("https://mail.example.com", "a?b=c@example.com")]
    public void R2_Settings_that_would_spoil_a_header_are_refused_at_start(string url, string? mailbox) =>
        Assert.StartsWith(
            "Notifications:",
            Assert.Throws<ArgumentException>(() => new LinkOptions { PublicUrl = url, UnsubscribeMailbox = mailbox }.Validate()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void R22_A_link_that_was_sent_long_ago_still_reads()
    {
        // Made by the first version: it never changes.
        const string Sent = "AQEDZGVmZ2hpamtsbW5vcHFycwIBsJ0R8aEiMqUyc6lCtK1S9bFJKtqdg0BLE0YJpDER3F5z";
        var bytes = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        var tokens = new LinkTokens(KeyRing.Parse($$"""{"lookup":"{{bytes}}","current":1,"keys":{"1":"{{bytes}}"} }""", "test"));
        var token = new LinkToken(
            LinkPurpose.Unsubscribe, AddressKey.From(Enumerable.Range(100, 16).Select(i => (byte)i).ToArray()), Channel.Sms)
        {
            Topic = TopicKey.Promotions,
            Message = Suffix,
        };
        Assert.Equal(Sent, tokens.Write(token));
        Assert.Equal(token, tokens.Read(LinkPurpose.Unsubscribe, Sent));
    }

    [Fact]
    public void R3_Each_link_leads_to_its_page_and_its_token_says_what_it_is_about()
    {
        var links = new Links(new LinkOptions { PublicUrl = "https://mail.example.com" }, Tokens);
        LinkToken Read(LinkPurpose purpose, string link, string page)
        {
            Assert.StartsWith("https://mail.example.com" + page, link, StringComparison.Ordinal);
            return Tokens.Read(purpose, link["https://mail.example.com".Length..][page.Length..])!;
        }

        Assert.Equal(
            new LinkToken(LinkPurpose.Preferences, Key, Channel.Sms),
            Read(LinkPurpose.Preferences, links.Preferences(Key, Channel.Sms), "/p/"));
        Assert.Equal(
            new LinkToken(LinkPurpose.Confirm, Key, Channel.Email) { Topic = TopicKey.Newsletter },
            Read(LinkPurpose.Confirm, links.Confirm(Key, Channel.Email, TopicKey.Newsletter), "/c/"));
        Assert.Equal(
            "RB123456789CN", Read(LinkPurpose.Confirm, links.Confirm(Key, Channel.Email, null, "RB123456789CN"), "/c/").TrackingNumber);
        Assert.Equal(
            new LinkToken(LinkPurpose.Unsubscribe, Key, Channel.Email)
            {
                Topic = TopicKey.PackageUpdates,
                TrackingNumber = "RB123456789CN",
                Message = Suffix,
            },
            Read(
                LinkPurpose.Unsubscribe,
                links.Unsubscribe(links.UnsubscribeToken(Key, Channel.Email, TopicKey.PackageUpdates, "RB123456789CN", Suffix)), "/u/"));
    }

    [Fact]
    public void R1_R2_The_headers_name_the_configured_mailbox_and_a_phrase_of_at_most_a_hundred_plain_characters()
    {
        var links = new Links(new LinkOptions { PublicUrl = "https://mail.example.com", UnsubscribeMailbox = "stop@example.com" }, Tokens);
        string[] Values(string name) => [.. links.ListHeaders("T", new Topic { Key = "surveys", Name = name }).Select(h => h.Value)];
        Assert.Equal("<https://mail.example.com/u/T>, <mailto:stop@example.com?subject=T>", Values("x")[0]);
        Assert.Equal("Our news~ <surveys.mail.example.com>", Values(" Our\u007f\t, (é)news~ ")[2]);
        Assert.Equal(new string('n', 100) + " <surveys.mail.example.com>", Values(new string('n', 101))[2]);
    }

    [Fact]
    public void R1_A_public_address_of_two_hundred_characters_is_taken_and_so_is_http_on_a_laptop()
    {
        string Of(int length) => "https://mail.example.com/" + new string('p', length - 25);
        new LinkOptions { PublicUrl = Of(200) }.Validate();
        Assert.Throws<ArgumentException>(() => new LinkOptions { PublicUrl = Of(201) }.Validate());
        new LinkOptions { PublicUrl = "http://127.0.0.1:7071" }.Validate();
    }

    [Fact]
    public void A_slash_at_the_end_of_the_public_address_is_not_doubled()
    {
        var options = new LinkOptions { PublicUrl = "https://mail.example.com/" };
        Assert.Equal("https://mail.example.com/u/x", new Links(options, Tokens).Unsubscribe("x"));
    }
}
