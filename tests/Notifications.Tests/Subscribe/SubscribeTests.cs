using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;
using Notifications.Web.Subscribe;

namespace Notifications.Tests.Subscribe;

/// <summary>Signing up on the public page, and finding the preferences again.</summary>
public sealed class SubscribeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R30_There_is_one_box_per_topic_and_channel_and_none_is_ticked()
    {
        var body = (await ProductFixture.SendAsync(product.Anonymous, HttpMethod.Get, "/subscribe?package=RR123456785PT", null)).Text;
        foreach (var topic in product.Services.GetRequiredService<TopicCatalog>().All)
        {
            Assert.Contains($"type=\"checkbox\" name=\"topic-email-{topic.Key}\"", body, StringComparison.Ordinal);
            Assert.Contains($"type=\"checkbox\" name=\"topic-sms-{topic.Key}\"", body, StringComparison.Ordinal);
        }

        Assert.Contains("Follow package RR123456785PT", body, StringComparison.Ordinal);
        Assert.Contains("name=\"watch-email\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain(" checked", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R28_R30_The_exact_words_and_their_language_are_kept_and_nothing_holds_before_a_human_confirms()
    {
        var address = CoreProduct.Email("petra@example.com");
        var (status, _) = await product.FormAsync(
            "/subscribe", "de", ("email", "Petra@Example.com"), ("topic-email-newsletter", "yes"), ("age", "adult"));
        Assert.Equal(HttpStatusCode.OK, status);
        var entry = Assert.Single(await product.LedgerAsync(address));
        Assert.Equal("Ja, senden Sie mir per E-Mail: Newsletter. Unsere Neuigkeiten, etwa einmal im Monat.", entry.Detail!.Wording);
        Assert.Contains("\"language\":\"de\"", entry.Detail.Evidence, StringComparison.Ordinal);
        Assert.Equal(product.Services.GetRequiredService<SendingOptions>().RequiredPolicyVersion, entry.PolicyVersion);
        await product.WorkAsync();
        Assert.Equal(1, product.MailsTo(address));

        var confirm =
            new Uri(product.Services.GetRequiredService<Links>().Confirm(
                product.Key(address), Channel.Email, TopicKey.Newsletter)).AbsolutePath;
        var shown = await ProductFixture.SendAsync(product.Anonymous, HttpMethod.Get, confirm, null);
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
            new Uri(product.Services.GetRequiredService<Links>().Confirm(
                product.Key(email), Channel.Email, TopicKey.PackageUpdates)).AbsolutePath,
            "en", ("confirm", "yes"));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(email))!.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(phone))!.StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task M1_R30_A_package_whose_number_was_corrected_on_the_form_is_asked_about_before_anything_is_sent()
    {
        var address = CoreProduct.Email("typo@example.com");
        var shown = (await ProductFixture.SendAsync(product.Anonymous, HttpMethod.Get, "/subscribe?package=RR1", null)).Text;
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
        var (number, watch) = Assert.Single(await product.Services.GetRequiredService<Watches>().OfAsync(product.Key(address), default));
        Assert.Equal(("RR200000037PT", WatchStatus.Pending), (number, watch.Status));
    }

    [Fact]
    public async Task A_package_is_followed_only_after_its_confirmation_and_nothing_else_is_with_it()
    {
        var address = CoreProduct.Email("parcel@example.com");
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("package", "RR123456785PT"), ("watch-email", "yes"), ("age", "adult"));
        var watches = product.Services.GetRequiredService<Watches>();
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
            "/subscribe", "fr", ("email", "ana@"), ("phone", "12"), ("topic-email-newsletter", "yes"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("<a href=\"#email\">Adresse e-mail : écrivez-la en entier", body, StringComparison.Ordinal);
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

        (_, body) = await product.FormAsync("/subscribe", "en", ("email", "ana@example.com"), ("topic-email-newsletter", "yes"));
        Assert.Matches("name=\"age\" value=\"adult\" autofocus", body);

        (_, body) = await product.FormAsync("/find", "en", ("address", "ana"));
        Assert.Matches("id=\"address\"[^>]*aria-describedby=\"address-problem\" autofocus", body);
        Assert.DoesNotContain(
            "autofocus", (await ProductFixture.SendAsync(product.Anonymous, HttpMethod.Get, "/subscribe", null)).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R63_Find_answers_alike_and_mails_the_link_once_to_a_known_address_only()
    {
        var (known, unknown) = (CoreProduct.Email("known@example.com"), CoreProduct.Email("unknown@example.com"));
        await product.SubscribedAsync(known, TopicKey.Newsletter);
        var answers = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add((await product.FormAsync("/find", "en", ("address", known.Value))).ToString());
            answers.Add((await product.FormAsync("/find", "en", ("address", unknown.Value))).ToString());
            await product.WorkAsync();
        }

        Assert.Single(answers);
        var mail = Assert.Single(product.Sent.Emails, m => m.To == known.Value);
        Assert.Contains("/p/", mail.Text, StringComparison.Ordinal);
        Assert.Contains("/p/", mail.Html, StringComparison.Ordinal);
        Assert.Equal(0, product.MailsTo(unknown));
        Assert.Null(await product.StateAsync(unknown));
    }

    [Theory]
    [InlineData("stop"), InlineData("disabled"), InlineData("restricted"), InlineData("blocked")]
    public async Task R43_R45_R35_M8_Find_sends_nothing_to_an_address_that_is_stopped_disabled_restricted_or_blocked(string held)
    {
        var (phone, mail) = (CoreProduct.Phone($"+1415555011{held.Length % 10}"), CoreProduct.Email($"held.{held}@example.com"));
        async Task HoldAsync(Address address, bool holds) =>
            await product.Services.GetRequiredService<AddressBook>().ChangeAsync(
                product.Key(address), null,
                (s, now) => new Change(
                    s with
                    {
                        Stopped = holds && held == "stop" ? new StopAll(now, ConsentSource.Sms) : null,
                        Contact = holds && held == "disabled" ? ContactStatus.Disabled : ContactStatus.Active,
                        RestrictedSince = holds && held == "restricted" ? now : null,
                        Suppression = holds && held == "blocked" ? new Suppression(SuppressionReason.Manual, now) : null,
                    },
                    []),
                null, default);
        int Sent() => product.Sent.Texts.Count(t => t.To == phone.Value) + product.MailsTo(mail);
        foreach (var (holds, sent) in new[] { (true, 0), (false, 2) }) // Who comes back the same day has their link.
        {
            foreach (var address in (Address[])[phone, mail])
            {
                await product.SubscribedAsync(address, TopicKey.PackageUpdates);
                await HoldAsync(address, holds);
                Assert.Equal(HttpStatusCode.OK, (await product.FormAsync("/find", "en", ("address", address.Value))).Status);
            }

            await product.WorkAsync();
            Assert.Equal(sent, Sent());
        }
    }

    [Fact]
    public async Task R63_Find_mails_the_link_once_per_confirmation_window_also_where_every_topic_is_unsubscribed()
    {
        var mail = CoreProduct.Email("quiet@example.com");
        await product.Services.GetRequiredService<ConsentDesk>().OptOutAsync(
            mail, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "page", "person"), default);
        var window = product.Services.GetRequiredService<SendingOptions>().ConfirmationWindow;
        product.Time.Advance(TimeSpan.FromTicks(window.Ticks - product.Time.GetUtcNow().UtcTicks % window.Ticks));
        foreach (var (later, mails) in new[] { (TimeSpan.Zero, 1), (TimeSpan.FromHours(23), 1), (TimeSpan.FromHours(1), 2) })
        {
            product.Time.Advance(later);
            await product.FormAsync("/find", "en", ("address", mail.Value));
            await product.WorkAsync();
            Assert.Equal(mails, product.MailsTo(mail));
        }
    }

    [Theory]
    [InlineData("fr", "+14155550188", "{0}: Ici, vous voyez")]
    [InlineData("ar", "+14155550189", "\u200F{0}: هنا ترى")] // The name before them does not turn its words round.
    public async Task R51_R59_The_text_with_the_link_to_the_preferences_names_its_sender(string language, string number, string beginning)
    {
        var phone = CoreProduct.Phone(number);
        await product.SubscribedAsync(phone, TopicKey.Newsletter);
        await product.FormAsync("/find", language, ("address", phone.Value));
        await product.WorkAsync();
        Assert.StartsWith(
            beginning.Replace("{0}", product.Services.GetRequiredService<SenderOptions>().Name, StringComparison.Ordinal),
            Assert.Single(product.Sent.Texts, t => t.To == phone.Value && t.Text.Contains("/p/", StringComparison.Ordinal)).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R63_Find_does_the_same_work_before_its_answer_for_everybody_and_nothing_is_kept_of_a_stranger()
    {
        var (member, stranger) = (CoreProduct.Email("worked@example.com"), CoreProduct.Email("stranger@example.com"));
        await product.SubscribedAsync(member, TopicKey.Newsletter);
        await product.WorkAsync();
        var before = await product.StoredAsync();
        foreach (var address in (Address[])[member, stranger, member, stranger])
        {
            await product.FormAsync("/find", "en", ("address", address.Value));
            Assert.Equal(1, await product.Store.CountAsync(Queues.Send));
            await product.WorkAsync();
        }

        Assert.Equal(1, product.Sent.Emails.Count(m => m.To == member.Value && m.Text!.Contains("/p/", StringComparison.Ordinal)));
        Assert.Equal(before + 1, await product.StoredAsync()); // The member's message alone.
    }
}

/// <summary>A flood, on a product of its own: its network is refused afterwards.</summary>
public sealed class SignupFloodTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R63_A_thousand_sign_ups_make_one_confirmation_and_answers_do_not_tell_who_is_known()
    {
        var (known, unknown) = (CoreProduct.Email("member@example.com"), CoreProduct.Email("victim@example.com"));
        await product.SubscribedAsync(known, TopicKey.Newsletter);
        var first = await product.FormAsync(
            "/subscribe", "en", ("email", known.Value), ("topic-email-newsletter", "yes"), ("age", "adult"));
        var answers = new Dictionary<(HttpStatusCode, string), int>();
        for (var i = 0; i < 1000; i++)
        {
            var answer = await product.FormAsync(
                "/subscribe", "en", ("email", unknown.Value), ("topic-email-newsletter", "yes"), ("age", "adult"));
            answers[answer] = answers.GetValueOrDefault(answer) + 1;
        }

        await product.WorkAsync();
        Assert.Equal(1, product.MailsTo(unknown));
        Assert.Equal(0, product.MailsTo(known));
        Assert.Single(await product.LedgerAsync(unknown));
        Assert.Equal(2, answers.Count);
        Assert.Contains(first, answers.Keys);
        Assert.Contains(answers.Keys, a => a.Item1 == HttpStatusCode.TooManyRequests);
    }
}

/// <summary>Apart: they take hours of the product's clock.</summary>
public sealed class SignupLimitsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static int _made;

    private readonly SignupLimits _limits = product.Services.GetRequiredService<SignupLimits>();

    [Fact]
    public void R63_A_flood_of_made_up_addresses_takes_nothing_from_anybody_else()
    {
        for (var i = 0; i < 200_000; i++) _limits.Allow(Key());
        Assert.Equal(100, Enumerable.Range(0, 100).Count(_ => _limits.Allow(Key())));
    }

    [Fact]
    public void R63_An_address_is_heard_five_times_an_hour()
    {
        var key = Key();
        Assert.Equal(SignupLimits.PerAddress, Enumerable.Range(0, 20).Count(_ => _limits.Allow(key)));
        product.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(SignupLimits.PerAddress, Enumerable.Range(0, 20).Count(_ => _limits.Allow(key)));
    }

    [Fact]
    public async Task R63_An_address_that_never_answers_is_asked_once_per_window_however_many_forms_come()
    {
        var address = CoreProduct.Email("patient@example.com");
        for (var i = 0; i < 3; i++)
        {
            for (var again = 0; again < 2; again++)
                Assert.Equal(
                    HttpStatusCode.OK,
                    (await product.FormAsync(
                        "/subscribe", "en", ("email", address.Value), ("topic-email-newsletter", "yes"), ("age", "adult"))).Status);
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromHours(25));
        }

        Assert.Equal(3, product.MailsTo(address));
    }

    private AddressKey Key() => product.Key(CoreProduct.Email($"made-up-{Interlocked.Increment(ref _made)}@example.com"));
}
