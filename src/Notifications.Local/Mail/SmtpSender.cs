using System.Collections.Concurrent;
using MailKit;
using MailKit.Net.Smtp;
using Notifications.Sending;

namespace Notifications.Local.Mail;

/// <summary>Real mail over SMTP, on a few connections that are kept open.</summary>
internal sealed class SmtpSender(SmtpTarget target, TimeProvider time) : IEmailSender, IDisposable
{
    /// <summary>Connections at most: what ordinary relays allow one client.</summary>
    public const int Connections = 8;

    private readonly SemaphoreSlim _slots = new(Connections);
    private readonly ConcurrentBag<SmtpClient> _idle = [];

    /// <summary>SMTP knows no operation id: a mail offered twice arrives twice.</summary>
    public bool Deduplicates => false;

    public int AtOnce => Connections;

    public async ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        using var message = MimeMail.Build(email, time.UtcNowMs());
        try
        {
            await _slots.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return HandOff.Throttled(TimeSpan.FromSeconds(1), "No connection became free in time."); // Certainly not offered: not an unknown outcome.
        }

        try
        {
            // A kept connection that the server has closed meanwhile fails before any of the message is written: try once more on a fresh one.
            var (outcome, stale) = await TryAsync(message, cancel);
            return stale ? (await TryAsync(message, cancel, fresh: true)).Outcome : outcome;
        }
        finally
        {
            _slots.Release();
        }
    }

    private async ValueTask<(HandOff Outcome, bool Stale)> TryAsync(MimeKit.MimeMessage message, CancellationToken cancel, bool fresh = false)
    {
        SmtpClient? client = null;
        var kept = !fresh && _idle.TryTake(out client);
        var data = new DataWatch();
        try
        {
            client ??= new SmtpClient { Timeout = 30_000 };
            if (!client.IsConnected)
            {
                await client.ConnectAsync(target.Host, target.Port, target.Security, cancel);
                if (target.User is not null) await client.AuthenticateAsync(target.User, target.Password ?? "", cancel);
            }

            await client.SendAsync(message, cancel, data);
            _idle.Add(client);
            return (HandOff.Accepted(message.MessageId), false);
        }
        catch (SmtpCommandException refused) when (client is { IsConnected: true } && SmtpOutcomes.Of(refused, data.Begun) is { } answer)
        {
            _idle.Add(client); // The server has answered and goes on; MailKit has reset the transaction.
            return (answer, false);
        }
        catch (OperationCanceledException) when (data.Begun)
        {
            client?.Dispose();
            return (HandOff.Unknown("The time limit ended the connection after the message was begun."), false);
        }
        catch (Exception failure)
        {
            client?.Dispose();
            if (SmtpOutcomes.Of(failure, data.Begun) is not { } outcome) throw;
            return (outcome, kept && !data.Begun && outcome.Result == HandOffResult.Unavailable);
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var client)) client.Dispose();
        _slots.Dispose();
    }

    /// <summary>Notices the first byte of a message on its way out.</summary>
    private sealed class DataWatch : ITransferProgress
    {
        public bool Begun { get; private set; }

        public void Report(long bytesTransferred, long totalSize) => Begun = true;

        public void Report(long bytesTransferred) => Begun = true;
    }
}
