using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Unsubscribe;
using Xunit.Abstractions;

namespace Notifications.Tests.Security;

/// <summary>
/// Every way to make a link out of another one, or out of nothing (R12, R60). What tokens are is tested beside them, in LinkTokens/.
/// </summary>
public sealed class TokenAttackTests(ITestOutputHelper output)
{
    private static readonly KeyRing Ring = KeyRing.Parse(KeyRing.Parse(KeyRing.NewJson(), "test").RotatedJson(), "test");
    private static readonly LinkTokens Tokens = new(Ring);
    private static readonly LinkPurpose[] Purposes = Enum.GetValues<LinkPurpose>();

    /// <summary>How many random tokens: a million, and as many as the variable says where somebody has the time.</summary>
    private static readonly int Guesses =
        int.TryParse(
            Environment.GetEnvironmentVariable("NOTIFICATIONS_TOKENS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
            ? asked
            : 1_000_000;

    private static IEnumerable<LinkToken> Every()
    {
        var key = Ring.KeyOf(new Address(Channel.Email, "ana@example.com"));
        foreach (var purpose in Purposes)
            foreach (var channel in Enum.GetValues<Channel>())
                foreach (var (topic, number) in new (string?, string?)[]
                {
                    (null, null),
                    (TopicKey.Newsletter, null),
                    (TopicKey.Promotions, null),
                    ("surveys", null),
                    (TopicKey.PackageUpdates, "RR123456785CN"),
                })
                    foreach (var message in new[] { null, "AbCdEfGhIjKlMnOpQrStUvWx" })
                        yield return new LinkToken(purpose, key, channel) { Topic = topic, TrackingNumber = number, Message = message };
    }

    [Fact]
    public void R12_R60_Every_bit_of_every_kind_of_link_every_length_and_every_other_purpose_is_refused()
    {
        var kinds = 0;
        foreach (var token in Every())
        {
            var text = Tokens.Write(token);
            var bytes = Base64Url.DecodeFromChars(text);
            foreach (var purpose in Purposes) Assert.Equal(purpose == token.Purpose ? token : null, Tokens.Read(purpose, text));
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                foreach (var purpose in Purposes) Assert.Null(Tokens.Read(purpose, Base64Url.EncodeToString(bytes)));
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            for (var length = 0; length < text.Length; length++) Assert.Null(Tokens.Read(token.Purpose, text[..length]));
            // Also where the text is whole base64.
            for (var length = 0; length < bytes.Length; length++)
                Assert.Null(Tokens.Read(token.Purpose, Base64Url.EncodeToString(bytes.AsSpan(0, length))));
            kinds++;
        }

        Assert.Equal(60, kinds);
    }

    [Fact]
    public void R12_Parts_of_two_links_make_no_third()
    {
        var all = Every().Select(t => (Token: t, Bytes: Base64Url.DecodeFromChars(Tokens.Write(t)))).ToList();
        foreach (var (one, first) in all)
        {
            foreach (var (two, second) in all)
            {
                if (first.AsSpan(..^16).SequenceEqual(second.AsSpan(..^16))) continue; // They say the same, for two purposes.
                byte[] mixed = [.. first[..^16], .. second[^16..]]; // What one says with the seal of the other.
                Assert.All(Purposes, purpose => Assert.Null(Tokens.Read(purpose, Base64Url.EncodeToString(mixed))));
            }
        }
    }

    [Fact]
    public void R22_R60_A_key_that_is_taken_out_of_the_ring_takes_its_links_with_it_and_no_other_number_opens_them()
    {
        var json = Ring.RotatedJson(); // Keys 1, 2 and 3, of which 3 is current.
        var three = new LinkTokens(KeyRing.Parse(json, "test"));
        var without = JsonNode.Parse(json)!;
        without["keys"]!.AsObject().Remove("2");
        var retired = new LinkTokens(KeyRing.Parse(without.ToJsonString(), "test"));
        foreach (var token in Every())
        {
            var old = Tokens.Write(token); // By key 2.
            Assert.Equal(token, three.Read(token.Purpose, old));
            Assert.Null(retired.Read(token.Purpose, old));
            Assert.Equal(token, retired.Read(token.Purpose, three.Write(token)));
            var bytes = Base64Url.DecodeFromChars(old);
            for (var number = 0; number < 256; number++)
            {
                if (number == 2) continue;
                bytes[1] = (byte)number;
                Assert.Null(three.Read(token.Purpose, Base64Url.EncodeToString(bytes)));
            }
        }
    }

    [Fact]
    public async Task R12_A_million_made_up_tokens_open_nothing()
    {
        // As many as NOTIFICATIONS_TOKENS says; the ten million of the issue take about ten times as long. Half of them have a version, a
        // key and a length that are right: only the seal is guessed.
        var began = Stopwatch.GetTimestamp();
        var opened = 0;
        await Task.Run(() => Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            var random = new Random(worker * 7919 + 1);
            var bytes = new byte[120];
            var text = new char[200];
            var key = (byte)(1 + worker % 2);
            for (var i = worker; i < Guesses; i += Environment.ProcessorCount)
            {
                var length = 36 + random.Next(4) * 18;
                random.NextBytes(bytes.AsSpan(0, length));
                if (i % 2 == 0) (bytes[0], bytes[1]) = (1, key);
                var written = Base64Url.EncodeToChars(bytes.AsSpan(0, length), text);
                if (Tokens.Read(Purposes[i % 3], new string(text, 0, written)) is not null) Interlocked.Increment(ref opened);
            }
        }));
        output.WriteLine($"{Guesses:N0} tokens in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s.");
        Assert.Equal(0, opened);
        Assert.NotNull(Tokens.Read(LinkPurpose.Unsubscribe, Tokens.Write(Every().First()))); // The reader is not merely closed.
    }
}
