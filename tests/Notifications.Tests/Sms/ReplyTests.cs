using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Templates;

namespace Notifications.Tests.Sms;

public sealed partial class ReplyTests
{
    [Fact]
    public void R48_Every_reply_is_there_in_every_language_with_the_same_holes()
    {
        using var file = SmsData.Open("replies");
        var english = file.RootElement.GetProperty("en");
        Assert.Equal(16, file.RootElement.EnumerateObject().Count());
        foreach (var language in file.RootElement.EnumerateObject())
        {
            Assert.Equal(english.EnumerateObject().Select(t => t.Name), language.Value.EnumerateObject().Select(t => t.Name));
            foreach (var text in english.EnumerateObject())
                Assert.Equal(Holes(text.Value.GetString()!), Holes(language.Value.GetProperty(text.Name).GetString()!));
        }
    }

    [Fact]
    public void R39_R48_R55_Every_word_that_a_person_is_told_to_send_is_one_that_is_read_in_every_language()
    {
        using var replies = SmsData.Open("replies");
        var texts = replies.RootElement.EnumerateObject().SelectMany(l => l.Value.EnumerateObject().Select(t => t.Value.GetString()!))
            .Concat(PackageTexts.Languages.Select(l => ConsentTexts.For(l)["sms"]))
            .Concat(PackageTexts.Languages.SelectMany(l => new[] { PackageTexts.For(l)["sms.Stop"], PackageTexts.For(l)["confirm.Sms"] }))
            .Concat(LayoutWords.All.Values.Select(t => t["smsOr"]))
            .Concat(Notifications.Web.Pages.Texts.All.Select(t => t.BoxSms));
        var words = texts.SelectMany(t => Capitals().Matches(t)).Select(m => m.Value).Where(w => w != "SMS").Distinct().ToList();
        foreach (var told in (string[])["START", "STOP", "YES", "HELP", "AYUDA", "AJUDA", "POMOC", "СТОП", "YARDIM"])
            Assert.Contains(told, words);
        Assert.All(words, w => Assert.True(SmsKeyword.Read(w).Intent is not (SmsIntent.None or SmsIntent.Unsure), w));
    }

    [Fact]
    public void R56_Every_reply_fits_three_segments_in_every_language()
    {
        var replies = new SmsReplies(new SmsOptions { MessagesPerMonth = 12 }, new SenderOptions());
        foreach (var language in SmsReplies.Languages)
        {
            foreach (var key in (string[])[
                "stopped", "choice", "chosen", "resumed", "confirmed", "noted", "held", "next", "help", "introduction"])
            {
                var text = replies.Write(key, language, null, "1 Package updates, 2 Promotions, 3 Newsletter", "Newsletter");
                var counted = SmsSegments.Count(text);
                Assert.True(counted.Segments <= (key is "stopped" or "chosen" ? 2 : 3), $"{language} {key}: {counted.Segments} segments");
                Assert.DoesNotContain("{", text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void R53_A_sentence_begins_with_a_capital_also_where_it_is_how_many_messages_come()
    {
        foreach (var (month, sentence) in ((int, string)[])[(0, ". Message frequency varies."), (4, ". Up to 4 messages a month.")])
            Assert.Contains(
                sentence,
                new SmsReplies(
                    new SmsOptions { MessagesPerMonth = month }, new SenderOptions()).Write("confirmed", "en", null, topic: "Newsletter"),
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "pt-BR", null,
        "pt"), InlineData(
            "zh-TW", null,
            "zh-Hant"), InlineData("zh-CN", null, "zh-Hans"), InlineData("zh-Hant-HK", null, "zh-Hant"), InlineData(null, "fr", "fr")]
    [InlineData("de", "fr", "de"), InlineData("xx", "fr", "fr"), InlineData(null, null, "en"), InlineData("xx", "yy", "en")]
    public void The_persons_language_comes_before_that_of_the_word(string? locale, string? word, string expected) =>
        Assert.Equal(expected, SmsReplies.Choose(locale, word));

    private static List<string> Holes(string text) =>
        [.. Regex.Matches(text, "\\{\\w+\\}").Select(m => m.Value).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\p{Lu}{3,}")]
    private static partial Regex Capitals();
}
