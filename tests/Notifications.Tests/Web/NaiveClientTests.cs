using System.Net;
using System.Text.Json;
using Notifications.Access;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>
/// What a client meets that was written from DESIGN and REQUIREMENTS alone: the shapes that stand there are taken, and mean what anybody
/// reads in them.
/// </summary>
public sealed class NaiveClientTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Foot =
        "<p>{{ sender.name }}, {{ sender.postalAddress }}</p><p><a href=\"{{ unsubscribeUrl }}\">Unsubscribe</a></p>";

    private static object Mail(string name, string topic, string html, string text, string? layout = null) => layout is null
        ? new { name, topic, channel = "email", locale = "en", subject = "Hello", html, text }
        : new { name, topic, channel = "email", locale = "en", subject = "Hello", html, text, layout };

    private static object Text(string name, string topic, string text) => new { name, topic, channel = "sms", locale = "en", text };

    private Task<Reply> SaveAsync(object template) => product.PostAsync("/v1/templates", template);

    private static List<JsonElement> Errors(Reply refused) =>
        [
            .. refused.Json.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("severity").GetString() == "error"),
        ];

    private async Task AgreeAsync(string topic, string email) =>
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email,
                topic,
                action = "opt-in",
                source = "form",
                wording = "Yes",
                policyVersion = "1",
                evidence = new { confirmed = true, at = product.Time.GetUtcNow() },
            });

    [Fact]
    public async Task R24_A_promotional_block_in_a_package_template_is_refused_and_a_parcel_text_with_a_single_such_word_is_not()
    {
        var refused = await SaveAsync(
            Mail(
                "promo-block", "package-updates",
                "<p>Your parcel is on its way.</p>\n<p>20% off everything in our shop with coupon SAVE20</p>",
                "Your parcel is on its way."));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        var error = Assert.Single(Errors(refused));
        Assert.Equal(
            ("promotional-words", "html", 2),
            (error.GetProperty("rule").GetString(), error.GetProperty("part").GetString(), error.GetProperty("line").GetInt32()));
        Assert.Contains(
            "'20% off' reads as advertising, and so does 'coupon'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("marketing topic", error.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/templates/promo-block:email:en")).Status);

        var warned = await SaveAsync(
            Mail("one-word", "package-updates", "<p>Delivered: the goods of your sale.</p>", "The coupons of your coupon are delivered."));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, warned.Status); // A sale and a coupon are two, wherever they stand.
        Assert.Equal(
            HttpStatusCode.Created,
            (await SaveAsync(Mail("one-word", "package-updates", "<p>The coupon of your coupon.</p>", "A coupon is delivered."))).Status);
        Assert.Equal(
            HttpStatusCode.Created,
            (await SaveAsync(
                Mail(
                    "out", "package-updates", "<p>Parcel {{ package.trackingNumber }} is out for delivery.</p>",
                    "Parcel {{ package.trackingNumber }} is out for delivery."))).Status);
    }

    [Fact]
    public async Task R24_Advertising_as_the_content_of_a_package_message_is_refused_by_the_field_that_it_stands_in()
    {
        object Message(string topic, object content) => new { topic, to = new { email = "naive@content.example" }, content };
        var text = new { subject = "Your parcel", text = "Big sale! 50% off, coupon X" };
        foreach (var path in (string[])["/v1/messages", "/v1/decisions"])
        {
            var refused = await product.PostAsync(path, Message("package-updates", text));
            Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (refused.Status, refused.MediaType));
            Assert.Equal(["content.text"], refused.Fields);
            Assert.Contains("marketing topic", refused.Text, StringComparison.Ordinal);
        }

        // Two signs in two fields are one message's.
        Assert.Equal(
            ["content.subject", "content.html"],
            (await product.PostAsync(
                "/v1/messages",
                Message("package-updates", new { subject = "Winter sale", html = "<p>Now <b>50&#37;</b> off.</p>" }))).Fields);
        Assert.Equal(
            ["content.text"],
            (await product.PostAsync(
                "/v1/messages",
                new
                {
                    topic = "package-updates",
                    to = new { email = "naive@content.example" },
                    locale = "de",
                    content = new { subject = "Ihr Paket", text = "20 % Rabatt mit dem Gutschein X" },
                })).Fields);
        var batch = await product.PostAsync(
            "/v1/messages/batch", new { messages = new[] { Message("package-updates", text), Message("newsletter", text) } });
        Assert.Equal(HttpStatusCode.Accepted, batch.Status);
        Assert.Contains("content.text", batch.Text, StringComparison.Ordinal);
        Assert.Contains("queued", batch.Text, StringComparison.Ordinal);

        foreach (var said in (string[])[
            "Your parcel waits at Bond Street. Terms of sale apply; customs fee 20% of the value.",
            "Show this coupon at the counter. Delivered by half past nine, 100% on time.",
        ])
        {
            var sent = await product.PostAsync("/v1/messages", Message("package-updates", new { subject = "Your parcel", text = said }));
            Assert.True(sent.Status == HttpStatusCode.Accepted, sent.Text);
        }

        Assert.Equal(HttpStatusCode.Accepted, (await product.PostAsync("/v1/messages", Message("promotions", text))).Status);
    }

    [Fact]
    public async Task R23_A_marketing_template_in_the_shape_of_DESIGN_without_address_and_way_out_is_refused_with_what_to_add()
    {
        var refused = await SaveAsync(Mail("bare-sale", "promotions", "<p>Sale!</p>", "Sale!"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(
            ["missing-postal-address", "missing-stop-all", "missing-unsubscribe"],
            Errors(refused).Select(f => f.GetProperty("rule").GetString()).Order());
        Assert.All(
            Errors(refused),
            f => Assert.Contains("\"layout\": \"standard\"", f.GetProperty("remedy").GetString(), StringComparison.Ordinal));
        foreach (var variable in (string[])["{{ sender.postalAddress }}", "{{ unsubscribeUrl }}", "{{ preferencesUrl }}"])
            Assert.Contains(Errors(refused), f => f.GetProperty("remedy").GetString()!.Contains(variable, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/templates/bare-sale:email:en")).Status);
        var looked = await product.PostAsync(
            "/v1/templates/preview", new { template = Mail("bare-sale", "promotions", "<p>Sale!</p>", "Sale!") });
        Assert.Contains("missing-postal-address", looked.Text, StringComparison.Ordinal);
        Assert.Null(looked["html"]);

        var standard = await SaveAsync(Mail("bare-sale", "promotions", "<p>Sale!</p>", "Sale!", "standard"));
        Assert.Equal((HttpStatusCode.Created, "standard"), (standard.Status, standard["layout"]));
    }

    [Theory]
    [InlineData("both", Foot + "<a href=\"{{ preferencesUrl }}\">Preferences</a>")]
    [InlineData("unsubscribe", Foot)]
    [InlineData("preferences", "<p>{{ sender.postalAddress }}</p><a href=\"{{ preferencesUrl }}\">Stop all marketing</a>")]
    public async Task R16_R23_A_template_that_carries_its_address_and_way_out_stands_as_it_is_and_its_mail_has_each_once(
        string name, string foot)
    {
        var email = $"naive-{name}@once.example";
        await AgreeAsync("promotions", email);
        var saved = await SaveAsync(Mail("once-" + name, "promotions", "<p>Spring!</p>" + foot, "Spring!"));
        Assert.True(saved.Status == HttpStatusCode.Created, saved.Text);
        Assert.Equal("none", saved["layout"]);
        var sent = await product.PostAsync(
            "/v1/messages", new { topic = "promotions", template = "once-" + name, to = new { email } });
        Assert.True(sent.Status == HttpStatusCode.Accepted, sent.Text);
        await product.WorkAsync();
        var mail = Assert.Single(product.Sent.Emails, m => m.To == email);
        var address = product.Get<SenderOptions>().PostalAddress;
        Assert.Equal(1, Count(mail.Html, WebUtility.HtmlEncode(address)));
        Assert.True(Count(mail.Html, "/u/") <= 1 && Count(mail.Html, "/p/") <= 1, mail.Html);
        // What the plain part lacks stands below it: whoever is shown that has a way out too.
        Assert.Equal((1, 1, 1), (Count(mail.Text, address), Count(mail.Text, "/u/"), Count(mail.Text, "/p/")));
        Assert.StartsWith("Spring!", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R16_A_package_template_in_the_shape_of_DESIGN_gets_the_link_that_it_does_not_carry_and_no_second_one()
    {
        var without = await SaveAsync(Mail("parcel-plain", "package-updates", "<p>Delivered</p>", "Delivered"));
        Assert.Equal((HttpStatusCode.Created, "standard"), (without.Status, without["layout"]));
        var with = await SaveAsync(
            Mail(
                "parcel-own", "package-updates", "<p>Delivered</p><a href=\"{{ unsubscribeUrl }}\">Stop</a>",
                "Delivered {{ unsubscribeUrl }}"));
        Assert.Equal((HttpStatusCode.Created, "none"), (with.Status, with["layout"]));
    }

    [Theory]
    [InlineData("nothing", "Sale!", 1)]
    [InlineData("all", "{{ sender.name }}: Sale! Reply STOP to stop, or {{ unsubscribeUrl }}", 1)]
    [InlineData("sender", "{{ sender.name }}: Sale!", 1)]
    [InlineData("link", "Sale! Stop: {{ unsubscribeUrl }}", 1)]
    [InlineData("stop", "Sale! Reply STOP to opt out.", 1)]
    [InlineData("ad", "Don't STOP now: sale!", 2)] // A word of the advertisement tells nobody how to stop.
    [InlineData("data", "{% if data.x %}{{ sender.name }}: Reply STOP to stop, or {{ unsubscribeUrl }}{% endif %}Sale!", 1)]
    [InlineData(
        "taken", "{% assign unsubscribeUrl = data.x %}{% assign sender = data.y %}{{ sender.name }}Sale! {{ unsubscribeUrl }}", 1)]
    public async Task R25_A_marketing_text_names_sender_STOP_and_link_once_whatever_of_them_its_template_carries(
        string name, string text, int stops)
    {
        var saved = await SaveAsync(Text("text-" + name, "promotions", text));
        Assert.Equal((HttpStatusCode.Created, "standard"), (saved.Status, saved["layout"]));
        var said = (await product.PostAsync($"/v1/templates/text-{name}:sms:en/preview", new { })).Json
            .GetProperty("sms").GetProperty("text").GetString()!;
        Assert.Equal((1, stops, 1), (Count(said, product.Get<SenderOptions>().Name), Count(said, "STOP"), Count(said, "/u/")));
        Assert.StartsWith(product.Get<SenderOptions>().Name + ": ", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "Delivered", 1, 0)]
    [InlineData("stop", "{{ sender.name }}: Delivered. Reply STOP to stop.", 1, 0)]
    [InlineData("link", "Delivered. {{ unsubscribeUrl }}", 0, 1)]
    public async Task R51_A_package_text_names_its_sender_and_one_way_to_stop(string name, string text, int stops, int links)
    {
        await SaveAsync(Text("parcel-text-" + name, "package-updates", text));
        var said = (await product.PostAsync($"/v1/templates/parcel-text-{name}:sms:en/preview", new { })).Json
            .GetProperty("sms").GetProperty("text").GetString()!;
        Assert.Equal((1, stops, links), (Count(said, product.Get<SenderOptions>().Name), Count(said, "STOP"), Count(said, "/u/")));
    }

    [Fact]
    public async Task DESIGN_7_The_id_that_a_save_of_a_template_answers_names_it_in_a_campaign_a_message_and_a_test()
    {
        await AgreeAsync("promotions", "naive@id.example");
        var id = (await SaveAsync(Mail("by-id", "promotions", "<p>Spring!</p>" + Foot, "Spring!")))["id"]!;
        Assert.Equal("by-id:email:en", id);
        object Campaign(string template, string channel = "email") => new { name = "By id", topic = "promotions", channel, template };
        var made = await product.PostAsync("/v1/campaigns", Campaign(id));
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        Assert.Equal("by-id", made["template"]);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await product.PostAsync(
                $"/v1/campaigns/{made["id"]}/test", new { to = new[] { new { email = "naive@id.example" } } })).Status);
        Assert.Equal(
            HttpStatusCode.OK,
            (await product.SendAsync(HttpMethod.Put, "/v1/campaigns/" + made["id"], Campaign(id))).Status);
        var sent = await product.PostAsync(
            "/v1/messages", new { topic = "promotions", template = id, to = new { email = "naive@id.example" } });
        Assert.True(sent.Status == HttpStatusCode.Accepted, sent.Text);
        await product.WorkAsync();
        Assert.Equal(2, product.Sent.Emails.Count(m => m.To == "naive@id.example" && m.Html.Contains("Spring!", StringComparison.Ordinal)));

        foreach (var refused in (Reply[])[
            await product.PostAsync("/v1/campaigns", Campaign(id, "sms")),
            await product.PostAsync("/v1/campaigns", Campaign("by-id:fax:en")),
            await product.PostAsync("/v1/campaigns", Campaign("by-id:email:xx:1")),
            await product.PostAsync("/v1/messages", new { topic = "promotions", template = id, to = new { phone = "+14155558001" } }),
        ])
            Assert.Equal((HttpStatusCode.BadRequest, "template"), (refused.Status, Assert.Single(refused.Fields)));
    }

    [Fact]
    public async Task M12_A_key_can_have_the_name_of_any_scope_and_of_what_the_product_does_by_itself()
    {
        foreach (var name in (string[])["send", "contacts", "campaigns", "privacy", "admin", "retention", "settings"])
        {
            var made = await product.PostAsync("/v1/keys", new { name, scopes = new[] { "campaigns" } });
            Assert.True(made.Status == HttpStatusCode.Created, made.Text);
            var campaign = await ProductFixture.SendAsync(
                product.ClientOf(made["secret"]!), HttpMethod.Post, "/v1/campaigns",
                $$"""{"name":"By {{name}}","topic":"newsletter","channel":"email","template":"newsletter"}""");
            Assert.Equal("service:" + name, campaign["createdBy"]);
        }

        // What it does by itself is no key's.
        Assert.All(
            (string[])[CampaignStops.Itself, ApiKeys.Settings], a => Assert.False(a.StartsWith("service:", StringComparison.Ordinal), a));
    }

    [Theory]
    [InlineData("2026-12-01T18:17:41Z", "2026-12-01T18:17:41+00:00")]
    [InlineData("2026-12-01T18:17:41+02:00", "2026-12-01T16:17:41+00:00")]
    [InlineData("2026-12-01T18:17:41.250-05:00", "2026-12-01T23:17:41.250+00:00")]
    public async Task DESIGN_7_A_campaign_is_scheduled_for_an_instant_as_every_other_time_of_the_API_is_written(string at, string due)
    {
        object Campaign(object? schedule) =>
            new { name = "At an instant", topic = "newsletter", channel = "email", template = "newsletter", schedule };
        var expected = DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture);
        var planned = await product.PostAsync("/v1/campaigns", Campaign(new { at }));
        Assert.True(planned.Status == HttpStatusCode.Created, planned.Text);
        var later = (await product.PostAsync("/v1/campaigns", Campaign(null)))["id"];
        foreach (var (id, body) in ((string?, object)[])[(planned["id"], ""), (later, new { at })])
        {
            var scheduled = await product.PostAsync($"/v1/campaigns/{id}/schedule", body);
            Assert.True(scheduled.Status == HttpStatusCode.OK, scheduled.Text);
            Assert.Equal(
                ("scheduled", expected), (scheduled["status"], scheduled.Json.GetProperty("dueAt").GetDateTimeOffset()));
        }

        // As it is read, so it can be written back.
        var read = (await product.GetAsync("/v1/campaigns/" + planned["id"])).Json.GetProperty("schedule");
        var again = await product.PostAsync("/v1/campaigns", Campaign(read));
        Assert.Equal(read.GetRawText(), again.Json.GetProperty("schedule").GetRawText());

        foreach (var (zone, fallbackZone) in ((string?, string?)[])[("Europe/Lisbon", null), ("recipient", "Etc/UTC"), (null, "Etc/UTC")])
        {
            var refused = await product.PostAsync("/v1/campaigns", Campaign(new { at, zone, fallbackZone }));
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            Assert.Contains("without an offset", refused.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task P6_A_row_with_source_policy_wording_and_time_is_evidence_without_an_IP_address()
    {
        var import = await product.ImportAsync(
            "email,topic,status,source,policyVersion,wording,at\n"
            + "no-ip@naive.example,newsletter,subscribed,signup-form,2026-01,Send me the newsletter.,2026-03-01T10:00:00Z\n");
        Assert.Equal((1, 1, 0, 0), import.Counts());
        Assert.Equal("subscribed", await product.StatusAsync("no-ip@naive.example"));
        var entry = (await product.GetAsync("/v1/consents?email=no-ip@naive.example")).Json.GetProperty("entries")[0];
        Assert.Equal("opt-in", entry.GetProperty("action").GetString());
        Assert.False(entry.GetProperty("evidence").TryGetProperty("ip", out _));
    }

    [Theory]
    [InlineData("unsubscribed")]
    [InlineData("unsubscribe")]
    [InlineData("Unsubscribed")]
    [InlineData("opt-out")]
    [InlineData("opt_out")]
    [InlineData("opt out")]
    [InlineData("OptOut")]
    [InlineData("opted-out")]
    [InlineData("Opted Out")]
    [InlineData("opted_out")]
    [InlineData("stop")]
    [InlineData("STOP")]
    [InlineData("stopped")]
    [InlineData("removed")]
    [InlineData("inactive")]
    [InlineData("cancelled")]
    [InlineData("revoked")]
    [InlineData("withdrawn")]
    [InlineData("ABMELDEN")]
    public async Task P6_Whatever_word_a_list_has_for_a_stop_lowers(string word)
    {
        var email = Name(word);
        await product.ImportAsync(ImportWorld.Header + ImportWorld.Agreed(email));
        var import = await product.ImportAsync($"email,topic,status\n{email},newsletter,{word}\n");
        Assert.Equal((1, 1, 0, 1), import.Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync(email));
    }

    [Theory]
    [InlineData("cleaned", "bounce")]
    [InlineData("bounce", "bounce")]
    [InlineData("Hard Bounce", "bounce")]
    [InlineData("hard_bounced", "bounce")]
    [InlineData("complaint", "complaint")]
    [InlineData("spam", "complaint")]
    [InlineData("spam-report", "complaint")]
    [InlineData("blocked", "manual")]
    [InlineData("blocklisted", "manual")]
    [InlineData("blacklisted", "manual")]
    [InlineData("do not contact", "manual")]
    [InlineData("invalid", "invalid")]
    public async Task P6_Whatever_word_a_list_has_for_a_block_blocks(string word, string reason)
    {
        var email = Name(word);
        Assert.Equal((1, 1, 0, 1), (await product.ImportAsync($"email,status\n{email},{word}\n")).Counts());
        Assert.Equal(reason, await product.BlockedAsync(email));
    }

    [Theory]
    [InlineData("active")]
    [InlineData("opt-in")]
    [InlineData("Opt_In")]
    [InlineData("opted-in")]
    [InlineData("confirmed")]
    [InlineData("SUBSCRIBED")]
    public async Task P6_The_words_for_agreement_raise_with_evidence_and_without_it_nothing(string word)
    {
        var email = Name(word);
        var row = ImportWorld.Agreed(email).Replace("subscribed", word, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync($"email,topic,status\n{email},newsletter,{word}\n")).Counts());
        Assert.Equal((1, 1, 0, 0), (await product.ImportAsync(ImportWorld.Header + row)).Counts());
        Assert.Equal("subscribed", await product.StatusAsync(email));
    }

    [Fact]
    public async Task P6_A_word_that_nobody_knows_is_rejected_with_those_that_are_known()
    {
        var import = await product.ImportAsync("email,topic,status\nodd@naive.example,newsletter,perhaps\n");
        Assert.Equal((1, 0, 1, 0), import.Counts());
        var error = Assert.Single(await product.ErrorsAsync(import));
        string[] known = ["subscribed", "active", "opt-in", "confirmed", "opt-out", "opted-out", "stop", "cleaned", "bounced"];
        foreach (var word in known)
            Assert.Contains(word, error, StringComparison.Ordinal);
        var asked = await product.UploadAsync("email\nodd@naive.example\n"u8.ToArray(), "?status=perhaps");
        Assert.Equal((HttpStatusCode.BadRequest, "status"), (asked.Status, Assert.Single(asked.Fields)));
        Assert.Contains("opted-out", asked.Text, StringComparison.Ordinal);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static string Name(string word) => $"{word.Replace(' ', '.')}@words.naive.example".ToLowerInvariant();
}
