using Notifications.Consent;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sms;

/// <summary>The language of an answer: stored, else a word of one language alone, else that of the number's region, else English.</summary>
public sealed class ReplyLanguageTests
{
    [Theory]
    [InlineData("+4915112345678", "STOP", "Sie bekommen keine SMS mehr"), InlineData("+4915112345678", "STOPP", "Sie bekommen keine SMS mehr")]
    [InlineData("+46701234567", "STOPP", "du får inga fler sms"), InlineData("+819012345678", "停止", "今後SMSをお送りしません")]
    [InlineData("+8613812345678", "停止", "您不会再收到"), InlineData("+886912345678", "停止", "您不會再收到")]
    [InlineData("+85251234567", "拒收", "您不會再收到"), InlineData("+4915112345678", "拒收", "您不会再收到")]
    [InlineData("+5511961234567", "PARAR", "não enviaremos mais SMS"), InlineData("+34612345678", "PARAR", "hemos dejado de enviarle SMS")]
    [InlineData("+4915112345678", "ARRET", "vous ne recevrez plus"), InlineData("+4915112345678", "unsubscribe", "you will get no more texts")]
    [InlineData("+34612345678", "basta messaggi", "non riceverà più SMS")]
    [InlineData("+358401234567", "STOP", "you will get no more texts")] // Finnish is not ours.
    public async Task R55_Who_has_no_stored_language_is_answered_in_that_of_the_word_or_of_the_number(string from, string word, string answer)
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(from, TopicKey.PackageUpdates, TopicKey.Promotions);
        await product.TextAsync(from, word);
        Assert.Contains(answer, Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R55_The_names_of_topics_in_an_answer_are_in_its_language()
    {
        var product = new CoreProduct(o => o.StopScope = StopScope.Clarification);
        await product.SubscribeAsync("+4915112345678", TopicKey.PackageUpdates, TopicKey.Promotions);
        await product.TextAsync("+4915112345678", "STOP");
        Assert.Contains("1 Paketmeldungen, 2 Angebote", Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pt-BR", null, "DE", "pt"), InlineData("zh-TW", null, null, "zh-Hant"), InlineData("zh-CN", null, "HK", "zh-Hans")]
    [InlineData("zh-HK", null, null, "zh-Hant"), InlineData("zh-MO", null, null, "zh-Hant"), InlineData("pt_BR", null, null, "pt")]
    [InlineData("zh-Hant-SG", null, null, "zh-Hant"), InlineData("DE", null, null, "de")]
    [InlineData("zh-Hant-HK", null, null, "zh-Hant"), InlineData("de", "fr", "ES", "de")] // What is stored goes before the word,
    [InlineData(null, "fr", "DE", "fr"), InlineData("xx", "fr", "DE", "fr")] // the word before the region,
    [InlineData(null, null, "CH", "de"), InlineData(null, null, "BE", "nl"), InlineData(null, null, "CA", "en")] // of its languages the main one,
    [InlineData(null, null, "MX", "es"), InlineData(null, null, "FR", "fr"), InlineData(null, null, "IT", "it")]
    [InlineData(null, null, "PL", "pl"), InlineData(null, null, "TR", "tr"), InlineData(null, null, "EG", "ar")]
    [InlineData(null, null, "KR", "ko")]
    [InlineData(null, null, "+7", "ru"), InlineData(null, null, "+1", "en"), InlineData(null, null, "ZZ", "en"), InlineData(null, null, null, "en")]
    [InlineData(null, "zh", "TW", "zh-Hant"), InlineData(null, "zh", "US", "zh-Hans"), InlineData(null, "yy", "JP", "ja")]
    public void R55_The_stored_language_goes_before_the_word_and_the_word_before_the_region(
        string? locale, string? word, string? region, string expected)
    {
        Assert.Equal(expected, ReplyLanguage.Of(locale, new SmsReading(SmsIntent.Stop, word), region));
        Assert.Contains(expected, SmsReplies.Languages);
    }

    [Fact]
    public void R55_Only_a_word_for_help_of_one_language_goes_before_the_stored_one()
    {
        Assert.Equal("fr", ReplyLanguage.Of("de", SmsKeyword.Read("AIDE"), "DE"));
        Assert.Equal("de", ReplyLanguage.Of("de", SmsKeyword.Read("HELP"), "FR"));
        Assert.Equal("de", ReplyLanguage.Of("de", SmsKeyword.Read("ARRET"), "FR"));
    }

    [Theory]
    [InlineData("STOP"), InlineData("t"), InlineData("TD"), InlineData("Start"), InlineData("HELP"), InlineData("info"), InlineData("yes"), InlineData("🛑")]
    [InlineData("STOPP"), InlineData("PARAR"), InlineData("basta"), InlineData("basta!!"), InlineData("ja"), InlineData("si"), InlineData("停止"), InlineData("開始")]
    public void R55_A_word_that_everybody_is_told_to_send_or_that_several_languages_have_says_no_language(string word) =>
        Assert.Null(SmsKeyword.Read(word) is { Intent: not SmsIntent.None } read ? read.Language : "nothing");
}
