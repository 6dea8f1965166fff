using AngleSharp.Html.Dom;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>What the page of a person says of a stop, of a block and of a decision is so.</summary>
public sealed class PersonTruthsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private async Task<AddressKey> AgreedAsync(Address address)
    {
        var topic = product.Get<TopicCatalog>().Find(TopicKey.Newsletter)!;
        await product.Get<ConsentDesk>().OptInAsync(
            address, topic, new LedgerDraft(LedgerAction.OptIn, topic.Key, "old-system", "test") { PolicyVersion = "2026-01-01" },
            confirmed: true, "en", default);
        return product.Get<KeyRing>().KeyOf(address);
    }

    /// <summary>What stands beside a topic: status, since, source, policy.</summary>
    private static string[] Said(Screen screen, string topic) =>
        [
            .. screen.Document
                .QuerySelectorAll("table.grid tr")
                .First(r => r.QuerySelector("td")?.TextContent.Trim() == topic)
                .QuerySelectorAll("td")
                .Skip(1)
                .Take(4)
                .Select(c => c.TextContent.Trim()),
        ];

    [Theory]
    [InlineData(false, "by phone")]
    [InlineData(true, Objection.Source)]
    public async Task R42_After_a_stop_the_day_and_the_source_are_those_of_the_stop_and_no_policy_stands_beside_it(
        bool objects, string source)
    {
        var address = CoreProduct.Email($"stopped-{objects}@truths.example");
        var key = await AgreedAsync(address);
        var name = product.Get<TopicCatalog>().Find(TopicKey.Newsletter)!.Name;
        static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", System.Globalization.CultureInfo.InvariantCulture);
        var browser = await product.SignedInAsync("truths-" + objects, Scope.All);
        Assert.Equal(
            ["subscribed", Day(product.Time.GetUtcNow()), "old-system", "2026-01-01"],
            Said(await browser.GetAsync("/console/people/" + key.Value), name));

        product.Time.Advance(TimeSpan.FromDays(3));
        browser = await product.SignedInAsync("truths-later-" + objects, Scope.All);
        if (objects) await product.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Objection, [address], null, null, null, "test", default);
        else await browser.PostAsync($"/console/people/{key.Value}/stop", ("topic", LedgerDraft.AllTopics), ("source", "phone"));
        Assert.Equal(
            ["unsubscribed", Day(product.Time.GetUtcNow()), source, ""],
            Said(await browser.GetAsync("/console/people/" + key.Value), name));
    }

    [Theory]
    [InlineData("none", "Once lifted, what its owner had agreed to holds again, and is sent.")]
    [InlineData("stop", "Once lifted, nothing is sent to it all the same: its owner said stop to everything.")]
    [InlineData("restriction", "Once lifted, nothing is sent to it all the same: the processing of its data is restricted.")]
    [InlineData("disabled", "Once lifted, nothing is sent to it all the same: its account is disabled.")]
    public async Task P1_Who_lifts_a_block_is_promised_no_mail_where_something_else_forbids_it(string besides, string told)
    {
        var address = CoreProduct.Email(besides + "@lifted.example");
        var key = await AgreedAsync(address);
        var browser = await product.SignedInAsync("lifts-" + besides, Scope.All);
        if (besides == "stop")
            await browser.PostAsync($"/console/people/{key.Value}/stop", ("topic", LedgerDraft.AllTopics), ("source", "phone"));
        if (besides == "restriction")
            await product.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Restriction, [address], null, null, null, "test", default);
        if (besides == "disabled")
        {
            await product.SendAsync(
                HttpMethod.Put, "/v1/contacts/lifted-1", new { name = "Ana", addresses = new[] { new { email = address.Value } } });
            await browser.PostAsync("/console/contacts/lifted-1/status", ("to", "disabled"), ("sure", "yes"));
        }

        await browser.PostAsync($"/console/people/{key.Value}/block", ("reason", "manual"));
        foreach (var path in (string[])[$"/console/people/{key.Value}/unblock", $"/console/blocked/{key.Value}/lift"])
            Assert.Contains(told, (await browser.PostAsync(path)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_opens_at_the_answer_to_why_or_why_not()
    {
        var key = await AgreedAsync(CoreProduct.Email("why@truths.example"));
        var browser = await product.SignedInAsync("asks-why", Scope.Privacy);
        var page = (await browser.GetAsync($"/console/people/{key.Value}?topic=newsletter")).Document;
        var form = page.QuerySelectorAll("form").OfType<IHtmlFormElement>().Single(f => f.QuerySelector("select[name=topic]") is not null
            && f.GetAttribute("method") == "get");
        var at = form.GetAttribute("action")!.Split('#');
        Assert.Equal("/console/people/" + key.Value, at[0]);
        Assert.Contains("It would have been sent.", page.GetElementById(at[1])!.TextContent, StringComparison.Ordinal);
    }
}
