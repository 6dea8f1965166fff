using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>What is asked and said while somebody records a rights request and ends it.</summary>
public sealed class RightsRequestTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Requests = "/console/requests";

    [Fact]
    public async Task R34_An_erasure_is_asked_about_only_where_it_can_be_recorded()
    {
        var browser = await product.SignedInAsync("erases", Scope.Privacy);
        foreach (var (who, came, faults) in ((string, string, string[])[])[
            ("not an address", "", ["who"]), ("cust-99999", "", ["who"]), ("ana@erased.example", "2031-01-01T10:00", ["receivedAt"]),
        ])
        {
            var refused = await browser.PostAsync(Requests, ("type", "erasure"), ("who", who), ("receivedAt", came));
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            Assert.DoesNotContain("Erase everything", refused.Text, StringComparison.Ordinal);
            Assert.Equal(
                faults.Select(f => f + "-hint"),
                refused.Document.QuerySelectorAll("small.fault").Select(f => f.Id));
        }
    }

    [Fact]
    public async Task R34_The_question_about_the_erasure_of_a_contact_names_its_addresses()
    {
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/erase-1",
            new { name = "Ana", addresses = new[] { new { email = "one@erased.example" }, new { email = "two@erased.example" } } });
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/erase-2", new { name = "Bea" });
        var browser = await product.SignedInAsync("erases-all", Scope.Privacy);
        var asked = await browser.PostAsync(Requests, ("type", "erasure"), ("who", "erase-1"));
        Assert.Contains("Erase everything about erase-1?", asked.Text, StringComparison.Ordinal);
        Assert.Contains("This contact has 2 addresses: ", asked.Text, StringComparison.Ordinal);
        Assert.Contains("one@erased.example", asked.Text, StringComparison.Ordinal);
        Assert.Contains("two@erased.example", asked.Text, StringComparison.Ordinal);
        Assert.Contains(
            "This contact has no address. ",
            (await browser.PostAsync(Requests, ("type", "erasure"), ("who", "erase-2"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_leaves_the_question_about_an_erasure_finds_the_form_as_it_was_filled_in_and_nothing_recorded()
    {
        var browser = await product.SignedInAsync("leaves", Scope.Privacy);
        (string Name, string Value)[] typed =
            [("type", "erasure"), ("who", "left@erased.example"), ("receivedAt", ""), ("note", "By letter, with a copy of the passport")];
        var asked = await browser.PostAsync(Requests, typed);
        var button = asked.Document.QuerySelectorAll($"form[action='{Requests}'] button")[1];
        Assert.Equal("Leave it", button.TextContent);
        var left = await browser.PostAsync(
            Requests, asked.Fields(Requests), (button.GetAttribute("name")!, button.GetAttribute("value")!));
        Assert.Equal(HttpStatusCode.OK, left.Status);
        var stands = left.Fields(Requests);
        Assert.Equal(typed, typed.Select(t => (t.Name, stands[t.Name])));
        Assert.DoesNotContain(await product.Get<PrivacyDesk>().ListAsync(null, 1000, default), r => r.Type == PrivacyRight.Erasure);
    }

    [Fact]
    public async Task R33_Of_a_rectification_with_mistakes_in_it_the_name_is_not_said_to_be_missing()
    {
        var browser = await product.SignedInAsync("rectifies", Scope.Privacy);
        var refused = await browser.PostAsync(
            Requests, ("type", "rectification"), ("who", "ana@erased.example"), ("locale", "??"), ("timeZone", "Mars"),
            ("newAddress", "nope"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        var page = refused.Document;
        Assert.Equal(
            ["locale-hint", "timeZone-hint", "newAddress-hint"], page.QuerySelectorAll("small.fault").Select(f => f.Id));
        Assert.Equal("locale", page.QuerySelector("[autofocus]")!.Id);
        var empty = await browser.PostAsync(Requests, ("type", "rectification"), ("who", "ana@erased.example"));
        Assert.Contains("name-hint\" class=\"fault\">is required, or another correction", empty.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R31_A_request_that_cannot_be_ended_yet_is_shown_again_with_what_was_typed_and_what_is_wrong_with_it()
    {
        var request = await product.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Access, [CoreProduct.Email("ended@erased.example")], null, null, null, "test", default);
        var browser = await product.SignedInAsync("ends", Scope.Privacy);
        foreach (var act in (string[])["complete", "extend"])
        foreach (var (typed, why) in ((string, string)[])[("   ", "is required"), (new string('x', 1001), "must have 1 to 1000 characters")])
        {
            var path = $"{Requests}/{request.Id}/{act}";
            var refused = await browser.PostAsync(path, ("notice", typed));
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            var form = refused.Document.QuerySelector($"form[action='{path}']")!;
            Assert.StartsWith(why, form.QuerySelector("small.fault")!.TextContent, StringComparison.Ordinal);
            Assert.Equal((typed, true), (form.QuerySelector("textarea")!.TextContent, form.QuerySelector("[autofocus]") is not null));
        }

        Assert.Equal(
            $"{Requests}/{request.Id}?said=answered",
            (await browser.PostAsync($"{Requests}/{request.Id}/complete", ("notice", "Told by letter."))).Location);
    }

    [Fact]
    public async Task R31_A_request_is_red_when_it_is_overdue_amber_in_its_last_week_and_plain_before()
    {
        var browser = await product.SignedInAsync("colours", Scope.Privacy);
        async Task<(string Look, string Note)> HomeAsync()
        {
            var stat = (await browser.GetAsync("/console")).Document.QuerySelector($"a.stat[href='{Requests}']")!;
            return (stat.ClassName!, stat.QuerySelector(".note")!.TextContent);
        }

        foreach (var (ago, look, home, note) in ((int, string, string, string)[])[
            (0, "badge ", "", ""), (27, "badge warn", "stat warn", "1 due within a week"), (40, "badge bad", "stat bad", "1 overdue"),
        ])
        {
            var request = await product.Get<PrivacyDesk>().OpenAsync(
                PrivacyRight.Portability, [CoreProduct.Email($"asked{ago}@colours.example")], null, null, null, "test", default,
                came: product.Time.GetUtcNow().AddDays(-ago));
            var row = (await browser.GetAsync(Requests)).Document.QuerySelectorAll("tbody tr")
                .First(r => r.QuerySelector($"a[href='{Requests}/{request.Id}']") is not null);
            Assert.Equal((ago, look), (ago, row.QuerySelector(".badge")!.ClassName));
            if (home.Length > 0) Assert.Equal((home, note), await HomeAsync());
        }
    }
}
