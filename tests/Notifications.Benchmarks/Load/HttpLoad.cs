using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Notifications.Benchmarks.Load;

/// <summary>What a load came to.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Times">How long each answer took, in ticks of the stopwatch.</param>
/// <param name="Failures">Answers that were not 2xx.</param>
internal sealed record LoadResult(double Seconds, long[] Times, int Failures)
{
    public double PerSecond => Times.Length / Seconds;

    public double P99Ms
    {
        get
        {
            var sorted = Times.Order().ToArray();
            return Stopwatch.GetElapsedTime(0, sorted[(int)(sorted.Length * 0.99)]).TotalMilliseconds;
        }
    }

    public static LoadResult Of(IReadOnlyCollection<LoadResult> turns) =>
        new(turns.Sum(t => t.Seconds), [.. turns.SelectMany(t => t.Times)], turns.Sum(t => t.Failures));
}

/// <summary>
/// Requests over kept-open loopback connections, each the next as soon as the last was answered; as lean as a client can be, and the same
/// for both sides.
/// </summary>
internal static class HttpLoad
{
    private const int Turns = 5;

    /// <summary>
    /// The product and the empty server under the same requests: both warm first, then in turn, so that what else the machine does falls
    /// on both alike.
    /// </summary>
    public static async Task<(LoadResult Product, LoadResult Limit)> InTurnAsync(
        ServerProcess product, ServerProcess empty, byte[][] warm, byte[][] counted, int connections)
    {
        await RunAsync(empty.Port, warm, connections);
        await RunAsync(product.Port, warm, connections);
        List<LoadResult> products = [], limits = [];
        foreach (var turn in counted.Chunk(counted.Length / Turns))
        {
            limits.Add(await RunAsync(empty.Port, turn, connections));
            products.Add(await RunAsync(product.Port, turn, connections));
        }

        return (LoadResult.Of(products), LoadResult.Of(limits));
    }

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
        return new LoadResult(Stopwatch.GetElapsedTime(started).TotalSeconds, times, failures);
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
}
