using System.Net;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Pages;

/// <summary>The rights that a person exercises on the preference page, with nothing but a link to one address.</summary>
public sealed class RightsPageTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R32_The_page_gives_the_data_of_its_own_address_as_a_file_and_to_read_and_not_those_of_the_account()
    {
        var (mail, other) = await AccountAsync("x-1", "export.one@example.com", "export.two@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        using var request = new HttpRequestMessage(HttpMethod.Post, product.PreferencesPath(mail))
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("export", "json")]),
        };
        using var answer = await product.Anonymous.SendAsync(request);
        Assert.Equal("attachment; filename=\"my-data.json\"", answer.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        var export = JsonSerializer.Deserialize(text, CoreJson.Default.PersonExport)!;
        Assert.Equal(mail.Value, Assert.Single(export.Addresses).Address);
        Assert.True(export.Addresses[0].Verified);
        Assert.Null(export.Contact); // The name is the account's, and the account has another address.
        Assert.DoesNotContain(other.Value, text, StringComparison.Ordinal);
        var recorded = (await RequestsAsync()).Last(r => r.AddressKeys.Contains(product.Key(mail).Value));
        Assert.Equal((PrivacyRight.Portability, PrivacyStatus.Completed, "person"), (recorded.Type, recorded.Status, recorded.Actor));

        var (_, german) = await product.FormAsync(product.PreferencesPath(mail), "de", ("export", "html"));
        Assert.Contains("Was wir über Sie gespeichert haben", german, StringComparison.Ordinal);
        Assert.Contains(Notifications.Web.Pages.Html.Breaking(mail.Value).Value, german, StringComparison.Ordinal);
        Assert.Contains("Eingewilligt", german, StringComparison.Ordinal);
        Assert.DoesNotContain(other.Value[..^12], german, StringComparison.Ordinal); // Before its @.

        // Where the address is all that the account has, the account's name is the person's own.
        var (alone, _) = await AccountAsync("x-2", "export.alone@example.com", null);
        Assert.Contains("Name of x-2", (await product.PressAsync(alone, ("export", "json"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R36_To_object_is_offered_openly_reaches_the_whole_account_holds_for_all_marketing_and_leaves_the_service()
    {
        var (mail, other) = await AccountAsync("o-1", "object.one@example.com", "object.two@example.com");
        await product.SubscribedAsync(mail, TopicKey.PackageUpdates);
        await product.SubscribedAsync(other, TopicKey.Newsletter, TopicKey.Promotions);
        var page = (await product.OpenAsync(product.PreferencesPath(mail))).Text;
        // Not folded away, also where no marketing is on.
        Assert.InRange(page.IndexOf("name=\"object\"", StringComparison.Ordinal), 1, page.IndexOf("<details", StringComparison.Ordinal));
        var (_, body) = await product.PressAsync(mail, ("object", "yes"));
        Assert.Contains("Your objection holds: we send you no marketing.", body, StringComparison.Ordinal);
        Assert.DoesNotContain(">Undo<", body, StringComparison.Ordinal);
        Assert.Equal(
            product.Time.GetUtcNow(),
            (await product.GetAsync("/v1/preferences?email=" + mail.Value)).Json.GetProperty("objectedAt").GetDateTimeOffset());
        Assert.Equal(
            product.Time.GetUtcNow(), (await product.GetAsync("/v1/contacts/o-1")).Json.GetProperty("objectedAt").GetDateTimeOffset());
        foreach (var address in new[] { mail, other })
            foreach (var topic in product.Get<TopicCatalog>().All.Where(t => t.IsMarketing))
                Assert.Equal(Reason.Unsubscribed, await ReasonAsync(address, topic.Key));
        Assert.Equal(Reason.Allowed, await ReasonAsync(mail, TopicKey.PackageUpdates));
    }

    [Fact]
    public async Task R36_The_objection_of_an_address_that_no_account_owns_promises_nothing_of_other_addresses()
    {
        var mail = CoreProduct.Email("object.alone@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var page = (await product.OpenAsync(product.PreferencesPath(mail))).Text;
        Assert.Contains("We then send no marketing to <span class=\"address\">o•••@", page, StringComparison.Ordinal);
        Assert.DoesNotContain("any address of your account", page, StringComparison.Ordinal);
        var (_, body) = await product.PressAsync(mail, ("object", "yes"));
        Assert.Contains("Your objection holds: we send no marketing to <span", body, StringComparison.Ordinal);
        Assert.Equal(Reason.Unsubscribed, await ReasonAsync(mail, TopicKey.Newsletter));
    }

    [Fact]
    public async Task R35_The_person_restricts_here_and_lifts_here_after_a_notice_but_not_what_somebody_else_restricted()
    {
        var mail = CoreProduct.Email("restrict.here@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var (_, body) = await product.PressAsync(mail, ("restrict", "yes"));
        Assert.Contains("The use of your data is restricted.", body, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"subscribe\"", body, StringComparison.Ordinal);
        Assert.Equal(Reason.ProcessingRestricted, await ReasonAsync(mail, TopicKey.Newsletter));

        var (_, notice) = await product.PressAsync(mail, ("lift", "ask"));
        Assert.Contains("We will then use your data again", notice, StringComparison.Ordinal);
        Assert.Contains("<li>Newsletter</li>", notice, StringComparison.Ordinal);
        Assert.Equal(Reason.ProcessingRestricted, await ReasonAsync(mail, TopicKey.Newsletter)); // The notice alone lifts nothing.
        await product.PressAsync(mail, ("lift", "yes"));
        Assert.Equal(Reason.Allowed, await ReasonAsync(mail, TopicKey.Newsletter));
        var lift = (await product.LedgerAsync(mail)).Last(e => e.Action == LedgerAction.Unrestrict);
        Assert.Contains("We will then use your data again", lift.Detail!.Wording, StringComparison.Ordinal);
        Assert.NotNull((await RequestsAsync()).Last(r => r.Type == PrivacyRight.Restriction).LiftedAt);

        await product.PostAsync("/v1/privacy/requests", new { type = "restriction", email = mail.Value });
        (_, body) = await product.PressAsync(mail, ("lift", "yes"));
        Assert.DoesNotContain("name=\"lift\"", body, StringComparison.Ordinal);
        Assert.Contains("To end the restriction, write to us: help@example.com", body, StringComparison.Ordinal);
        Assert.Equal(Reason.ProcessingRestricted, await ReasonAsync(mail, TopicKey.Newsletter));
    }

    [Fact]
    public async Task R34_R32_Who_takes_or_erases_the_data_of_an_address_is_told_that_those_of_a_former_one_are_not_among_them()
    {
        var mail = CoreProduct.Email("moved.here@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        foreach (var form in ((string, string)[])[("erase", "ask"), ("daily", "no")])
            Assert.Contains(
                "For a former one, or one that you cannot reach any more, write to us: help@example.com",
                (await product.PressAsync(mail, form)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R34_A_page_that_was_open_when_its_person_was_erased_writes_nothing_of_them_any_more()
    {
        var (mail, _) = await AccountAsync("e-9", "erased.meanwhile@example.com", null);
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await product.PressAsync(mail, ("erase", "yes"));
        var (state, entries) = ((await product.StateAsync(mail))!, (await product.LedgerAsync(mail)).Count);
        foreach (var form in new[]
        {
            ("pause", "30"), ("pause", "0"), ("stop", "*"), ("stop", TopicKey.Newsletter), ("stop", "~marketing"), ("daily", "yes"),
            ("unwatch", "LX123456789CN"), ("restrict", "yes"), ("object", "yes"), ("disable", "yes"), ("save", "details"), ("move", "yes"),
        })
        {
            var (status, body) = await product.PressAsync(mail, form);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains("Your data are erased", body, StringComparison.Ordinal);
            Assert.Equal((form, entries), (form, (await product.LedgerAsync(mail)).Count));
        }

        Assert.Equal(state.PausedUntil, (await product.StateAsync(mail))!.PausedUntil);
    }

    [Fact]
    public async Task R34_Erasing_asks_once_more_says_what_stays_takes_this_address_alone_and_has_no_way_back()
    {
        var (mail, other) = await AccountAsync("e-1", "erase.one@example.com", "erase.two@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await product.SubscribedAsync(other, TopicKey.Newsletter);
        var before = await product.StoredAsync();
        var (_, ask) = await product.PressAsync(mail, ("erase", "ask"));
        Assert.Contains("A code computed from the address", ask, StringComparison.Ordinal);
        Assert.Contains("Backup copies, where there are any, hold the data until they expire.", ask, StringComparison.Ordinal);
        Assert.Contains("This cannot be undone.", ask, StringComparison.Ordinal);
        Assert.Equal(before, await product.StoredAsync());

        var (_, done) = await product.PressAsync(mail, ("erase", "yes"));
        Assert.Contains("Your data are erased", done, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/subscribe\">Sign up with another address</a>", done, StringComparison.Ordinal);
        Assert.DoesNotContain("<button", done, StringComparison.Ordinal);
        var state = (await product.StateAsync(mail))!;
        Assert.Equal((ContactStatus.Erased, (string?)null), (state.Contact, state.Value));
        Assert.Equal(Reason.Allowed, await ReasonAsync(other, TopicKey.Newsletter));
        var contact = (await product.Get<ContactDesk>().GetAsync("e-1", default))!;
        Assert.Equal(("Name of e-1", other.Value), (contact.Profile.Name, Assert.Single(contact.Addresses).Address.Value));

        // Neither the link nor a sign-up brings anything back, and no words are kept of the attempt.
        foreach (var form in new[]
        {
            ("resume", "yes"),
            ("subscribe", TopicKey.Newsletter),
            ("undo", "1"),
            ("export", "json"),
            ("erase", "yes"),
            ("lift", "yes"),
        })
        {
            await product.PressAsync(mail, form);
        }

        await product.FormAsync("/subscribe", "en", ("email", mail.Value), ("topic-email-newsletter", "yes"), ("age", "adult"));
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = mail.Value,
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                wording = "I, erase.one, agree",
                evidence = new { confirmed = true, ip = "203.0.113.5" },
            });
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = mail.Value,
                topic = "newsletter",
                action = "opt-out",
                source = "form",
                wording = "I, erase.one, object",
                evidence = new { ip = "203.0.113.5" },
            });
        Assert.Contains(
            "Your data are erased", (await product.OpenAsync(product.PreferencesPath(mail))).Text,
            StringComparison.Ordinal);
        Assert.Equal(Reason.SuppressedErased, await ReasonAsync(mail, TopicKey.Newsletter));

        // The link to unsubscribe asks nothing more either, writes nothing, and leads to the sign-up for another address alone, since this
        // one is sent nothing; a mailbox provider's press is answered as ever.
        var entries = (await product.LedgerAsync(mail)).Count;
        var stop = new Uri(product.Get<Links>().Unsubscribe(
            product.Get<LinkTokens>().Write(
                new LinkToken(LinkPurpose.Unsubscribe, product.Key(mail), Channel.Email) { Topic = TopicKey.Newsletter }))).AbsolutePath;
        var asked = (await product.OpenAsync(stop)).Text;
        foreach (var shown in new[] { asked, (await product.FormAsync(stop, "en", ("scope", "all"))).Body })
        {
            Assert.Contains("Your data are erased", shown, StringComparison.Ordinal);
            Assert.Contains("<a href=\"/subscribe\">Sign up with another address</a>", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("<button", shown, StringComparison.Ordinal);
        }

        Assert.Equal(entries, (await product.LedgerAsync(mail)).Count);
        Assert.Equal(HttpStatusCode.OK, (await product.FormAsync(stop, "en", ("List-Unsubscribe", "One-Click"))).Status);
        var ledger = await product.LedgerAsync(mail);
        Assert.True(LedgerChain.Verify(ledger, (await product.StateAsync(mail))!.Ledger));
        Assert.All(ledger, e => Assert.True(e.Detail is null or { Wording: null, Evidence: null }));
        Assert.Equal(0, product.MailsTo(mail));
    }

    [Fact]
    public async Task R49_Undoing_a_stop_of_all_marketing_restores_exactly_what_that_press_ended_and_only_within_the_hour()
    {
        var mail = CoreProduct.Email("undo.marketing@example.com");
        foreach (var topic in new[] { "newsletter", "promotions" })
            await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = mail.Value,
                    topic,
                    action = "opt-in",
                    source = "form",
                    policyVersion = "2026-01",
                    wording = "Send it to me.",
                    evidence = new { confirmed = true },
                });
        await product.PressAsync(mail, ("stop", TopicKey.Promotions));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var newsletter = (await product.StateAsync(mail))!.Find(TopicKey.Newsletter);
        var (_, body) = await product.PressAsync(mail, ("stop", "~marketing"));
        var undo = System.Text.RegularExpressions.Regex.Match(body, "name=\"undo\" value=\"(\\d+)\"").Groups[1].Value;
        Assert.NotEmpty(undo);
        Assert.Equal(Reason.Unsubscribed, await ReasonAsync(mail, TopicKey.Newsletter));
        await product.PressAsync(mail, ("undo", "1")); // Not a moment of any stop.
        Assert.Equal(Reason.Unsubscribed, await ReasonAsync(mail, TopicKey.Newsletter));
        (_, body) = await product.PressAsync(mail, ("undo", undo));
        Assert.Contains(
            "Taken back. What holds now is shown below.", body.Split("role=\"status\">")[1].Split("</p>")[0], StringComparison.Ordinal);
        var after = (await product.StateAsync(mail))!;
        Assert.Equal(newsletter, after.Find(TopicKey.Newsletter));
        Assert.Equal(SubscriptionStatus.Unsubscribed, after.StatusOf(TopicKey.Promotions)); // Stopped by a press of its own.
        Assert.Equal(SubscriptionStatus.Unsubscribed, after.StatusOf("surveys")); // Never on, so there was nothing to restore.

        // The ledger tells the same: whoever reads it later, or imports it, comes to the same.
        var told = LedgerFold.At(await product.LedgerAsync(mail), after, product.Get<TopicCatalog>(), DateTimeOffset.MaxValue)!;
        Assert.Equal(SubscriptionStatus.Subscribed, told.StatusOf(TopicKey.Newsletter));
        Assert.Equal(SubscriptionStatus.Unsubscribed, told.StatusOf(TopicKey.Promotions));

        (_, body) = await product.PressAsync(mail, ("stop", TopicKey.Newsletter));
        undo = System.Text.RegularExpressions.Regex.Match(body, "name=\"undo\" value=\"(\\d+)\"").Groups[1].Value;
        product.Time.Advance(TimeSpan.FromMinutes(61));
        await product.PressAsync(mail, ("undo", undo));
        Assert.Equal(Reason.Unsubscribed, await ReasonAsync(mail, TopicKey.Newsletter));
    }

    [Fact]
    public async Task P6_A_stop_by_the_unsubscribe_link_is_not_undone_on_the_preference_page()
    {
        var mail = CoreProduct.Email("undo.oneclick@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var token = new LinkToken(LinkPurpose.Unsubscribe, product.Key(mail), Channel.Email) { Topic = TopicKey.Newsletter };
        await product.Get<Unsubscriber>().StopAsync(token, UnsubscribeScope.Named, "one-click", default);
        var at = (await product.StateAsync(mail))!.Find(TopicKey.Newsletter)!.Since.ToUnixTimeMilliseconds();
        await product.PressAsync(mail, ("undo", at.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(Reason.Unsubscribed, await ReasonAsync(mail, TopicKey.Newsletter));
    }

    [Fact]
    public async Task R21_An_ended_break_can_be_taken_up_again_and_no_form_makes_one_longer_than_ninety_days()
    {
        var mail = CoreProduct.Email("undo.break@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await product.PressAsync(mail, ("pause", "90"));
        var until = (await product.StateAsync(mail))!.PausedUntil!.Value;
        var (_, body) = await product.PressAsync(mail, ("pause", "0"));
        Assert.Contains("The break is over", body, StringComparison.Ordinal);
        Assert.Contains($"name=\"pause\" value=\"{until.ToUnixTimeMilliseconds()}\">Undo", body, StringComparison.Ordinal);
        await product.PressAsync(
            mail, ("pause", until.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(until, (await product.StateAsync(mail))!.PausedUntil);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await product.PressAsync(
                mail,
                ("pause", until.AddDays(1).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture)))).Status);
        Assert.Equal(until, (await product.StateAsync(mail))!.PausedUntil);
    }

    [Fact]
    public async Task News_of_packages_come_once_a_day_from_the_page_and_from_the_sign_up()
    {
        var mail = CoreProduct.Email("daily@example.com");
        var watches = product.Get<Watches>();
        foreach (var text in new[] { "RR123456785PT", "LX123456785CN" })
        {
            Assert.True(TrackingNumber.TryParse(text, out var number, out _));
            await watches.WatchAsync(new WatchRequest(number, mail, "shop", "service:shop"), default);
        }

        var (_, body) = await product.PressAsync(mail, ("daily", "yes"));
        Assert.Contains("News of a package comes at most once a day.", body, StringComparison.Ordinal);
        Assert.Contains("name=\"daily\" value=\"no\">Undo", body, StringComparison.Ordinal);
        Assert.All(
            await watches.OfAsync(product.Key(mail), default),
            w => Assert.Equal((true, WatchStatus.Active), (w.Watch.Daily, w.Watch.Status)));
        var row = await product.Store.RangeAsync(
            Notifications.Storage.Tables.Packages, "RR123456785PT",
            Notifications.Storage.RowRange.Prefix(Notifications.Storage.Rows.WatcherPrefix), 10);
        Assert.NotEmpty(row); // The follower's row goes with it: see FanOutTests for what it makes of it.
        await product.PressAsync(mail, ("daily", "no"));
        Assert.All(await watches.OfAsync(product.Key(mail), default), w => Assert.False(w.Watch.Daily));

        var asked = CoreProduct.Email("daily.signup@example.com");
        await product.FormAsync(
            "/subscribe", "en", ("email", asked.Value), ("package", "RR123456785PT"), ("watch-email", "yes"), ("daily-email", "yes"),
            ("age", "adult"));
        Assert.True(Assert.Single(await watches.OfAsync(product.Key(asked), default)).Watch.Daily);
    }

    [Fact]
    public async Task P3_Looking_at_the_page_or_sending_it_nonsense_changes_nothing()
    {
        var mail = CoreProduct.Email("look@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var before = await product.StoredAsync();
        foreach (var query in new[] { "", "?erase=yes", "?object=yes", "?restrict=yes", "?export=json", "?undo=1", "?daily=yes" })
            Assert.Equal(HttpStatusCode.OK, (await product.OpenAsync(product.PreferencesPath(mail) + query)).Status);
        foreach (var form in new[]
        {
            ("erase", "maybe"),
            ("object", "no"),
            ("restrict", ""),
            ("export", "xml"),
            ("undo", "now"),
            ("daily", "never"),
            ("lift", "please"),
        })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await product.PressAsync(mail, form)).Status);
        }

        Assert.Equal(before, await product.StoredAsync());
        Assert.Single(await product.LedgerAsync(mail));
    }

    private async Task<(Address Mail, Address Other)> AccountAsync(string id, string mail, string? other)
    {
        var addresses = new[] { mail, other }.OfType<string>().Select(CoreProduct.Email).ToList();
        await product.Get<ContactDesk>().PutAsync(id, "Name of " + id, null, null, addresses, "service:test", default);
        return (addresses[0], addresses[^1]);
    }

    private async Task<IReadOnlyList<PrivacyRequest>> RequestsAsync() => await product.Get<PrivacyDesk>().ListAsync(null, 1000, default);

    private async Task<Reason> ReasonAsync(Address address, string topic) => DecisionRules.Decide(new DecisionInput
    {
        State = await product.StateAsync(address),
        Topic = product.Get<TopicCatalog>().Find(topic)!,
        Channel = address.Channel,
        Now = product.Time.GetUtcNow(),
        Options = new SendingOptions(),
    }).Reason;
}
