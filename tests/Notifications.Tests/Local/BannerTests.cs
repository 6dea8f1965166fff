using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Local;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Local;

public sealed partial class BannerTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task The_line_that_is_printed_to_be_copied_signs_somebody_up()
    {
        var directory = Directory.CreateTempSubdirectory("notifications-");
        try
        {
            using var console = new StringWriter();
            await Banner.WriteAsync(
                console, new LocalOptions(), product.Get<NotificationsOptions>(),
                DataDirectory.Open(directory.FullName), "nk_printed", true, null);
            var line = Line().Match(console.ToString());
            Assert.Equal("http://127.0.0.1:7071/v1/consents", line.Groups[1].Value);
            var answer = await product.PostAsync(new Uri(line.Groups[1].Value).AbsolutePath, line.Groups[2].Value);
            Assert.True(answer.Status == HttpStatusCode.Accepted, answer.Text);
            await product.WorkAsync();
            Assert.Contains(product.Sent.Emails, e => e.To == "ana@example.com"); // What the next sentence says to look for.
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_start_with_a_key_that_was_revoked_says_so()
    {
        var settings = product.Get<NotificationsOptions>();
        Assert.StartsWith(
            "This API key was revoked on 2026-03-02 at 12:05 UTC and opens nothing.",
            Banner.Warnings(settings, new DateTimeOffset(2026, 3, 2, 12, 5, 0, TimeSpan.Zero)).First(),
            StringComparison.Ordinal);
        Assert.DoesNotContain(Banner.Warnings(settings), static w => w.Contains("revoked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_sends_real_mail_has_no_way_out_for_texts_and_says_so_at_the_start_and_of_each()
    {
        var settings = product.Get<NotificationsOptions>();
        Assert.Contains(Banner.Warnings(settings, byMail: true), Tells);
        Assert.DoesNotContain(Banner.Warnings(settings), Tells);

        var services = new ServiceCollection();
        LocalHost.AddSenders(services, "smtp://127.0.0.1:25");
        await using var host = services.BuildServiceProvider();
        var ended = await host.GetRequiredService<ISmsSender>().SendAsync(
            new OutgoingSms(default, "+18005550100", "+14155552671", "Your parcel has arrived."), default);
        Assert.Equal((HandOffResult.Rejected, "This host has no way out for texts."), (ended.Result, ended.Detail));

        static bool Tells(string warning) => warning.Contains("texts have no way out", StringComparison.Ordinal);
    }

    [GeneratedRegex("curl -s (http\\S+) .*-H 'Content-Type: application/json' -d '([^']+)'")]
    private static partial Regex Line();
}
