using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Notifications.Benchmarks.Load;

/// <summary>
/// A mail server in the benchmark's own process that takes everything and keeps nothing: it looks only for the ends of lines and mails.
/// </summary>
internal sealed class SinkServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private int _taken;

    public SinkServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Taken => Volatile.Read(ref _taken);

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The scenario is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                var buffer = new byte[64 * 1024];
                var (from, to) = (0, 0);
                await stream.WriteAsync("220 sink\r\n"u8.ToArray(), _end.Token);
                var inMail = false;
                while (true)
                {
                    // A command ends with a line, a mail with a line that holds one dot.
                    var end = buffer.AsSpan(from, to - from).IndexOf(inMail ? "\r\n.\r\n"u8 : "\r\n"u8);
                    if (end < 0)
                    {
                        if (from > 0)
                        {
                            buffer.AsSpan(from, to - from).CopyTo(buffer);
                            (from, to) = (0, to - from);
                        }

                        if (to == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
                        var read = await stream.ReadAsync(buffer.AsMemory(to), _end.Token);
                        if (read == 0) return;
                        to += read;
                        continue;
                    }

                    var line = Encoding.ASCII.GetString(buffer, from, Math.Min(end, 8)).ToUpperInvariant();
                    from += end + (inMail ? 5 : 2);
                    var answer = inMail
                        ? "250 taken\r\n"
                        : line.StartsWith("EHLO", StringComparison.Ordinal)
                            ? "250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n"
                            : line.StartsWith("DATA", StringComparison.Ordinal)
                                ? "354 go on\r\n"
                                : line.StartsWith("QUIT", StringComparison.Ordinal) ? "221 bye\r\n" : "250 ok\r\n";
                    if (inMail) Interlocked.Increment(ref _taken);
                    inMail = answer[0] == '3';
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _end.Token);
                    if (answer.StartsWith("221", StringComparison.Ordinal)) return;
                }
            }
        }
        catch (Exception cut) when (cut is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The client is gone.
        }
    }
}
