using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>One message that asks about everything that was chosen, in the person's language, and the page it leads to.</summary>
public sealed class ConfirmationTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R28_R30_Several_topics_of_one_sign_up_are_asked_about_in_one_message_and_confirmed_on_one_page()
    {
        var address = CoreProduct.Email("several@example.com");
        await product.FormAsync(
            "/subscribe", "de", ("email", address.Value), ("topic-email-newsletter", "yes"), ("topic-email-promotions", "yes"),
            ("age", "adult"));
        await product.WorkAsync();
        var mail = Assert.Single(product.Sent.Emails, m => m.To == address.Value);
        Assert.Equal("Bitte bestätigen: Angebote, Newsletter", mail.Subject);
        Assert.Contains("lang=\"de\"", mail.Html, StringComparison.Ordinal);
        Assert.Contains("- Newsletter", mail.Text, StringComparison.Ordinal);
        var path = ConfirmPath(mail.Text);

        var before = await product.StoredAsync();
        var shown = WebUtility.HtmlDecode((await product.OpenAsync(path)).Text);
        Assert.Contains("Bestätigen Sie Ihre Wahl", shown, StringComparison.Ordinal);
        Assert.Contains("Angebote", shown, StringComparison.Ordinal);
        Assert.Equal(before, await product.StoredAsync()); // P3
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(address))!.StatusOf(TopicKey.Newsletter));
        (string, string)[] press = [("confirm", "yes"), ("topic-newsletter", "yes"), ("topic-promotions", "yes")];
        var (_, done) = await product.FormAsync(path, "en", press);
        Assert.Contains("Angebote, Newsletter", done, StringComparison.Ordinal);
        var state = (await product.StateAsync(address))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions)));
        Assert.Equal(HttpStatusCode.OK, (await product.FormAsync(path, "en", press)).Status);
    }

    [Fact]
    public async Task R26_R59_A_consent_in_Swedish_has_one_language_from_the_form_to_its_record_and_one_name_for_a_topic()
    {
        var address = CoreProduct.Email("svensk@example.com");
        var (_, sent) = await product.FormAsync(
            "/subscribe", "sv-SE,sv;q=0.9,en;q=0.8", ("email", address.Value), ("topic-email-newsletter", "yes"),
            ("topic-email-promotions", "yes"), ("age", "adult"));
        Assert.Contains("<h1>Titta bland dina meddelanden</h1>", sent, StringComparison.Ordinal);
        await product.WorkAsync();
        var mail = Assert.Single(product.Sent.Emails, m => m.To == address.Value);
        Assert.Equal("Bekräfta: Erbjudanden, Nyhetsbrev", mail.Subject);
        var path = ConfirmPath(mail.Text);
        var shown = WebUtility.HtmlDecode((await product.OpenAsync(path)).Text);
        Assert.Contains("<html lang=\"sv\" dir=\"ltr\">", shown, StringComparison.Ordinal);
        Assert.Contains("Erbjudanden", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Promotions", shown, StringComparison.Ordinal);
        var (_, done) = await product.FormAsync(
            path, "en", ("confirm", "yes"), ("topic-newsletter", "yes"), ("topic-promotions", "yes"));
        Assert.Contains("Erbjudanden, Nyhetsbrev", done, StringComparison.Ordinal);
        Assert.Contains(
            "Ja, skicka till mig per e-post: Nyhetsbrev. Våra nyheter då och då.",
            (await product.LedgerAsync(address)).Select(e => e.Detail?.Wording));
        var centre = WebUtility.HtmlDecode((await product.OpenAsync(product.PreferencesPath(address))).Text);
        Assert.Contains("<h1>Dina inställningar</h1>", centre, StringComparison.Ordinal);
        Assert.Contains("<option value=\"sv\" lang=\"sv\" selected>svenska", centre, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R63_An_address_gets_one_confirmation_per_window_whatever_is_chosen_for_it_and_confirms_only_what_it_ticks_of_the_rest()
    {
        var address = CoreProduct.Email("window@example.com");
        foreach (var topic in new[] { "newsletter", "promotions", "surveys", "newsletter" })
        {
            await product.FormAsync("/subscribe", "en", ("email", address.Value), ("topic-email-" + topic, "yes"), ("age", "adult"));
            await product.WorkAsync();
        }

        var mail = Assert.Single(product.Sent.Emails, m => m.To == address.Value);
        Assert.Equal("Please confirm: Newsletter", mail.Subject);
        var path = ConfirmPath(mail.Text);
        var shown = (await product.OpenAsync(path)).Text;
        Assert.Contains("name=\"also-promotions\"", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(" checked", shown, StringComparison.Ordinal);
        await product.FormAsync(path, "en", ("confirm", "yes"), ("also-surveys", "yes"));
        var state = (await product.StateAsync(address))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Pending, SubscriptionStatus.Subscribed),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions), state.StatusOf("surveys")));

        // The address has answered: the next wish is asked about anew.
        await product.FormAsync("/subscribe", "en", ("email", address.Value), ("topic-email-promotions", "yes"), ("age", "adult"));
        await product.WorkAsync();
        Assert.Equal(2, product.MailsTo(address));
    }

    [Fact]
    public async Task R28_What_was_taken_back_before_the_message_went_out_is_not_asked_about()
    {
        var address = CoreProduct.Email("meanwhile@example.com");
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("topic-email-newsletter", "yes"), ("topic-email-promotions", "yes"),
            ("age", "adult"));
        await product.Get<ConsentDesk>().OptOutAsync(
            address, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "test", "person"), default);
        await product.WorkAsync();
        Assert.Equal("Please confirm: Newsletter", Assert.Single(product.Sent.Emails, m => m.To == address.Value).Subject);
    }

    [Fact]
    public async Task R28_R45_A_package_confirmed_after_everything_was_stopped_speaks_as_the_page_says_and_nothing_else_begins_again()
    {
        var address = CoreProduct.Email("stopped@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        await product.FollowAsync(address, "RR123456785PT");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await StopEverythingAsync(address);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("package", "LX123456785CN"), ("watch-email", "yes"), ("age", "adult"));
        await product.WorkAsync();
        var path = ConfirmPath(Assert.Single(product.Sent.Emails, m => m.To == address.Value).Text);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("now gets this", (await product.FormAsync(path, "en", ("confirm", "yes"))).Body, StringComparison.Ordinal);

        foreach (var (number, reason) in ((string, string)[])[("LX123456785CN", "allowed"), ("RR123456785PT", "unsubscribed")])
            Assert.Equal(
                reason,
                (await product.PostAsync(
                    "/v1/decisions",
                    new
                    {
                        topic = TopicKey.PackageUpdates,
                        to = new { email = address.Value },
                        trackingNumber = number,
                        content = new { subject = "s", text = "t" },
                    }))[
                        "reason"]);
        var state = (await product.StateAsync(address))!;
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Newsletter));

        // The ledger tells it so, too (P2).
        var told = LedgerFold.At(await product.LedgerAsync(address), state, product.Get<TopicCatalog>(), DateTimeOffset.MaxValue)!;
        Assert.Equal((state.Stopped, state.Find(TopicKey.PackageUpdates)), (told.Stopped, told.Find(TopicKey.PackageUpdates)));

        // Pressed again, the link says what holds; after a later stop, that nothing does.
        Assert.Equal(HttpStatusCode.OK, (await product.FormAsync(path, "en", ("confirm", "yes"))).Status);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await StopEverythingAsync(address);
        Assert.Equal(HttpStatusCode.Gone, (await product.FormAsync(path, "en", ("confirm", "yes"))).Status);
    }

    [Fact]
    public async Task R28_R45_A_topic_ticked_beside_a_package_is_confirmed_with_it_also_where_everything_was_stopped_after_it_was_chosen()
    {
        var phone = CoreProduct.Phone("+14155550177");
        await product.FormAsync(
            "/subscribe", "en", ("phone", phone.Value), ("package", "LX123456785CN"), ("watch-sms", "yes"), ("topic-sms-newsletter", "yes"),
            ("age", "adult"));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<AddressBook>()
            .ChangeAsync(
                product.Key(phone), null,
                (s, now) =>
                    Transitions.StopByText(
                        s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, ConsentSource.Sms, "person"), now),
                null, default);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var path =
            product.ConfirmPath(phone, TopicKey.PackageUpdates, "LX123456785CN");
        // The stop has answered the question about the package (P6): it is asked for anew.
        Assert.Equal(HttpStatusCode.Gone, (await product.FormAsync(path, "en", ("confirm", "yes"))).Status);
        await product.FormAsync(
            "/subscribe", "en", ("phone", phone.Value), ("package", "LX123456785CN"), ("watch-sms", "yes"), ("age", "adult"));
        Assert.Contains(
            "name=\"also-newsletter\"", (await product.OpenAsync(path)).Text,
            StringComparison.Ordinal);
        Assert.Contains(
            "package LX123456785CN, Newsletter", (await product.FormAsync(path, "en", ("confirm", "yes"), ("also-newsletter", "yes"))).Body,
            StringComparison.Ordinal);

        foreach (var (topic, number) in ((string, string?)[])[(TopicKey.Newsletter, null), (TopicKey.PackageUpdates, "LX123456785CN")])
            Assert.NotEqual(
                "unsubscribed",
                (await product.PostAsync(
                    "/v1/decisions",
                    new { topic, to = new { phone = phone.Value }, trackingNumber = number, content = new { text = "t" } }))["reason"]);
        var state = (await product.StateAsync(phone))!;
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Newsletter));
        // P2
        var told = LedgerFold.At(await product.LedgerAsync(phone), state, product.Get<TopicCatalog>(), DateTimeOffset.MaxValue)!;
        Assert.Equal(
            (state.Stopped, state.Find(TopicKey.PackageUpdates), SubscriptionStatus.Subscribed),
            (told.Stopped, told.Find(TopicKey.PackageUpdates), told.StatusOf(TopicKey.Newsletter)));
    }

    [Fact]
    public async Task R28_Where_something_else_keeps_the_address_silent_the_page_says_so()
    {
        var address = CoreProduct.Email("silent@example.com");
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("package", "LX123456785CN"), ("watch-email", "yes"), ("age", "adult"));
        await product.WorkAsync();
        var path = ConfirmPath(Assert.Single(product.Sent.Emails, m => m.To == address.Value).Text);
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(address), null,
            (s, now) =>
                AddressTransitions.Restrict(s, new LedgerDraft(LedgerAction.Restrict, LedgerDraft.AllTopics, "page", "person"), now),
            null, default);
        var (_, body) = await product.FormAsync(path, "en", ("confirm", "yes"));
        Assert.Contains("Nothing is sent to this address at present", body, StringComparison.Ordinal);
        Assert.Contains("Noted for ", body, StringComparison.Ordinal);
        Assert.Contains(".com:</span></span> Updates of package LX123456785CN.", body, StringComparison.Ordinal);
        Assert.DoesNotContain("now gets this", body, StringComparison.Ordinal);
    }

    [Fact]
    public void R28_Who_gets_other_things_is_not_told_that_nothing_comes_without_the_confirmation()
    {
        Assert.Equal(
            "If it was not you, do nothing: without your confirmation, none of this is sent.",
            PackageTexts.For("en")["confirm.Ignore"]);
        Assert.Contains("none of it will be sent", Notifications.Web.Pages.Texts.English.ConfirmNote, StringComparison.Ordinal);
        foreach (var (language, untrue) in ((string, string)[])[
            ("de", "senden wir Ihnen nichts"), ("es", "no recibirá nada"), ("fr", "vous ne recevrez rien"), ("it", "non riceverai nulla"),
            ("nl", "krijg je niets"), ("pl", "niczego nie wyślemy"), ("ru", "мы ничего не пришлём")])
            Assert.DoesNotContain(untrue, PackageTexts.For(language)["confirm.Ignore"], StringComparison.Ordinal);
    }

    [Fact]
    public void R28_R59_A_confirmation_is_whole_in_every_language_by_mail_and_by_text()
    {
        var world = new CoreProduct();
        var keys = ConsentTexts.For("en").Keys.Order().ToList();
        foreach (var language in PackageTexts.Languages)
        {
            Assert.Equal(keys, ConsentTexts.For(language).Keys.Order());
            var texts = ConsentTexts.For(language);
            var names = texts.Join([texts["newsletter"], texts["promotions"]]);
            if (language == "fr")
                Assert.StartsWith(
                    "Quelqu’un (vous, nous l’espérons) nous a demandé d’envoyer ceci", texts["intro"], StringComparison.Ordinal);
            if (language != "en") Assert.True(keys.Count(k => texts[k] == ConsentTexts.For("en")[k]) <= 4, language + " is not translated");
            foreach (var (address, twoWay) in new[]
            {
                (CoreProduct.Email("ana@example.com"), true),
                (CoreProduct.Phone("+14155550133"), true),
                (CoreProduct.Phone("+14155550133"), false),
            })
            {
                var request = world.Message(
                    address,
                    TopicKey.Newsletter) with
                    {
                        Content = null,
                        Purpose = MessagePurpose.Confirmation,
                        AlsoTopics = [TopicKey.Promotions],
                        Locale = language,
                    };
                Assert.True(MessageId.TryParse(request.Id, out var id));
                var now = world.Now;
                var state = new AddressState
                {
                    Channel = address.Channel,
                    Value = address.Value,
                    Subscriptions =
                    [
                        .. new[]
                        {
                            TopicKey.Newsletter,
                            TopicKey.Promotions,
                        }.Select(t => new Subscription(t, SubscriptionStatus.Pending, now, "form")),
                    ],
                };
                if (address.Channel == Channel.Email)
                {
                    var mail = world.Renderer.Email(request, id, world.Topics.Find(TopicKey.Newsletter)!, state);
                    Assert.Contains(names, mail.Subject, StringComparison.Ordinal);
                    Assert.Contains($"lang=\"{language}\"", mail.Html, StringComparison.Ordinal);
                    Assert.Contains("/c/", mail.Html, StringComparison.Ordinal);
                    Assert.DoesNotContain("{", mail.Subject + mail.Text, StringComparison.Ordinal);
                    continue;
                }

                world.Sms.TwoWay = twoWay;
                var text = world.Renderer.Sms(request, id, world.Topics.Find(TopicKey.Newsletter)!, state).Text;
                Assert.Contains(PlainMarks.Of(names), text, StringComparison.Ordinal);
                Assert.DoesNotContain("{", text, StringComparison.Ordinal);
                Assert.Contains(twoWay ? "YES" : "/c/", text, StringComparison.Ordinal);
            }
        }
    }

    private async Task StopEverythingAsync(Address address) => await product.Get<AddressBook>()
        .ChangeAsync(
            product.Key(address), null,
            (s, now) => Transitions.StopAll(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, "page", "person"), now), null,
            default);

    private static string ConfirmPath(string text) =>
        new Uri(System.Text.RegularExpressions.Regex.Match(text, "https?://\\S+/c/\\S+").Value).AbsolutePath;
}
