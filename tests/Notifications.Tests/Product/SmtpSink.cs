using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Notifications.Tests.Product;

/// <summary>
/// A mail server that takes everything and remembers every mail it has taken, however often: it lives outside the product and outlasts its
/// kills.
/// </summary>
internal sealed class SmtpSink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();

    private readonly Func<string, string> _keep;
    private readonly TimeSpan _slowest;

    /// <param name="keep">What is remembered of a mail's raw text; null for all of it.</param>
    /// <param name="slowest">It answers so long at most after it has taken a mail: a product that is killed meanwhile does not know that it
    /// was taken.</param>
    public SmtpSink(Func<string, string>? keep = null, TimeSpan slowest = default)
    {
        (_keep, _slowest) = (keep ?? (mail => mail), slowest);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => $"smtp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The raw text of each mail, in the order of their acceptance.</summary>
    public ConcurrentQueue<string> Mails { get; } = new();

    /// <summary>How often each subject was accepted.</summary>
    public Dictionary<string, int> Subjects() => Mails.GroupBy(SubjectOf).ToDictionary(g => g.Key, g => g.Count());

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.UTF8);
                await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\r\n" };
                await writer.WriteLineAsync("220 sink");
                while (await reader.ReadLineAsync(_end.Token) is { } line)
                {
                    var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                    if (verb == "EHLO") await writer.WriteLineAsync("250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8");
                    else if (verb == "DATA")
                    {
                        await writer.WriteLineAsync("354 go on");
                        var mail = new StringBuilder();
                        while (true)
                        {
                            if (await reader.ReadLineAsync(_end.Token) is not { } part) return; // Cut off before the end: never taken.
                            if (part == ".") break;
                            mail.Append(part.StartsWith('.') ? part[1..] : part).Append('\n');
                        }

                        Mails.Enqueue(_keep(mail.ToString()));
                        if (_slowest > TimeSpan.Zero) await Task.Delay(_slowest * (0.2 + 0.8 * Random.Shared.NextDouble()), _end.Token);
                        await writer.WriteLineAsync("250 taken");
                    }
                    else if (verb == "QUIT")
                    {
                        await writer.WriteLineAsync("221 bye");
                        return;
                    }
                    else await writer.WriteLineAsync("250 ok");
                }
            }
            catch (Exception cut) when (cut is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The product was killed: that is what this sink is for.
            }
        }
    }

    private static string SubjectOf(string mail) =>
        mail.Split('\n').First(l => l.StartsWith("Subject: ", StringComparison.OrdinalIgnoreCase))["Subject: ".Length..].Trim();
}
