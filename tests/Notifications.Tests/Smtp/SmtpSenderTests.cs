using System.Net;
using System.Net.Sockets;
using System.Text;
using MailKit.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Functions.Communication;
using Notifications.Sending;
using Notifications.Smtp;

namespace Notifications.Tests.Smtp;

public sealed class SmtpSenderTests
{
    [Fact]
    public async Task A_mail_is_handed_off_under_its_derived_message_id_and_the_connection_is_kept()
    {
        await using var server = new Server();
        using var sender = new SmtpSender(server.Target, TimeProvider.System);
        var email = MimeMailTests.Email([]);
        var first = await sender.SendAsync(email, default);
        var second = await sender.SendAsync(email, default);
        Assert.Equal((HandOffResult.Accepted, MimeMail.MessageId(email)), (first.Result, first.ProviderId));
        Assert.Equal(HandOffResult.Accepted, second.Result);
        Assert.Equal((1, 2), (server.Connections, server.Messages));
    }

    [Theory]
    [InlineData("RCPT", "550 5.1.1 no such user ana@example.com", HandOffResult.Rejected)]
    [InlineData("RCPT", "450 4.2.1 busy", HandOffResult.Throttled)]
    [InlineData("RCPT", "552 5.2.2 mailbox full", HandOffResult.Rejected)]
    [InlineData("MAIL", "550 5.7.1 sender not authorised", HandOffResult.Unavailable)]
    [InlineData("MAIL", "552 quota", HandOffResult.Unavailable)]
    [InlineData("MAIL", "452 4.3.1 full", HandOffResult.Throttled)]
    [InlineData("MAIL", "421 4.3.2 closing", HandOffResult.Unavailable)]
    [InlineData("RCPT", "454 4.7.0 later", HandOffResult.Unavailable)]
    [InlineData(".", "554 5.7.1 no", HandOffResult.Rejected)]
    [InlineData(".", "451 4.3.0 again", HandOffResult.Throttled)]
    [InlineData("MAIL", null, HandOffResult.Unavailable)]
    [InlineData("DATA", null, HandOffResult.Unavailable)]
    [InlineData("DATA", "554 5.7.1 no", HandOffResult.Rejected)]
    [InlineData("DATA", "554 no", HandOffResult.Rejected)]
    [InlineData("DATA", "451 4.3.0 again", HandOffResult.Throttled)]
    [InlineData(".", null, HandOffResult.Unknown)]
    public async Task Each_failure_has_its_outcome_and_repeats_no_address(string at, string? reply, HandOffResult expected)
    {
        await using var server = new Server { FailAt = at, Reply = reply };
        using var sender = new SmtpSender(server.Target, TimeProvider.System);
        var outcome = await sender.SendAsync(MimeMailTests.Email([]), default);
        Assert.Equal(expected, outcome.Result);
        Assert.DoesNotContain("ana", outcome.Detail ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RCPT", "550 5.1.1 no such user ana@example.com", false, "SMTP 550 5.1.1")]
    [InlineData("RCPT", "550 5.1.1 no such user ana@example.com", true, "SMTP 550 5.1.1")]
    [InlineData(".", "550-5.7.26 This mail has been blocked because\r\n550 5.7.26 the sender is unauthenticated", true, "SMTP 550 5.7.26")]
    [InlineData("RCPT", "550 no such user ana@example.com", false, "SMTP 550")]
    [InlineData("RCPT", "454 4.7.0 later", true, "SMTP 454 4.7.0")]
    public async Task R18_R20_The_enhanced_code_of_a_refusal_is_kept_and_of_its_words_nothing(
        string at, string reply, bool announced, string expected)
    {
        await using var server = new Server { FailAt = at, Reply = reply, Announces = announced ? "ENHANCEDSTATUSCODES" : null };
        using var sender = new SmtpSender(server.Target, TimeProvider.System);
        Assert.Equal(expected, (await sender.SendAsync(MimeMailTests.Email([]), default)).Detail);
    }

    [Fact]
    public async Task With_no_server_there_the_mail_may_be_offered_again()
    {
        SmtpTarget target;
        await using (var server = new Server()) target = server.Target;
        using var sender = new SmtpSender(target, TimeProvider.System);
        Assert.Equal(HandOffResult.Unavailable, (await sender.SendAsync(MimeMailTests.Email([]), default)).Result);
    }

    [Theory]
    [InlineData(false, HandOffResult.Unavailable)]
    [InlineData(true, HandOffResult.Unknown)]
    public void P5_A_server_that_does_not_answer_has_nothing_of_a_mail_that_was_not_begun(bool begun, HandOffResult expected)
    {
        Assert.Equal(expected, SmtpOutcomes.Of(new TimeoutException(), begun)!.Value.Result);
        // Begun, the sender says so itself.
        Assert.Equal(begun ? null : expected, SmtpOutcomes.Of(new OperationCanceledException(), begun)?.Result);
    }

    [Fact]
    public async Task P5_A_server_that_takes_the_connection_and_says_nothing_has_nothing_of_the_mail_and_it_is_not_unknown()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var sender = new SmtpSender(
            SmtpTarget.Parse($"smtp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", "--email"), TimeProvider.System);
        using var handOffs = new HandOffs(
            sender, new Sending.FakeSender(), new SendingOptions { HandOffTimeout = TimeSpan.FromSeconds(2) }, TimeProvider.System,
            NullLogger<HandOffs>.Instance);
        var outcome = await handOffs.SendAsync(MimeMailTests.Email([]), null, default, default);
        Assert.Equal(HandOffResult.Unavailable, outcome.Result);
    }

    [Fact]
    public async Task M12_A_password_is_not_sent_where_the_server_offers_no_encryption()
    {
        Assert.Equal(SecureSocketOptions.StartTls, SmtpTarget.Parse("smtp://ana:secret@relay.example.com", "--email").Security);
        Assert.Equal(SecureSocketOptions.StartTlsWhenAvailable, SmtpTarget.Parse("smtp://relay.example.com", "--email").Security);

        await using var server = new Server();
        using var sender = new SmtpSender(
            server.Target with { Security = SecureSocketOptions.StartTls, User = "ana", Password = "secret" }, TimeProvider.System);
        var outcome = await sender.SendAsync(MimeMailTests.Email([]), default);
        Assert.Equal(HandOffResult.Unavailable, outcome.Result);
        Assert.EndsWith("No TLS connection to the mail server.", outcome.Detail, StringComparison.Ordinal);
        Assert.Equal(0, server.Messages);
    }

    [Fact]
    public async Task At_a_pace_of_its_own_a_mail_waits_for_its_turn_and_leaves_as_it_does_without()
    {
        await using var server = new Server();
        using var sender = new PacedSmtpSender(
            new SmtpSender(server.Target, TimeProvider.System), new AdaptiveQuota(1, TimeProvider.System));
        Assert.Null(await sender.ReadyAsync(default));
        Assert.Equal(HandOffResult.Accepted, (await sender.SendAsync(MimeMailTests.Email([]), default)).Result);
        Assert.Equal(HandOffResult.Throttled, (await sender.ReadyAsync(default))?.Result);
        Assert.Equal(1, server.Messages);
    }

    [Fact]
    public async Task A_kept_connection_that_the_server_has_closed_costs_no_mail()
    {
        await using var server = new Server { CloseAfterEach = true };
        using var sender = new SmtpSender(server.Target, TimeProvider.System);
        for (var i = 0; i < 3; i++) Assert.Equal(HandOffResult.Accepted, (await sender.SendAsync(MimeMailTests.Email([]), default)).Result);
        Assert.Equal((3, 3), (server.Connections, server.Messages));
    }

    /// <summary>Enough of RFC 5321 to take a mail, and to fail where it is told. A null reply hangs up.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;

        public Server()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public string? FailAt { get; init; }

        public string? Reply { get; init; }

        public string? Announces { get; init; }

        public bool CloseAfterEach { get; init; }

        public int Connections { get; private set; }

        public int Messages { get; private set; }

        public SmtpTarget Target => SmtpTarget.Parse($"smtp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}", "--email");

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    Connections++;
                    await TalkAsync(client);
                }
            }
            catch (Exception ended)
                when (ended is OperationCanceledException or SocketException or IOException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private async Task TalkAsync(TcpClient client)
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 test");
            var data = false;
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (data && line != ".") continue;
                var word = line.Split(' ', ':')[0].ToUpperInvariant();
                if (word == FailAt)
                {
                    if (Reply is null) return;
                    data = false;
                    await writer.WriteLineAsync(Reply);
                    continue;
                }

                if (word == ".") Messages++;
                data = word == "DATA";
                await writer.WriteLineAsync(
                    word switch
                    {
                        "EHLO" => Announces is null ? "250 test" : $"250-test\r\n250 {Announces}",
                        "DATA" => "354 go on",
                        "QUIT" => "221 bye",
                        _ => "250 ok",
                    });
                if (word == "QUIT" || (word == "." && CloseAfterEach)) return;
            }
        }
    }
}
