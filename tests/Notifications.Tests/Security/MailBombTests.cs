using System.Diagnostics;
using System.Net;
using System.Text;
using Notifications.Storage;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Webhooks;
using Xunit.Abstractions;

namespace Notifications.Tests.Security;

/// <summary>
/// Mails that are made to be slow, each as large as the endpoint takes one. The bounds are loose, because the machine may be busy; the
/// figures are printed.
/// </summary>
public sealed class MailBombTests(ProductFixture product, ITestOutputHelper output) : IClassFixture<ProductFixture>
{
    private const int Largest = 10 * 1024 * 1024;

    public static TheoryData<string> Shapes => [.. Mails.Keys];

    private static readonly Dictionary<string, Func<string>> Mails = new()
    {
        ["multiparts in multiparts"] = () => Counted("", i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n"),
        ["mails in mails"] = () => Repeated("", "Content-Type: message/rfc822\r\n\r\n"),
        ["parts without number"] = () => Repeated("Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\n"),
        ["lines that may be any of a thousand boundaries"] = () =>
            Repeated(
                string.Concat(Enumerable.Range(
                    0,
                    1000).Select(
                        i => $"Content-Type: multipart/mixed; boundary=bbbbbbbbbbbbbbbbbbbb{i}\r\n\r\n--bbbbbbbbbbbbbbbbbbbb{i}\r\n")),
                "--bbbbbbbbbbbbbbbbbbbbx\r\n"),
        ["a million header lines"] = () => Repeated("", "A: b\r\n"),
        ["recipients without number"] = () => Repeated("", "To: a@b.example\r\n"),
        ["recipients in one header"] = () => Repeated("To: ", "<a@b.example>,"),
        ["one line"] = () => Repeated("Subject: ", "s"),
        ["one line that is no header"] = () => Repeated("", "["),
        ["no header, all folded"] = () => Repeated("[\r\nTo:", "\r\n "),
        ["a header in a million folds"] = () => Repeated("Subject: s", "\r\n s"),
        ["continuations in order (RFC 2231)"] = () => Counted("Content-Type: text/plain", i => $"; p*{i}*=x"),
        ["continuations backwards"] = () => Counted("Content-Type: text/plain", i => $"; p*{999_999 - i}*=%41"),
        ["the same continuation"] = () => Repeated("Content-Type: text/plain", "; p*0*=utf-8''x"),
        ["charsets that do not exist (RFC 2047)"] = () => Counted("Subject:", i => $" =?x{i}?Q?a?="),
        ["encoded words"] = () => Repeated("Subject:", " =?utf-8?B?QUFB?="),
        ["an encoded word that does not end"] = () => Repeated("Subject: =?utf-8?B?", "A"),
        ["base64 that is none"] = () => Repeated("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n", "A=-"),
        ["quoted-printable that is none"] = () =>
            Repeated("Content-Type: text/plain; charset=utf-7\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", "=\r\n=+"),
        ["escapes between two scripts"] = () => Repeated("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "\u001b$B\u001b(B"),
        ["comments in comments"] = () => Repeated("From: ", "("),
        ["comments that end"] = () => Repeated("From: ", "(a)"),
        ["groups in groups"] = () => Repeated("From: ", "a:"),
        ["routes"] = () => Repeated("From: <", "@a,"),
        ["a quote that does not end"] = () => Repeated("From: \"", "\\\""),
        ["commas"] = () => Repeated("From: ", ","),
        ["an address as long as the mail"] = () => Repeated("From: ", "a", "@b.example\r\n\r\n"),
        ["a bounce of recipients without number (RFC 3464)"] = () =>
            Repeated(
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
                    + "Content-Type: message/delivery-status\r\n\r\n",
                "Action: failed\r\n\r\n"),
        ["tags that are nearly tokens"] = () => Repeated("To: ", "a+" + new string('A', 400) + " "),
        ["a tag as long as the mail"] = () => Repeated("To: a+", "A"),
        ["a subject of nearly tokens"] = () => Repeated("Subject: ", new string('A', 47) + " "),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task R13_A_mail_that_is_made_to_be_slow_costs_a_bounded_time_and_memory(string shape)
    {
        var mail = Encoding.Latin1.GetBytes(Mails[shape]());
        Assert.InRange(mail.Length, Largest - 1000, Largest);
        var (began, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        var read = InboundMime.Parse(mail);
        var (took, bytes) = (Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - allocated);
        output.WriteLine($"{shape}: {took.TotalMilliseconds:F0} ms, {bytes >> 20} MiB allocated");
        var answer = await product.UploadAsync(
            mail, "?secret=" + ProductFixture.WebhookSecret, type: "message/rfc822", path: "/webhooks/email");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(took < TimeSpan.FromSeconds(5), $"{took} to read it.");
        Assert.True(bytes < 256L << 20, $"{bytes} bytes to read it.");
        Assert.True(
            read.Text.Length <= 600 && read.Tokens.Length <= 20 && read.From is not { Length: > 320 }, "What is kept of it is small.");
        await product.WorkAsync();
        Assert.Equal(0, await product.Store.CountAsync(Queues.Poison(Queues.Inbound)));
    }

    private static string Repeated(string begin, string again, string end = "") =>
        begin + string.Concat(Enumerable.Repeat(again, (Largest - begin.Length - end.Length) / again.Length)) + end;

    private static string Counted(string begin, Func<int, string> again)
    {
        var mail = new StringBuilder(begin, Largest);
        for (var i = 0; again(i) is var next && mail.Length + next.Length <= Largest; i++) mail.Append(next);
        return mail.ToString();
    }
}
