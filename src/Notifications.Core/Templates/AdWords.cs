using System.Net;
using System.Text.RegularExpressions;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Templates;

/// <summary>Something that advertises: which kind of sign it is, its words and where they stand.</summary>
internal readonly record struct AdSign(string Kind, string Value, int Index);

/// <summary>What is said of a part that advertises.</summary>
/// <param name="Part"><c>subject</c>, <c>html</c> or <c>text</c>.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Message">What stands there, in a sentence.</param>
/// <param name="IsBlock">Whether it is refused.</param>
public sealed record AdFinding(string Part, int Line, string Message, bool IsBlock);

/// <summary>
/// Words that advertise, by language, looked for in templates and ready content of transactional topics (R24). One kind of sign is a
/// warning, since words alone prove nothing; two different ones, such as a percentage off and a coupon, are a promotional block.
/// What parcel mails say of deliveries, fees and customs is none of them, though some of it sounds alike: terms of sale, customs clearance,
/// <c>remise en main propre</c>.
/// </summary>
public static partial class AdWords
{
    /// <summary>The rule of the finding.</summary>
    public const string Rule = "promotional-words";

    // Each is looked for in its own language alone: sale is salt in Italian, dirty in French, and "leaves" in Spanish. The groups name the
    // kinds: what one gets off, a code for it, a sale, an offer, and the call to buy. A coupon for a discount is one sign.
    private static readonly Dictionary<string, Lazy<Regex>> ByLanguage = new(StringComparer.Ordinal)
    {
        ["en"] = Words(
            @"\b(?<code>(discount|promo(tional)?|coupon|voucher) codes?|(discount )?coupons?|discount vouchers?)\b"
            + @"|\b(?<off>discount(s|ed)?|half[ -]price|\d{1,3} ?per ?cent off)\b"
            + @"|(?<off>\bsave (up to )?([$€£]\s?\d{1,6}|\d{1,3}\s?%)|[$€£]\s?\d{1,6} off\b)"
            + @"|\b(?<sale>(?<!\b(of|for) |-)sale(?! of\b)|bargains?)\b"
            + @"|\b(?<offer>special offers?|promo(tional)? offers?|(best|great|hot) deals?|limited[ -]time (only|offer|deal)s?)\b"
            + @"|\b(?<buy>(shop|buy) now)\b"),
        ["de"] = Words(
            @"(?<code>\b\w*gutschein\w*|\b\w*rabatt-?codes?\b|\baktions-?codes?\b|\bcoupons?\b)"
            + @"|(?<off>\b\w*rabatt\w*|\bpreisnachl[aä]ss\w*|\baktionspreis\w*|\bzum halben preis\b"
            + @"|\d{1,3}\s?% (günstiger|billiger|nachlass|reduziert)\b)"
            + @"|(?<sale>\b((winter|sommer)?schluss|räumungs|aus)verkauf(?!t)\w*|\bschnäppchen\w*|\bsale\b)"
            + @"|(?<offer>\bsonderangebot\w*)|(?<buy>\bjetzt (kaufen|shoppen|zugreifen|zuschlagen)\b)"),
        ["fr"] = Words(
            @"\b(?<code>(bons?|codes?|coupons?) (de réduction|d['’]achat|réduction)|codes? promo)\b"
            + @"|(?<off>[%€]\s?de (réduction|remise)\b|\bà moitié prix\b|\brabais\b)"
            + @"|\b(?<sale>soldes|ventes? privées?|prix cassés?|déstockage)\b|\b(?<offer>promos?|promotions?|offres? spéciales?)\b"
            + @"|\b(?<buy>achetez maintenant)\b"),
        ["es"] = Words(
            @"\b(?<code>cup(ón|ones)( de descuento)?|códigos? (de descuento|promocional(es)?))\b"
            + @"|\b(?<off>descuentos?|rebajad[oa]s?|2x1|a mitad de precio)\b|\b(?<sale>rebajas?|gangas?)\b"
            + @"|\b(?<offer>ofertas?|promoci(ón|ones)|promocional(es)?)\b|\b(?<buy>compr[ae] ahora)\b"),
        ["pt"] = Words(
            @"\b(?<code>cup(om|ons|ão|ões)( de desconto)?|códigos? (de desconto|promociona(l|is)))\b"
            + @"|\b(?<off>descontos?|metade do preço)\b|\b(?<sale>pechinchas?)\b"
            + @"|\b(?<offer>ofertas?|promoç(ão|ões)|promociona(l|is))\b|\b(?<buy>compr[ae] (agora|já))\b"),
        ["it"] = Words(
            @"\b(?<code>coupon|codic[ei] (promo(zionale)?|sconto)|buon[oi] sconto)\b"
            + @"|\b(?<off>scont[oi]|scontat[oaie]|a metà prezzo)\b|\b(?<sale>saldi|svendit[ae])\b"
            + @"|\b(?<offer>promozion[ei]|offert[ae] special[ei])\b|\b(?<buy>(acquista|compra) (ora|subito))\b"),
        ["nl"] = Words(
            @"\b(?<code>kortings(codes?|bon(nen)?)|actiecodes?|waardebon(nen)?|coupons?)\b"
            + @"|\b(?<off>(?!(ver|in|be)korting)\w*korting\w*|voor de halve prijs)\b|\b(?<sale>uitverkoop|koopjes?|sale)\b"
            + @"|\b(?<buy>(koop|shop) nu)\b"),
        ["sv"] = Words(
            @"\b(?<code>(rabatt|kampanj)-?kod(er|en|erna)?|(rabatt)?kupong(er|en)?)\b"
            + @"|\b(?<off>\w*rabatt\w*|(till )?halva priset|prissänk\w*)\b|\b(?<sale>(slut|vinter|sommar)?rean?|utförsäljning\w*)\b"
            + @"|\b(?<offer>specialerbjudande\w*|kampanjpris\w*)\b|\b(?<buy>(köp|handla) nu)\b"),
        ["pl"] = Words(
            @"\b(?<code>kupon\w*( rabatow\w+)?|kod(u|em|y)? (rabatow\w+|promocyjn\w+))\b"
            + @"|\b(?<off>rabat(u|y|ów|em|owy|owe)?|zniżk\w+|przecen\w+|za pół ceny)\b|\b(?<sale>wyprzedaż\w*)\b"
            + @"|\b(?<offer>promocj\w+|promocyjn\w+)\b|\b(?<buy>kup teraz)\b"),
        ["ru"] = Words(
            @"\b(?<code>купон\w*|промокод\w*)\b|\b(?<off>скид(ка|ки|ку|кой|ке|ок|кам|ками)|за полцены)\b|\b(?<sale>распродаж\w*)\b"
            + @"|\b(?<offer>акци(я|и|ю|ей|й|ях|ями|ям)|спецпредложени\w+)\b|\b(?<buy>куп(ить|и|ите) сейчас)\b"),
        ["tr"] = Words(
            @"\b(?<code>([iİ]nd[iİ]r[iİ]m )?kupon\w*|[iİ]nd[iİ]r[iİ]m kodu\w*)\b|\b(?<off>[iİ]nd[iİ]r[iİ]m\w*|yarı fiyatına)\b"
            + @"|\b(?<sale>ucuzluk\w*)\b|\b(?<offer>kampanya\w*|promosyon\w*)\b|\b(?<buy>hemen satın al\w*)\b"),
        // What "has been deducted", a fee, is the same word behind another.
        ["ar"] = Words(
            @"(?<code>كوبون|(كود|رمز) (ال)?خصم)|(?<off>(?<!\p{L})(?<!تم )[وب]?(ال)?خصم(ا|ًا|اً)?(?!\p{L})|خصومات|تخفيضات|بنصف السعر)"
            + @"|(?<sale>تنزيلات)|(?<offer>(?<!\p{L})عرو?ض خاصة?(?!\p{L}))|(?<buy>تسوق الآن)"),
        // A sales driver, セールスドライバー, brings parcels.
        ["ja"] = Words(
            @"(?<code>(割引)?クーポン)|(?<off>割引|値引き|半額|\d{1,3}\s?[%％]\s?(オフ|引き))|(?<sale>セール(?!ス)|バーゲン)"
            + @"|(?<offer>特価|お買い得|キャンペーン|ポイント還元)|(?<buy>今すぐ購入)"),
        ["ko"] = Words(
            @"(?<code>(할인 ?)?쿠폰)|(?<off>할인|반값)|(?<sale>(?<![\d\p{L}])세일(?!즈))|(?<offer>특가|프로모션|사은품)|(?<buy>지금 구매)"),
        // Customs have preferential rates, and what is folded or converted is not cheaper.
        ["zh-Hans"] = Words(
            @"(?<code>优惠[券码]|代金券|折扣码)|(?<off>折扣|优惠(?!税|关税)|打折|满减|[\d一二三四五六七八九]\s?折(?![叠痕合算]))"
            + @"|(?<sale>促销|特卖|秒杀|大减价)|(?<offer>特价)|(?<buy>立即(购买|抢购))"),
        ["zh-Hant"] = Words(
            @"(?<code>優惠[券碼]|折價券|折扣碼)|(?<off>折扣|優惠(?!稅|關稅)|打折|[\d一二三四五六七八九]\s?折(?![疊痕合算]))"
            + @"|(?<sale>促銷|特賣|秒殺|大減價)|(?<offer>特價)|(?<buy>立即(購買|搶購))"),
    };

    /// <summary>
    /// Finds them in each part of a transactional template; <paramref name="html"/> is its HTML, where it can be read.
    /// </summary>
    internal static void Check(TemplateSource source, LiquidShield? html, Topic topic, List<TemplateFinding> findings)
    {
        if (topic.IsMarketing) return;
        List<(string Part, string? Text, int Line)> parts = [("subject", Bare(source.Subject), 1), ("text", Bare(source.Text), 1)];
        if (html is not null)
        {
            parts.Add(("html", WebUtility.HtmlDecode(html.Words), 1));
            foreach (var tag in html.Tags)
                if (tag.Attributes.TryGetValue("alt", out var alt)) parts.Add(("html", Bare(alt), tag.Line));
        }

        findings.AddRange(Judge(parts, source.Locale).Select(f => new TemplateFinding(
            Rule, f.IsBlock ? FindingSeverity.Error : FindingSeverity.Warning, f.Part, f.Line, f.Message,
            "Messages of this topic carry no advertising (R24): leave it out, or send it under a marketing topic to those who asked for that.")));
    }

    /// <summary>The parts of ready content that make it a promotional block; none where it is none.</summary>
    public static IEnumerable<AdFinding> BlocksOf(MessageContent content, string locale) =>
        Judge(
            [
                ("subject", content.Subject, 1), ("text", content.Text, 1),
                ("html", content.Html is { } html ? PlainText.FromHtml(html) : null, 1),
            ],
            locale).Where(f => f.IsBlock);

    /// <summary>The first words of a text in a language that advertise; null where none do.</summary>
    internal static AdSign? Find(string text, string locale) => All(text, locale) is [var first, ..] ? first : null;

    // What is said of each part that has any, by the first that it has.
    private static IEnumerable<AdFinding> Judge(IEnumerable<(string Part, string? Text, int Line)> parts, string locale)
    {
        var found = new List<(string Part, int Line, AdSign Sign)>();
        foreach (var (part, text, line) in parts)
            if (text is not null)
                found.AddRange(All(text, locale).Select(s => (part, line - 1 + LiquidShield.LineOf(text, s.Index), s)));
        return found.DistinctBy(f => f.Part).Select(f =>
        {
            var others = found.Where(o => o.Sign.Kind != f.Sign.Kind).Select(o => $", and so does '{o.Sign.Value}'").Take(1).ToList();
            return new AdFinding(
                f.Part, f.Line, $"'{f.Sign.Value}' reads as advertising{string.Concat(others)}.", IsBlock: others.Count > 0);
        });
    }

    // Where looking takes a second nothing is found: no text that anybody wrote is such.
    private static List<AdSign> All(string text, string locale)
    {
        var signs = Everywhere().Matches(text).Select(Of).ToList();
        var language = PackageTexts.For(locale).Language; // English for what has no texts of its own, which need not be English.
        if (language.Split('-')[0].Equals(locale.Split('-', '_')[0], StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                signs.AddRange([.. ByLanguage[language].Value.Matches(text).Select(Of)]);
            }
            catch (RegexMatchTimeoutException)
            {
                return signs;
            }
        }

        return [.. signs.OrderBy(s => s.Index)];

        static AdSign Of(Match match) =>
            new(match.Groups.Values.First(g => g.Success && g.Name != "0").Name, match.Value, match.Index);
    }

    // As many lines as before: a finding names its own.
    private static string? Bare(string? text) =>
        text is null ? null : TemplateLint.Token().Replace(text, static token => new string('\n', token.ValueSpan.Count('\n')));

    // Made of a language when its first text comes, and compiled, since every ready content of a message is looked through.
    private static Lazy<Regex> Words(string pattern) =>
        new(() => new Regex(
            pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Compiled,
            TimeSpan.FromSeconds(1)));

    [GeneratedRegex(
        @"(?<off>(?<!\d\s?%?\s?)[-−–]\d{1,2}\s?[%％٪](?!\w)|\d{1,3}\s*[%％]\s*off\b)|(?<sale>\bblack friday\b|\bcyber monday\b)"
            + @"|(?<code>\bpromo ?code\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Everywhere();
}
