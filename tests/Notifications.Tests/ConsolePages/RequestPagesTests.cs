using Notifications.Access;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>More rights requests than a page shows.</summary>
public sealed class RequestPagesTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Requests = "/console/requests";

    [Fact]
    public async Task R31_The_pages_of_requests_leave_out_none_whose_clock_runs_where_one_is_answered_between_two_of_them()
    {
        var browser = await product.SignedInAsync("pages", Scope.Privacy);
        var desk = product.Get<PrivacyDesk>();
        for (var i = 0; i < 55; i++)
        {
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await desk.OpenAsync(
                PrivacyRight.Access, [CoreProduct.Email($"page{i}@pages.example")], null, null, null, "test", default);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (string? path = Requests; path is not null;)
        {
            var page = (await browser.GetAsync(path)).Document;
            string[] ids =
                [.. page.QuerySelectorAll($"tbody a[href^='{Requests}/']").Select(a => a.GetAttribute("href")![(Requests.Length + 1)..])];
            foreach (var id in ids)
            {
                // Each is shown once, but what was answered meanwhile, which stands behind those whose clock runs now.
                if (!seen.Add(id)) Assert.Equal(PrivacyStatus.Completed, (await desk.FindAsync(id, default))!.Status);
            }

            path = page.QuerySelector("a[rel=next]")?.GetAttribute("href");
            if (path is not null) await browser.PostAsync($"{Requests}/{ids[^1]}/complete", ("notice", "Told."));
        }

        Assert.Empty((await desk.ListAsync(null, 1000, default)).Select(r => r.Id).Except(seen));
    }
}
