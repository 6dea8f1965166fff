using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Web.Pages;

namespace Notifications.Tests.Pages;

/// <summary>What a language asks of the words around a name, and one way of writing where a language has two.</summary>
public sealed class GrammarTests
{
    private static readonly System.Reflection.PropertyInfo[] Keys =
        [
            .. typeof(Texts)
                .GetProperties()
                .Where(p => p.PropertyType == typeof(string) && p.CanWrite && p.Name is not nameof(Texts.Language)),
        ];

    [Theory]
    [InlineData("pl", "(dla|do) ten ")]
    [InlineData("ru", "(для|до) этот ")]
    [InlineData("tr", "(adresi|numarası) adres")]
    public void R59_Around_an_address_of_which_only_the_key_is_known_stand_words_that_leave_its_name_as_it_is(
        string language, string wrong)
    {
        var texts = Texts.Find(language)!;
        foreach (var key in Keys.Where(k => ((string)k.GetValue(texts)!).Contains("{address}", StringComparison.Ordinal)))
            foreach (var name in (string[])[texts.ThisEmail, texts.ThisPhone])
                Assert.DoesNotMatch(wrong, Texts.Fill((string)key.GetValue(texts)!, "address", name));
    }

    [Fact]
    public void R59_Portuguese_has_no_word_that_is_at_home_on_one_side_of_the_ocean_alone_and_a_package_is_feminine()
    {
        Assert.All(
            Everything("pt"),
            text =>
            {
                Assert.DoesNotMatch(@"(?i)ligaç|telem[óo]vel|celular|\bvocê|\b(sobre|para) si\b|indicativo|\b\w+ámos\b|\buma SMS", text);
                Assert.DoesNotMatch("De momento|Descarregar|paragem|porquê", text);
            });
        Assert.All(
            PackageTexts.For("pt").Words.Where(w => w.Key.Split('.')[0] is "title" or "stage"),
            w => Assert.DoesNotMatch("^(Pronto|Anunciado|Devolvido|Atrasado|Extraviado|Danificado)", w.Value));
    }

    [Fact]
    public void R59_Polish_and_Turkish_have_one_word_for_a_package_and_its_news_and_Polish_says_you_throughout()
    {
        const string other = @"(?<![Nn]umer )przesyłk|[Ww]ieści|Proszę|\bprosimy|obserwowan|[Pp]referencj";
        Assert.All(Everything("pl"), text => Assert.DoesNotMatch(other, text));
        Assert.All(Everything("tr"), text => Assert.DoesNotMatch(@"\bhaberler", text));
    }

    [Fact]
    public void R59_Swedish_says_du_throughout_and_has_one_way_of_writing_each_channel() =>
        Assert.All(
            Everything("sv"),
            text => Assert.DoesNotMatch(@"\b([Nn]i|[Ee]r|[Ee]rt|[Ee]ra|SMS|[Mm]ail\w*|[Mm]ejl\w*|[Ee]post\w*)\b|(?<!^|[.?!] )\bSms", text));

    // A text by SMS has the plain space: the other one is not of its alphabet (R56).
    [Fact]
    public void R59_Words_of_mails_in_French_have_a_no_break_space_before_double_marks()
    {
        var consent = ConsentTexts.For("fr");
        (string Key, string Text)[] said =
            [
                .. PackageTexts.For("fr").Words.Select(w => (w.Key, w.Value)), .. LayoutWords.All["fr"].Select(w => (w.Key, w.Value)),
                .. consent.Keys.Select(k => (k, consent[k])),
            ];
        Assert.All(
            said.Where(w => !w.Key.StartsWith("sms", StringComparison.Ordinal) && !w.Key.Contains(".Sms", StringComparison.Ordinal)),
            w => Assert.DoesNotMatch("[^\u00A0\u202F][;:!?]", w.Text));
    }

    private static IEnumerable<string> Everything(string language)
    {
        using var replies = SmsData.Open("replies");
        var consent = ConsentTexts.For(language);
        return
            [
                .. Keys.Select(k => (string)k.GetValue(Texts.Find(language))!),
                .. PackageTexts.For(language).Words.Values,
                .. consent.Keys.Select(k => consent[k]),
                .. LayoutWords.All[language].Values,
                .. replies.RootElement.GetProperty(language).EnumerateObject().Select(t => t.Value.GetString()!),
            ];
    }
}
