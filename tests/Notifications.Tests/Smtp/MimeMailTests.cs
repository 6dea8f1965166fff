using System.Text;
using CsCheck;
using MimeKit;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Smtp;

namespace Notifications.Tests.Smtp;

public sealed class MimeMailTests
{
    [Fact]
    public async Task R1_R2_The_list_headers_stay_as_they_are_folded_between_links_only()
    {
        var token = new string('a', 400);
        var text =
            await WriteAsync(
                [
                    new("List-Unsubscribe", $"<https://mail.example.com/u/{token}>, <mailto:unsubscribe@mail.example.com?subject={token}>"),
                    new("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                ]);
        Assert.Contains(
            $"\r\nList-Unsubscribe: <https://mail.example.com/u/{token}>,\r\n <mailto:unsubscribe@mail.example.com?subject={token}>\r\n",
            text, StringComparison.Ordinal);
        Assert.Contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", text, StringComparison.Ordinal);
        Assert.All(text.Split("\r\n"), line => Assert.True(line.Length <= 998 && line.All(char.IsAscii)));
        Assert.DoesNotContain("=?", text.Split("\r\n\r\n")[0], StringComparison.Ordinal);
        using var read = await MimeMessage.LoadAsync(new MemoryStream(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(
            $"<https://mail.example.com/u/{token}>, <mailto:unsubscribe@mail.example.com?subject={token}>",
            read.Headers["List-Unsubscribe"]!.Trim());
    }

    [Fact]
    public void R2_A_line_break_in_a_header_is_refused_wherever_it_stands() =>
        Gen.Select(
            Gen.String[Gen.Char[' ', '~'], 0, 50],
            Gen.OneOf(Gen.Const("\r"), Gen.Const("\n"), Gen.Const("\r\n"), Gen.Const("\u0085"), Gen.Const("é")),
            Gen.Int[0, 50]).Sample((text, bad, at) =>
            Assert.Throws<ArgumentException>(() => MimeMail.Header("X-Test", text.Insert(at % (text.Length + 1), bad))));

    [Fact]
    public async Task P5_The_message_id_is_derived_so_an_attempt_more_has_the_same()
    {
        var first = await WriteAsync([]);
        Assert.Equal(first, await WriteAsync([]));
        Assert.Contains("Message-Id: <", first, StringComparison.OrdinalIgnoreCase);
    }

    internal static OutgoingEmail Email(KeyValuePair<string, string>[] headers)
    {
        var ring = KeyRing.Parse(
            "{\"lookup\":\""
            + Convert.ToBase64String(new byte[32]) + "\",\"current\":1,\"keys\":{\"1\":\"" + Convert.ToBase64String(new byte[32]) + "\"}}",
            "test");
        Assert.True(Address.TryParse(Channel.Email, "ana@example.com", out var ana, out _));
        var id = new MessageIds(ring).Derive(ring.KeyOf(ana), "one");
        return new OutgoingEmail(
            id, "news@example.com", "Parcel Post", "ana@example.com", "Your parcels this winter", "<p>Häuser</p>", "Häuser", headers);
    }

    private static async Task<string> WriteAsync(KeyValuePair<string, string>[] headers)
    {
        using var message = MimeMail.Build(Email(headers), DateTimeOffset.UnixEpoch);
        using var raw = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        await message.WriteToAsync(format, raw);
        return Encoding.ASCII.GetString(raw.ToArray());
    }
}
