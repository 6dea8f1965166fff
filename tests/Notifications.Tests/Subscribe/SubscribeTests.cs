using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>Signing up on the public page.</summary>
public sealed class SubscribeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R30_There_is_one_box_per_topic_and_channel_and_none_is_ticked()
    {
        var body = (await product.OpenAsync("/subscribe?package=RR123456785PT")).Text;
        foreach (var topic in product.Get<TopicCatalog>().All)
        {
            Assert.Contains($"type=\"checkbox\" name=\"topic-email-{topic.Key}\"", body, StringComparison.Ordinal);
            Assert.Contains($"type=\"checkbox\" name=\"topic-sms-{topic.Key}\"", body, StringComparison.Ordinal);
        }

        Assert.Contains("Follow package RR123456785PT", body, StringComparison.Ordinal);
        Assert.Contains("name=\"watch-email\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain(" checked", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R63_The_answer_to_the_form_lists_what_was_chosen_and_says_sentence_by_sentence_what_happens_next()
    {
        foreach (var language in (string[])["en", "ja", "ar"])
        {
            var texts = Notifications.Web.Pages.Texts.Find(language)!;
            var (_, body) = await product.FormAsync(
                "/subscribe", language, ("email", $"list.{language}@example.com"), ("package", "RR123456785PT"), ("watch-email", "yes"),
                ("topic-email-newsletter", "yes"), ("age", "adult"));
            Assert.Equal(
                [
                    "<li><strong>" + Notifications.Web.Pages.Texts.Fill(texts.StopPackage, "number", texts.Isolate("RR123456785PT")),
                    "<li><strong>" + ConsentTexts.For(language)["newsletter"],
                ],
                body.Split('\n').Where(l => l.StartsWith("<li>", StringComparison.Ordinal)).Select(l => l.Split("</strong>")[0]));
            Assert.Equal(3, texts.CheckText.Split('\n').Count(sentence => body.Contains($"<p>{sentence}</p>", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task R28_R30_The_exact_words_and_their_language_are_kept_and_nothing_holds_before_a_human_confirms()
    {
        var address = CoreProduct.Email("petra@example.com");
        var (status, _) = await product.FormAsync(
            "/subscribe", "de", ("email", "Petra@Example.com"), ("topic-email-newsletter", "yes"), ("age", "adult"));
        Assert.Equal(HttpStatusCode.OK, status);
        var entry = Assert.Single(await product.LedgerAsync(address));
        Assert.Equal("Ja, senden Sie mir per E-Mail: Newsletter. Ab und zu unsere Neuigkeiten.", entry.Detail!.Wording);
        Assert.Contains("\"language\":\"de\"", entry.Detail.Evidence, StringComparison.Ordinal);
        Assert.Equal(product.Get<SendingOptions>().PolicyVersion, entry.PolicyVersion);
        await product.WorkAsync();
        Assert.Equal(1, product.MailsTo(address));

        var confirm =
            product.ConfirmPath(address, TopicKey.Newsletter);
        var shown = await product.OpenAsync(confirm);
        // The stored language, not the browser's.
        Assert.Contains("Ja, bestätigen", WebUtility.HtmlDecode(shown.Text), StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(address))!.StatusOf(TopicKey.Newsletter));
        await product.FormAsync(confirm, "en", ("confirm", "yes"));
        var state = (await product.StateAsync(address))!;
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Newsletter));
        Assert.Equal(SubscriptionStatus.None, state.StatusOf(TopicKey.Promotions));
    }

    [Fact]
    public async Task R27_Confirming_the_email_leaves_the_phone_unconfirmed_and_a_topic_without_double_opt_in_waits_as_well()
    {
        var (email, phone) = (CoreProduct.Email("both@example.com"), CoreProduct.Phone("+14155550111"));
        await product.FormAsync(
            "/subscribe", "en", ("email", email.Value), ("phone", phone.Value), ("topic-email-package-updates", "yes"),
            ("topic-sms-newsletter", "yes"), ("age", "adult"));
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(email))!.StatusOf(TopicKey.PackageUpdates));
        await product.FormAsync(
            product.ConfirmPath(email, TopicKey.PackageUpdates),
            "en", ("confirm", "yes"));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(email))!.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(phone))!.StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task M1_R30_A_package_whose_number_was_corrected_on_the_form_is_asked_about_before_anything_is_sent()
    {
        var address = CoreProduct.Email("typo@example.com");
        var shown = (await product.OpenAsync("/subscribe?package=RR1")).Text;
        Assert.Contains("name=\"typed\" value=\"yes\"", shown, StringComparison.Ordinal);

        // While the number is wrong nobody is told to tick a box that is not there; what was ticked for it is kept.
        var (status, body) = await product.FormAsync(
            "/subscribe", "en", ("package", "RR1"), ("typed", "yes"), ("watch-email", "yes"), ("email", address.Value), ("age", "adult"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("This tracking number does not look right", body, StringComparison.Ordinal);
        Assert.Contains("<input type=\"hidden\" name=\"watch-email\" value=\"yes\">", body, StringComparison.Ordinal);
        (_, body) = await product.FormAsync("/subscribe", "en", ("package", "RR1"), ("typed", "yes"), ("age", "adult"));
        Assert.DoesNotContain("tick at least one box", body, StringComparison.Ordinal);

        // Once it is right its boxes are shown, whatever else was ticked, and nothing is stored.
        foreach (var also in new[] { "topic-email-package-updates", "watch-email", "daily-email" })
        {
            (status, body) = await product.FormAsync(
                "/subscribe", "en", ("package", "RR200000037PT"), ("typed", "yes"), (also, "yes"), ("email", address.Value),
                ("age", "adult"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains("The number is correct now", body, StringComparison.Ordinal);
            Assert.Contains($"name=\"{also}\" value=\"yes\" checked", body, StringComparison.Ordinal);
            Assert.Contains("Yes, send me updates of package <strong>RR200000037PT</strong>", body, StringComparison.Ordinal);
            Assert.DoesNotContain("name=\"typed\"", body, StringComparison.Ordinal);
            Assert.DoesNotContain("tick at least one box", body, StringComparison.Ordinal);
        }

        Assert.Null(await product.StateAsync(address));
        await product.FormAsync(
            "/subscribe", "en", ("package", "RR200000037PT"), ("watch-email", "yes"), ("email", address.Value), ("age", "adult"));
        var (number, watch) = Assert.Single(await product.Get<Watches>().OfAsync(product.Key(address), default));
        Assert.Equal(("RR200000037PT", WatchStatus.Pending), (number, watch.Status));
    }

    [Fact]
    public async Task A_package_is_followed_only_after_its_confirmation_and_nothing_else_is_with_it()
    {
        var address = CoreProduct.Email("parcel@example.com");
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("package", "RR123456785PT"), ("watch-email", "yes"), ("age", "adult"));
        var watches = product.Get<Watches>();
        Assert.Equal(WatchStatus.Pending, Assert.Single(await watches.OfAsync(product.Key(address), default)).Watch.Status);
        Assert.Equal("Yes, send me updates of package RR123456785PT.", Assert.Single(await product.LedgerAsync(address)).Detail!.Wording);
        Assert.Empty((await product.StateAsync(address))!.Subscriptions);
    }

    [Fact]
    public async Task R38_Whoever_says_to_be_under_age_is_refused_and_nothing_is_stored()
    {
        var before = await product.StoredAsync();
        var (status, body) = await product.FormAsync(
            "/subscribe", "en", ("email", "kid@example.com"), ("topic-email-newsletter", "yes"), ("age", "minor"));
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("for adults only", body, StringComparison.Ordinal);
        Assert.Equal(before, await product.StoredAsync());
    }

    [Fact]
    public async Task R57_R61_Mistakes_are_named_with_their_field_in_the_persons_language_and_what_was_typed_is_kept_on_the_page_alone()
    {
        var before = await product.StoredAsync();
        var (status, body) = await product.FormAsync(
            "/subscribe", "fr", ("email", "ana@"), ("phone", "12"), ("topic-email-newsletter", "yes"), ("age", "?"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Matches("<a href=\"#email\">Adresse e-mail[^<]+: saisissez-la en entier", body);
        Assert.Contains("<a href=\"#phone\">Numéro de mobile", body, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#age\">", body, StringComparison.Ordinal);
        Assert.Contains(
            "value=\"ana@\" aria-invalid=\"true\" aria-describedby=\"email-problem\" autofocus", body, StringComparison.Ordinal);
        Assert.Contains("aria-invalid=\"true\" aria-describedby=\"phone-hint phone-problem\">", body, StringComparison.Ordinal);
        foreach (var field in (string[])["email", "phone", "age"])
            Assert.Contains($"id=\"{field}-problem\">", body, StringComparison.Ordinal); // Beside the field as well.
        Assert.Contains("name=\"topic-email-newsletter\" value=\"yes\" checked", body, StringComparison.Ordinal);
        Assert.DoesNotMatch("(href|action)=\"[^\"]*ana", body);
        Assert.Equal(before, await product.StoredAsync());
    }

    [Fact]
    public async Task R57_The_first_wrong_field_has_the_focus_and_each_has_a_label_also_a_package_and_what_was_left_open()
    {
        var (_, body) = await product.FormAsync("/subscribe", "en", ("package", "12"));
        Assert.Contains("<label for=\"package\">Tracking number</label>", body, StringComparison.Ordinal);
        Assert.Matches("id=\"package\"[^>]*aria-invalid=\"true\" aria-describedby=\"package-problem\" autofocus", body);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(body, " autofocus"));

        (_, body) = await product.FormAsync("/subscribe", "en", ("age", "adult"));
        Assert.Contains("<a href=\"#topic-email-package-updates\">Please tick at least one box.", body, StringComparison.Ordinal);
        Assert.Matches("id=\"topic-email-package-updates\"[^>]* autofocus", body);

        (_, body) = await product.FormAsync(
            "/subscribe", "en", ("email", "ana@example.com"), ("topic-email-newsletter", "yes"), ("age", "?"));
        Assert.Matches("name=\"age\" value=\"adult\" autofocus", body);

        (_, body) = await product.FormAsync("/find", "en", ("address", "ana"));
        Assert.Matches("id=\"address\"[^>]*aria-describedby=\"address-problem\" autofocus", body);
        Assert.DoesNotContain(
            "autofocus", (await product.OpenAsync("/subscribe")).Text,
            StringComparison.Ordinal);
    }
}
