using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Pages;

namespace Notifications.Tests.Pages;

/// <summary>Every word of the pages in every language, and which language a person reads.</summary>
public sealed partial class LanguageTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly System.Reflection.PropertyInfo[] Keys =
        [
            .. typeof(Texts)
                .GetProperties()
                .Where(p => p.PropertyType == typeof(string) && p.CanWrite && p.Name is not nameof(Texts.Language)),
        ];

    [Fact]
    public void R59_A_sentence_about_an_address_of_which_only_the_key_is_known_is_one_in_every_language()
    {
        foreach (var texts in Texts.All)
        {
            foreach (var key in Keys.Where(k => Holes((string)k.GetValue(texts)!).Contains("{address}")))
            {
                foreach (var name in (string[])[texts.ThisEmail, texts.ThisPhone])
                {
                    var said = Texts.Fill((string)key.GetValue(texts)!, "address", name);
                    Assert.False(char.IsLower(said[0]), $"{texts.Language}: {said}");
                    Assert.DoesNotMatch(@"\. \p{Ll}", said);
                    Assert.DoesNotMatch(@"[\u3040-\u9FFF] [\u3040-\u9FFF]", said);
                    Assert.DoesNotMatch(@"(?<!\S)(\S+) \1(?!\S)", said); // No word twice.
                }
            }
        }

        Assert.Equal("a•••@example.com への配信", Texts.Fill("{address} への配信", "address", "a•••@example.com"));
    }

    [Fact]
    public void R59_A_heading_that_asks_about_a_topic_has_its_name_in_quotation_marks_and_no_language_has_two_words_for_a_package()
    {
        foreach (var texts in Texts.All)
            foreach (var heading in (string[])[texts.StopTopicHeading, texts.ConfirmHeading])
                Assert.Matches("[“„«‘「”]\u00A0?{what}\u00A0?[”“»’」]", heading);
        foreach (var (language, other) in new[]
        {
            ("pt", "acote"), ("ar", "شحن"), ("ja", "フォロー"), ("tr", @"\b[iİ]zle"), ("de", @"denen Sie folgen|[Pp]aket (zu )?(ge)?folg[et]"),
            ("fr", "ouvelles d\\w+ (vos )?colis"), ("it", @"\b[Ff]erm[aio]|ovità dei"), ("nl", "erug(ge)?nomen|nieuwe voorwaarden"),
            ("ko", "팔로우"), ("zh-Hant", "關注"),
        })
        {
            Assert.All(Keys, k => Assert.DoesNotMatch(other, (string)k.GetValue(Texts.Find(language))!));
            Assert.DoesNotMatch(other, PackageTexts.For(language)["why"]);
        }
    }

    [Fact]
    public void R59_Italian_and_dutch_address_a_person_formally_in_pages_and_messages_alike()
    {
        foreach (var (language, familiar) in new[]
        {
            ("it", @"\b([Tt]u|[Tt]e|[Tt]u[oaei]|sei|[Rr]icevi|[Rr]ispondi|[Ii]scriviti)\b"), ("nl", @"\b([Jj]e|[Jj]ij|[Jj]ou|[Jj]ouw)\b"),
        })
        {
            using var replies = Notifications.Sms.SmsData.Open("replies");
            var consent = ConsentTexts.For(language);
            Assert.All(
                [
                    .. Keys.Select(k => (string)k.GetValue(Texts.Find(language))!), .. PackageTexts.For(language).Words.Values,
                    .. consent.Keys.Select(k => consent[k]), .. Notifications.Templates.LayoutWords.All[language].Values,
                    .. replies.RootElement.GetProperty(language).EnumerateObject().Select(t => t.Value.GetString()!),
                ],
                text => Assert.DoesNotMatch(familiar, text));
        }
    }

    [Fact]
    public void R59_Where_the_word_for_an_address_is_that_of_a_house_or_of_a_mailbox_it_stands_for_no_phone_number()
    {
        foreach (var (language, house) in new[]
        {
            ("ja", "(?<!メール|IP)アドレス"), ("ko", "(?<!이메일 |IP )주소"), ("zh-Hans", "(?<!电子邮件|IP )地址"), ("zh-Hant", "(?<!電子郵件)地址"),
            ("ar", "عنوان(?! البريد| بريد| IP)"),
        })
        {
            Assert.All(
                Keys.Where(k => k.Name is not nameof(Texts.FindIntro)),
                k => Assert.DoesNotMatch(house, (string)k.GetValue(Texts.Find(language))!));
        }
    }

    [Fact]
    public void R59_No_line_of_a_french_page_begins_with_its_punctuation()
    {
        var french = Texts.Find("fr")!;
        // That message is a text too, where such a space would cost another encoding.
        foreach (var key in Keys.Where(k => k.Name != nameof(Texts.FindMessage)))
            Assert.DoesNotMatch("« | [:;?!»]", (string)key.GetValue(french)!);
        Assert.Equal(
            Notifications.Sms.SmsEncoding.Gsm7,
            Notifications.Sms.SmsSegments.Count(Texts.Fill(french.FindMessage, "link", "https://example.com")).Encoding);
    }

    [Fact]
    public void R59_What_says_that_no_more_comes_does_not_read_in_french_as_that_more_does() =>
        Assert.DoesNotMatch("(^|[.] )Plus de ", Texts.Find("fr")!.SavedStop);

    [Fact]
    public void R59_Everything_by_email_is_said_without_brackets_where_the_words_stand_the_other_way_round_and_no_date_is_set_apart()
    {
        foreach (var texts in Texts.All.Where(t => t.Language is "ja" or "ko" or "zh-Hans" or "zh-Hant"))
        {
            foreach (var channel in (string[])[texts.ByEmail, texts.BySms])
                foreach (var text in (string[])[texts.StopEverything, texts.StopAllButton, texts.StoppedChannel])
                    Assert.DoesNotMatch("[(（]", Texts.Fill(text, "channel", channel));
            foreach (var text in (string[])[
                texts.Paused, texts.OnPaused, texts.Since, texts.DataStopped, texts.DataBlocked, texts.DataRestricted,
            ])
            {
                Assert.DoesNotMatch(
                    @"[\u3040-\u9FFF] [\u3040-\u9FFF]", Texts.Fill(text, "date", texts.Date(DateTimeOffset.UnixEpoch)));
            }
        }
    }

    [Fact]
    public void R26_What_is_agreed_to_names_no_number_of_messages_that_no_setting_holds()
    {
        Assert.All(new TopicCatalog().All, t => Assert.DoesNotMatch("once|month|week", t.Description));
        foreach (var texts in Texts.All)
            foreach (var topic in new TopicCatalog().All)
                Assert.DoesNotMatch(@"\d|mal im|al mes|par mois|al mese|per maand|miesiąc|por mês|месяц|ayda|الشهر|한 달|每月", texts.Describe(topic));
    }

    [Fact]
    public void R59_Every_language_of_the_messages_has_every_text_with_the_same_placeholders()
    {
        Assert.Equal(16, Texts.All.Count());
        Assert.Equal(PackageTexts.Languages.Order(), Texts.All.Select(t => t.Language).Order());
        Assert.True(Keys.Length > 100);
        foreach (var texts in Texts.All)
        {
            foreach (var key in Keys)
            {
                var text = (string)key.GetValue(texts)!;
                Assert.False(string.IsNullOrWhiteSpace(text), $"{texts.Language}: {key.Name} is empty");
                Assert.True(
                    Holes((string)key.GetValue(Texts.English)!).SequenceEqual(Holes(text)),
                    $"{texts.Language}: {key.Name} fills in {string.Join(' ', Holes(text))}");
            }

            if (texts.Language != "en")
                Assert.True(
                    Keys.Count(k => (string)k.GetValue(texts)! == (string)k.GetValue(Texts.English)!) <= 5,
                    $"{texts.Language} is not translated");
        }
    }

    [Fact]
    public void R59_A_sentence_that_ends_in_a_date_ends_in_one_full_stop_in_every_language()
    {
        foreach (var texts in Texts.All)
            foreach (var text in (string[])[
                texts.Paused, texts.Since, texts.DataStopped, texts.DataBlocked, texts.DataRestricted, texts.DataAsOf,
            ])
            {
                Assert.DoesNotContain(
                    "..", Texts.Fill(text, "date", texts.Date(new DateTimeOffset(2026, 12, 29, 0, 0, 0, TimeSpan.Zero))),
                    StringComparison.Ordinal);
            }

        var russian = Texts.Find("ru")!;
        Assert.EndsWith("г.", Texts.Fill(russian.Paused, "date", russian.Date(DateTimeOffset.UnixEpoch)), StringComparison.Ordinal);
        Assert.Equal("Since May.", Texts.Fill("Since {date}.", "date", "May"));
    }

    [Fact]
    public void R59_A_file_that_lacks_a_text_or_has_one_too_many_does_not_load()
    {
        var whole = JsonSerializer.Serialize(Texts.English, TextsJson.Default.Texts);
        Assert.Equal("Yes, confirm", JsonSerializer.Deserialize(whole, TextsJson.Default.Texts)!.ConfirmButton);
        Assert.Throws<JsonException>(
            () =>
                JsonSerializer.Deserialize(
                    whole.Replace("\"undo\":\"Undo\"", "\"undoes\":\"Undo\"", StringComparison.Ordinal), TextsJson.Default.Texts));
        Assert.Throws<JsonException>(
            () => JsonSerializer.Deserialize(whole.Replace(",\"undo\":\"Undo\"", "", StringComparison.Ordinal), TextsJson.Default.Texts));
    }

    [Fact]
    public void Every_text_is_used_by_a_page()
    {
        var source =
            string.Concat(
                Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Notifications.Web"), "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.EndsWith("Texts.cs", StringComparison.Ordinal) && !f.Contains("obj", StringComparison.Ordinal))
                .Select(File.ReadAllText))
                + string.Concat(Regex.Matches(
                    Repository.Read("src", "Notifications.Web", "Pages", "Texts.cs"),
                    "English\\.\\w+|DatePattern, Culture").Select(
                        m => m.Value.Replace(
                            "English.", " texts.",
                            StringComparison.Ordinal).Replace("DatePattern", " texts.DatePattern", StringComparison.Ordinal)));
        Assert.All(Keys, key => Assert.Matches($@"\b(texts|t|Texts\.English)\.{key.Name}\b", source));
    }

    [Theory]
    [InlineData("de-AT, en;q=0.5", "de", "ltr", "Anmelden")]
    [InlineData("xx, ar;q=0.9, en;q=0.1", "ar", "rtl", "الاشتراك")]
    [InlineData("zh-TW", "zh-Hant", "ltr", "訂閱")]
    [InlineData("sv-SE,sv;q=0.9,en;q=0.8", "sv", "ltr", "Anmäl dig")]
    [InlineData("nb, da;q=0.9, en;q=0.8", "en", "ltr", "Sign up")] // Neighbours of Swedish are not it.
    [InlineData("en;q=0, ja", "ja", "ltr", "登録")]
    [InlineData("xx", "en", "ltr", "Sign up")]
    [InlineData("not a language;;;", "en", "ltr", "Sign up")]
    public async Task R59_A_page_speaks_the_browsers_language_and_says_so(string accept, string language, string direction, string heading)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/subscribe");
        request.Headers.TryAddWithoutValidation("Accept-Language", accept);
        using var answer = await product.Anonymous.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Contains($"<html lang=\"{language}\" dir=\"{direction}\">", body, StringComparison.Ordinal);
        Assert.Contains($"<h1>{heading}</h1>", body, StringComparison.Ordinal);
        Assert.Equal(language, answer.Content.Headers.ContentLanguage.Single());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.DoesNotContain("<script", body, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Holes(string text) => Hole().Matches(text).Select(m => m.Value).Order(StringComparer.Ordinal);

    [GeneratedRegex("\\{\\w+\\}")]
    private static partial Regex Hole();
}
