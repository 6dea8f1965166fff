using Notifications.Sms;

namespace Notifications.Tests.Sms;

/// <summary>A keyword with nothing but courtesies beside it, a keyword within a sentence, and a keyword mistyped.</summary>
public sealed class CourtesyTests
{
    // Of one letter or two in our alphabet: below a greeting it is a name.
    private static readonly string[] Initials = ["T", "TD"];

    [Fact]
    public void R39_R41_R55_Every_word_that_stops_is_a_stop_with_every_courtesy_of_its_language_and_of_english()
    {
        var polite = SmsData.Keywords("polite").ToLookup(k => k.Language);
        Assert.Equal(SmsKeyword.Languages.Order(StringComparer.Ordinal), polite.Select(l => l.Key).Order(StringComparer.Ordinal));
        var missed = new List<string>();
        foreach (var (language, spaced, word) in SmsData.Keywords("stop").Where(k => !Initials.Contains(k.Entry)))
        {
            foreach (var (_, _, courtesy) in polite[language]) Beside(word, courtesy, spaced ? " " : "");
            foreach (var (_, _, courtesy) in polite["en"]) Beside(word, courtesy, ", ");
        }

        Assert.Empty(missed);

        void Beside(string word, string courtesy, string between)
        {
            string[] texts = [word + between + courtesy, courtesy + between + word, $"{courtesy} {word.ToLowerInvariant()}! {courtesy} :)"];
            missed.AddRange(texts.Where(t => SmsKeyword.Read(t).Intent != SmsIntent.Stop));
        }
    }

    [Theory]
    [InlineData("baja por favor", "es"), InlineData("no más por favor", "es"), InlineData("sair por favor", "pt"), InlineData("end please", "en")]
    [InlineData("dur lütfen", "tr"), InlineData("STOPPA tack", "sv"), InlineData("Abmeldung bitte", "de"), InlineData("résilier svp", "fr")]
    [InlineData("koniec proszę", "pl"), InlineData("отказ пожалуйста", "ru"), InlineData("إيقاف من فضلك", "ar"), InlineData("请拒收", "zh")]
    [InlineData("중지 부탁합니다", "ko"), InlineData("ストップお願いします", "ja"), InlineData("قف من فضلك", "ar"), InlineData("🛑 please", "en")]
    [InlineData("STOP bitte", "de"), InlineData("stop svp merci", "fr"), InlineData("hi, stop please", "en"), InlineData("Stop por favor", null)]
    [InlineData("停止をお願いします", "ja"), InlineData("STOP 谢谢", "zh-Hans"), InlineData("stopお願いします", "ja"), InlineData("Stop s’il vous plaît", "fr")]
    [InlineData("ＳＴＯＰ　ｐｌｅａｓｅ", "en"), InlineData("✋️stop, thank you 🙏", "en"), InlineData("Proszę nie wysyłać więcej sms", "pl")]
    public void R41_R55_A_courtesy_takes_nothing_from_a_stop_and_says_its_language(string text, string? language) =>
        Assert.Equal(new SmsReading(SmsIntent.Stop, language), SmsKeyword.Read(text));

    [Theory]
    [InlineData("don't stop please"), InlineData("please don't end"), InlineData("end of the street please"), InlineData("Ende der Straße bitte")]
    [InlineData("Thanks, T"), InlineData("Merci, TD"), InlineData("please stop at the gate"), InlineData("Stop by at 5 please?"), InlineData("ok thanks")]
    [InlineData("baja el paquete por favor"), InlineData("c'est dur, merci"), InlineData("vou sair, obrigado")]
    [InlineData("请不要停止"), InlineData("停止しないでお願いします"), InlineData("今天取消派送吗谢谢"), InlineData("중지하지 마세요"), InlineData("bitte nicht stoppen")]
    [InlineData("hola, ¿a qué hora baja el repartidor?"), InlineData("не отказ, спасибо")]
    public void R41_What_only_looks_like_a_polite_stop_stops_nothing(string text) =>
        Assert.True(SmsKeyword.Read(text).Intent is SmsIntent.None or SmsIntent.Unsure);

    [Theory]
    [InlineData("yes please"), InlineData("Yes, please!"), InlineData("ja bitte"), InlineData("si por favor"), InlineData("Sí, gracias")]
    [InlineData("oui merci"), InlineData("sim por favor"), InlineData("sì grazie"), InlineData("ja graag"), InlineData("ja tack")]
    [InlineData("tak, proszę"), InlineData("да, пожалуйста"), InlineData("evet lütfen"), InlineData("نعم من فضلك"), InlineData("是的谢谢")]
    [InlineData("네 부탁합니다"), InlineData("はい、お願いします")]
    public void R30_R55_A_courtesy_takes_nothing_from_a_yes(string text) => Assert.Equal(SmsIntent.Yes, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("START please"), InlineData("bitte START"), InlineData("start, thank you"), InlineData("RESUME"), InlineData("subscribe please")]
    [InlineData("Reanudar por favor"), InlineData("СТАРТ пожалуйста"), InlineData("再開お願いします")]
    public void R49_A_courtesy_takes_nothing_from_a_start(string text) => Assert.Equal(SmsIntent.Start, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("yes please?"), InlineData("yes please, but later"), InlineData("y gracias"), InlineData("Thanks, JA"), InlineData("reply YES")]
    [InlineData("please start the delivery"), InlineData("start please?"), InlineData("yesss"), InlineData("y3s"), InlineData("ok thanks")]
    [InlineData("УES"), InlineData("не да, спасибо"), InlineData("já, obrigado"), InlineData("ja obrigado")]
    public void P1_What_only_looks_like_a_polite_yes_or_start_is_none(string text) =>
        Assert.True(SmsKeyword.Read(text).Intent is SmsIntent.None or SmsIntent.Unsure);

    [Fact]
    public void R40_R41_Every_word_that_stops_and_stands_on_a_line_of_its_own_is_at_least_read_by_a_person_whatever_follows()
    {
        foreach (var (_, spaced, word) in SmsData.Keywords("stop"))
        {
            if (spaced && SmsText.Words(word) is not [_, { Length: > 2 }, _]) continue;
            string[] texts = [$"{word}\nEnviado desde mi teléfono por Ana García", $"Hola, buenas.\n{word}\n-- \nAna García, Acme, Lisboa"];
            foreach (var text in texts)
                Assert.True(SmsKeyword.Read(text).Intent is SmsIntent.Stop or SmsIntent.Unsure, text);
        }
    }

    [Fact]
    public void R41_Every_word_that_stops_is_at_least_read_by_a_person_within_other_words()
    {
        foreach (var (_, spaced, word) in SmsData.Keywords("stop"))
        {
            if (spaced && SmsText.Words(word) is not [_, { Length: > 2 }, _]) continue;
            var text = spaced ? $"xyz {word.ToLowerInvariant()} abc" : $"包裹{word}呢";
            Assert.True(SmsKeyword.Read(text).Intent is SmsIntent.Stop or SmsIntent.Unsure, text);
        }
    }

    [Theory]
    [InlineData("When does the weekend begin at your end, I wonder"), InlineData("vou sair de casa agora, deixe na portaria")]
    [InlineData("c'est dur de trouver votre adresse ici"), InlineData("estoy en la planta baja del edificio azul")]
    [InlineData("das Paket liegt am anderen Ende der Garage"), InlineData("koniec tygodnia pasuje")]
    public void R41_A_short_keyword_is_an_everyday_word_in_a_longer_text(string text) =>
        Assert.Equal(SmsIntent.None, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("Unsuscribe"), InlineData("unsubcribe"), InlineData("unsubscibe"), InlineData("unsubscirbe please"), InlineData("unsuscribe me")]
    [InlineData("cancle"), InlineData("remve"), InlineData("abmeldne"), InlineData("cancelarr"), InlineData("отписатся"), InlineData("OUT"), InlineData("stp")]
    [InlineData("I don't want these")]
    public void R41_A_word_that_stops_mistyped_is_read_by_a_person(string text) =>
        Assert.Equal(SmsIntent.Unsure, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("stpo"), InlineData("sotp"), InlineData("Stopp"), InlineData("stpo please")]
    public void R41_Stop_mistyped_as_no_other_word_is_a_stop(string text) => Assert.Equal(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("shop"), InlineData("Step"), InlineData("fine"), InlineData("wooow"), InlineData("AB12SP0001"), InlineData("gate 4E21")]
    [InlineData("top!"), InlineData("bend"), InlineData("describe"), InlineData("counsel"), InlineData("Paris")]
    public void R41_Another_word_is_no_word_that_stops_mistyped(string text) => Assert.Equal(SmsIntent.None, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("help me", null), InlineData("Help me please?", "en"), InlineData("aidez-moi svp", "fr"), InlineData("Hilfe bitte", "de")]
    public void R48_A_call_for_help_with_nothing_but_a_courtesy_is_one(string text, string? language) =>
        Assert.Equal(new SmsReading(SmsIntent.Help, language), SmsKeyword.Read(text));

    [Fact]
    public void R48_A_call_for_help_with_something_is_a_question_to_the_courier() =>
        Assert.Equal(SmsIntent.None, SmsKeyword.Read("help me find my parcel").Intent);
}
