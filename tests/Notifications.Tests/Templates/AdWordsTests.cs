using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Templates;
using static Notifications.Tests.Templates.SomeTopics;

namespace Notifications.Tests.Templates;

/// <summary>Words that advertise, in templates of transactional topics.</summary>
public sealed class AdWordsTests
{
    [Theory]
    [InlineData("en", "Winter sale: everything must go", "sale")]
    [InlineData("en-GB", "A discount for you", "discount")]
    [InlineData("en", "Now 20% off", "20% off")]
    [InlineData("en", "Your coupon: PARCEL", "coupon")]
    [InlineData("zh-Hans", "全场8折", "8折")]
    [InlineData("zh-CN", "领取优惠券", "优惠券")]
    [InlineData("zh-Hant", "全館特價", "特價")]
    [InlineData("zh-TW", "您的折扣", "折扣")]
    [InlineData("es", "20 % de descuento", "descuento")]
    [InlineData("es", "Últimas rebajas", "rebajas")]
    [InlineData("fr", "20 % de réduction", "% de réduction")]
    [InlineData("fr-CA", "Les soldes commencent", "soldes")]
    [InlineData("de", "Zehn Euro Treuerabatt", "Treuerabatt")]
    [InlineData("de", "Ihr Gutscheincode", "Gutscheincode")]
    [InlineData("pt-BR", "Cupom de desconto", "Cupom de desconto")]
    [InlineData("pt", "Promoções de inverno", "Promoções")]
    [InlineData("it", "Sconti per tutti", "Sconti")]
    [InlineData("it", "Codice promozionale", "Codice promozionale")]
    [InlineData("nl", "Met deze kortingscode", "kortingscode")]
    [InlineData("nl", "Zomeruitverkoop, -50%", "-50%")]
    [InlineData("pl", "Rabat 10 zł", "Rabat")]
    [InlineData("pl", "Zimowa wyprzedaż", "wyprzedaż")]
    [InlineData("ru", "Скидки до 20 процентов", "Скидки")]
    [InlineData("ru", "Ваш промокод", "промокод")]
    [InlineData("tr", "%20 İNDİRİM", "İNDİRİM")]
    [InlineData("tr", "Kuponunuz hazır", "Kuponunuz")]
    [InlineData("ar", "خصم 20 بالمئة", "خصم")]
    [InlineData("ar", "تنزيلات الشتاء", "تنزيلات")]
    [InlineData("ja", "冬のセール開催中", "セール")]
    [InlineData("ja", "割引クーポン", "割引クーポン")]
    [InlineData("ko", "전 품목 할인", "할인")]
    [InlineData("ko", "겨울 세일", "세일")]
    [InlineData("sv", "Vinterrean har börjat", "Vinterrean")]
    [InlineData("sv", "Din rabattkod", "rabattkod")]
    [InlineData("da", "Black Friday", "Black Friday")]
    public void R24_One_sign_of_advertising_is_warned_about_in_each_language_and_refuses_nothing(string locale, string words, string named)
    {
        var linted = TemplateLint.Check(Mail(locale, "Delivered", $"<p>Delivered</p>\n<p>{words}</p>", "Delivered"), Parcels);
        var finding = Assert.Single(linted.Findings);
        Assert.Equal((AdWords.Rule, FindingSeverity.Warning, "html", 2), (finding.Rule, finding.Severity, finding.Part, finding.Line));
        Assert.Contains($"'{named}'", finding.Message, StringComparison.Ordinal);
        Assert.True(linted.Ok);
    }

    [Theory]
    [InlineData("en", "Now 20% off with the coupon SAVE20", "20% off", "coupon")]
    [InlineData("en", "Big sale! Shop now", "sale", "Shop now")]
    [InlineData("en", "A special offer: $10 off", "special offer", "$10 off")]
    [InlineData("en", "Save 20% on your next parcel with promo code X", "Save 20%", "promo code")]
    [InlineData("de", "20 % Rabatt mit dem Gutschein X", "Rabatt", "Gutschein")]
    [InlineData("de", "Schlussverkauf: 20 % günstiger", "Schlussverkauf", "20 % günstiger")]
    [InlineData("fr", "20 % de réduction avec le code promo X", "% de réduction", "code promo")]
    [InlineData("fr", "Les soldes : achetez maintenant", "soldes", "achetez maintenant")]
    [InlineData("es", "20 % de descuento con el cupón X", "descuento", "cupón")]
    [InlineData("pt", "20% de desconto com o cupom X", "desconto", "cupom")]
    [InlineData("it", "Saldi: 20% di sconto", "Saldi", "sconto")]
    [InlineData("nl", "Uitverkoop: 20% korting", "Uitverkoop", "korting")]
    [InlineData("pl", "Wyprzedaż, rabat 20%", "Wyprzedaż", "rabat")]
    [InlineData("ru", "Скидка 20 % по промокоду X", "Скидка", "промокоду")]
    [InlineData("tr", "%20 indirim, kuponunuz: X", "indirim", "kuponunuz")]
    [InlineData("ar", "خصم 20٪ مع كوبون", "خصم", "كوبون")]
    [InlineData("ja", "セール開催中、クーポンで20%割引", "セール", "クーポン")]
    [InlineData("ko", "쿠폰으로 20% 할인", "쿠폰", "할인")]
    [InlineData("zh-Hans", "全场8折，领取代金券", "8折", "代金券")]
    [InlineData("zh-Hant", "全館8折，領取折價券", "8折", "折價券")]
    [InlineData("sv", "20 % rabatt med kupongen X", "rabatt", "kupongen")]
    [InlineData("da", "Black Friday: -50%", "Black Friday", "-50%")]
    public void R24_Two_different_signs_of_advertising_are_a_promotional_block_in_each_language_and_refuse(
        string locale, string words, string one, string other)
    {
        foreach (var mail in (TemplateSource[])[
            Mail(locale, "x", $"<p>x</p>\n<p>{words}</p>", "x"), Mail(locale, "x", "<p>x</p>", $"x\n{words}"),
        ])
        {
            var linted = TemplateLint.Check(mail, Parcels);
            Assert.False(linted.Ok, words);
            var finding = Assert.Single(linted.Findings);
            Assert.Equal((AdWords.Rule, FindingSeverity.Error, 2), (finding.Rule, finding.Severity, finding.Line));
            Assert.Contains($"'{one}' reads as advertising, and so does '{other}'", finding.Message, StringComparison.Ordinal);
            Assert.Contains("marketing topic", finding.Remedy, StringComparison.Ordinal);
            Assert.True(TemplateLint.Check(mail with { Topic = News.Key }, News).Ok);
        }

        var sms = Mail(locale, "x", "", words) with { Channel = Channel.Sms, Subject = null, Html = null };
        Assert.False(TemplateLint.Check(sms, Parcels).Ok);
    }

    [Fact]
    public void R24_One_sign_in_two_places_is_one_and_two_signs_in_two_parts_are_two()
    {
        Assert.True(TemplateLint.Check(Mail("en", "20% off", "<p>A discount: $5 off</p>", "Discounted"), Parcels).Ok);
        var both = TemplateLint.Check(Mail("en", "Winter sale", "<p>x</p>\n<p>Half price</p>", "x"), Parcels);
        Assert.False(both.Ok);
        Assert.Equal(
            [
                ("html", 2, "'Half price' reads as advertising, and so does 'sale'."),
                ("subject", 1, "'sale' reads as advertising, and so does 'Half price'."),
            ],
            both.Findings.Select(f => (f.Part, f.Line, f.Message)).Order());
    }

    [Fact]
    public void R24_Every_part_is_read_as_people_read_it_and_marketing_is_not_read_at_all()
    {
        var source = Mail(
            "en", "Discounted", "<style>.sale { width: 1px }</style><p class=\"sale\">{{ data.discount }}&nbsp;5&#37;<b>&nbsp;off</b></p>",
            "{% if data.coupon %}\nA discount{% endif %}");
        var found = TemplateLint.Check(source, Parcels).Findings.Where(f => f.Rule == AdWords.Rule).ToList();
        Assert.Equal([("html", 1), ("subject", 1), ("text", 2)], found.Select(f => (f.Part, f.Line)).Order());
        var image = Mail(
            "en", "Delivered",
            "<p>Delivered</p>\n<img src=\"https://example.com/a.png\" alt=\"Half price\" width=\"9\" height=\"9\">", "Delivered");
        Assert.Equal(("html", 2), TemplateLint.Check(image, Parcels).Findings.Select(f => (f.Part, f.Line)).Single());
        Assert.Empty(TemplateLint.Check(image, new Topic { Key = "newsletter", Name = "Newsletter" }).Findings);
        var text = new TemplateSource
        {
            Name = "parcel", Topic = TopicKey.PackageUpdates, Channel = Channel.Sms, Locale = "en", Text = "Discount!",
        };
        Assert.Equal((AdWords.Rule, "text"), TemplateLint.Check(text, Parcels).Findings.Select(f => (f.Rule, f.Part)).Single());
    }

    [Theory]
    [InlineData("en", "Terms of sale. After-sale service. Customs clearance. It is kept for a limited time; at 10 – 20 % of stops we wait.")]
    [InlineData("fr", "Remise en main propre. Le solde à payer. Coupon-réponse. Sale temps.")]
    [InlineData("es", "Su paquete sale a reparto. Liquidación de aranceles.")]
    [InlineData("it", "Sale al terzo piano. Possibilità offerta dal corriere. Saldo dei dazi.")]
    [InlineData("nl", "Tweede aanbieding aan de deur. Verkorting van de route.")]
    [InlineData("de", "Reduzierte Öffnungszeiten. Das Angebot der Filiale.")]
    [InlineData("pt", "Liquidação de direitos. O saldo em dívida.")]
    [InlineData("pl", "Z okazji świąt doręczamy później.")]
    [InlineData("ru", "Уплачен акциз. Акцизная марка.")]
    [InlineData("tr", "Koli araçtan indirildi.")]
    [InlineData("ar", "تم خصم الرسوم الجمركية.")]
    [InlineData("ja", "セールスドライバーがお届けします。")]
    [InlineData("ko", "18세일 경우 신분증이 필요합니다.")]
    [InlineData("zh-Hans", "适用优惠税率。请勿折叠，2 折叠箱。100 折合人民币。")]
    [InlineData("zh-Hant", "適用優惠稅率。請勿折疊。")]
    [InlineData("ro", "Coletul sale este în tranzit.")]
    public void R24_What_parcel_mails_say_does_not_read_as_advertising(string locale, string words) =>
        Assert.Null(AdWords.Find(words, locale)?.Value);

    [Fact]
    public void R24_The_templates_that_come_with_the_product_do_not_read_as_advertising_in_any_language()
    {
        string[] marketing = ["offer", "news"];
        foreach (var language in PackageTexts.Languages)
        {
            var consent = ConsentTexts.For(language);
            foreach (var text in PackageTexts.For(language).Words.Values
                .Concat(LayoutWords.All[language].Where(w => !marketing.Contains(w.Key)).Select(w => w.Value))
                .Concat(consent.Keys.Where(k => k != TopicKey.Promotions).Select(k => consent[k])))
            {
                Assert.Equal((language, text, (string?)null), (language, text, AdWords.Find(text, language)?.Value));
            }

            foreach (var set in (string[])["package-updates", "package-updates.confirm", "message", "confirm"])
                Assert.DoesNotContain(
                    TemplateLint.Check(
                        Mail(
                            language, DefaultTemplates.Source(set + ".subject"), DefaultTemplates.Source(set + ".html"),
                            DefaultTemplates.Source(set + ".text")),
                        Parcels).Findings,
                    f => f.Rule == AdWords.Rule);
        }
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ja")]
    public void R24_A_text_of_nothing_but_digits_is_looked_through_as_any_other_and_a_look_that_takes_long_is_no_fault(string locale)
    {
        var digits = new string('7', 90_000);
        Assert.Null(AdWords.Find(digits, locale));
        Assert.NotNull(AdWords.Find(digits + " 7% off", "en"));
        Assert.True(TemplateLint.Check(Mail(locale, "Delivered", $"<p>{digits}</p>", digits), Parcels).Ok);
    }

    private static TemplateSource Mail(string locale, string subject, string html, string text) => new()
    {
        Name = "parcel",
        Topic = TopicKey.PackageUpdates,
        Channel = Channel.Email,
        Locale = locale,
        Subject = subject,
        Html = html,
        Text = text,
    };
}
