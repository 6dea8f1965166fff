using System.Globalization;
using System.Text.RegularExpressions;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Templates;

namespace Notifications.Tests.Sms;

public sealed class KeywordTests
{
    [Theory]
    [InlineData("STOP"), InlineData("QUIT"), InlineData("END"), InlineData("REVOKE"), InlineData("OPT OUT"), InlineData("CANCEL"), InlineData("UNSUBSCRIBE")]
    [InlineData("STOPALL"), InlineData("STOP ALL"), InlineData("OPTOUT"), InlineData("OPT-OUT"), InlineData("opt-out"), InlineData("REMOVE"), InlineData("ARRET")]
    public void R39_Each_word_of_the_rule_revokes(string text) => Assert.Equal(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("Stop!"), InlineData("\"STOP\""), InlineData("“stop”"), InlineData("stop\r\n"), InlineData("  Stop . "), InlineData("ＳＴＯＰ"), InlineData("ｓｔｏｐ！"), InlineData("sToP"), InlineData("S.T.O.P.")]
    [InlineData("unsubscrıbe"), InlineData("UNSUBSCRİBE"), InlineData("quit"), InlineData("🛑"), InlineData("✋✋"), InlineData("🛑 🛑!"), InlineData("STOP 🛑"), InlineData("s\u200bt\u200bo\u200bp")]
    public void R40_A_keyword_is_understood_however_it_is_written(string text) =>
        Assert.Equal(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("tr-TR"), InlineData("az-Latn-AZ"), InlineData("de-DE"), InlineData("ja-JP"), InlineData("")]
    public void R40_Stop_is_understood_in_any_server_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            foreach (var word in (string[])[
                "unsubscribe", "quit", "optout", "iptal", "İPTAL", "abmelden", "стоп",
                "Déinscrire".Replace("Déin", "Désin", StringComparison.Ordinal),
            ])
            {
                Assert.Equal(SmsIntent.Stop, SmsKeyword.Read(word).Intent);
            }

            Assert.Equal(SmsIntent.Help, SmsKeyword.Read("info").Intent);
            Assert.Equal(SmsIntent.Help, SmsKeyword.Read("yardım").Intent);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("es", "ALTO", "BAJA", "DETENER", "BORRAR")]
    [InlineData("pt", "SAIR", "DESATIVAR")]
    [InlineData("de", "ABMELDEN", "ENDE", "Aufhören")]
    [InlineData("nl", "AFMELDEN", "AFMELDING", "ANNULEREN")]
    [InlineData("fr", "ARRET", "ARRÊT", "arrêt", "RESILIER", "ANNULER")]
    [InlineData("zh-Hans", "退订")]
    [InlineData("zh-Hant", "退訂")]
    [InlineData("ru", "СТОП", "стоп", "ОТКАЗ", "прекратить")]
    [InlineData("zh", "拒收", "停止接收")]
    [InlineData("it", "ANNULLA", "INTERROMPI")]
    [InlineData("sv", "AVSLUTA", "AVBRYT")]
    [InlineData("pl", "WYPISZ", "STÓJ")]
    [InlineData("tr", "DUR")]
    [InlineData("ar", "إيقاف", "ايقاف", "إيقـــاف")]
    [InlineData("ja", "配信停止")]
    [InlineData("ko", "수신거부", "거부")]
    public void R55_Each_language_has_its_words_for_stop(string language, params string[] words) =>
        Assert.All(words, word => Assert.Equal(new SmsReading(SmsIntent.Stop, language), SmsKeyword.Read(word)));

    [Theory]
    [InlineData("STOPP"), InlineData("PARAR"), InlineData("REMOVER"), InlineData("CANCELA"), InlineData("ELIMINAR"), InlineData("BASTA")]
    [InlineData("停止"), InlineData("取消"), InlineData("T"), InlineData("td")]
    public void R55_A_word_for_stop_that_several_languages_have_stops_as_well(string word) =>
        Assert.Equal(new SmsReading(SmsIntent.Stop), SmsKeyword.Read(word));

    [Theory]
    [InlineData("fr", "AIDE")]
    [InlineData("es", "AYUDA")]
    [InlineData("de", "HILFE")]
    [InlineData("sv", "HJÄLP", "hjalp")]
    [InlineData("ja", "ヘルプ")]
    [InlineData("ru", "ПОМОЩЬ")]
    [InlineData("zh-Hans", "帮助")]
    public void R55_Help_is_understood_in_its_language(string language, params string[] words) =>
        Assert.All(words, word => Assert.Equal(new SmsReading(SmsIntent.Help, language), SmsKeyword.Read(word)));

    [Fact]
    public void R39_R48_R55_Every_word_that_a_person_is_told_to_send_is_one_that_is_read_in_every_language()
    {
        using var replies = SmsData.Open("replies");
        var texts = replies.RootElement.EnumerateObject().SelectMany(l => l.Value.EnumerateObject().Select(t => t.Value.GetString()!))
            .Concat(PackageTexts.Languages.Select(l => ConsentTexts.For(l)["sms"]))
            .Concat(PackageTexts.Languages.SelectMany(l => new[] { PackageTexts.For(l)["sms.Stop"], PackageTexts.For(l)["confirm.Sms"] }))
            .Concat(LayoutWords.All.Values.Select(t => t["smsOr"]))
            .Concat(Notifications.Web.Pages.Texts.All.Select(t => t.BoxSms));
        var words = texts.SelectMany(t => Regex.Matches(t, @"\p{Lu}{3,}")).Select(m => m.Value).Where(w => w != "SMS").Distinct().ToList();
        foreach (var told in (string[])["START", "STOP", "YES", "HELP", "AYUDA", "AJUDA", "POMOC", "СТОП", "YARDIM"])
            Assert.Contains(told, words);
        Assert.All(words, w => Assert.True(SmsKeyword.Read(w).Intent is not (SmsIntent.None or SmsIntent.Unsure), w));
    }

    [Fact]
    public void R55_Every_language_of_the_replies_has_keywords_and_every_kind_of_word_but_yes_and_help_is_its_own()
    {
        Assert.Equal(16, SmsKeyword.Languages.Count);
        Assert.Equal(SmsReplies.Languages.Order(StringComparer.Ordinal), SmsKeyword.Languages.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ハイ"), InlineData("バイ"), InlineData("1"), InlineData("👋"), InlineData("👍"), InlineData(""), InlineData("   "), InlineData("\ud83d")]
    public void Other_short_texts_ask_for_nothing(string text) => Assert.Equal(SmsIntent.None, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("CNACEL"), InlineData("UNSUBSCIRBE"), InlineData("CANXEL"), InlineData("CANCELS"), InlineData("SLTUA"), InlineData("STOOP")]
    [InlineData("STOPWATCH"), InlineData("СТОПЭТО")]
    public void R41_A_word_that_stops_with_one_slip_in_it_or_run_together_with_another_is_read_by_a_person(string text) =>
        Assert.Equal(SmsIntent.Unsure, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("CNXCEL"), InlineData("HELPP"), InlineData("RESTARTT")]
    public void R41_Two_slips_or_one_in_a_word_that_stops_nothing_are_not(string text) =>
        Assert.Equal(SmsIntent.None, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("mit STOP antworten", "de")]
    [InlineData("antworten mit UNSUB", "en")] // The keyword's own, where it has one.
    public void R55_Our_instruction_repeated_tells_a_language_too(string text, string language) =>
        Assert.Equal(new SmsReading(SmsIntent.Stop, language), SmsKeyword.Read(text));

    [Fact]
    public void R41_Stop_by_at_five_is_for_a_person_to_read_and_dont_stop_is_not() // R41
    {
        Assert.Equal(SmsIntent.Unsure, SmsKeyword.Read("Stop by at 5?").Intent);
        Assert.Equal(SmsIntent.None, SmsKeyword.Read("don’t stop").Intent);
        Assert.Equal(SmsIntent.Stop, SmsKeyword.Read("no mas").Intent);
    }
}
