using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Templates;

/// <summary>What stands around a message is in the person's language, whatever the message itself is written in.</summary>
public sealed partial class LayoutWordsTests
{
    private static readonly World World = new();
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");
    private static readonly JsonElement Spring = JsonSerializer.SerializeToElement(new { title = "Spring" });

    public static TheoryData<string> Languages => [.. PackageTexts.Languages];

    [Fact]
    public void Every_language_has_every_text_and_fills_in_what_the_English_one_fills_in()
    {
        Assert.Equal(PackageTexts.Languages.Order(StringComparer.Ordinal), LayoutWords.All.Keys.Order(StringComparer.Ordinal));
        foreach (var (language, texts) in LayoutWords.All)
        {
            Assert.Equal(LayoutWords.All["en"].Keys.Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
            foreach (var (key, text) in texts)
            {
                Assert.False(string.IsNullOrWhiteSpace(text), $"{language} {key}");
                Assert.Equal(
                    Braces().Matches(LayoutWords.All["en"][key]).Select(m => m.Value).Order(),
                    Braces().Matches(text).Select(m => m.Value).Order());
                Assert.True(language == "en" || text != LayoutWords.All["en"][key], $"{language} {key} is English");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void R16_R23_The_way_out_of_marketing_mail_is_in_the_persons_language_and_runs_its_way(string language)
    {
        var (texts, names) = (LayoutWords.All[language], ConsentTexts.For(language));
        foreach (var topic in new[] { World.Topics.Find(TopicKey.Newsletter)!, World.Topics.Find(TopicKey.Promotions)! })
        foreach (var stored in new[] { null, Stored(Channel.Email, topic.Key, "<p>{{ data.title }}</p>") })
        {
            var mail = Email(
                World.Request(Ana, topic.Key) with { Locale = language, Template = stored?.Name, Data = Spring }, topic, stored);
            Assert.Contains(
                $"<html lang=\"{language}\" dir=\"{(language == "ar" ? "rtl" : "ltr")}\">", mail.Html, StringComparison.Ordinal);
            Assert.Contains(
                stored is null ? $"class=\"body\" lang=\"{language}\"" : "class=\"body\" lang=\"en\" dir=\"ltr\"", mail.Html,
                StringComparison.Ordinal);
            foreach (var part in (string[])[mail.Text, WebUtility.HtmlDecode(mail.Html)])
            {
                Assert.Contains(
                    texts["why"].Replace(
                        "{topic}", names.NameOf(topic),
                        StringComparison.Ordinal).Replace("{sender}", World.Sender.Name, StringComparison.Ordinal),
                    part, StringComparison.Ordinal);
                Assert.Contains(texts["unsubscribe"], part, StringComparison.Ordinal);
                Assert.Contains(texts["stopAll"], part, StringComparison.Ordinal);
            }

            if (language != "en") Assert.DoesNotContain("Unsubscribe", mail.Text + mail.Html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void R25_R50_The_way_out_of_a_marketing_text_is_in_the_persons_language_names_STOP_where_it_can_be_answered_and_costs_no_other_encoding(
        string language)
    {
        foreach (var stored in new[] { null, Stored(Channel.Sms, TopicKey.Promotions, "{{ data.title }}") })
        foreach (var twoWay in new[] { true, false })
        {
            var text = Text(
                new SmsOptions { TwoWay = twoWay },
                World.Request(Phone, TopicKey.Promotions) with { Locale = language, Template = stored?.Name, Data = Spring }, null, stored);
            var (marks, mark) = (PackageTexts.For(language), language == "ar" && stored is null ? "\u200F" : "");
            var way = LayoutWords.All[language][twoWay ? "smsOr" : "smsLink"] + (twoWay ? " " : marks.Gap);
            Assert.StartsWith(
                $"{mark}{World.Sender.Name}{PlainMarks.Of(marks.Colon)}Spring\n{way}https://mail.example.com/u/", text,
                StringComparison.Ordinal);
            Assert.Equal(twoWay, text.Contains("STOP", StringComparison.Ordinal));
            Assert.Equal(
                language is "zh-Hans" or "zh-Hant" or "ru" or "ar" or "ja" or "ko" ? SmsEncoding.Ucs2 : SmsEncoding.Gsm7,
                SmsSegments.Count(text).Encoding);
        }
    }

    [Theory]
    [InlineData("xx", "en", "en")] // Of a language that we have no words in, English.
    [InlineData("de-AT", "en", "de")]
    [InlineData("zh-TW", "en", "zh-Hant")]
    [InlineData(null, "en", "en")]
    [InlineData(null, "de", "de")] // Who has said none reads what the template is written in.
    public void R16_A_language_tag_finds_the_nearest_language(string? locale, string template, string expected)
    {
        var topic = World.Topics.Find(TopicKey.Newsletter)!;
        var mail = Email(
            World.Request(Ana, topic.Key) with { Locale = locale, Template = "spring", Data = Spring }, topic,
            Stored(Channel.Email, topic.Key, "<p>{{ data.title }}</p>", template));
        Assert.Contains($"<html lang=\"{expected}\"", mail.Html, StringComparison.Ordinal);
        Assert.Contains(LayoutWords.All[expected]["stopAll"], mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void M5_The_name_of_a_configured_topic_stands_as_it_was_written()
    {
        var mail = Email(
            World.Request(Ana, "club") with { Locale = "de", Data = Spring }, new Topic { Key = "club", Name = "VIP Club Wien" }, null);
        Assert.Contains("Sie erhalten „VIP Club Wien“, weil", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_without_a_title_is_called_something_in_the_persons_language()
    {
        Assert.Equal(
            "Neuigkeiten",
            Email(World.Request(Ana, TopicKey.Newsletter) with { Locale = "de" }, World.Topics.Find(TopicKey.Newsletter)!, null).Subject);
        Assert.Equal(
            "Une offre pour vous",
            Email(World.Request(Ana, TopicKey.Promotions) with { Locale = "fr" }, World.Topics.Find(TopicKey.Promotions)!, null).Subject);
    }

    [Theory]
    [InlineData(TemplateLayout.Standard)]
    [InlineData(TemplateLayout.None)]
    public async Task R53_The_terms_in_a_first_text_stand_on_a_line_of_their_own(TemplateLayout layout)
    {
        var state = await new World().SubscribeAsync(Phone, TopicKey.Promotions);
        state = state.With(state.Find(TopicKey.Promotions)! with { IntroducedBy = IdOf(Phone).Suffix });
        var stored = Stored(Channel.Sms, TopicKey.Promotions, "{{ data.title }}", layout: layout);
        var text = Text(
            new SmsOptions(), World.Request(Phone, TopicKey.Promotions) with { Template = "spring", Data = Spring }, state, stored);
        Assert.Contains("Spring\nSMS alerts: ", text, StringComparison.Ordinal);
        if (layout == TemplateLayout.Standard)
            Assert.Contains($"Help: {World.Sender.Contact}.\nReply STOP", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("th-TH")] // Counts years of the Buddhist era.
    [InlineData("fa-IR")] // The Persian calendar.
    [InlineData("ckb-IR")]
    public void A_date_of_the_data_is_the_same_day_of_the_same_year_in_every_language(string locale)
    {
        using var data = JsonDocument.Parse("""{"until":"2026-12-24"}""");
        var topic = World.Topics.Find(TopicKey.Promotions)!;
        var mail = Email(
            World.Request(Ana, topic.Key) with { Template = "spring", Locale = locale, Data = data.RootElement.Clone() }, topic,
            Stored(Channel.Email, topic.Key, "<p>Until {{ data.until | date: '%Y-%m-%d' }}</p>"));
        Assert.Contains("Until 2026-12-24", mail.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% assign unsubscribeUrl = '#' %}{% assign preferencesUrl = '#' %}{% assign words = data %}{% assign sender = data %}x")]
    [InlineData("{% capture unsubscribeUrl %}#{% endcapture %}{% capture words %}{% endcapture %}x")]
    public void R16_R23_What_a_template_assigns_does_not_reach_the_way_out_in_the_layout(string body)
    {
        var topic = World.Topics.Find(TopicKey.Promotions)!;
        var mail = Email(
            World.Request(Ana, topic.Key) with { Template = "spring", Data = Spring }, topic, Stored(Channel.Email, topic.Key, body));
        foreach (var must in (string[])[
            "https://mail.example.com/u/", "https://mail.example.com/p/", "Unsubscribe", "stop all marketing", World.Sender.PostalAddress,
        ])
        {
            foreach (var part in (string[])[mail.Html, mail.Text]) Assert.Contains(must, part, StringComparison.Ordinal);
        }

        Assert.Matches(
            "STOP.*https://mail.example.com/u/",
            Text(
                new SmsOptions(), World.Request(Phone, topic.Key) with { Template = "spring", Data = Spring }, null,
                Stored(Channel.Sms, topic.Key, body)));
    }

    [Fact]
    public void R24_The_way_out_of_package_mail_without_a_package_is_in_the_persons_language()
    {
        var mail = Email(
            World.Request(Ana, TopicKey.PackageUpdates) with { Locale = "ar", Data = Spring }, World.Topics.Find(TopicKey.PackageUpdates)!,
            null);
        Assert.Contains("<html lang=\"ar\" dir=\"rtl\">", mail.Html, StringComparison.Ordinal);
        Assert.Contains("إلغاء الاشتراك", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Preferences", mail.Text, StringComparison.Ordinal);
    }

    internal static TemplateSet Stored(
        Channel channel, string topic, string body, string locale = "en", TemplateLayout layout = TemplateLayout.Standard)
    {
        var email = channel == Channel.Email;
        var source = new TemplateSource
        {
            Name = "spring",
            Topic = topic,
            Channel = channel,
            Locale = locale,
            Layout = layout,
            Subject = email ? "s" : null,
            Html = email ? body : null,
            Text = body,
        };
        return new TemplateSet(
            "spring", channel, topic, 1,
            [new StoredTemplate(source, new CompiledTemplate(source.Subject, null, source.Html, source.Text))]);
    }

    private static MessageId IdOf(Address address) => World.Ids.Derive(World.Ring.KeyOf(address), "one");

    private static OutgoingEmail Email(SendRequest request, Topic topic, TemplateSet? stored) =>
        World.Renderer.Email(request, IdOf(Ana), topic, null, stored);

    private static string Text(SmsOptions sms, SendRequest request, AddressState? state, TemplateSet? stored) =>
        new Renderer(
            new DefaultTemplates(), World.Links, World.Sender, World.Topics,
            sms).Sms(request, IdOf(Phone), World.Topics.Find(TopicKey.Promotions)!, state, stored).Text;

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Braces();
}
