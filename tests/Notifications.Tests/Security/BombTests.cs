using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Notifications.Access;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

/// <summary>Bodies that are too much: long, deep, wide, packed. Each is refused with a 4xx and costs nothing that lasts.</summary>
public sealed class BombTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    // Less than Kestrel refuses by itself (28.6 MiB), so that it is the product that refuses.
    private const int Much = 24 * 1024 * 1024;

    private static bool Refused(HttpStatusCode status) => (int)status is >= 400 and < 500;

    [Fact]
    public async Task No_route_takes_a_body_of_24_MiB_said_or_unsaid()
    {
        var before = await product.StoredAsync();
        var browser = new ConsoleClient(product.Anonymous);
        await browser.SignInAsync(await product.KeyAsync(Scope.All));
        var signedIn = await product.StoredAsync();
        var tried = 0;
        foreach (var door in Door.All(
            product).Where(d => d.Method is "POST" or "PUT" or "PATCH" && d.Pattern is not ("/v1/imports" or "/console/imports")))
        {
            foreach (var type in (string[])[
                "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/csv",
            ])
            {
                // The export of a person is read whole, up to its limit.
                var much = door.Pattern == "/v1/privacy/imports" ? 65L << 20 : Much;
                // With Expect the client sends the body only when it is asked for it, which nobody should.
                using var request = new HttpRequestMessage(
                    new HttpMethod(door.Method),
                    door.LinkPath(product)
                    + (door.Pattern.StartsWith("/webhooks/", StringComparison.Ordinal) ? "?secret=" + ProductFixture.WebhookSecret : ""))
                {
                    Content = new StreamContent(new Endless(much))
                    {
                        Headers = { ContentType = MediaTypeHeaderValue.Parse(type), ContentLength = much },
                    },
                };
                request.Headers.ExpectContinue = true;
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + product.Secret);
                request.Headers.TryAddWithoutValidation("Cookie", "console=" + browser.Cookie);
                using var answer = await product.Anonymous.SendAsync(request);
                Assert.True(Refused(answer.StatusCode) || (int)answer.StatusCode is 303, $"{door} {type}: {answer.StatusCode}");
                if ((door.IsApi || (door.IsPublic && !door.Pattern.StartsWith("/console", StringComparison.Ordinal)))
                    && door.Pattern != "/v1/imports/preview")
                {
                    Assert.True(answer.StatusCode != HttpStatusCode.BadRequest, $"{door} {type} was read, and only then refused.");
                }

                tried++;
            }
        }

        Assert.True(tried > 100, $"{tried} tried.");
        Assert.Equal(signedIn, await product.StoredAsync());
        Assert.True(signedIn >= before);
        foreach (var path in (string[])[
            "/v1/messages", "/v1/messages/batch", "/v1/consents", "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret,
            "/webhooks/17track",
        ])
        {
            // Unsaid: as chunks. The server hangs up in the middle, which the client may see before the answer.
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StreamContent(new Endless(Much))
                {
                    Headers = { ContentType = MediaTypeHeaderValue.Parse("application/json") },
                },
            };
            request.Headers.TransferEncodingChunked = true;
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + product.Secret);
            try
            {
                using var answer = await product.Anonymous.SendAsync(request);
                Assert.True(Refused(answer.StatusCode) && answer.StatusCode != HttpStatusCode.BadRequest, $"{path}: {answer.StatusCode}");
            }
            catch (HttpRequestException cut)
            {
                Assert.True(
                    cut.HttpRequestError is HttpRequestError.Unknown or HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse,
                    $"{path}: {cut.HttpRequestError}");
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await product.Anonymous.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task JSON_that_is_deep_wide_long_in_its_numbers_or_twice_the_same_is_refused_or_taken_and_never_an_error_of_ours()
    {
        string[] bodies =
        [
            Deep("[", "]", 60_000), Deep("{\"a\":", "}", 15_000, "1"),
            "{" + string.Join(',', Enumerable.Range(0, 9_000).Select(i => $"\"f{i}\":1")) + "}",
            "{\"topic\":" + new string('9', 100_000) + "}",
            "{\"topic\":1e999999999}", "{\"topic\":\"" + string.Concat(Enumerable.Repeat("\\ud800", 15_000)) + "\"}",
            "{" + string.Join(',', Enumerable.Repeat("\"topic\":\"newsletter\"", 5_000)) + "}",
            "[" + string.Join(',', Enumerable.Repeat("{}", 40_000)) + "]", new string('\0', 1000), "\"" + new string('x', 100_000) + "\"",
            "",
        ];
        var visitor = new Visitor(product.Anonymous) { Bearer = product.Secret };
        foreach (var door in Door.All(product).Where(d => d.Method is "POST" or "PUT" or "PATCH" && !d.IsConsole))
        {
            foreach (var body in bodies)
            {
                var answer = await visitor.KnockAsync(
                    door.Method, door.LinkPath(product) + "?secret=" + ProductFixture.WebhookSecret, Visitor.Json(body));
                Assert.True((int)answer.Status < 500, $"{door} with {body[..Math.Min(body.Length, 30)]}: {answer.Status} {answer.Text}");
            }
        }

        foreach (var depth in (int[])[10, 63, 64, 65, 1000, 20_000])
        {
            var sent = await product.PostAsync(
                "/v1/messages", $$"""{"topic":"package-updates","to":{"email":"deep@example.com"},"data":{{Deep("[", "]", depth)}}}""");
            Assert.True(
                depth < 60
                    ? sent.Status is HttpStatusCode.Accepted or HttpStatusCode.BadRequest
                    : depth > 64 ? sent.Status == HttpStatusCode.BadRequest : (int)sent.Status < 500,
                $"{depth}: {sent.Status}");
        }

        static string Deep(string open, string close, int depth, string inside = "") =>
            string.Concat(Enumerable.Repeat(open, depth)) + inside + string.Concat(Enumerable.Repeat(close, depth));
    }

    [Fact]
    public async Task A_packed_body_is_never_unpacked()
    {
        foreach (var (encoding, with) in new (string, Func<Stream, Stream>)[]
        {
            ("gzip", s => new GZipStream(s, CompressionLevel.Fastest)),
            ("br", s => new BrotliStream(s, CompressionLevel.Fastest)),
            ("deflate", s => new ZLibStream(s, CompressionLevel.Fastest)),
        })
        {
            foreach (var (method, path, type, inside) in new[]
            {
                ("POST", "/v1/messages", "application/json",
                    """{"topic":"package-updates","to":{"email":"packed@example.com"},"content":{"subject":"s","text":"t"}}"""),
                ("POST", "/v1/messages/batch", "application/json",
                    """{"messages":[{"topic":"package-updates","to":{"email":"packed@example.com"},"content":{"subject":"s","text":"t"}}]}"""),
                ("POST", "/find", "application/x-www-form-urlencoded", "address=packed@example.com"),
                ("POST", "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret, "application/json", "[]"),
            })
            {
                // As it is it would be taken: a body that was unpacked would be too.
                using (var plain = new StringContent(
                    inside, Encoding.UTF8,
                    type)) Assert.False(
                        Refused((await new Visitor(product.Anonymous) { Bearer = product.Secret }.KnockAsync(method, path, plain)).Status),
                        path);
                var content = new ByteArrayContent(Pack(with, Encoding.UTF8.GetBytes(inside)))
                {
                    Headers = { ContentType = MediaTypeHeaderValue.Parse(type), ContentEncoding = { encoding } },
                };
                var answer = await new Visitor(product.Anonymous) { Bearer = product.Secret }.KnockAsync(method, path, content);
                Assert.True(Refused(answer.Status), $"{path} {encoding}: {answer.Status}");
                if (path != "/find") Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
            }

            var import = await product.UploadAsync(Pack(with, new byte[8 << 20]));
            if (import.Status == HttpStatusCode.Accepted)
            {
                await product.WorkAsync();
                var view = (await product.GetAsync("/v1/imports/" + import["id"])).Json;
                Assert.Equal(("failed", 0), (view.GetProperty("status").GetString(), view.GetProperty("accepted").GetInt32()));
            }
            else Assert.True(Refused(import.Status));
        }

        // Nothing of the product could, if it wanted to.
        foreach (var type in new[]
        {
            typeof(CoreServices),
            typeof(Notifications.Web.WebServices),
            typeof(Notifications.Local.LocalOptions),
            typeof(Notifications.Functions.Http.WebPipeline),
        })
        {
            Assert.DoesNotContain(
                type.Assembly.GetReferencedAssemblies(),
                a => a.Name!.Contains("Decompression", StringComparison.Ordinal)
                    || a.Name.StartsWith("System.IO.Compression", StringComparison.Ordinal));
        }

        static byte[] Pack(Func<Stream, Stream> with, byte[] inside)
        {
            using var packed = new MemoryStream();
            using (var into = with(packed)) into.Write(inside);
            return packed.ToArray();
        }
    }

    [Fact]
    public async Task Forms_with_too_many_fields_parts_or_headers_are_forms_without_a_choice()
    {
        var many = string.Join('&', Enumerable.Range(0, 1500).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}=1")));
        var parts =
            string.Concat(Enumerable.Range(0, 200).Select(i => $"--b\r\nContent-Disposition: form-data; name=\"f{i}\"\r\n\r\n1\r\n"))
                + "--b--\r\n";
        var headers = "--b\r\n"
            + string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: y\r\n"))
            + "Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        var nested =
            "--b\r\nContent-Type: multipart/form-data; boundary=c\r\n\r\n--c\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--c--\r\n--b--\r\n";
        var before = await product.StoredAsync();
        foreach (var door in Door.All(
            product).Where(
                d => d.IsPublic
                    && d.Method == "POST"
                    && d.Pattern.StartsWith("/u/", StringComparison.Ordinal)
                        | d.Pattern is "/subscribe" or "/find" or "/p/{token}" or "/c/{token}"))
        {
            foreach (var (body, type) in new[]
            {
                (many + "&List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
                (parts, "multipart/form-data; boundary=b"),
                (headers, "multipart/form-data; boundary=b"),
                (nested, "multipart/form-data; boundary=b"),
                (parts, "multipart/form-data"),
                (parts, "multipart/form-data; boundary=" + new string('b', 5000)),
                ("%", "application/x-www-form-urlencoded"),
                ("%zz=%", "application/x-www-form-urlencoded"),
                ("a=" + new string('b', 15_000), "application/x-www-form-urlencoded"),
            })
            {
                var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
                content.Headers.TryAddWithoutValidation("Content-Type", type);
                var answer = await new Visitor(product.Anonymous).KnockAsync("POST", door.LinkPath(product), content);
                Assert.True(Refused(answer.Status), $"{door} {type[..Math.Min(40, type.Length)]}: {answer.Status}");
            }
        }

        Assert.Equal(before, await product.StoredAsync());
    }

    [Fact]
    public async Task A_request_line_or_header_without_end_is_refused_before_any_of_it_is_read()
    {
        var visitor = new Visitor(product.Anonymous);
        Assert.Equal(HttpStatusCode.RequestUriTooLong, (await visitor.KnockAsync("GET", "/find?x=" + new string('x', 20_000))).Status);
        Assert.Equal(
            HttpStatusCode.RequestHeaderFieldsTooLarge,
            (await visitor.KnockAsync("GET", "/find", null, ("X-Long", new string('x', 40_000)))).Status);
        Assert.Equal(
            HttpStatusCode.RequestHeaderFieldsTooLarge,
            (await visitor.KnockAsync("GET", "/find", null, [.. Enumerable.Range(0, 150).Select(i => ($"X-{i}", "y"))])).Status);
    }

    /// <summary>A body of as many spaces as are asked for.</summary>
    private sealed class Endless(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var some = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, some).Fill((byte)' ');
            _left -= some;
            return some;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
