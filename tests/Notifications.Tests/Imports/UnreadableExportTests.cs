using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using CsvHelper;
using Notifications.Access;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>A file ended, half sent, at the first row that no key of the ring opens: one such row, and nobody had any export.</summary>
public sealed class UnreadableExportTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P6_R66_An_export_of_preferences_has_everybody_else_and_says_in_its_last_record_what_is_missing()
    {
        await product.ImportAsync(Header + string.Concat(((string[])["kept", "shut", "holed"]).Select(n => Agreed(n + "@shut.example"))));
        await product.ImportAsync(Header + "holed@shut.example,,surveys,email,unsubscribed,,,,,,,,,\n");
        var (kept, shut, holed) = (Key("kept"), Key("shut"), Key("holed"));
        await ShutAsync(Tables.Addresses, shut, Rows.State);
        await ShutAsync(Tables.Addresses, holed, Rows.Ledger(1));
        await ShutAsync(Tables.Addresses, kept, Rows.MessagePrefix + "!shut"); // Nothing of the file stands there.

        var file = await product.GetAsync("/v1/exports/preferences.csv");
        Assert.Equal(HttpStatusCode.OK, file.Status);
        var records = Read(file.Text);
        Assert.All(records, r => Assert.Equal(records[0].Length, r.Length));
        Assert.Contains(records, r => r is ["kept@shut.example", _, "newsletter", _, "subscribed", _, _, "Send me the newsletter.", ..]);
        Assert.Contains(records, r => r is ["holed@shut.example", _, "surveys", _, "unsubscribed", ..]);
        // It stands there without the evidence that nobody can read.
        Assert.Contains(
            records, r => r is ["holed@shut.example", _, "newsletter", _, "subscribed", _, _, "", _, "", "", ..]);
        Assert.Equal("unreadable", records[^1][4]);
        Assert.StartsWith("This file is incomplete: ", records[^1][0], StringComparison.Ordinal);
        foreach (var row in (string[])[$"addresses/{shut}/state", $"addresses/{holed}/{Rows.Ledger(1)}"])
            Assert.Contains(row, records[^1][0], StringComparison.Ordinal);
        Assert.Single(records, r => r[4] == "unreadable");

        var other = new ProductFixture();
        await other.InitializeAsync();
        try
        {
            // Whoever imports the file is told as well.
            var taken = await other.ImportAsync(file.Text);
            Assert.Contains(
                await other.ErrorsAsync(taken), e => e.StartsWith($"{records.Count},", StringComparison.Ordinal));
            Assert.Equal("subscribed", await other.StatusAsync("kept@shut.example"));
            Assert.DoesNotContain("subscribed ", await other.StatusAsync("holed@shut.example") + " ", StringComparison.Ordinal);
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task R66_A_list_of_the_blocked_and_a_list_of_errors_say_in_their_last_record_what_is_missing()
    {
        await product.PostAsync("/v1/suppressions", new { email = "blocked@shut.example", reason = "manual" });
        for (var i = 0; i < 25; i++) await ShutAsync(Tables.Suppressions, "-", $"-{i:D4}".PadRight(22, 'A'));
        var records = Read((await product.GetAsync("/v1/exports/suppressions.csv")).Text);
        Assert.Contains(records, r => r[0] == "blocked@shut.example");
        Assert.Equal("unreadable", records[^1][3]);
        Assert.StartsWith("This file is incomplete: 25 entries could not be read", records[^1][0], StringComparison.Ordinal);
        Assert.EndsWith(" and 5 more", records[^1][0], StringComparison.Ordinal);

        var import = await product.ImportAsync(Header + "nobody,,newsletter,email,subscribed,,,,,,,,,\n");
        var id = import.GetProperty("id").GetString();
        Assert.Single(await product.ErrorsAsync(import));
        await product.Blobs.PutAsync(Containers.Imports, $"{id}/errors-zzz", RawStorage.Shut);
        records = Read((await product.GetAsync($"/v1/imports/{id}/errors")).Text);
        Assert.Equal(3, records.Count);
        Assert.Contains($"imports/{id}/errors-zzz", records[^1][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task R66_The_recipients_of_a_campaign_as_a_file_have_everybody_and_say_in_the_last_record_what_is_missing()
    {
        foreach (var name in (string[])["one", "two"])
            await product.SubscribedAsync(CoreProduct.Email(name + "@shut.example"), TopicKey.Promotions);
        var campaign = (await product.PostAsync(
            "/v1/campaigns", new { name = "File", topic = "promotions", channel = "email", template = "promotions" }))["id"]!;
        await product.PostAsync($"/v1/campaigns/{campaign}/launch", new { });
        await product.WorkAsync();
        await ShutAsync(Tables.Addresses, Key("two"), Rows.State);
        using var asked = new HttpRequestMessage(HttpMethod.Get, $"/v1/campaigns/{campaign}/recipients")
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/csv") } },
        };
        using var answer = await product.Http.SendAsync(asked);
        var console = await product.SignedInAsync("otto", Scope.All);
        foreach (var file in (string[])[
            await answer.Content.ReadAsStringAsync(), (await console.PostAsync($"/console/campaigns/{campaign}/recipients")).Text,
        ])
        {
            var records = Read(file);
            Assert.Equal(4, records.Count);
            Assert.All(records, r => Assert.Equal(records[0].Length, r.Length));
            Assert.Contains(records, r => r[1] == "one@shut.example");
            Assert.All(records[1..^1], r => Assert.Equal("sent", r[2]));
            Assert.Equal("unreadable", records[^1][2]);
            Assert.Contains($"addresses/{Key("two")}/state", records[^1][0], StringComparison.Ordinal);
        }
    }

    private static List<string[]> Read(string file)
    {
        Assert.EndsWith("\r\n", file, StringComparison.Ordinal);
        using var csv = new CsvParser(new StringReader(file), CultureInfo.InvariantCulture);
        var records = new List<string[]>();
        while (csv.Read()) records.Add(csv.Record!);
        return records;
    }

    private string Key(string name) => product.Get<KeyRing>().KeyOf(CoreProduct.Email(name + "@shut.example")).Value;

    private async Task ShutAsync(string table, string partition, string row) =>
        await product.Store.CommitAsync(table, partition, [RowChange.Put(row, RawStorage.Shut)]);
}
