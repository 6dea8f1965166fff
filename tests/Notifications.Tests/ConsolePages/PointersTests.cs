using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Product;

namespace Notifications.Tests.ConsolePages;

/// <summary>What a screen reader follows on a page leads somewhere, and to one place.</summary>
public sealed partial class PointersTests : IDisposable
{
    private const int OfOneKind = 8; // Pages whose paths differ in an id alone.
    private readonly string _data = Directory.CreateTempSubdirectory("pointers").FullName;

    [Fact]
    public async Task R57_On_every_page_of_the_demo_an_id_stands_once_and_what_labels_and_descriptions_point_at_is_there()
    {
        await using var host = await LocalProcess.StartAsync(_data, "--demo");
        var console = new ConsoleClient(host.Http);
        await console.SignInAsync(LocalProcess.ApiKey);
        var (next, wrong) = (new Queue<string>(["/console", "/subscribe", "/find", "/inbox"]), new List<string>());
        void Look(string path, Screen screen)
        {
            Assert.True(screen.Status is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{path} answers {screen.Status}");
            if (screen.Response.Content.Headers.ContentType?.MediaType != "text/html") return;
            var page = new HtmlParser().ParseDocument(screen.Text);
            wrong.AddRange(Wrong(page).Select(w => $"{path}: {w}"));
            foreach (var link in page.QuerySelectorAll("a[href^='/']")) next.Enqueue(link.GetAttribute("href")!.Split('#')[0]);
        }

        foreach (var who in (string[])["ana@example.com", "+14155550101", "c-1001", "nobody.yet@example.com"])
        {
            var found = await console.PostAsync("/console/people", ("who", who));
            if (found.Location is { } person) next.Enqueue(person);
            else Look(who, found);
        }

        var inbox = await (await host.Http.GetAsync("/inbox/messages")).Content.ReadAsStringAsync();
        foreach (Match link in Links().Matches(inbox)) next.Enqueue(link.Value);
        var (seen, kinds) = (new HashSet<string>(), new Dictionary<string, int>());
        while (next.TryDequeue(out var path))
        {
            var parts = path.Split('?')[0].Split('/');
            var kind = $"{string.Join('/', parts.Take(3).Select(p => p.Length > 20 ? "" : p))} {parts.Length} {parts[^1].Length > 11}";
            if (kinds.GetValueOrDefault(kind) >= OfOneKind || !seen.Add(path)) continue;
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            Look(path, await console.GetAsync(path));
        }

        foreach (var begins in (string[])["/u/", "/p/", "/console/people/", "/console/requests/", "/console/campaigns/", "/console/audit"])
            Assert.Contains(seen, s => s.StartsWith(begins, StringComparison.Ordinal));
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Wrong(IDocument page)
    {
        foreach (var twice in page.QuerySelectorAll("[id]").GroupBy(e => e.Id).Where(g => g.Count() > 1)) yield return "twice " + twice.Key;
        foreach (var name in (string[])["for", "aria-describedby", "aria-labelledby"])
            foreach (var element in page.QuerySelectorAll($"[{name}]"))
                foreach (var id in element.GetAttribute(name)!.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    if (page.GetElementById(id) is null) yield return $"{name} {id} leads nowhere";
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [GeneratedRegex("/[upc]/[A-Za-z0-9_.-]{20,}")]
    private static partial Regex Links();
}
