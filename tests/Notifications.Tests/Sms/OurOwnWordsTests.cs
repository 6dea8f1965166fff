using Notifications.Packages;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Web.Pages;

namespace Notifications.Tests.Sms;

/// <summary>The words that our own texts and pages have for a stop, and what we tell people to do with them, sent back to us.</summary>
public sealed class OurOwnWordsTests
{
    [Theory]
    [InlineData("Beenden", "de"), InlineData("Beenden!", "de"), InlineData("Bitte beenden", "de"), InlineData("Abo beenden", "de")]
    [InlineData("cesser", "fr"), InlineData("Pour cesser", "fr"), InlineData("Pour cesser : STOP", "fr"), InlineData("interrompere", "it")]
    [InlineData("للإيقاف", "ar"), InlineData("rezygnacja", "pl"), InlineData("przerwać", "pl"), InlineData("Durdurmak için", "tr")]
    [InlineData("停止は", "ja"), InlineData("중지하려면", "ko"), InlineData("прекратить", "ru"), InlineData("退訂", "zh-Hant")]
    public void R41_R55_The_words_of_our_texts_for_a_stop_are_stops(string text, string language) =>
        Assert.Equal(new SmsReading(SmsIntent.Stop, language), SmsKeyword.Read(text));

    [Fact]
    public void R41_The_words_on_the_buttons_and_links_that_stop_are_stops_in_every_language()
    {
        var words = Texts.All.SelectMany(t => new[] { t.Stop, t.StopButton, t.StopTitle })
            .Concat(LayoutWords.All.Values.Select(t => t["unsubscribe"]));
        Assert.All(words, w => Assert.Equal((w, SmsIntent.Stop), (w, SmsKeyword.Read(w).Intent)));
    }

    [Fact]
    public void R41_The_last_line_of_our_texts_sent_back_is_at_least_read_by_a_person_in_every_language_but_english()
    {
        var lines = PackageTexts.Languages.Where(l => l != "en").Select(l => PackageTexts.For(l)["sms.Stop"]);
        Assert.All(lines, l => Assert.True(SmsKeyword.Read(l).Intent is SmsIntent.Stop or SmsIntent.Unsure, l));
    }

    [Theory]
    [InlineData("Reply STOP"), InlineData("Text STOP"), InlineData("Txt STOP"), InlineData("send STOP")]
    [InlineData("please reply with STOP")]
    [InlineData("回覆STOP"), InlineData("請回覆STOP"), InlineData("回复STOP"), InlineData("发送退订"), InlineData("回T退订"), InlineData("Antwoord STOP")]
    [InlineData("Répondez STOP"), InlineData("envoyer ARRÊT"), InlineData("Risponda STOP"), InlineData("mit STOP antworten")]
    [InlineData("Antworten Sie mit STOP"), InlineData("Responda STOP"), InlineData("responder con BAJA"), InlineData("Odpowiedz STOP")]
    [InlineData("Svara STOPPA"), InlineData("Ответьте СТОП"), InlineData("STOP yazın"), InlineData("Ret: STOP yaz")]
    [InlineData("أرسل STOP")]
    [InlineData("STOP 회신"), InlineData("STOP으로 회신"), InlineData("STOPと返信"), InlineData("STOPと返信してください")]
    [InlineData("Beenden: mit STOP antworten.")]
    public void R39_R55_The_instruction_repeated_is_a_stop(string text) => Assert.Equal(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("Reply STOP to unsubscribe"), InlineData("reply STOP?"), InlineData("reply"), InlineData("text me"), InlineData("send it")]
    [InlineData("mit dem Nachbarn"), InlineData("Text T"), InlineData("the end"), InlineData("con el vecino"), InlineData("cancelar envío")]
    public void R41_What_only_looks_like_the_instruction_stops_nothing(string text) =>
        Assert.NotEqual(SmsIntent.Stop, SmsKeyword.Read(text).Intent);
}
