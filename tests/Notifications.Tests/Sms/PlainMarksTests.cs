using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Sms;

/// <summary>
/// What a text of ours costs: GSM-7 wherever its language can be written so; pages and mails have the marks of print all the same.
/// </summary>
public sealed class PlainMarksTests
{
    private static readonly World World = new();
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");
    private static readonly SenderOptions Sender = new() { Name = "L’Atelier – Colis" };

    [Theory]
    [InlineData("en"), InlineData("de"), InlineData("fr"), InlineData("it"), InlineData("nl"), InlineData("es"), InlineData("sv")]
    public void R56_A_language_that_GSM_7_has_the_letters_of_is_texted_in_it_with_every_name_of_a_topic(string language)
    {
        // Of what Spanish texts say, that name alone cannot be written otherwise.
        foreach (var text in Everything(language).Where(t => !t.Contains("Boletín", StringComparison.Ordinal)))
            Assert.True(SmsSegments.Count(text) is { Encoding: SmsEncoding.Gsm7 }, Forced(text));
    }

    [Theory]
    [InlineData("es"), InlineData("pt"), InlineData("pl"), InlineData("tr")]
    public void R56_Where_a_text_needs_letters_that_GSM_7_lacks_no_mark_besides_them_is_one(string language)
    {
        foreach (var text in Everything(language, "Parcel Post"))
            Assert.True(SmsSegments.Count(text).Forcing.All(c => char.IsLetter(c[0])), Forced(text));
    }

    [Fact]
    public void R56_Marks_of_print_are_plain_in_a_text_that_they_alone_would_make_dear_and_stay_where_letters_do()
    {
        Assert.Equal(
            "\"Lettre d'information\" - l'été... \"oui\": a-b",
            PlainMarks.Of("«\u00A0Lettre d’information\u00A0» – l’été… “oui”:\u202Fa‑b\u200B"));
        Assert.Equal("'n' 'twas \"yes\" - -5 kg", PlainMarks.Of("‘n‚ ʼtwas „yes” — −5\u2009k\u00ADg\uFEFF"));
        Assert.Equal("Zażółć “gęślą” – jaźń", PlainMarks.Of("Zażółć “gęślą” – jaźń"));
        Assert.Equal("Lettre d’information", ConsentTexts.For("fr").NameOf(World.Topics.Find(TopicKey.Newsletter)!));
    }

    /// <summary>Everything that is texted in a language, as it leaves.</summary>
    private static IEnumerable<string> Everything(string language, string? brand = null)
    {
        var sender = brand is null ? Sender : new SenderOptions { Name = brand };
        var id = World.Ids.Derive(World.Ring.KeyOf(Phone), "one");
        var names = ConsentTexts.For(language);
        string[] topics = [TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates];
        foreach (var twoWay in new[] { true, false })
        {
            var options = new SmsOptions { TwoWay = twoWay, MessagesPerMonth = twoWay ? 4 : 0 };
            var renderer = new Renderer(new DefaultTemplates(), World.Links, sender, World.Topics, options);
            string Sent(SendRequest request, AddressState? state = null) =>
                renderer.Sms(request with { Locale = language }, id, World.Topics.Of(request.Topic), state).Text;

            foreach (var topic in topics)
            {
                yield return Sent(World.Request(Phone, topic));
                yield return Sent(World.Request(Phone, topic) with { Purpose = MessagePurpose.Confirmation });
            }

            yield return Sent(World.Request(Phone, topics[1]), With(topics[1], SubscriptionStatus.Subscribed, id.Suffix));
            yield return Sent(
                World.Request(Phone, topics[0]) with { Purpose = MessagePurpose.Confirmation, AlsoTopics = [topics[1]] },
                With(topics[1], SubscriptionStatus.Pending));
            var package = World.Request(Phone, TopicKey.PackageUpdates) with { TrackingNumber = PackagesWorld.Number };
            yield return Sent(package with { Purpose = MessagePurpose.Confirmation });
            foreach (var status in PackageTexts.For(language).Words.Keys.Where(k => k.StartsWith("title.", StringComparison.Ordinal)))
                yield return Sent(package with
                {
                    Data = JsonSerializer.SerializeToElement(
                        new { status = status["title.".Length..].Split('_')[0], subStatus = status["title.".Length..] }),
                });

            if (Notifications.Web.Pages.Texts.Find(language) is { } page)
                yield return Sent(Answer(sender.Name + ": " + page.FindMessage.Replace("{link}", "https://e.eu", StringComparison.Ordinal)));
            var replies = new SmsReplies(options, sender);
            using var keys = SmsData.Open("replies");
            foreach (var key in keys.RootElement.GetProperty(language).EnumerateObject().Select(t => t.Name))
                foreach (var topic in topics.Select(t => names.NameOf(World.Topics.Find(t)!)).Append($"{names.Shared["label.Package"]} RR1"))
                    yield return Sent(Answer(replies.Write(key, language, $"1 {topic}", topic)));
        }

        static SendRequest Answer(string text) => World.Request(Phone, TopicKey.PackageUpdates) with
        {
            Purpose = MessagePurpose.Reply,
            Content = new MessageContent(null, text, null),
        };
    }

    private static AddressState With(string topic, SubscriptionStatus status, string? introducedBy = null) =>
        ConsentDesk.Blank(Phone).With(new Subscription(topic, status, World.Time.GetUtcNow(), "form", IntroducedBy: introducedBy));

    private static string Forced(string text) => $"{string.Join(' ', SmsSegments.Count(text).Forcing)} in: {text}";
}
