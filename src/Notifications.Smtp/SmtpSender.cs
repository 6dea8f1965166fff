using System.Collections.Concurrent;
using MailKit;
using MailKit.Net.Smtp;
using Notifications.Sending;

namespace Notifications.Smtp;

/// <summary>Real mail over SMTP, on a few connections that are kept open.</summary>
internal sealed class SmtpSender(SmtpTarget target, TimeProvider time) : IEmailSender, IDisposable
{
    /// <summary>Connections at most: what ordinary relays allow one client.</summary>
    public const int Connections = 8;

    private readonly ConcurrentBag<Line> _idle = [];

    /// <summary>SMTP knows no operation id: a mail offered twice arrives twice.</summary>
    public bool Deduplicates => false;

    public int AtOnce => Connections;

    public async ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        using var message = MimeMail.Build(email, time.UtcNowMs());
        // A kept connection that the server has closed meanwhile fails before any of the message is written: try once more on a fresh one.
        var (outcome, stale) = await TryAsync(message, cancel);
        return stale ? (await TryAsync(message, cancel, fresh: true)).Outcome : outcome;
    }

    private async ValueTask<(HandOff Outcome, bool Stale)> TryAsync(
        MimeKit.MimeMessage message, CancellationToken cancel, bool fresh = false)
    {
        Line? line = null;
        var kept = !fresh && _idle.TryTake(out line);
        line ??= new Line();
        line.Data.Reset();
        try
        {
            if (!line.Client.IsConnected)
            {
                await line.Client.ConnectAsync(target.Host, target.Port, target.Security, cancel);
                if (target.User is not null) await line.Client.AuthenticateAsync(target.User, target.Password ?? "", cancel);
            }

            await line.Client.SendAsync(message, cancel);
            _idle.Add(line);
            return (HandOff.Accepted(message.MessageId), false);
        }
        catch (SmtpCommandException refused)
            when (line.Client.IsConnected && SmtpOutcomes.Of(refused, line.Data.Begun, line.Data.Asked) is { } answer)
        {
            _idle.Add(line); // The server has answered and goes on; MailKit has reset the transaction.
            return (answer, false);
        }
        catch (OperationCanceledException) when (line.Data.Begun)
        {
            line.Dispose();
            return (HandOff.Unknown("The time limit ended the connection after the message was begun."), false);
        }
        catch (Exception failure)
        {
            line.Dispose();
            if (SmtpOutcomes.Of(failure, line.Data.Begun, line.Data.Asked) is not { } outcome) throw;
            // Whoever reads it in the log must know which server is meant.
            if (outcome.Result == HandOffResult.Unavailable)
                outcome = outcome with { Detail = $"{target.Host}:{target.Port}: {outcome.Detail}" };
            return (outcome, kept && !line.Data.Begun && outcome.Result == HandOffResult.Unavailable);
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var line)) line.Dispose();
    }

    /// <summary>A connection and what it listens to.</summary>
    private sealed class Line : IDisposable
    {
        public Line() => Client = new SmtpClient(Data) { Timeout = 30_000 };

        public SmtpClient Client { get; }

        public DataWatch Data { get; } = new();

        public void Dispose() => Client.Dispose();
    }

    /// <summary>
    /// Notices the server's leave to begin the message (354, RFC 5321 section 4.2.3) or a chunk of it on its way (BDAT, RFC 3030): from
    /// then on the server may have it. MailKit's own progress would tell the same, and writes every message twice for it, once to measure
    /// it.
    /// </summary>
    private sealed class DataWatch : IProtocolLogger
    {
        public bool Asked { get; private set; }

        public bool Begun { get; private set; }

        public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

        public void Reset() => (Asked, Begun) = (false, false);

        public void LogClient(byte[] buffer, int offset, int count)
        {
            var sent = buffer.AsSpan(offset, count);
            Asked |= sent.SequenceEqual("DATA\r\n"u8);
            Begun |= sent.StartsWith("BDAT "u8);
        }

        public void LogServer(byte[] buffer, int offset, int count) => Begun |= Asked && count > 0 && buffer[offset] == (byte)'3';

        public void LogConnect(Uri uri)
        {
            // A message begins later.
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
