using System.Globalization;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Templates;

public sealed class RendererTests
{
    private static readonly World World = new();
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    [Theory]
    [InlineData(TopicKey.Promotions)]
    [InlineData(TopicKey.Newsletter)]
    public void R16_R23_Marketing_mail_has_both_headers_a_visible_link_stop_all_and_the_postal_address(string topic)
    {
        var mail =
            Email(World.Request(
                Ana,
                topic) with
                {
                    Data = Json("""{"title":"Spring","items":[{"title":"One","text":"two","url":"https://shop.example.com/1"}]}"""),
                });
        var link = Link(mail);
        Assert.Single(mail.Headers, h => h.Key == "List-Unsubscribe-Post");
        Assert.Single(mail.Headers, h => h.Key == "List-Id");
        foreach (var body in new[] { mail.Html, mail.Text })
        {
            Assert.Contains(link, body, StringComparison.Ordinal);
            Assert.Contains("/p/", body, StringComparison.Ordinal);
            Assert.Contains("stop all marketing", body, StringComparison.Ordinal);
            Assert.Contains(World.Sender.PostalAddress, body, StringComparison.Ordinal);
            Assert.Contains("Spring", body, StringComparison.Ordinal);
        }

        Assert.Equal(("Spring", World.Sender.MarketingFrom, World.Sender.Name), (mail.Subject, mail.From, mail.FromName));
        var token = World.Tokens.Read(LinkPurpose.Unsubscribe, link[(link.LastIndexOf('/') + 1)..])!;
        Assert.Equal((topic, mail.Id.Suffix, mail.Id.Address), (token.Topic, token.Message, token.Address));
    }

    [Fact]
    public void R16_A_package_update_has_a_visible_link_that_leaves_this_package_and_comes_from_the_other_address()
    {
        var mail =
            Email(World.Request(
                Ana,
                TopicKey.PackageUpdates) with { TrackingNumber = "RB123456785CN", Data = Json("""{"description":"Out for delivery"}""") });
        Assert.Contains(Link(mail), mail.Html, StringComparison.Ordinal);
        Assert.Contains(Link(mail), mail.Text, StringComparison.Ordinal);
        Assert.Equal("Out for delivery: RB123456785CN", mail.Subject);
        Assert.Equal(World.Sender.TransactionalFrom, mail.From);
        Assert.NotEqual(World.Sender.MarketingFrom, mail.From); // R17
        Assert.DoesNotContain("marketing", mail.Html, StringComparison.Ordinal);
        Assert.Equal(
            "RB123456785CN", World.Tokens.Read(LinkPurpose.Unsubscribe, Link(mail)[(Link(mail).LastIndexOf('/') + 1)..])!.TrackingNumber);
    }

    [Theory]
    [InlineData("fr", "Parti\u00A0: RB123456785CN", "\u00A0: https://")]
    [InlineData("de", "Parti: RB123456785CN", ": https://")]
    public void R59_A_mail_in_French_has_a_no_break_space_before_its_colons_and_no_other_language_has(
        string locale, string subject, string link)
    {
        var mail = Email(
            World.Request(Ana, TopicKey.PackageUpdates) with
            {
                TrackingNumber = "RB123456785CN", Data = Json("""{"description":"Parti"}"""), Locale = locale,
            });
        Assert.Equal(subject, mail.Subject);
        Assert.DoesNotMatch(locale == "fr" ? "[^\u00A0\u202F]:( |\\n)" : "\u00A0:", mail.Text);
        Assert.Contains(link, Email(World.Request(Ana, TopicKey.Newsletter) with { Locale = locale }).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void R25_A_marketing_text_names_the_sender_stop_and_a_link()
    {
        var text = World.Renderer.Sms(
            World.Request(Phone, TopicKey.Promotions) with { Data = Json("""{"text":"20% off."}""") }, IdOf(Phone),
            World.Topics.Find(TopicKey.Promotions)!, null).Text;
        Assert.StartsWith(World.Sender.Name + ": 20% off.\n", text, StringComparison.Ordinal);
        Assert.Contains("STOP", text, StringComparison.Ordinal);
        Assert.Matches("https://mail\\.example\\.com/u/[A-Za-z0-9_-]{48,}$", text);
    }

    [Fact]
    public void R51_A_package_text_names_the_sender_and_stop_and_advertises_nothing()
    {
        var text = World.Renderer.Sms(
            World.Request(
                Phone,
                TopicKey.PackageUpdates) with
                {
                    TrackingNumber = "RB123456785CN",
                    Data = Json("""{"description":"Delivered","location":"Paris"}"""),
                },
            IdOf(Phone), World.Topics.Find(TopicKey.PackageUpdates)!, null).Text;
        Assert.Equal("Parcel Post: RB123456785CN: Delivered.\nReply STOP to stop.", text);
    }

    [Fact]
    public void R50_A_package_text_that_nobody_can_answer_names_the_link_and_not_STOP()
    {
        var renderer = new Renderer(new DefaultTemplates(), World.Links, World.Sender, World.Topics, new SmsOptions { TwoWay = false });
        var text = renderer.Sms(
            World.Request(
                Phone, TopicKey.PackageUpdates) with { TrackingNumber = "RB123456785CN", Data = Json("""{"description":"Delivered"}""") },
            IdOf(Phone), World.Topics.Find(TopicKey.PackageUpdates)!, null).Text;
        Assert.StartsWith("Parcel Post: RB123456785CN: Delivered.\nTo stop: ", text, StringComparison.Ordinal);
        Assert.Matches("https://mail\\.example\\.com/u/[A-Za-z0-9_-]{48,}$", text);
        Assert.DoesNotContain("STOP", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TemplateLayout.Standard)]
    [InlineData(TemplateLayout.None)]
    public async Task R53_The_first_marketing_text_says_programme_frequency_fees_and_contact_with_the_shared_layout_and_without(
        TemplateLayout layout)
    {
        var source = new TemplateSource
        {
            Name = "spring",
            Topic = TopicKey.Promotions,
            Channel = Channel.Sms,
            Locale = "en",
            Layout = layout,
            Text = "{{ sender.name }}: Spring. Reply STOP to stop, or {{ unsubscribeUrl }}",
        };
        var set = new TemplateSet(
            "spring", Channel.Sms, TopicKey.Promotions, 1,
            [new StoredTemplate(source, new CompiledTemplate(null, null, null, source.Text))]);
        var state = await new World().SubscribeAsync(Phone, TopicKey.Promotions);
        string Text(AddressState state) =>
            World.Renderer.Sms(
                World.Request(Phone, TopicKey.Promotions) with { Template = "spring" }, IdOf(Phone),
                World.Topics.Find(TopicKey.Promotions)!, state, set).Text;
        Assert.DoesNotContain("SMS alerts", Text(state), StringComparison.Ordinal);

        var first = Text(state.With(state.Find(TopicKey.Promotions)! with { IntroducedBy = IdOf(Phone).Suffix }));
        Assert.Contains("SMS alerts: ", first, StringComparison.Ordinal);
        Assert.Contains("rates may apply. Help: " + World.Sender.Contact, first, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TopicKey.Promotions)]
    [InlineData(TopicKey.Newsletter)]
    public void R28_A_confirmation_asks_and_advertises_nothing(string topic)
    {
        var data = Json("""{"title":"ADVERT","subject":"ADVERT","intro":"ADVERT","text":"ADVERT"}""");
        var mail = Email(World.Request(Ana, topic) with { Purpose = MessagePurpose.Confirmation, Data = data, Template = "promotions" });
        Assert.StartsWith("Please confirm: ", mail.Subject, StringComparison.Ordinal);
        Assert.DoesNotContain("ADVERT", mail.Subject + mail.Html + mail.Text, StringComparison.Ordinal);
        var url = System.Text.RegularExpressions.Regex.Match(mail.Text, "https://mail\\.example\\.com/c/([A-Za-z0-9_-]+)");
        Assert.Equal(topic, World.Tokens.Read(LinkPurpose.Confirm, url.Groups[1].Value)!.Topic);
        Assert.Contains(url.Value, mail.Html, StringComparison.Ordinal);
        Assert.Equal(World.Sender.TransactionalFrom, mail.From);
        Assert.Equal("Auto-Submitted", Assert.Single(mail.Headers).Key); // R14
        var text = World.Renderer.Sms(
            World.Request(Phone, topic) with { Purpose = MessagePurpose.Confirmation, Data = data }, IdOf(Phone), World.Topics.Find(topic)!,
            null).Text;
        Assert.Contains("reply YES", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ADVERT", text, StringComparison.Ordinal);
    }

    [Fact]
    public void HTML_in_data_is_escaped_in_the_HTML_part_and_kept_as_it_is_in_the_text()
    {
        const string attack = """<script>alert("1")</script>""";
        foreach (var template in DefaultTemplates.Names)
        {
            var data = JsonSerializer.SerializeToElement(
                new
                {
                    title = attack,
                    subject = attack,
                    intro = attack,
                    description = attack,
                    location = attack,
                    occurredAt = attack,
                    items = new[] { new { title = attack, text = attack, url = "\"" + attack } },
                });
            var mail = Email(World.Request(Ana, TopicKey.Newsletter) with { Template = template, Data = data, Locale = "\"><script>" });
            Assert.DoesNotContain("<script", mail.Html, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("&lt;script&gt;", mail.Html, StringComparison.Ordinal);
            Assert.Contains(attack, mail.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Liquid_in_data_is_text_and_is_not_evaluated()
    {
        const string attack = "{{ sender.postalAddress }}{% for i in (1..9) %}x{% endfor %}";
        var mail = Email(World.Request(Ana, TopicKey.Newsletter) with { Data = JsonSerializer.SerializeToElement(new { title = attack }) });
        Assert.Equal(attack, mail.Subject);
        Assert.Contains(attack, mail.Text, StringComparison.Ordinal);
        var ready = Email(World.Request(Ana, TopicKey.Newsletter) with { Content = new MessageContent(attack, attack, null) });
        Assert.Contains(attack, ready.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hi\r\nBcc: eve@example.com", "Hi Bcc: eve@example.com")]
    [InlineData("Hi\nthere\tnow", "Hi there now")]
    [InlineData("Hi\u0085there\u2028now\vand\fthen\0", "Hi there now and then")]
    [InlineData("\r\n", "")]
    public void R2_A_subject_stays_on_one_line(string subject, string expected)
    {
        Assert.Equal(
            expected, Email(World.Request(Ana, TopicKey.Newsletter) with { Content = new MessageContent(subject, "text", null) }).Subject);
        if (expected.Length > 0)
            Assert.Equal(
                expected,
                Email(World.Request(
                    Ana, TopicKey.Newsletter) with { Data = JsonSerializer.SerializeToElement(new { title = subject }) }).Subject);
    }

    [Fact]
    public void R2_A_sender_name_with_a_line_break_is_refused_at_start()
    {
        foreach (var name in new[] { "Parcel\r\nBcc: eve@example.com", "Parcel\nPost", "Parcel\rPost", "" })
            Assert.Contains(
                "Sender:Name", Assert.Throws<ArgumentException>(() => new SenderOptions { Name = name }.Validate()).Message,
                StringComparison.Ordinal);
        new SenderOptions().Validate();
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    public void R40_The_servers_culture_changes_nothing_in_a_message(string culture)
    {
        var request = World.Request(Ana, TopicKey.Newsletter) with { Data = Json("""{"title":"INFO ISTANBUL 1234.5","intro":1234.5}""") };
        var expected = Email(request);
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            var actual = Email(request);
            Assert.Equal((expected.Subject, expected.Html, expected.Text), (actual.Subject, actual.Html, actual.Text));
            Assert.Equal(expected.Headers, actual.Headers);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    [InlineData("zz-ZZ-nonsense")]
    [InlineData("not a locale at all, and far too long for one")]
    [InlineData("")]
    public void A_persons_locale_known_or_not_renders(string locale) =>
        Assert.Contains(
            "Spring", Email(World.Request(Ana, TopicKey.Newsletter) with { Locale = locale, Data = Json("""{"title":"Spring"}""") }).Html,
            StringComparison.Ordinal);

    [Fact]
    public void A_message_of_text_alone_gets_HTML_and_one_of_HTML_alone_gets_text()
    {
        var fromText = Email(World.Request(Ana, TopicKey.Newsletter) with { Content = new MessageContent("s", "a < b\nc\n\nd", null) });
        Assert.Contains("<p>a &lt; b<br>c</p>", fromText.Html, StringComparison.Ordinal);
        var fromHtml =
            Email(World.Request(
                Ana,
                TopicKey.Newsletter) with
                {
                    Content = new MessageContent(
                        "s", null, "<style>x{}</style><p>Hello &amp; <a href=\"https://a.example\">here</a></p><p>two</p>"),
                });
        Assert.StartsWith("Hello & here (https://a.example)\ntwo", fromHtml.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("x{}", fromHtml.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<a href='https://a.example/?a=1&amp;b=2'>here</a>", "here (https://a.example/?a=1&b=2)")]
    [InlineData("<a class=x href=https://a.example>here</a>", "here (https://a.example)")]
    [InlineData("<A\nHREF = \"https://a.example\" title='more'>here</A>", "here (https://a.example)")]
    [InlineData("<a name=\"top\">here</a> and <a href='https://a.example'>there</a>", "here and there (https://a.example)")]
    [InlineData("<abbr title='href=\"x\"'>here</abbr>", "here")]
    public void M1_A_link_leads_somewhere_in_the_text_of_ready_HTML_however_it_is_written(string html, string text) =>
        Assert.StartsWith(
            text + "\n", Email(World.Request(Ana, TopicKey.Newsletter) with { Content = new MessageContent("s", null, html) }).Text,
            StringComparison.Ordinal);

    [Fact]
    public void An_unknown_template_is_an_error_and_never_another_template()
    {
        foreach (var name in new[] { "no-such", "", "../newsletter", "layout" })
            Assert.Throws<TemplateException>(() => Email(World.Request(Ana, TopicKey.Newsletter) with { Template = name }));
    }

    [Fact]
    public void R24_A_template_of_a_marketing_topic_never_goes_out_under_the_rules_of_a_service()
    {
        foreach (var template in new[] { TopicKey.Promotions, TopicKey.Newsletter })
        {
            Assert.Equal(
                $"The template is for the topic {World.Topics.Find(template)!.Name} ({template}).",
                Assert.Throws<TemplateException>(
                    () => Email(World.Request(Ana, TopicKey.PackageUpdates) with { Template = template })).Message);
            Assert.Throws<TemplateException>(
                () =>
                    World.Renderer.Sms(
                        World.Request(Phone, TopicKey.PackageUpdates) with { Template = template }, IdOf(Phone),
                        World.Topics.Find(TopicKey.PackageUpdates)!, null));
        }

        Assert.Contains(
            "Spring",
            Email(World.Request(Ana, TopicKey.PackageUpdates) with { Template = "message", Data = Json("""{"title":"Spring"}""") }).Html,
            StringComparison.Ordinal);
    }

    [Fact]
    public void M5_A_configured_topic_uses_the_general_template()
    {
        var topic = new Topic { Key = "surveys", Name = "Surveys" };
        var mail = World.Renderer.Email(
            World.Request(Ana, "surveys") with { Data = Json("""{"title":"Five questions"}""") }, IdOf(Ana), topic, null);
        Assert.Equal("Five questions", mail.Subject);
        Assert.Contains("Surveys&#x201D; because you asked", mail.Html, StringComparison.Ordinal);
    }

    private static MessageId IdOf(Address address) => World.Ids.Derive(World.Ring.KeyOf(address), "one");

    private static OutgoingEmail Email(SendRequest request)
    {
        Assert.True(MessageId.TryParse(request.Id, out var id));
        return World.Renderer.Email(request, id, World.Topics.Find(request.Topic)!, null);
    }

    private static string Link(OutgoingEmail mail)
    {
        var header = Assert.Single(mail.Headers, h => h.Key == "List-Unsubscribe").Value;
        return header[1..header.IndexOf('>', StringComparison.Ordinal)];
    }

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);
}
