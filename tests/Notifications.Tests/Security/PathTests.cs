using System.Net;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Unsubscribe;

namespace Notifications.Tests.Security;

/// <summary>Paths that climb out of where they stand (CWE-22).</summary>
public sealed class PathTests(ProductFixture product, PublicSite site) : IClassFixture<ProductFixture>, IClassFixture<PublicSite>
{
    private static readonly string[] Climbs =
    [
        "..",
        "%2e%2e", "..%2f..%2f..%2f..%2fetc%2fpasswd", "..%5c..%5cwindows%5cwin.ini", "%2e%2e%2fkeyring.json", "..%2fkeyring.json",
        "..%252fkeyring.json", "....%2f%2fkeyring.json", "%2fetc%2fpasswd", "C:%5cwindows", "file:%2f%2f%2fetc%2fpasswd", "%00", "x%00.csv",
        "..%c0%afetc", "~", "%EF%BC%8E%EF%BC%8E%2fkeyring.json", "CON", "keyring.json",
    ];

    // Sent as they are: the client would tidy them up.
    private static Uri Raw(Uri at, string path) =>
        new(at.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    [Fact]
    public async Task No_parameter_of_any_route_names_a_file()
    {
        var before = await product.StoredAsync();
        foreach (var door in Door.All(product).Where(d => d.Pattern.Contains('{', StringComparison.Ordinal)))
        {
            foreach (var climb in Climbs)
            {
                using var request = new HttpRequestMessage(
                    new HttpMethod(door.Method),
                    Raw(product.Anonymous.BaseAddress!, door.PathWith(climb) + "?file=" + climb + "&name=" + climb));
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + product.Secret);
                using var answer = await product.Anonymous.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                Assert.True((int)answer.StatusCode < 500, $"{door} {climb}: {answer.StatusCode}");
                Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
            }
        }

        Assert.True(await product.StoredAsync() >= before);
    }

    [Fact]
    public async Task Neither_an_asset_nor_the_inbox_gives_out_what_lies_in_the_data_directory()
    {
        foreach (var place in (string[])[
            "/assets/", "/assets/site.css/", "/inbox/messages/", "/inbox/mails/", "/openapi/", "/", "/health/",
        ])
        {
            foreach (var climb in Climbs)
            {
                foreach (var end in (string[])["", "/raw", "/html"])
                {
                    using var answer =
                        await site.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Raw(site.Url, place + climb + end)));
                    var text = await answer.Content.ReadAsStringAsync();
                    // A path that climbs from one page of ours to another is that page's.
                    Assert.True((int)answer.StatusCode < 500, $"{place}{climb}{end}: {answer.StatusCode}");
                    Assert.DoesNotContain("lookup", text, StringComparison.Ordinal);
                    Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task The_inbox_answers_this_machine_alone_and_nobody_behind_a_proxy_on_it()
    {
        using var ours = await site.Http.GetAsync(new Uri("/inbox", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, ours.StatusCode);
        foreach (var path in (string[])[
            "/inbox", "/inbox/messages", "/inbox/messages/x", "/inbox/mails/x", "/inbox/phones/x", "/inbox/messages/x/raw",
            "/inbox/messages/x/html",
        ])
        {
            foreach (var (name, value) in new[]
            {
                ("Host", "evil.example"),
                ("Host", "127.0.0.1.evil.example"),
                ("Host", "mail.example.com:7071"),
                ("X-Forwarded-For", "203.0.113.7"),
                ("Forwarded", "for=203.0.113.7"),
                ("X-Real-IP", "203.0.113.7"),
                ("Via", "1.1 proxy"),
                ("X-Forwarded-Host", "mail.example.com"),
                ("X-Forwarded-Proto", "https"),
            })
            {
                var answer = await new Visitor(site.Http).KnockAsync("GET", path, null, (name, value));
                Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{path} {name}: {answer.Status}");
            }
        }

        foreach (var (method, path) in new[] { ("POST", "/inbox/sms"), ("DELETE", "/inbox/messages") })
        {
            foreach (var (name, value) in new[]
            {
                ("Origin", "https://evil.example"),
                ("Sec-Fetch-Site", "cross-site"),
                ("Sec-Fetch-Site", "same-site"),
                ("Host", "evil.example"),
            })
            {
                var answer = await new Visitor(site.Http).KnockAsync(method, path, null, (name, value));
                Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{path} {name}: {answer.Status}");
            }
        }
    }
}
