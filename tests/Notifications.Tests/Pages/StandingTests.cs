using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Pages;

/// <summary>What the pages say that an address gets is what a send would do.</summary>
public sealed class StandingTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Number = "RR123456785PT", Other = "LX123456785CN";

    [Theory]
    [InlineData(TopicKey.PackageUpdates)]
    [InlineData(LedgerDraft.AllTopics)]
    public async Task R21_A_followed_package_is_off_once_its_updates_or_everything_are_stopped(string stop)
    {
        var ana = CoreProduct.Email($"silent.{stop.Length}@example.com");
        await product.FollowAsync(ana, Number);
        Assert.Equal("On", Status(await ShowAsync(ana), Number));
        Assert.Contains("News of your packages comes with each change.", await ShowAsync(ana), StringComparison.Ordinal);

        product.Time.Advance(TimeSpan.FromMinutes(1));
        var body = (await product.PressAsync(ana, ("stop", stop))).Body;
        Assert.Equal("Off", Status(body, Number));
        Assert.DoesNotContain("name=\"daily\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"unwatch\"", body, StringComparison.Ordinal);
        Assert.Equal("unsubscribed", await ReasonAsync(ana, Number));
        if (stop == LedgerDraft.AllTopics)
        {
            Assert.DoesNotContain("name=\"watch\"", body, StringComparison.Ordinal);
            return;
        }

        // What is followed anew speaks again once it is confirmed.
        product.Time.Advance(TimeSpan.FromMinutes(1));
        body = (await product.PressAsync(ana, ("watch", Number))).Body;
        Assert.Equal("Waiting for your confirmation", Status(body, Number));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.FormAsync(
            product.ConfirmPath(ana, TopicKey.PackageUpdates, Number),
            "en", ("confirm", "yes"));
        body = await ShowAsync(ana);
        Assert.Equal(("On", "On"), (Status(body, Number), Status(body, "Package updates")));
        Assert.Equal("allowed", await ReasonAsync(ana, Number));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Off", Status((await product.PressAsync(ana, ("stop", TopicKey.PackageUpdates))).Body, Number));
    }

    [Theory]
    [InlineData("subscribe")]
    [InlineData("undo")]
    public async Task R21_R49_A_package_asked_for_anew_beneath_a_stop_of_all_is_on_once_the_person_takes_that_back(string press)
    {
        var ana = CoreProduct.Email($"anew.{press}@example.com");
        await product.FollowAsync(ana, Number);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PressAsync(ana, ("stop", TopicKey.PackageUpdates));
        var moment = (await product.StateAsync(ana))!.Find(TopicKey.PackageUpdates)!.Since.ToUnixTimeMilliseconds();
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Waiting for your confirmation", Status((await product.PressAsync(ana, ("watch", Number))).Body, Number));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var body = (await product.PressAsync(ana, (press, press == "undo" ? $"{moment}" : TopicKey.PackageUpdates))).Body;
        Assert.Equal(("On", "On"), (Status(body, Number), Status(body, "Package updates")));
        Assert.Equal("allowed", await ReasonAsync(ana, Number));
    }

    [Fact]
    public async Task R29_Who_follows_packages_stops_all_of_them_with_one_press()
    {
        var ana = CoreProduct.Email("follows@example.com");
        foreach (var number in new[] { Number, Other }) await product.FollowAsync(ana, number);
        var body = await ShowAsync(ana);
        Assert.Equal("On", Status(body, "Package updates"));
        Assert.Contains("name=\"stop\" value=\"package-updates\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"subscribe\" value=\"package-updates\"", body, StringComparison.Ordinal);

        product.Time.Advance(TimeSpan.FromMinutes(1));
        body = (await product.PressAsync(ana, ("stop", TopicKey.PackageUpdates))).Body;
        Assert.Equal(("Off", "Off", "Off"), (Status(body, "Package updates"), Status(body, Number), Status(body, Other)));
        foreach (var number in new[] { Number, Other }) Assert.Equal("unsubscribed", await ReasonAsync(ana, number));
    }

    [Fact]
    public async Task R21_After_a_stop_the_page_lists_what_would_be_sent_and_nothing_else()
    {
        var ana = CoreProduct.Email("still@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter, TopicKey.Promotions, "surveys");
        await product.FollowAsync(ana, Number);
        Assert.Equal(["Promotions", "Surveys", "Updates of the packages you follow"], await StillAsync(ana));
        Assert.Equal(["Promotions", "Surveys", "Updates of the packages you follow"], Listed(await UnsubscribeAsync(ana, HttpMethod.Get)));

        // A break puts marketing off, a stop ends the packages, a restriction and a block end all of it.
        await ChangeAsync(ana, s => s with { PausedUntil = product.Time.GetUtcNow().AddDays(30) });
        Assert.Equal(["Updates of the packages you follow"], await StillAsync(ana));
        await ChangeAsync(ana, s => s with { PausedUntil = null });
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PressAsync(ana, ("stop", TopicKey.PackageUpdates));
        Assert.Equal(["Promotions", "Surveys"], await StillAsync(ana));
        await ChangeAsync(ana, s => s with { RestrictedSince = product.Time.GetUtcNow() });
        Assert.Empty(await StillAsync(ana));
        await ChangeAsync(
            ana, s => s with { RestrictedSince = null, Suppression = new Suppression(SuppressionReason.Bounce, product.Time.GetUtcNow()) });
        Assert.Empty(await StillAsync(ana));
        await ChangeAsync(ana, s => s with { Suppression = null, Contact = ContactStatus.Disabled });
        Assert.Empty(await StillAsync(ana));
    }

    [Fact]
    public async Task R35_The_notice_before_a_restriction_ends_names_the_packages_that_will_speak_again()
    {
        var ana = CoreProduct.Email("lift@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter, TopicKey.Promotions);
        await product.FollowAsync(ana, Number);
        await product.PressAsync(ana, ("stop", TopicKey.Promotions));
        await product.PressAsync(ana, ("restrict", "yes"));
        Assert.Equal(["Newsletter", "Updates of the packages you follow"], Listed((await product.PressAsync(ana, ("lift", "ask"))).Body));
    }

    [Fact]
    public async Task R35_M8_To_enable_the_account_promises_nothing_to_an_address_that_stays_restricted()
    {
        var (mail, open) = (CoreProduct.Email("enabled@example.com"), CoreProduct.Email("enabled.open@example.com"));
        await product.Get<ContactDesk>().PutAsync("st-1", "Ana", null, null, [mail, open], "service:test", default);
        await product.PressAsync(mail, ("restrict", "yes"));
        await product.PressAsync(mail, ("disable", "yes"));
        var said = (await product.PressAsync(mail, ("enable", "yes"))).Body;
        Assert.Contains("This address still gets nothing", said, StringComparison.Ordinal);
        Assert.DoesNotContain("get again what was chosen", said, StringComparison.Ordinal);
        await product.PressAsync(open, ("disable", "yes"));
        Assert.Contains("get again what was chosen", (await product.PressAsync(open, ("enable", "yes"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R35_R21_The_end_of_a_restriction_promises_nothing_to_an_address_whose_account_is_disabled()
    {
        var ana = CoreProduct.Email("lifted.disabled@example.com");
        await product.Get<ContactDesk>().PutAsync("st-2", "Ana", null, null, [ana], "service:test", default);
        await product.PressAsync(ana, ("restrict", "yes"));
        Assert.Contains("gets what is switched on", (await product.PressAsync(ana, ("lift", "yes"))).Body, StringComparison.Ordinal);
        await product.PressAsync(ana, ("restrict", "yes"));
        await product.PressAsync(ana, ("disable", "yes"));
        var said = (await product.PressAsync(ana, ("lift", "yes"))).Body;
        Assert.Contains("The restriction has ended. This address still gets nothing", said, StringComparison.Ordinal);
        Assert.DoesNotContain("gets what is switched on", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R37_R41_P8_A_topic_of_which_nothing_is_sent_is_not_shown_as_on()
    {
        var ana = CoreProduct.Email("silent.topics@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter, TopicKey.PackageUpdates);
        var now = product.Time.UtcNowMs();
        await ChangeAsync(
            ana,
            s => s.With(new Subscription(TopicKey.Promotions, SubscriptionStatus.Subscribed, now, SoftOptIn.SourceOf("shop")))
                .With(new Subscription("contests", SubscriptionStatus.Subscribed, now, "form")));
        await ChangeAsync(ana, s => s with { Reviews = ["a"], ReviewPending = true });
        var body = await ShowAsync(ana);
        Assert.Equal(
            ("On", "Not chosen", "Not chosen", "Waits until your message has been read"),
            (Status(body, "Package updates"), Status(body, "Promotions"), Status(body, "contests"), Status(body, "Newsletter")));
        // The date of the subscription says nothing of either (R28).
        Assert.DoesNotContain("Not chosen</span> <span", body, StringComparison.Ordinal);
        Assert.DoesNotContain("has been read</span> <span", body, StringComparison.Ordinal);
        Assert.Contains("On</span> <span class=\"dim\">", body, StringComparison.Ordinal);
        // It can be asked for, and stopped before the setting counts it again; of what is gone there is nothing to ask for.
        Assert.Contains("name=\"subscribe\" value=\"promotions\"", body, StringComparison.Ordinal);
        foreach (var topic in (string[])["promotions", "contests", "newsletter"])
            Assert.Contains($"name=\"stop\" value=\"{topic}\"", body, StringComparison.Ordinal);
        foreach (var topic in (string[])["contests", "newsletter"])
            Assert.DoesNotContain($"name=\"subscribe\" value=\"{topic}\"", body, StringComparison.Ordinal);
        Assert.Equal(
            "Waiting for your confirmation",
            Status((await product.PressAsync(ana, ("subscribe", TopicKey.Promotions))).Body, "Promotions"));
        Assert.Contains(
            "Surveys: Waits until your message has been read.", (await product.PressAsync(ana, ("subscribe", "surveys"))).Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R20_R21_R35_A_topic_that_is_on_and_not_sent_at_present_does_not_say_that_it_is_simply_on()
    {
        var ana = CoreProduct.Email("held@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter, TopicKey.PackageUpdates);
        await product.FollowAsync(ana, Number);
        await product.PressAsync(ana, ("pause", "30"));
        var body = await ShowAsync(ana);
        var english = Notifications.Web.Pages.Texts.English;
        var until = Notifications.Web.Pages.Texts.Fill(english.OnPaused, "date", english.Date(product.Time.GetUtcNow().AddDays(30)));
        Assert.Equal((until, "On", "On"), (Status(body, "Newsletter"), Status(body, "Package updates"), Status(body, Number)));
        Assert.DoesNotContain($"{until}</span> <span", body, StringComparison.Ordinal); // No second date beside it.

        const string silent = "Chosen, but nothing is sent at present";
        var now = product.Time.UtcNowMs();
        foreach (var block in (Func<AddressState, AddressState>[])[
            s => s with { RestrictedSince = now }, s => s with { Contact = ContactStatus.Disabled },
            s => s with { Suppression = new Suppression(SuppressionReason.Bounce, now) },
        ])
        {
            await ChangeAsync(ana, block);
            body = await ShowAsync(ana);
            Assert.Equal(
                (silent, silent, silent), (Status(body, "Newsletter"), Status(body, "Package updates"), Status(body, Number)));
            Assert.DoesNotContain("status subscribed", body, StringComparison.Ordinal); // Nothing in green.
            await ChangeAsync(ana, s => s with { RestrictedSince = null, Contact = ContactStatus.Active, Suppression = null });
        }
    }

    [Theory]
    [InlineData("stop", "*", "Everything is stopped. ", "name=\"resume\" value=\"yes\"")]
    [InlineData("disable", "yes", "Your account is disabled.", "name=\"enable\" value=\"yes\"")]
    [InlineData("restrict", "yes", "The use of your data is restricted.", "name=\"lift\" value=\"ask\"")]
    public async Task R21_M8_What_stops_all_of_it_is_said_once_under_the_heading_with_the_way_back(
        string name, string value, string said, string back)
    {
        var ana = CoreProduct.Email($"over.{name}@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter);
        await product.Get<ContactDesk>().PutAsync("st-" + name, "Ana", null, null, [ana], "service:test", default);
        foreach (var body in (string[])[(await product.PressAsync(ana, (name, value))).Body, await ShowAsync(ana)])
        {
            Assert.Single(System.Text.RegularExpressions.Regex.Matches(body, System.Text.RegularExpressions.Regex.Escape(said)));
            var at = body.IndexOf(said, StringComparison.Ordinal);
            Assert.InRange(at, body.IndexOf("</h1>", StringComparison.Ordinal), body.IndexOf("<ul class=\"rows\">", StringComparison.Ordinal));
            Assert.InRange(body.IndexOf(back, StringComparison.Ordinal), at, body.IndexOf("<ul class=\"rows\">", StringComparison.Ordinal));
            Assert.Single(System.Text.RegularExpressions.Regex.Matches(body, back));
            Assert.DoesNotContain(">Undo<", body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SuppressionReason.Bounce, "could not be delivered")]
    [InlineData(SuppressionReason.Complaint, "was reported as spam")]
    [InlineData(SuppressionReason.Manual, "Nothing is sent to this address at present")]
    public async Task R20_A_blocked_address_is_told_why_and_whom_to_write_to(SuppressionReason reason, string why)
    {
        var ana = CoreProduct.Email($"blocked.{reason}@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter);
        await product.BlockAsync(ana, reason);
        var body = await ShowAsync(ana);
        Assert.Contains(why, body, StringComparison.Ordinal);
        Assert.Contains("If you want to get messages here again, write to us: help@example.com", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("blocked")]
    [InlineData("restricted")]
    public async Task R20_R21_Where_nothing_is_sent_no_sentence_of_the_page_promises_that_something_comes(string why)
    {
        var ana = CoreProduct.Email($"promises.{why}@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter);
        await product.FollowAsync(ana, Number);
        await product.PressAsync(ana, ("pause", "30"));
        var now = product.Time.UtcNowMs();
        await ChangeAsync(ana, s => why switch
        {
            "disabled" => s with { Contact = ContactStatus.Disabled },
            "blocked" => s with { Suppression = new Suppression(SuppressionReason.Bounce, now) },
            _ => s with { RestrictedSince = now },
        });
        var body = (await product.PressAsync(ana, ("pause", "0"))).Body;
        Assert.Contains("The break is over. This address still gets nothing: this page says why.", body, StringComparison.Ordinal);
        Assert.DoesNotContain("News of", body, StringComparison.Ordinal);
        Assert.DoesNotContain("keep coming", body, StringComparison.Ordinal);
        body = (await product.PressAsync(ana, ("stop", "*"))).Body;
        Assert.Contains("name=\"resume\" value=\"yes\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("holds again", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R35_M8_The_notice_before_a_restriction_ends_promises_nothing_to_an_account_that_the_service_disabled()
    {
        var ana = CoreProduct.Email("lift.disabled@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter);
        var contacts = product.Get<ContactDesk>();
        await contacts.PutAsync("st-3", "Ana", null, null, [ana], "service:test", default);
        await contacts.SetStatusAsync("st-3", ContactStatus.Disabled, "api", "service:test", default);
        Assert.Contains(
            "Nothing is sent to this address at present, whatever is chosen here.",
            (await product.PressAsync(ana, ("restrict", "yes"))).Body,
            StringComparison.Ordinal);
        var notice = (await product.PressAsync(ana, ("lift", "ask"))).Body;
        Assert.Contains("We will then use your data again. Even then, ", notice, StringComparison.Ordinal);
        Assert.DoesNotContain("will get what is switched on", notice, StringComparison.Ordinal);
        // The ledger keeps the words that were shown.
        await product.PressAsync(ana, ("lift", "yes"));
        Assert.Contains(
            "Even then, ", (await product.LedgerAsync(ana)).Last(e => e.Action == LedgerAction.Unrestrict).Detail!.Wording,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R21_What_has_just_been_said_is_not_said_once_more_in_the_same_words_further_down()
    {
        var ana = CoreProduct.Email("once@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter);
        await product.FollowAsync(ana, Number);
        foreach (var (name, value, back, said) in new[]
        {
            ("daily", "yes", "name=\"daily\" value=\"no\"", "News of a package comes at most once a day."),
            ("pause", "30", "name=\"pause\" value=\"0\"", "Newsletters and promotions wait until "),
            ("object", "yes", "<h3>Object to marketing</h3>", "Your objection holds"),
        })
        {
            foreach (var body in (string[])[(await product.PressAsync(ana, (name, value))).Body, await ShowAsync(ana)])
            {
                Assert.Equal(1, body.Split(said).Length - 1);
                Assert.Contains(back, body, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task R21_R28_A_confirmation_during_a_break_says_until_when_it_waits()
    {
        var ana = CoreProduct.Email("break.confirm@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter);
        await product.PressAsync(ana, ("pause", "30"));
        await product.PressAsync(ana, ("subscribe", TopicKey.Promotions));
        var (_, body) = await product.FormAsync(
            product.ConfirmPath(ana, TopicKey.Promotions),
            "en", ("confirm", "yes"));
        Assert.Contains("now gets this: Promotions. Newsletters and promotions wait until ", body, StringComparison.Ordinal);
        Assert.Contains(
            "now gets this: Surveys. Newsletters and promotions wait until ",
            (await product.PressAsync(ana, ("subscribe", "surveys"))).Body,
            StringComparison.Ordinal);
    }

    /// <summary>The status beside a name on the preference page.</summary>
    private static string Status(string body, string name) =>
        System.Text.RegularExpressions.Regex.Match(
            body, $"<strong[^>]*>{name}</strong>.*?<span class=\"status \\w+\">([^<]*)</span>",
            System.Text.RegularExpressions.RegexOptions.Singleline).Groups[1].Value;

    private static List<string> Listed(string body) =>
        [.. System.Text.RegularExpressions.Regex.Matches(body, "<li>([^<]*)</li>").Select(m => m.Groups[1].Value)];

    private async Task<List<string>> StillAsync(Address address) => Listed(await UnsubscribeAsync(address, HttpMethod.Post));

    private async Task<string> UnsubscribeAsync(Address address, HttpMethod method)
    {
        var path = "/u/"
            + product.Get<LinkTokens>().Write(
                new LinkToken(LinkPurpose.Unsubscribe, product.Key(address), address.Channel) { Topic = TopicKey.Newsletter });
        return method == HttpMethod.Post
            ? (await product.FormAsync(path, "en", ("scope", "named"))).Body
            : (await ProductFixture.SendAsync(product.Anonymous, method, path, null)).Text;
    }

    private async Task ChangeAsync(Address address, Func<AddressState, AddressState> change) =>
        await product.Get<AddressBook>().ChangeAsync(product.Key(address), null, (s, _) => new Change(change(s), []), null, default);

    private async Task<string> ReasonAsync(Address address, string number) =>
        (string)(await product.PostAsync(
            "/v1/decisions",
            new
            {
                topic = TopicKey.PackageUpdates,
                to = new { email = address.Value },
                trackingNumber = number,
                content = new { subject = "s", text = "t" },
            }))[
                "reason"]!;

    private async Task<string> ShowAsync(Address address) =>
        WebUtility.HtmlDecode((await product.OpenAsync(product.PreferencesPath(address))).Text);
}
