using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Web.Pages;

namespace Notifications.Tests.Templates;

/// <summary>Every message has the marks of its language, and one of them for one thing.</summary>
public sealed partial class MarksTests
{
    private static readonly string[] Wide = ["zh-Hans", "zh-Hant", "ja"];

    public static TheoryData<string> Languages => [.. PackageTexts.Languages];

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task R59_A_mail_about_a_package_has_the_marks_of_its_language(string language)
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com", with: r => r with { Locale = language });
        await world.HappensAsync("e1", ParcelStatus.OutForDelivery, description: "7", location: "Köln");
        await world.PumpAsync();
        await world.Get<ConsentDesk>().OptInAsync(
            CoreProduct.Email("ana@example.com"),
            [
                .. new[] { TopicKey.Newsletter, TopicKey.Promotions }.Select(
                    t => (world.Get<TopicCatalog>().Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person"))),
            ],
            confirmed: false, language, default);
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Emails.Count);
        foreach (var mail in world.Outbox.Emails)
            foreach (var line in $"{mail.Subject}\n{mail.Text}".Split('\n'))
                if (!line.StartsWith("Parcel Post,", StringComparison.Ordinal)) AssertMarks(language, line); // The postal address.
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task R59_A_text_has_the_marks_of_its_language_and_begins_as_an_answer_does(string language)
    {
        foreach (var twoWay in (bool[])[true, false])
        {
            var world = new PackagesWorld(o => o.Sms.TwoWay = twoWay);
            var phone = CoreProduct.Phone("+14155552671");
            var watch = new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), phone, "app", "service:test") { Locale = language };
            await world.Watches.WatchAsync(watch, default);
            await world.HappensAsync("one", ParcelStatus.Delivered);
            await world.PumpAsync();
            await world.Watches.WatchAsync(
                watch with { Source = WatchOptions.PublicForm, Address = CoreProduct.Phone("+14155552672") }, default);
            await world.PumpAsync();
            await world.Get<ConsentDesk>().OptInAsync(
                phone, world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
                new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, language, default);
            await world.PumpAsync();
            Assert.Equal(3, world.Outbox.Texts.Count);
            var answer = PlainMarks.Of(new SmsReplies(new SmsOptions(), new()).Write("resumed", language)).Replace(
                new Notifications.Sending.SenderOptions().Name, "Parcel Post", StringComparison.Ordinal);
            foreach (var text in world.Outbox.Texts.Select(t => t.Text))
            {
                Assert.StartsWith(Beginning().Match(answer).Value, text, StringComparison.Ordinal);
                foreach (var line in text.Split('\n')) AssertMarks(language, line);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task R45_R59_The_kinds_that_can_be_kept_after_STOP_are_listed_as_the_language_lists(string language)
    {
        var world = new PackagesWorld(o => o.Sms.StopScope = StopScope.Clarification);
        var phone = CoreProduct.Phone("+14155552671");
        foreach (var topic in (string[])[TopicKey.Promotions, TopicKey.Newsletter])
            await world.Get<ConsentDesk>().OptInAsync(
                phone, world.Get<TopicCatalog>().Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"),
                confirmed: true, language, default);
        await world.Get<Notifications.Events.InboundEvents>().HandleAsync(
            CoreProduct.Text("one", phone.Value, "STOP", world.Later()), default);
        await world.PumpAsync();
        var names = ConsentTexts.For(language);
        var between = language == "ar" ? "، " : Wide.Contains(language) ? "、" : ", ";
        Assert.Contains(
            PlainMarks.Of($"1 {names["promotions"]}{between}2 {names["newsletter"]}"), Assert.Single(world.Outbox.Texts).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void R59_Every_text_of_the_pages_and_of_the_answers_has_the_marks_of_its_language()
    {
        foreach (var texts in Texts.All)
            foreach (var said in typeof(Texts).GetProperties().Where(p => p.PropertyType == typeof(string) && p.CanWrite))
                if (said.Name != nameof(Texts.Language))
                    AssertMarks(texts.Language, (string)said.GetValue(texts)!, page: true);
        foreach (var language in SmsReplies.Languages)
            foreach (var key in (string[])["stopped", "choice", "chosen", "resumed", "confirmed", "noted", "held", "next", "help"])
                AssertMarks(language, PlainMarks.Of(new SmsReplies(new SmsOptions(), new()).Write(key, language, "1", "x")));
    }

    private static void AssertMarks(string language, string line, bool page = false)
    {
        line = Links().Replace(line, "x");
        if (Wide.Contains(language))
        {
            Assert.DoesNotMatch(@"[\p{Lo}」』”）][,:;!?]", line);
            Assert.DoesNotMatch(@"[,:;!?] ?[\p{Lo}「『“（]", line);
            Assert.DoesNotMatch(@"[,:;] \S", line);
            Assert.DoesNotMatch("[：，、。；] ", line);
        }
        else
        {
            Assert.DoesNotMatch("[：，、。；]", line);
            if (language == "ar") Assert.DoesNotMatch("[,;?]", line);
            else Assert.DoesNotMatch("[،؛؟]", line);
            if (language == "fr") Assert.DoesNotMatch(page ? "[^ \u00A0\u202F][;:!?](?!\\d)" : "[^ \u00A0][;:!?](?!\\d)", line);
        }
    }

    [GeneratedRegex(@"^\u200F?Parcel Post\s?[:：]\s?")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"https?://\S+|\{\w+\}")]
    private static partial Regex Links();
}
