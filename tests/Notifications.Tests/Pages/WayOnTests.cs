using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;
using Notifications.Web.Pages;

namespace Notifications.Tests.Pages;

/// <summary>No page is a dead end: where there is nothing to press, there is a way on (R21, R59).</summary>
public sealed class WayOnTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/nonsense")]
    [InlineData("/p/")]
    [InlineData("/u/")]
    [InlineData("/c/")]
    [InlineData("/p/nonsense")]
    [InlineData("/u/nonsense")]
    [InlineData("/c/nonsense")]
    public async Task R21_R59_Who_has_no_link_that_works_is_led_to_the_page_that_sends_one(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        request.Headers.TryAddWithoutValidation("Accept-Language", "de");
        using var answer = await product.Anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(
            $"<a href=\"/find\">{Texts.Find("de")!.FindTitle}</a>", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R21_R28_A_confirmation_leads_to_the_preferences_and_so_does_one_with_nothing_left_to_confirm()
    {
        var ana = CoreProduct.Email("way@example.com");
        var links = product.Get<Links>();
        var to = PublicLinks.PathOf(links.Preferences(product.Key(ana), ana.Channel));
        var confirm = PublicLinks.PathOf(links.Confirm(product.Key(ana), Channel.Email, TopicKey.Newsletter));
        await product.FormAsync("/subscribe", "en", ("email", ana.Value), ("topic-email-newsletter", "yes"), ("age", "adult"));
        var (status, body) = await product.FormAsync(confirm, "en", ("confirm", "yes"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(to, Leads(body));
        await product.FormAsync(to, "en", ("stop", "*"));
        (status, body) = await product.FormAsync(confirm, "en", ("confirm", "yes"));
        Assert.Equal(HttpStatusCode.Gone, status);
        Assert.Contains(to, Leads(body));
        Assert.Equal(HttpStatusCode.OK, (await product.OpenAsync(to)).Status);
    }

    [Fact]
    public async Task R21_A_form_that_was_sent_or_said_nothing_leads_back_to_it_and_who_is_under_age_to_what_ends_messages()
    {
        (string, string)[] whole = [("email", "form@example.com"), ("topic-email-newsletter", "yes")];
        var back = PublicLinks.PathOf(product.Get<Links>().Preferences(product.Key(Address), Channel.Email));
        foreach (var (path, to, fields) in new (string, string, (string, string)[])[]
        {
            ("/subscribe", "/subscribe", [.. whole, ("age", "adult")]),
            ("/subscribe", "/subscribe?package=RR123456785PT", [.. whole, ("age", "adult"), ("package", "RR123456785PT")]),
            ("/subscribe", "/find", [.. whole, ("age", "minor")]),
            ("/find", "/find", [("address", "form@example.com")]),
            (back, back, [("what", "ever")]),
        })
        {
            Assert.Contains(to, Leads((await product.FormAsync(path, "en", fields)).Body));
        }
    }

    [Theory]
    [InlineData("/find")]
    [InlineData("/subscribe")]
    public async Task R9_A_form_that_is_too_large_is_called_so_and_leads_back_to_it(string path)
    {
        var (status, body) = await product.FormAsync(path, "en", ("address", new string('a', 20_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains(path, Leads(body));
    }

    [Fact]
    public async Task R21_A_link_to_an_address_of_which_nothing_is_known_leads_to_the_sign_up()
    {
        var path = PublicLinks.PathOf(
            product.Get<Links>().Preferences(product.Key(CoreProduct.Email("nobody@example.com")), Channel.Email));
        var shown = await product.OpenAsync(path);
        Assert.Equal(HttpStatusCode.OK, shown.Status);
        Assert.Contains("/subscribe", Leads(shown.Text));
    }

    [Fact]
    public async Task R21_R34_R59_The_page_of_an_erased_address_leads_to_the_sign_up_of_another_one_in_the_language_of_its_reader()
    {
        var gone = CoreProduct.Email("gone@example.com");
        await product.SubscribedAsync(gone, TopicKey.Newsletter);
        await product.PressAsync(gone, ("erase", "yes"));
        var stop = PublicLinks.PathOf(
            product.Get<Links>().Unsubscribe(
                product.Get<Links>().UnsubscribeToken(product.Key(gone), Channel.Email, TopicKey.Newsletter, null, null)));
        foreach (var texts in Texts.All)
        {
            foreach (var path in (string[])[product.PreferencesPath(gone), stop])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("Accept-Language", texts.Language);
                using var answer = await product.Anonymous.SendAsync(request);
                Assert.Contains(
                    $"<a href=\"/subscribe\">{texts.SubscribeOther}</a>", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()),
                    StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void R57_An_address_breaks_at_its_at_sign_and_dots_and_what_is_typed_is_encoded()
    {
        Assert.Equal(
            "to <span class=\"address\">a•••@<wbr>mail<wbr>.example<wbr>.com</span> &lt;b&gt;",
            Html.Breaking("to a•••@mail.example.com <b>").Value);
        Assert.Equal("+1•••••71 wird", Html.Breaking("+1•••••71 wird").Value.Replace("&#x2B;", "+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("to a•••@example.com.", "to <span class=\"address\">a•••@<wbr>example<wbr><span class=\"whole\">.com.</span></span>")]
    [InlineData(
        "sur a•••@example.com\u202f?", "sur <span class=\"address\">a•••@<wbr>example<wbr><span class=\"whole\">.com\u202f?</span></span>")]
    [InlineData(
        "停止しました。a•••@example.com に",
        "停止しました。<span class=\"address\">a•••@<wbr>example<wbr>.com</span> に")]
    [InlineData("a•••@example.com에서 받", "<span class=\"address\">a•••@<wbr>example<wbr><span class=\"whole\">.com에서</span></span> 받")]
    [InlineData(
        "إلى \u20681•••@example.com\u2069.",
        "إلى <span class=\"address\">\u20681•••@<wbr>example<wbr><span class=\"whole\">.com\u2069.</span></span>")]
    [InlineData(
        "ana-bea@my-post.example",
        "<span class=\"address\"><span class=\"whole\">ana-bea@</span><wbr><span class=\"whole\">my-post</span><wbr>.example</span>")]
    public void R57_R59_An_address_keeps_what_ends_its_sentence_and_breaks_at_no_hyphen(string text, string markup) =>
        Assert.Equal(markup, WebUtility.HtmlDecode(Html.Breaking(text).Value));

    private static Address Address => CoreProduct.Email("form@example.com");

    private static IEnumerable<string> Leads(string body) =>
        System.Text.RegularExpressions.Regex.Matches(body, "<p class=\"note\"><a href=\"([^\"]*)\">[^<]+</a></p>")
            .Select(m => m.Groups[1].Value);
}
