using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Notifications.Benchmarks.Load;

/// <summary>What a load came to.</summary>
internal sealed record LoadResult(double PerSecond, double P50Ms, double P99Ms, int Failures);

/// <summary>
/// Requests over kept-open loopback connections, each the next as soon as the last was answered; as lean as a client can be, and the same
/// for both sides.
/// </summary>
internal static class HttpLoad
{
    /// <summary>Sends <paramref name="requests"/> in order, spread over connections, and counts answers that are not 2xx.</summary>
    public static async Task<LoadResult> RunAsync(int port, IReadOnlyList<byte[]> requests, int connections)
    {
        var next = -1;
        var failures = 0;
        var times = new long[requests.Count];
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            var buffer = new byte[16 * 1024];
            while (Interlocked.Increment(ref next) is var i && i < requests.Count)
            {
                var at = Stopwatch.GetTimestamp();
                await socket.SendAsync(requests[i]);
                if (!await ReadAnswerAsync(socket, buffer)) Interlocked.Increment(ref failures);
                times[i] = Stopwatch.GetTimestamp() - at;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Array.Sort(times);
        return new LoadResult(requests.Count / seconds, Ms(times[times.Length / 2]), Ms(times[(int)(times.Length * 0.99)]), failures);
    }

    /// <summary>The bytes of one HTTP/1.1 POST.</summary>
    public static byte[] Post(string path, string contentType, string body, string? headers = null) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}");

    private static async ValueTask<bool> ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0) throw new IOException("The server closed the connection.");
            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;
            var head = buffer.AsSpan(0, end);
            if (length < end + 4 + BodyLength(head)) continue;
            return head["HTTP/1.1 ".Length] == (byte)'2';
        }
    }

    private static int BodyLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0) return head["HTTP/1.1 ".Length..].StartsWith("204"u8) ? 0 : throw new IOException("The answer has no Content-Length.");
        var digits = head[(at + "Content-Length: ".Length)..];
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out int length, out _) ? length : 0;
    }

    private static double Ms(long ticks) => Stopwatch.GetElapsedTime(0, ticks).TotalMilliseconds;
}
