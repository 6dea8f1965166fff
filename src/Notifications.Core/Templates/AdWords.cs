using System.Net;
using System.Text.RegularExpressions;
using Notifications.Consent;
using Notifications.Packages;

namespace Notifications.Templates;

/// <summary>
/// Words that advertise, by language, looked for in templates of transactional topics (R24): a warning, since words alone prove nothing.
/// What parcel mails say of deliveries, fees and customs is none of them, though some of it sounds alike: terms of sale, customs clearance,
/// <c>remise en main propre</c>.
/// </summary>
internal static partial class AdWords
{
    /// <summary>The rule of the finding.</summary>
    public const string Rule = "promotional-words";

    // Each is looked for in its own language alone: sale is salt in Italian, dirty in French, and "leaves" in Spanish.
    private static readonly Dictionary<string, Regex> ByLanguage = new(StringComparer.Ordinal)
    {
        ["en"] = Words(
            @"\b((?<!\b(of|for) |-)sale(?! of\b)|discount(s|ed)?|coupons?|promo(tional)? (code|offer)s?|special offers?|(best|great|hot) deals?"
            + @"|bargains?|half[ -]price|limited[ -]time (only|offer|deal)s?|(shop|buy) now)\b|[$€£]\s?\d{1,6} off\b"),
        ["de"] = Words(
            @"\b\w*rabatt\w*|\bgutschein\w*|\bsonderangebot\w*|\bschnäppchen\w*|\b(aus|schluss)verkauf\w*|\bpreisnachl[aä]ss\w*"
            + @"|\baktions(preis|code)\w*|\b(sale|coupons?)\b|\bzum halben preis\b"),
        ["fr"] = Words(
            @"\b(soldes|promos?|promotions?|rabais|(bons?|codes?|coupons?) (de réduction|d['’]achat|réduction)|offres? spéciales?"
            + @"|ventes? privées?|prix cassés?|déstockage|à moitié prix)\b|%\s?de (réduction|remise)\b"),
        ["es"] = Words(
            @"\b(descuentos?|rebajas?|rebajad[oa]s?|cup(ón|ones)|ofertas?|promoci(ón|ones)|promocional(es)?|gangas?|2x1|a mitad de precio)\b"),
        ["pt"] = Words(@"\b(descontos?|cup(om|ons|ão|ões)|ofertas?|promoç(ão|ões)|promociona(l|is)|pechinchas?|metade do preço)\b"),
        ["it"] = Words(
            @"\b(scont[oi]|scontat[oaie]|saldi|promozion[ei]|coupon|codice promo(zionale)?|offert[ae] special[ei]|svendit[ae]|a metà prezzo)\b"),
        ["nl"] = Words(
            @"\b((?!(ver|in|be)korting)\w*korting\w*|uitverkoop|koopjes?|actiecodes?|waardebon(nen)?|coupons?|sale|voor de halve prijs)\b"),
        ["pl"] = Words(@"\b(rabat(u|y|ów|em|owy|owe)?|zniżk\w+|promocj\w+|promocyjn\w+|kupon\w*|wyprzedaż\w*|przecen\w+|za pół ceny)\b"),
        ["ru"] = Words(
            @"\b(скид(ка|ки|ку|кой|ке|ок|кам|ками)|распродаж\w*|купон\w*|промокод\w*|акци(я|и|ю|ей|й|ях|ями|ям)|спецпредложени\w+|за полцены)\b"),
        ["tr"] = Words(@"\b([iİ]nd[iİ]r[iİ]m\w*|kampanya\w*|kupon\w*|promosyon\w*|ucuzluk\w*|yarı fiyatına)\b"),
        // What "has been deducted", a fee, is the same word behind another.
        ["ar"] = Words(
            @"(?<!\p{L})(?<!تم )[وب]?(ال)?خصم(ا|ًا|اً)?(?!\p{L})|خصومات|تخفيضات|تنزيلات|كوبون|(?<!\p{L})عرو?ض خاصة?(?!\p{L})|بنصف السعر"),
        // A sales driver, セールスドライバー, brings parcels.
        ["ja"] = Words(@"セール(?!ス)|バーゲン|割引|値引き|クーポン|特価|半額|お買い得|キャンペーン|ポイント還元|\d{1,3}\s?[%％]\s?オフ"),
        ["ko"] = Words(@"할인|(?<![\d\p{L}])세일(?!즈)|쿠폰|특가|프로모션|사은품|반값"),
        // Customs have preferential rates, and what is folded or converted is not cheaper.
        ["zh-Hans"] = Words(@"折扣|优惠(?!税|关税)|促销|打折|特价|特卖|秒杀|满减|代金券|大减价|[\d一二三四五六七八九]\s?折(?![叠痕合算])"),
        ["zh-Hant"] = Words(@"折扣|優惠(?!稅|關稅)|促銷|打折|特價|特賣|秒殺|折價券|大減價|[\d一二三四五六七八九]\s?折(?![疊痕合算])"),
    };

    /// <summary>
    /// Warns of the first of them in each part of a transactional template; <paramref name="html"/> is its HTML, where it can be read.
    /// </summary>
    public static void Check(TemplateSource source, LiquidShield? html, Topic topic, List<TemplateFinding> findings)
    {
        if (topic.IsMarketing) return;
        Look("subject", Bare(source.Subject));
        Look("text", Bare(source.Text));
        if (html is null || Look("html", WebUtility.HtmlDecode(html.Words))) return;
        foreach (var tag in html.Tags)
            if (tag.Attributes.TryGetValue("alt", out var alt) && Look("html", Bare(alt), tag.Line)) return;

        bool Look(string part, string? text, int line = 1)
        {
            if (text is null || Find(text, source.Locale) is not { } found) return false;
            findings.Add(new TemplateFinding(
                Rule, FindingSeverity.Warning, part, line - 1 + LiquidShield.LineOf(text, found.Index),
                $"'{found.Value}' reads as advertising.",
                "Messages of this topic carry no advertising (R24): leave it out, or send it under a marketing topic to those who asked for that."));
            return true;
        }
    }

    /// <summary>
    /// The first words of a text in a language that advertise; null where none do, or where looking takes a second: a warning is worth no
    /// more, and decides nothing.
    /// </summary>
    public static Match? Find(string text, string locale)
    {
        try
        {
            return Search(text, locale);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static Match? Search(string text, string locale)
    {
        if (Everywhere().Match(text) is { Success: true } anywhere) return anywhere;
        var language = PackageTexts.For(locale).Language; // English for what has no texts of its own, which need not be English.
        if (!language.Split('-')[0].Equals(locale.Split('-', '_')[0], StringComparison.OrdinalIgnoreCase)) return null;
        return ByLanguage[language].Match(text) is { Success: true } own ? own : null;
    }

    // As many lines as before: a finding names its own.
    private static string? Bare(string? text) =>
        text is null ? null : TemplateLint.Token().Replace(text, static token => new string('\n', token.ValueSpan.Count('\n')));

    private static Regex Words(string pattern) =>
        new(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    [GeneratedRegex(
        @"(?<!\d\s?%?\s?)[-−–]\d{1,2}\s?[%％٪](?!\w)|\d{1,3}\s*[%％]\s*off\b|\bblack friday\b|\bcyber monday\b|\bpromo ?code\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Everywhere();
}
