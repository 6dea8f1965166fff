using System.Text.Json;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Templates;

namespace Notifications.Tests.Sms;

public sealed class ReplyTests
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
    public void R48_R59_A_reply_that_begins_with_the_senders_name_runs_the_way_of_its_language()
    {
        using var file = SmsData.Open("replies");
        foreach (var language in file.RootElement.EnumerateObject())
            foreach (var text in language.Value.EnumerateObject())
                if (text.Value.GetString()!.IndexOf("{brand}", StringComparison.Ordinal) is >= 0 and var at)
                    Assert.Equal(language.Name == "ar" ? "\u200F" : "", text.Value.GetString()![..at]);
    }

    [Theory]
    [InlineData("sv", "sms-aviseringar: antalet", "Sms-aviseringar: antalet")]
    [InlineData("nl", "sms-berichten: aantal", "Sms-berichten: aantal")]
    public void R48_R53_A_name_of_our_own_for_the_programme_has_a_capital_only_where_it_begins_a_sentence(
        string language, string within, string first)
    {
        var replies = new SmsReplies(new SmsOptions(), new SenderOptions { Name = "Parcel Post" });
        Assert.StartsWith($"Parcel Post, {within}", replies.Write("help", language), StringComparison.Ordinal);
        Assert.StartsWith(first, replies.Introduction(language), StringComparison.Ordinal);
        var named = new SmsReplies(new SmsOptions { ProgrammeName = "iParcel" }, new SenderOptions());
        Assert.StartsWith("iParcel: ", named.Introduction(language), StringComparison.Ordinal);
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
                var text = replies.Write(key, language, "1 Package updates, 2 Promotions, 3 Newsletter", "Newsletter");
                var counted = SmsSegments.Count(text);
                Assert.True(counted.Segments <= (key is "stopped" or "chosen" ? 2 : 3), $"{language} {key}: {counted.Segments} segments");
                Assert.DoesNotContain("{", text, StringComparison.Ordinal);
                if (language is "en" or "de" or "es" or "fr" or "it" or "nl") Assert.Equal(SmsEncoding.Gsm7, counted.Encoding);
            }
        }
    }

    [Fact]
    public void R55_Every_word_in_capitals_that_a_person_is_told_to_send_is_understood_and_each_language_names_one_for_stop()
    {
        using var file = SmsData.Open("replies");
        foreach (var language in (string[])["en", "de", "fr", "it", "nl", "sv"])
        {
            var (packages, page) = (PackageTexts.For(language), Notifications.Web.Pages.Texts.Find(language)!);
            var told = string.Join(
                '\n',
                [
                    .. file.RootElement.GetProperty(language).EnumerateObject().Select(t => t.Value.GetString()!),
                    ConsentTexts.For(language)["sms"], packages["confirm.Sms"], packages["sms.Stop"],
                    LayoutWords.All[language]["smsOr"], page.BoxSms,
                ]);
            var words = System.Text.RegularExpressions.Regex.Matches(told, @"\b\p{Lu}{2,}\b")
                .Select(m => m.Value)
                .Where(w => w != "SMS")
                .Distinct()
                .ToList();
            Assert.All(words, w => Assert.NotEqual(SmsIntent.None, SmsKeyword.Read(w).Intent));
            Assert.Equal([language == "sv" ? "STOPPA" : "STOP"], words.Where(w => SmsKeyword.Read(w).Intent == SmsIntent.Stop));
        }
    }

    [Fact]
    public void R53_A_sentence_begins_with_a_capital_also_where_it_is_how_many_messages_come()
    {
        foreach (var (month, sentence) in ((int, string)[])[(0, ". Message frequency varies."), (4, ". Up to 4 messages a month.")])
            Assert.Contains(
                sentence,
                new SmsReplies(
                    new SmsOptions { MessagesPerMonth = month }, new SenderOptions()).Write("confirmed", "en", topic: "Newsletter"),
                StringComparison.Ordinal);
    }

    private static List<string> Holes(string text) =>
        [.. System.Text.RegularExpressions.Regex.Matches(text, "\\{\\w+\\}").Select(m => m.Value).Order(StringComparer.Ordinal)];
}
