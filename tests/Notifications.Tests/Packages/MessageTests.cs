using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

public partial class MessageTests
{
    private static readonly string[] Wanted =
        ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "zh-Hans", "zh-Hant"];

    public static TheoryData<string> Languages => [.. Wanted];

    [Fact]
    public void Every_language_has_every_text_and_fills_in_what_the_English_one_fills_in()
    {
        Assert.Equal(Wanted, PackageTexts.Languages.Order(StringComparer.Ordinal));
        var english = PackageTexts.For("en");
        foreach (var texts in PackageTexts.Languages.Select(PackageTexts.For))
        {
            Assert.Equal(english.Words.Keys.Order(StringComparer.Ordinal), texts.Words.Keys.Order(StringComparer.Ordinal));
            foreach (var (key, text) in texts.Words)
            {
                Assert.False(string.IsNullOrWhiteSpace(text), $"{texts.Language} {key}");
                Assert.Equal(Braces().Matches(english[key]).Select(m => m.Value), Braces().Matches(text).Select(m => m.Value));
            }
        }
    }

    [Fact]
    public void R59_What_has_become_of_a_package_agrees_with_the_Arabic_word_for_it_which_is_masculine()
    {
        var arabic = PackageTexts.For("ar");
        foreach (var (key, text) in arabic.Words.Where(w => w.Key.StartsWith("title.", StringComparison.Ordinal) || w.Key == "stage.1"))
            Assert.False(text.Split(' ')[0] is ['خ' or 'أ', .., 'ت'] || text.EndsWith('ة') || text.StartsWith("جاهزة", StringComparison.Ordinal), key);
    }

    [Fact]
    public void Every_status_that_is_told_has_a_title()
    {
        foreach (var rule in StatusTable.Default.Rules.Where(r => r.Announce))
            Assert.True(PackageTexts.For("en").Words.ContainsKey("title." + rule.Key), rule.Key);
    }

    [Theory]
    [InlineData("de-AT", "de")]
    [InlineData("zh-TW", "zh-Hant")]
    [InlineData("zh", "zh-Hans")]
    [InlineData("zh-Hans-HK", "zh-Hans")]
    [InlineData("pt-BR", "pt")]
    [InlineData("xx", "en")]
    [InlineData(null, "en")]
    public void A_language_tag_finds_the_nearest_language(string? tag, string expected) =>
        Assert.Equal(expected, PackageTexts.For(tag).Language);

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task R51_A_package_text_names_the_sender_and_the_stop_word_and_fits_one_segment(string language)
    {
        foreach (var rule in StatusTable.Default.Rules.Where(r => r.Announce))
        {
            var world = new PackagesWorld();
            var phone = CoreProduct.Phone("+4915112345678");
            await world.Watches.WatchAsync(
                new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), phone, "app", "service:test") { Locale = language }, default);
            await world.HappensAsync("e1", rule.Status, rule.Sub);
            await world.PumpAsync();
            var text = Assert.Single(world.Outbox.Texts).Text;
            var colon = Notifications.Sms.PlainMarks.Of(PackageTexts.For(language).Colon);
            Assert.StartsWith($"{Mark(language)}Parcel Post{colon}{PackagesWorld.Number}", text, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"[\u3040-\u9FFF]\.", text); // Their full stop is wide.
            Assert.Contains("STOP", text, StringComparison.Ordinal);
            Assert.True(FitsOneSegment(text), $"{text.Length}: {text}");
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task R24_A_package_email_tells_the_news_with_its_stages_and_how_to_stop_and_nothing_else(string language)
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com", with: r => r with { Locale = language });
        await world.HappensAsync(
            "e1", ParcelStatus.OutForDelivery, at: new DateTimeOffset(2026, 11, 24, 15, 30, 0, TimeSpan.FromHours(8)),
            description: "With courier <7>", location: "Köln & Bonn");
        await world.PumpAsync();
        var email = Assert.Single(world.Outbox.Emails);
        var texts = PackageTexts.For(language);
        Assert.Equal($"{texts["title.OutForDelivery"]}{texts.Colon}{PackagesWorld.Number}", email.Subject);
        Assert.Contains($"<html lang=\"{language}\" dir=\"{(language == "ar" ? "rtl" : "ltr")}\">", email.Html, StringComparison.Ordinal);
        Assert.Equal(4, Regex.Count(email.Html, "class=\"step "));
        Assert.Equal(2, Regex.Count(email.Html, "class=\"step done\""));
        Assert.Single(Regex.Matches(email.Html, "class=\"step now\""));
        Assert.Contains("With courier &lt;7&gt;", email.Html, StringComparison.Ordinal);
        foreach (var part in (string[])[email.Text, System.Net.WebUtility.HtmlDecode(email.Html)])
        {
            Assert.Contains("15:30 (UTC+08)", part, StringComparison.Ordinal);
            Assert.Contains("2026", part, StringComparison.Ordinal);
            Assert.Contains("Köln & Bonn", part, StringComparison.Ordinal);
            Assert.Contains(texts["stop"], part, StringComparison.Ordinal);
            Assert.Contains("/u/", part, StringComparison.Ordinal);
            Assert.Contains(
                texts["why"].Replace("{number}", PackagesWorld.Number, StringComparison.Ordinal), part, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("{{", email.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "http", email.Html.Replace("https://mail.example.com/", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("parcels@example.com", email.From);
    }

    [Fact]
    public void A_bare_UTC_time_is_put_into_the_persons_zone()
    {
        var data = JsonSerializer.SerializeToElement(new { status = "Delivered", occurredAt = "2026-07-01T10:00:00Z" });
        Assert.Equal("Wednesday, July 1, 2026, 12:00 (UTC+02)", PackageView.Of("JD0002", data, "en", "Europe/Berlin", "P")["time"]);
        Assert.Equal("Wednesday, July 1, 2026, 10:00 (UTC)", PackageView.Of("JD0002", data, "en", null, "P")["time"]);
    }

    [Theory]
    [InlineData("out-for-delivery", ParcelStatus.OutForDelivery, null)]
    [InlineData("Delivered", ParcelStatus.Delivered, null)]
    [InlineData("exception_returned", ParcelStatus.Exception, "Exception_Returned")]
    [InlineData("lost", ParcelStatus.Exception, "Exception_Lost")]
    [InlineData("shipped", ParcelStatus.InTransit, null)]
    public void A_status_is_read_in_any_spelling(string text, ParcelStatus status, string? sub)
    {
        Assert.True(StatusTable.Default.TryRead(text, out var read, out var readSub));
        Assert.Equal((status, sub), (read, readSub));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("sold")]
    [InlineData("Sold_Out")]
    public void What_is_no_status_is_refused(string text) => Assert.False(StatusTable.Default.TryRead(text, out _, out _));

    [Fact]
    public async Task A_message_that_a_service_queues_itself_reads_the_same()
    {
        var world = new PackagesWorld();
        await world.WatchAsync("ana@example.com");
        await world.Get<SendQueue>().EnqueueAsync(new SendRequest
        {
            Id = world.Get<MessageIds>().New(world.KeyOf("ana@example.com")).ToString(),
            Channel = Channel.Email,
            To = "ana@example.com",
            Topic = "package-updates",
            TrackingNumber = PackagesWorld.Number,
            Data = JsonSerializer.SerializeToElement(new { description = "Your parcel is having tea" }),
            AcceptedAt = world.Clock.GetUtcNow(),
        }, default);
        await world.PumpAsync();
        Assert.Equal($"Your parcel is having tea: {PackagesWorld.Number}", Assert.Single(world.Outbox.Emails).Subject);
    }

    // GSM 03.38, without the extension table: none of our words needs it.
    // Without it the sender's name would turn an Arabic line round.
    private static string Mark(string language) => language == "ar" ? "\u200F" : "";

    private static bool FitsOneSegment(string text) =>
        text.Length <= 70
            || (text.Length <= 160
                && text.All(
                    c => c is >= ' ' and <= 'Z' or >= 'a' and <= 'z'
                        || "@£$¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüà\n_".Contains(c, StringComparison.Ordinal)));

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Braces();
}
