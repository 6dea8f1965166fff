using System.Net;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Web;

/// <summary>A phone that programs, agents and links name by different forms of its number.</summary>
public sealed class OtherFormRequestTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    // Nobody has stopped anything; it may be early in one of the country's zones.
    private static readonly string?[] Open = ["allowed", "quiet-hours"];

    [Theory]
    [InlineData("consent", "+541133334444", "+5491133334444"), InlineData("patch", "+5491133334445", "+541133334445")]
    [InlineData("block", "+551187654321", "+5511987654321"), InlineData("erasure", "+5511987654322", "+551187654322")]
    public async Task P1_M4_M7_What_a_program_or_an_agent_stops_by_one_form_is_stopped_by_the_other(string way, string stored, string named)
    {
        await AgreeAsync(stored);
        Assert.Contains(await ReasonAsync(stored), Open);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var reply = way switch
        {
            "consent" => await product.PostAsync("/v1/consents", new { phone = named, topic = "*", action = "opt-out" }),
            "patch" => await product.SendAsync(HttpMethod.Patch, "/v1/preferences", new { phone = named, stopAll = true }),
            "block" => await product.PostAsync("/v1/suppressions", new { phone = named, reason = "manual" }),
            _ => await product.PostAsync("/v1/privacy/requests", new { type = "erasure", phone = named }),
        };
        Assert.True((int)reply.Status < 300, reply.Text);
        foreach (var form in new[] { stored, named }) Assert.DoesNotContain(await ReasonAsync(form), Open);
    }

    [Fact]
    public async Task M7_The_console_finds_a_phone_by_either_form()
    {
        await AgreeAsync("+541133334446");
        var browser = await product.SignedInAsync("forms", Scope.All);
        var found = await browser.PostAsync("/console/people", ("who", "+5491133334446"));
        Assert.Equal(HttpStatusCode.SeeOther, found.Status);
        Assert.Equal(found.Location, (await browser.PostAsync("/console/people", ("who", "+541133334446"))).Location);
    }

    [Theory]
    [InlineData("/u/"), InlineData("/p/")]
    public async Task P4_M4_A_link_that_a_build_of_before_sent_to_the_other_form_stops_the_phone(string page)
    {
        var phone = CoreProduct.Phone(page == "/u/" ? "+5491133334447" : "+5491133334448");
        var former = product.Get<KeyRing>().FormerKeyOf(phone)!.Value;
        await product.Get<AddressBook>().ChangeAsync(
            former, ConsentDesk.Blank(phone.OtherForm!.Value), static (s, _) => new(s with { Locale = "es" }, []), null, default);
        await AgreeAsync(phone.Value);
        var token = product.Get<LinkTokens>().Write(
            new LinkToken(page == "/u/" ? LinkPurpose.Unsubscribe : LinkPurpose.Preferences, former, Channel.Sms)
            {
                Topic = page == "/u/" ? TopicKey.Newsletter : null,
            });
        using var form = new FormUrlEncodedContent(
            [page == "/u/" ? new("List-Unsubscribe", "One-Click") : new KeyValuePair<string, string>("stop", "*")]);
        using var answer = await product.Anonymous.PostAsync(page + token, form);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("unsubscribed", await ReasonAsync(phone.Value));
    }

    [Theory]
    [InlineData("/u/"), InlineData("/p/")]
    public async Task P4_R69_With_the_store_away_a_link_to_the_other_form_stops_nothing_in_the_record_that_was_left(string page)
    {
        var phone = CoreProduct.Phone(page == "/u/" ? "+5491133334449" : "+5491133334450");
        var former = product.Get<KeyRing>().FormerKeyOf(phone)!.Value;
        await product.Get<AddressBook>().ChangeAsync(
            former, ConsentDesk.Blank(phone.OtherForm!.Value), static (s, _) => new(s with { Locale = "es" }, []), null, default);
        await product.Get<PhoneForms>().JoinAsync(phone, default);
        await AgreeAsync(phone.Value);
        var token = product.Get<LinkTokens>().Write(
            new LinkToken(page == "/u/" ? LinkPurpose.Unsubscribe : LinkPurpose.Preferences, former, Channel.Sms)
            {
                Topic = page == "/u/" ? TopicKey.Newsletter : null,
            });
        foreach (var misses in new[] { 1, 0 })
        {
            using var form = new FormUrlEncodedContent(
                [page == "/u/" ? new("List-Unsubscribe", "One-Click") : new KeyValuePair<string, string>("stop", "*")]);
            product.Faults.Misses = misses;
            using var answer = await product.Anonymous.PostAsync(page + token, form);
            Assert.Equal(misses == 0 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(misses == 0, await ReasonAsync(phone.Value) == "unsubscribed");
        }
    }

    [Theory]
    [InlineData("stop"), InlineData("block")]
    public async Task P1_R42_What_an_agent_records_on_the_page_of_the_record_that_was_left_is_of_the_phone(string act)
    {
        var phone = CoreProduct.Phone(act == "stop" ? "+5491133334451" : "+5491133334452");
        var former = product.Get<KeyRing>().FormerKeyOf(phone)!.Value;
        await product.Get<AddressBook>().ChangeAsync(
            former, ConsentDesk.Blank(phone.OtherForm!.Value), static (s, _) => new(s with { Locale = "es" }, []), null, default);
        await product.Get<PhoneForms>().JoinAsync(phone, default);
        await AgreeAsync(phone.Value);
        Assert.Contains(await ReasonAsync(phone.Value), Open);
        var browser = await product.SignedInAsync("acts-" + act, Scope.All);
        var done = await browser.PostAsync($"/console/people/{former}/{act}", ("topic", "*"), ("source", "phone"), ("reason", "manual"));
        Assert.Equal(HttpStatusCode.SeeOther, done.Status);
        Assert.DoesNotContain(await ReasonAsync(phone.Value), Open);
    }

    private async Task AgreeAsync(string phone) =>
        await product.PostAsync(
            "/v1/consents",
            new
            {
                phone,
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                wording = "Yes.",
                evidence = new { confirmed = true, ip = "203.0.113.7" },
            });

    private async Task<string?> ReasonAsync(string phone) =>
        (await product.PostAsync(
            "/v1/decisions", new { topic = "newsletter", to = new { phone }, content = new { text = "t" } }))["reason"];
}
