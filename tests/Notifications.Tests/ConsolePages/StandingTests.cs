using System.Net;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>What an operator must find without looking for it, and what is asked about before it is done.</summary>
public sealed class StandingTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task The_newest_alerts_are_on_the_page_however_many_came_before_them()
    {
        var alerts = product.Get<OperatorAlerts>();
        for (var i = 0; i < 1010; i++) await alerts.RaiseAsync("circuit-open", $"Number {i}.", $"code-{i}", default);
        product.Time.Advance(TimeSpan.FromHours(2));
        await alerts.RaiseAsync("ledger-broken", "The newest of all.", null, default);
        var (newest, more) = await alerts.NewestAsync(product.Time.GetUtcNow().AddDays(-1), 500, default);
        Assert.Equal(("ledger-broken", 500, true), (newest[0].Kind, newest.Count, more));
        var page = await (await product.SignedInAsync("alerted", Scope.Admin)).GetAsync("/console/alerts");
        Assert.Contains("The newest of all.", page.Text, StringComparison.Ordinal);
        Assert.Contains("There were more than these 500", page.Text, StringComparison.Ordinal);
        Assert.False((await alerts.NewestAsync(product.Time.GetUtcNow(), 1, default)).More);
    }

    [Fact]
    public async Task R35_A_restriction_that_stands_is_marked_and_comes_before_what_is_over_and_can_be_lifted_without_any_address()
    {
        var desk = product.Get<PrivacyDesk>();
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/standing-1", new { name = "Ana" });
        var restricted = await desk.OpenAsync(PrivacyRight.Restriction, [], "standing-1", null, null, "agent:mia", default);
        for (var i = 0; i < 3; i++)
            await desk.OpenAsync(
                PrivacyRight.Objection, [CoreProduct.Email($"o{i}@standing.example")], null, null, null, "agent:mia", default);
        var console = await product.SignedInAsync("standing", Scope.All);
        var list = (await console.GetAsync("/console/requests")).Text;
        Assert.Contains(">stands<", list, StringComparison.Ordinal);
        Assert.True(list.IndexOf(restricted.Id, StringComparison.Ordinal) < list.IndexOf(">completed<", StringComparison.Ordinal));
        var one = await console.GetAsync("/console/requests/" + restricted.Id);
        Assert.Contains("Lift the restriction", one.Text, StringComparison.Ordinal);
        await console.PostAsync($"/console/requests/{restricted.Id}/lift", ("notice", "Told by letter."));
        Assert.Contains(">completed<", (await console.GetAsync("/console/requests/" + restricted.Id)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(">stands<", (await console.GetAsync("/console/requests")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R31_The_export_of_an_account_without_addresses_can_be_read()
    {
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/standing-2", new { name = "Bea" });
        var asked = await product.PostAsync("/v1/privacy/requests", new { type = "access", contactId = "standing-2" });
        var path = asked.Json.GetProperty("exportUrl").GetString()!;
        Assert.Contains("Bea", (await product.GetAsync(path)).Text, StringComparison.Ordinal);
        var screen = await (await product.SignedInAsync("reads", Scope.All)).GetAsync("/console/requests/" + asked["id"]);
        Assert.Contains("The export", screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R41_A_review_leads_to_the_page_of_whoever_has_one()
    {
        var desk = product.Get<ReviewDesk>();
        var known = CoreProduct.Email("known@review.example");
        await product.SubscribedAsync(known, TopicKey.Newsletter);
        foreach (var address in (Address[])[known, CoreProduct.Email("nobody@review.example")])
            await desk.OpenAsync(
                new ReviewItem
                {
                    Id = desk.IdOf(address.Value, product.Time.GetUtcNow()),
                    Channel = Channel.Email,
                    AddressKey = product.Key(address).Value,
                    From = address.Value,
                    Text = "Please, no more of it?",
                    At = product.Time.GetUtcNow(),
                },
                default);
        var console = await product.SignedInAsync("follows", Scope.All);
        var links = (await console.GetAsync("/console/review")).Document.QuerySelectorAll("a")
            .Where(a => a.TextContent.Contains("@review.example", StringComparison.Ordinal))
            .ToList();
        Assert.Equal("known@review.example", Assert.Single(links).TextContent);
        Assert.Equal(HttpStatusCode.OK, (await console.GetAsync(links[0].GetAttribute("href")!)).Status);
        foreach (var item in await desk.ListAsync(false, null, 100, default))
            await desk.ResolveAsync(item.Id, ReviewVerdict.NotARevocation, "agent:mia", default);
    }

    [Fact]
    public async Task A_review_is_read_as_a_stop_only_after_it_was_asked_about()
    {
        var desk = product.Get<ReviewDesk>();
        var item = new ReviewItem
        {
            Id = desk.IdOf("standing-3", product.Time.GetUtcNow()),
            Channel = Channel.Email,
            AddressKey = product.Key(CoreProduct.Email("stop.by@standing.example")).Value,
            Text = "Stop by at five?",
            At = product.Time.GetUtcNow(),
        };
        await desk.OpenAsync(item, default);
        var console = await product.SignedInAsync("decides", Scope.Admin);
        await console.GetAsync("/console/review");
        var asked = await console.PostAsync("/console/review/" + item.Id, ("verdict", "revoke"));
        Assert.Contains("Only they can take that back", asked.Text, StringComparison.Ordinal);
        Assert.NotEmpty(await desk.ListAsync(false, null, 10, default));
        await console.PostAsync("/console/review/" + item.Id, ("verdict", "revoke"), ("sure", "yes"));
        Assert.Empty(await desk.ListAsync(false, null, 10, default));
    }
}
