using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>What the export of a person has beside preferences and history, and what it reads like.</summary>
public sealed class ExportReadingTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task M9_R32_The_export_has_the_persons_words_what_their_texts_came_to_their_lists_and_their_requests()
    {
        var phone = CoreProduct.Phone("+14155550191");
        await product.SubscribedAsync(phone, TopicKey.Newsletter);
        var queue = product.Get<IWorkQueue>();
        foreach (var (id, text) in new[] { ("w1", "Stop by at 5?"), ("w2", "HELP") })
            await queue.EnqueueAsync(
                Queues.Inbound,
                System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                    CoreProduct.Text(id, phone.Value.TrimStart('+'), text, product.Time.GetUtcNow()), CoreJson.Default.InboundEvent));
        await product.WorkAsync();
        var lists = product.Get<StaticLists>();
        await lists.AddAsync((await lists.CreateAsync("Friends of the house", default)).Id, [product.Key(phone)], default);
        await product.PostAsync("/v1/privacy/requests", new { type = "objection", phone = phone.Value, note = "By letter of May." });
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "access", phone = phone.Value });
        var export = System.Text.Json.JsonSerializer.Deserialize(
            (await product.GetAsync($"/v1/privacy/requests/{opened["id"]}/export")).Text, CoreJson.Default.PersonExport)!;
        var one = Assert.Single(export.Addresses);
        Assert.Equal(["Stop by at 5?"], one.Written!.Select(w => w.Text));
        Assert.Equal(["help", "unsure"], one.Texts!.Select(t => t.Intent).Order());
        Assert.NotNull(one.Texts!.Single(t => t.Intent == "help").Answer);
        Assert.Equal(["Friends of the house"], one.Lists);
        Assert.Equal(
            [(PrivacyRight.Access, null), (PrivacyRight.Objection, "By letter of May.")],
            export.Requests!.Select(r => (r.Type, r.Note)).OrderBy(r => r.Type));

        var html = (await product.GetAsync($"/v1/privacy/requests/{opened["id"]}/export?format=html")).Text;
        foreach (var shown in new[]
        {
            "Stop by at 5?", "Friends of the house", "By letter of May.", "What you wrote to us", "Lists you are on",
            "Your text messages and our answers", "Your requests about your data",
        })
        {
            Assert.Contains(shown, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task R32_The_readable_export_says_of_a_break_and_of_each_choice_what_holds_when_it_is_made()
    {
        var mail = CoreProduct.Email("reads@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var book = product.Get<AddressBook>();
        var until = product.Time.GetUtcNow().AddDays(1);
        await book.ChangeAsync(product.Key(mail), null, (s, _) => new Change(s with { PausedUntil = until }, []), null, default);
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "access", email = mail.Value });
        Assert.Contains("Newsletters and promotions wait until", await ReadAsync(opened["id"]!), StringComparison.Ordinal);

        await book.ChangeAsync(
            product.Key(mail), null, (s, _) => new Change(s with { PausedUntil = until.AddDays(-2) }, []), null, default);
        var stopped = product.Time.GetUtcNow();
        await book.ChangeAsync(
            product.Key(mail), null,
            (s, _) => new Change(
                s with
                {
                    Subscriptions =
                    [
                        new Subscription(
                            TopicKey.Newsletter, SubscriptionStatus.Unsubscribed, stopped, "page",
                            Waiting: new WaitingOptIn(stopped, "form", null)),
                    ],
                }, []), null, default);
        var html = await ReadAsync(opened["id"]!);
        Assert.DoesNotContain("Newsletters and promotions wait until", html, StringComparison.Ordinal);
        var choices = html[html.IndexOf("Your choices", StringComparison.Ordinal)..];
        Assert.Contains(
            Notifications.Web.Pages.Texts.English.Pending, choices[..choices.IndexOf("</ul>", StringComparison.Ordinal)],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task M9_R32_The_readable_export_calls_a_stopped_package_off_and_says_where_something_was_said_in_the_persons_language()
    {
        var mail = CoreProduct.Email("silent@example.com");
        await product.FollowAsync(mail, "RR123456785PT");
        var preferences = product.PreferencesPath(mail);
        product.Time.Advance(TimeSpan.FromDays(3));
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "access", email = mail.Value });
        async Task<string> PackageAsync()
        {
            var html = await ReadAsync(opened["id"]!);
            html = html[html.IndexOf("RR123456785PT", StringComparison.Ordinal)..];
            return html[..html.IndexOf("</li>", StringComparison.Ordinal)];
        }

        var english = Notifications.Web.Pages.Texts.English;
        Assert.Contains($">{english.Subscribed}<", await PackageAsync(), StringComparison.Ordinal);
        await product.FormAsync(preferences, "de", ("stop", TopicKey.PackageUpdates));
        var said = await PackageAsync();
        Assert.Contains($">{english.Unsubscribed}<", said, StringComparison.Ordinal);
        Assert.Contains(english.Date(product.Time.GetUtcNow()), said, StringComparison.Ordinal); // Since it was said.

        await product.FormAsync(preferences, "de", ("subscribe", TopicKey.Newsletter));
        await product.FormAsync(preferences, "de", ("watch", "RR123456785PT"));
        var german = (await product.FormAsync(preferences, "de", ("export", "html"))).Body;
        Assert.Contains(">Eingewilligt<", german, StringComparison.Ordinal);
        foreach (var word in (string[])["Ihre Einstellungen", "Anmelden"]) Assert.Contains(word, german, StringComparison.Ordinal);
        foreach (var word in (string[])["preference-page", "public-form", "person"])
            Assert.DoesNotContain(word, german, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M9_R20_R32_The_readable_export_calls_nothing_on_that_is_not_sent()
    {
        var mail = CoreProduct.Email("reads.silent@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await product.FollowAsync(mail, "RR200000037PT");
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "access", email = mail.Value });
        var book = product.Get<AddressBook>();
        var (english, now) = (Notifications.Web.Pages.Texts.English, product.Time.GetUtcNow());
        var until = Notifications.Web.Pages.Texts.Fill(english.OnPaused, "date", english.Date(now.AddDays(30)));
        foreach (var (hold, topic, package) in new (Func<AddressState, AddressState>, string, string)[]
        {
            (s => s, english.Subscribed, english.Subscribed),
            (s => s with { PausedUntil = now.AddDays(30) }, until, english.Subscribed),
            (s => s with { Reviews = ["a"], ReviewPending = true }, english.ReviewWaits, english.Subscribed),
            (s => s with { RestrictedSince = now }, english.ChosenSilent, english.ChosenSilent),
            (s => s with { Contact = ContactStatus.Disabled }, english.ChosenSilent, english.ChosenSilent),
            (s => s with { Suppression = new Suppression(SuppressionReason.Bounce, now) }, english.ChosenSilent, english.ChosenSilent),
        })
        {
            await book.ChangeAsync(product.Key(mail), null, (s, _) => new Change(hold(s), []), null, default);
            var html = await ReadAsync(opened["id"]!);
            foreach (var (name, word) in new[] { ("Newsletter", topic), ("RR200000037PT", package) })
                Assert.Contains($"<strong>{name}</strong> <span class=\"dim\">{word}</span>", html, StringComparison.Ordinal);
            await book.ChangeAsync(
                product.Key(mail), null,
                (s, _) => new Change(
                    s with
                    {
                        PausedUntil = null, Reviews = [], ReviewPending = false, RestrictedSince = null, Contact = ContactStatus.Active,
                        Suppression = null,
                    }, []), null, default);
        }
    }

    [Fact]
    public async Task M9_R26_R32_The_readable_export_tells_the_evidence_as_facts_in_the_persons_language_and_no_codes()
    {
        var mail = CoreProduct.Email("evidence@example.com");
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = mail.Value,
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                policyVersion = "2026-01",
                wording = "Send it to me.",
                evidence = new { confirmed = true, ip = "203.0.113.7", url = "https://example.com/join", shop = new { till = 4 } },
            });
        await product.PostAsync(
            "/v1/messages", new { topic = "promotions", to = new { email = mail.Value }, data = new { subject = "s", intro = "i" } });
        await product.WorkAsync();
        var link = product.PreferencesPath(mail);
        await product.FormAsync(link, "de", ("pause", "60"));
        await product.FormAsync(link, "de", ("restrict", "yes"));
        var german = (await product.FormAsync(link, "de", ("export", "html"))).Body;
        foreach (var (name, value) in new[]
        {
            ("IP-Adresse", "203.0.113.7"), ("Webseite", "https://example.com/join"), ("Bestätigt", "Ja"), ("till", "4"),
            ("Datenschutzerklärung", "2026-01"),
        })
        {
            Assert.Contains($"<dt>{name}</dt><dd dir=\"auto\">{value}</dd>", german, StringComparison.Ordinal);
        }

        var texts = Notifications.Web.Pages.Texts.Find("de")!;
        Assert.Contains(
            $"<dt>Bis</dt><dd dir=\"auto\">{texts.Date(product.Time.GetUtcNow().AddDays(60))}", german, StringComparison.Ordinal);
        Assert.Contains($"{texts.MsgSkipped} · {texts.Never}", german, StringComparison.Ordinal); // Why it was not sent, in words.
        Assert.Contains($"<li>{texts.DataByCloud}</li><li>{texts.DataByServer}</li>", german, StringComparison.Ordinal);
        foreach (var code in (string[])["{", "no-consent", "\"until\"", "request", "service:", "<code"])
            Assert.DoesNotContain(code, german, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M14_R59_Who_receives_the_data_stands_in_the_persons_language_and_what_is_configured_as_it_is_written()
    {
        var privacy = product.Get<PrivacyOptions>();
        async Task<string> ShownAsync(string language)
        {
            var mail = CoreProduct.Email($"receives.{language}@example.com");
            await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = mail.Value,
                    topic = "newsletter",
                    action = "opt-in",
                    source = "form",
                    wording = "Send it to me.",
                    locale = language,
                });
            var links = product.Get<Notifications.Unsubscribe.Links>();
            var link = new Uri(links.Preferences(product.Key(mail), mail.Channel)).AbsolutePath;
            return (await product.FormAsync(link, language, ("export", "html"))).Body;
        }

        foreach (var texts in Notifications.Web.Pages.Texts.All)
        {
            var shown = await ShownAsync(texts.Language);
            Assert.Contains($"<li>{texts.DataByCloud}</li><li>{texts.DataByServer}</li>", shown, StringComparison.Ordinal);
            Assert.Equal(texts.Language == "en", shown.Contains(PrivacyOptions.Server, StringComparison.Ordinal));
        }

        // In the file they stand as ever, for machines.
        Assert.Equal([PrivacyOptions.Cloud, PrivacyOptions.Server], privacy.Recipients);
        privacy.Processors = ["Post Office: the address"];
        try
        {
            Assert.Contains(
                "<li><bdi>Post Office: the address</bdi></li>", await ShownAsync("de"), StringComparison.Ordinal);
        }
        finally
        {
            privacy.Processors = null;
        }
    }

    [Fact]
    public void M9_R32_Every_reason_has_words_in_the_readable_export_or_is_told_by_the_status()
    {
        Notifications.Sending.Reason[] told =
            [Notifications.Sending.Reason.Allowed, Notifications.Sending.Reason.NotSelected, Notifications.Sending.Reason.Unknown];
        foreach (var texts in Notifications.Web.Pages.Texts.All)
            Assert.All(
                Enum.GetValues<Notifications.Sending.Reason>().Except(told),
                reason => Assert.NotNull(Notifications.Web.Privacy.PersonHtml.Why(reason, texts)));
    }

    private async Task<string> ReadAsync(string id) => (await product.GetAsync($"/v1/privacy/requests/{id}/export?format=html")).Text;
}
