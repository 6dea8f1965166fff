using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Notifications.Tests.Product;
using Xunit.Abstractions;

namespace Notifications.Tests.Imports;

/// <summary>kill -9 in the middle of an import: it is carried on, and comes to exact counts and to one ledger entry for each row.</summary>
public sealed class ImportKillTests(ITestOutputHelper output) : IDisposable
{
    private const int People = 30_000, Kills = 3;
    private readonly string _data = Directory.CreateTempSubdirectory("notifications-import-").FullName;

    [Fact]
    public async Task P5_An_import_killed_again_and_again_completes_with_every_row_counted_once()
    {
        var file = new StringBuilder(ImportWorld.Header);
        int lowered = 0, rejected = 0;
        for (var i = 0; i < People; i++)
        {
            if (i % 17 == 3)
            {
                rejected++;
                file.Append("nobody").Append(i).Append(",,newsletter,email,subscribed,,,,,,,,,\n");
            }
            else if (i % 10 == 0)
            {
                lowered++;
                file.Append(Person(i)).Append(",,newsletter,email,unsubscribed,,,,,,,,,\n");
            }
            else file.Append(ImportWorld.Agreed(Person(i)));
        }

        var random = new Random(20261125);
        string? id = null;
        int interrupted = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var host = await LocalProcess.StartAsync(_data);
            id ??= await UploadAsync(host, file.ToString());
            var clock = Stopwatch.StartNew();
            while ((await host.GetAsync("/v1/imports/" + id)).GetProperty("processed").GetInt64() is var done
                && done < People * (kill + 1) / (Kills + 2)
                && clock.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(10);
            }

            await Task.Delay(random.Next(0, 60)); // A random moment, not a wait for something.
            if ((await host.GetAsync("/v1/imports/" + id)).GetProperty("status").GetString() == "running") interrupted++;
            await host.KillAsync();
        }

        Assert.True(interrupted > 0, "No kill came while the import ran: the test did not try hard enough.");
        await using var last = await LocalProcess.StartAsync(_data);
        JsonElement import;
        var waited = Stopwatch.StartNew();
        while ((import = await last.GetAsync("/v1/imports/" + id)).GetProperty("status").GetString() != "completed")
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(90), $"Still {import}.\n{last.Output}");
            await Task.Delay(50);
        }

        output.WriteLine($"{Kills} kills, {interrupted} while it ran: {import}");
        Assert.Equal((People, People - rejected, rejected, lowered), import.Counts());
        var audience = await last.PostAsync("/v1/audiences/count", new { topic = "newsletter", channel = "email" });
        // Whom a kill left out of the index, the import that went on put in.
        Assert.Equal(People - rejected - lowered, audience.Body.GetProperty("selected").GetInt32());
        var export = (await last.Http.GetStringAsync("/v1/exports/preferences.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(People - rejected, export.Length - 1);
        Assert.Equal(lowered, export.Count(l => l.Contains(",unsubscribed,", StringComparison.Ordinal)));
        for (var i = 0; i < People; i += 997)
        {
            if (i % 17 == 3) continue;
            var ledger = await last.GetAsync("/v1/consents?email=" + Person(i));
            Assert.True(ledger.GetProperty("verified").GetBoolean());
            Assert.Single(ledger.GetProperty("entries").EnumerateArray());
        }
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static async Task<string> UploadAsync(LocalProcess host, string file)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("text/csv") },
        };
        using var answer = await host.Http.PostAsync("/v1/imports", content);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }

    private static string Person(int number) => $"person{number}@example.com";
}
