using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Events;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>A list goes on behind a row that no key of the ring opens, and says that something is missing.</summary>
public sealed class ShutListTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly byte[] Shut = [1, 250, .. new byte[60]]; // As something looks that another key had sealed.

    [Fact]
    public async Task R66_Every_list_of_the_console_shows_what_stands_behind_a_row_that_no_key_opens_and_says_that_one_is_missing()
    {
        var console = await product.SignedInAsync("olga", Scope.All);
        var segment = await product.PostAsync("/v1/segments", new { name = "Behind it", filter = new { locale = "de" } });
        var campaign = await product.PostAsync(
            "/v1/campaigns", new { name = "Behind it", topic = "newsletter", channel = "email", template = "newsletter" });
        var request = await product.PostAsync("/v1/privacy/requests", new { type = "access", email = "behind@example.com" });
        await product.PostAsync("/v1/lists", new { name = "Behind it" });
        await product.PostAsync(
            "/v1/templates", new { name = "behind", topic = "newsletter", channel = "sms", locale = "en", text = "x" });
        await product.Services.GetRequiredService<OperatorAlerts>().RaiseAsync("behind-it", "Behind it", null, default);
        var other = await product.PostAsync(
            "/v1/campaigns", new { name = "Shut", topic = "newsletter", channel = "email", template = "newsletter" });

        await ShutAsync(Tables.Segments, "segments", "!shut");
        await ShutAsync(Tables.Lists, "index", "!shut");
        await ShutAsync(Tables.Requests, "requests", "000000000000000-00000000");
        await ShutAsync(Tables.Alerts, "alerts", "~shut");
        await ShutAsync(Tables.Campaigns, other["id"]!, "campaign");
        await ShutAsync(Tables.Imports, "imports", "!shut");
        await ShutAsync(Tables.DeadLetters, Queues.Inbound, "!shut");
        await ShutAsync(Tables.Review, "items", "open:!shut");
        await ShutAsync(Tables.Keys, "keys", "!shut");
        foreach (var (path, shows) in new[]
        {
            ("/console/segments", segment["id"]!), ("/console/campaigns", campaign["id"]!), ("/console/requests", request["id"]!),
            ("/console/lists", "Behind it"), ("/console/alerts", "behind-it"), ("/console/imports", ""), ("/console/dead-letters", ""),
            ("/console/review", ""), ("/console/keys", "olga"), ("/console", ""),
        })
        {
            var screen = await console.GetAsync(path);
            Assert.True(screen.Status == HttpStatusCode.OK, $"{path}: {screen.Status}");
            Assert.Contains(shows, screen.Text, StringComparison.Ordinal);
            Assert.True(screen.Text.Contains("that no key of the ring opens", StringComparison.Ordinal), path);
        }

        // What is missing from one page is not missing from another.
        Assert.DoesNotContain(
            "that no key of the ring opens", (await console.GetAsync("/console/templates")).Text, StringComparison.Ordinal);
        // A program that reads a list is not told that it is whole.
        Assert.Equal(HttpStatusCode.InternalServerError, (await product.GetAsync("/v1/segments")).Status);
    }

    private async Task ShutAsync(string table, string partition, string row) =>
        await product.Store.CommitAsync(table, partition, [RowChange.Put(row, Shut)]);
}
