using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Notifications.Consent;
using Notifications.Packages;

namespace Notifications.Web.Pages;

/// <summary>
/// Every word of the public pages in one language, from <c>Languages/*.json</c>. A file that lacks a text or has one too many does not
/// load. What stands in braces is filled in by <see cref="Fill"/>.
/// </summary>
internal sealed partial record Texts
{
    private static readonly Dictionary<string, Texts> ByLanguage = Load();

    // What stands for an address of which only the key is known.
    private static readonly HashSet<string> Unnamed = [.. ByLanguage.Values.SelectMany(t => new[] { t.ThisEmail, t.ThisPhone })];

    /// <summary>English.</summary>
    public static Texts English => ByLanguage["en"];

    /// <summary>Every language there is, English first.</summary>
    public static IEnumerable<Texts> All => ByLanguage.Values;

    [JsonIgnore]
    public string Language { get; private set; } = "en";

    [JsonIgnore]
    public string Direction => Culture.TextInfo.IsRightToLeft ? "rtl" : "ltr";

    /// <summary>
    /// An address as it stands among words that run the other way: without this the plus of a phone number goes to its end.
    /// </summary>
    public string Isolate(string address) => Culture.TextInfo.IsRightToLeft ? $"\u2068{address}\u2069" : address;

    /// <summary>
    /// What a text message begins with: a name in Latin letters before words that run the other way would turn their line round.
    /// </summary>
    [JsonIgnore]
    public string Mark => Culture.TextInfo.IsRightToLeft ? "\u200F" : "";

    /// <summary>What stands between two sentences.</summary>
    [JsonIgnore]
    public string Gap => PackageTexts.For(Language).Gap;

    /// <summary>What stands between a name and what is said of it.</summary>
    [JsonIgnore]
    public string Colon => PackageTexts.For(Language).Colon;

    /// <summary>What ends a sentence.</summary>
    [JsonIgnore]
    public string FullStop => PackageTexts.For(Language).Stop.TrimEnd(' ');

    /// <summary>Formats dates by the Gregorian calendar.</summary>
    [JsonIgnore]
    public CultureInfo Culture => PackageTexts.For(Language).Culture;

    public required string ByEmail { get; init; }
    public required string BySms { get; init; }
    public required string ThisEmail { get; init; }
    public required string ThisPhone { get; init; }
    public required string StopTitle { get; init; }
    public required string StopTopicHeading { get; init; }
    public required string StopPackageHeading { get; init; }
    public required string StopAllHeading { get; init; }
    public required string StopIntro { get; init; }
    public required string StopPackage { get; init; }
    public required string StopPackageHint { get; init; }
    public required string StopAllPackages { get; init; }
    public required string StopAllPackagesHint { get; init; }
    public required string StopOnlyTopicHint { get; init; }
    public required string StopEverything { get; init; }
    public required string StopEverythingHint { get; init; }
    public required string StopButton { get; init; }
    public required string StopNote { get; init; }
    public required string StoppedHeading { get; init; }
    public required string StoppedTopic { get; init; }
    public required string StoppedAll { get; init; }
    public required string StoppedNow { get; init; }
    public required string StoppedFormer { get; init; }
    public required string StoppedChannel { get; init; }
    public required string StillOn { get; init; }
    public required string StillPackages { get; init; }
    public required string ChangeMind { get; init; }
    public required string ToPreferences { get; init; }
    public required string BackToPage { get; init; }
    public required string PreferencesTitle { get; init; }
    public required string PreferencesIntro { get; init; }
    public required string Subscribed { get; init; }
    public required string Unsubscribed { get; init; }
    public required string Pending { get; init; }
    public required string PolicyOutdated { get; init; }
    public required string ReviewWaits { get; init; }
    public required string Never { get; init; }
    public required string OnPaused { get; init; }
    public required string ChosenSilent { get; init; }
    public required string Since { get; init; }
    public required string Stop { get; init; }
    public required string Start { get; init; }
    public required string Again { get; init; }
    public required string StopNamed { get; init; }
    public required string StartNamed { get; init; }
    public required string StopAllSection { get; init; }
    public required string StopAllText { get; init; }
    public required string StopAllEmails { get; init; }
    public required string StopAllPhones { get; init; }
    public required string StopAllButton { get; init; }
    public required string AllStopped { get; init; }
    public required string AllStoppedText { get; init; }
    public required string AllStoppedHere { get; init; }
    public required string ResumeButton { get; init; }
    public required string Blocked { get; init; }
    public required string BlockedBounce { get; init; }
    public required string BlockedComplaint { get; init; }
    public required string BlockedContact { get; init; }
    public required string Saved { get; init; }
    public required string SavedPending { get; init; }
    public required string SavedLater { get; init; }
    public required string Unchanged { get; init; }
    public required string ConsentWording { get; init; }
    public required string ConfirmTitle { get; init; }
    public required string ConfirmHeading { get; init; }
    public required string ConfirmIntro { get; init; }
    public required string ConfirmButton { get; init; }
    public required string ConfirmNote { get; init; }
    public required string ConfirmStops { get; init; }
    public required string ConfirmedHeading { get; init; }
    public required string ConfirmedText { get; init; }
    public required string ConfirmedNoted { get; init; }
    public required string AlreadyHeading { get; init; }
    public required string NothingPendingHeading { get; init; }
    public required string NothingPendingText { get; init; }
    public required string NotFoundHeading { get; init; }
    public required string NotFoundText { get; init; }
    public required string NoChoiceHeading { get; init; }
    public required string NoChoiceText { get; init; }
    public required string TooManyHeading { get; init; }
    public required string TooManyText { get; init; }
    public required string UnavailableHeading { get; init; }
    public required string UnavailableText { get; init; }
    public required string PackageUpdatesHint { get; init; }
    public required string PromotionsHint { get; init; }
    public required string NewsletterHint { get; init; }
    public required string SubscribeTitle { get; init; }
    public required string SubscribeIntro { get; init; }
    public required string FollowHeading { get; init; }
    public required string EmailSection { get; init; }
    public required string SmsSection { get; init; }
    public required string EmailLabel { get; init; }
    public required string PhoneLabel { get; init; }
    public required string PhoneHint { get; init; }
    public required string PackageLabel { get; init; }
    public required string BoxEmail { get; init; }
    public required string BoxSms { get; init; }
    public required string BoxSmsOneWay { get; init; }
    public required string BoxPackage { get; init; }
    public required string FreeChoice { get; init; }
    public required string AgeLegend { get; init; }
    public required string Adult { get; init; }
    public required string Minor { get; init; }
    public required string MinorHeading { get; init; }
    public required string MinorText { get; init; }
    public required string SubscribeButton { get; init; }
    public required string ErrorHeading { get; init; }
    public required string EmailError { get; init; }
    public required string PhoneError { get; init; }
    public required string PhoneLetter { get; init; }
    public required string OursError { get; init; }
    public required string ChoiceError { get; init; }
    public required string AgeError { get; init; }
    public required string PackageError { get; init; }
    public required string PackageFound { get; init; }
    public required string CheckHeading { get; init; }
    public required string CheckText { get; init; }
    public required string CheckTextSms { get; init; }
    public required string BusyText { get; init; }
    public required string FindTitle { get; init; }
    public required string FindIntro { get; init; }
    public required string FindLabel { get; init; }
    public required string FindButton { get; init; }
    public required string FindError { get; init; }
    public required string FoundText { get; init; }
    public required string FindMessage { get; init; }
    public required string PackagesSection { get; init; }
    public required string MarketingSection { get; init; }
    public required string StopMarketing { get; init; }
    public required string StopMarketingText { get; init; }
    public required string PauseText { get; init; }
    public required string PauseDays { get; init; }
    public required string Days { get; init; }
    public required string Paused { get; init; }
    public required string PauseEnd { get; init; }
    public required string DetailsSection { get; init; }
    public required string NameLabel { get; init; }
    public required string NameError { get; init; }
    public required string LanguageLabel { get; init; }
    public required string TimeZoneLabel { get; init; }
    public required string SaveButton { get; init; }
    public required string ZoneError { get; init; }
    public required string ChangeEmail { get; init; }
    public required string ChangePhone { get; init; }
    public required string ChangeText { get; init; }
    public required string ChangeApart { get; init; }
    public required string ChangeButton { get; init; }
    public required string ChangeDone { get; init; }
    public required string ChangeNothing { get; init; }
    public required string ChangePackages { get; init; }
    public required string PackagesBusy { get; init; }
    public required string AskedOften { get; init; }
    public required string DisableSection { get; init; }
    public required string DisableText { get; init; }
    public required string DisableButton { get; init; }
    public required string AccountDisabled { get; init; }
    public required string EnableButton { get; init; }
    public required string Undo { get; init; }
    public required string SavedStop { get; init; }
    public required string RightsSection { get; init; }
    public required string ExportSection { get; init; }
    public required string ExportText { get; init; }
    public required string ExportRead { get; init; }
    public required string ExportDownload { get; init; }
    public required string ElsewhereText { get; init; }
    public required string ExportNote { get; init; }
    public required string ObjectSection { get; init; }
    public required string ObjectText { get; init; }
    public required string ObjectTextAlone { get; init; }
    public required string ObjectButton { get; init; }
    public required string ObjectDone { get; init; }
    public required string ObjectDoneAlone { get; init; }
    public required string RestrictSection { get; init; }
    public required string RestrictText { get; init; }
    public required string RestrictButton { get; init; }
    public required string Restricted { get; init; }
    public required string RestrictedContact { get; init; }
    public required string LiftButton { get; init; }
    public required string LiftHeading { get; init; }
    public required string LiftText { get; init; }
    public required string LiftTextSilent { get; init; }
    public required string Lifted { get; init; }
    public required string LiftedSilent { get; init; }
    public required string Keep { get; init; }
    public required string EraseSection { get; init; }
    public required string EraseText { get; init; }
    public required string EraseButton { get; init; }
    public required string EraseHeading { get; init; }
    public required string EraseFinal { get; init; }
    public required string EraseGoesTitle { get; init; }
    public required string EraseGoes { get; init; }
    public required string EraseStaysTitle { get; init; }
    public required string EraseStays { get; init; }
    public required string EraseNow { get; init; }
    public required string ErasedHeading { get; init; }
    public required string ErasedText { get; init; }
    public required string SubscribeOther { get; init; }
    public required string Undone { get; init; }
    public required string Unpaused { get; init; }
    public required string UnpausedSilent { get; init; }
    public required string AccountEnabled { get; init; }
    public required string AccountEnabledSilent { get; init; }
    public required string DailyOff { get; init; }
    public required string DailyOn { get; init; }
    public required string DailyButton { get; init; }
    public required string EachButton { get; init; }
    public required string BoxDaily { get; init; }
    public required string ConfirmSeveral { get; init; }
    public required string AlsoWaiting { get; init; }
    public required string DataTitle { get; init; }
    public required string DataAsOf { get; init; }
    public required string DataRecipients { get; init; }
    public required string DataByCloud { get; init; }
    public required string DataByServer { get; init; }
    public required string SaidByPhone { get; init; }
    public required string SaidByLetter { get; init; }
    public required string SaidInPerson { get; init; }
    public required string DataAccount { get; init; }
    public required string DataChoices { get; init; }
    public required string DataHistory { get; init; }
    public required string DataChainHolds { get; init; }
    public required string DataChainBroken { get; init; }
    public required string DataMessages { get; init; }
    public required string DataWritten { get; init; }
    public required string DataTexts { get; init; }
    public required string DataLists { get; init; }
    public required string DataRequests { get; init; }
    public required string DataNone { get; init; }
    public required string DataStopped { get; init; }
    public required string DataBlocked { get; init; }
    public required string DataRestricted { get; init; }
    public required string MsgWaiting { get; init; }
    public required string MsgSkipped { get; init; }
    public required string MsgSent { get; init; }
    public required string MsgDelivered { get; init; }
    public required string MsgFailed { get; init; }
    public required string MsgUnknown { get; init; }
    public required string WhyNight { get; init; }
    public required string WhyOften { get; init; }
    public required string WhyLate { get; init; }
    public required string WhyDuplicate { get; init; }
    public required string WhyStale { get; init; }
    public required string WhyCampaign { get; init; }
    public required string WhyProvider { get; init; }
    public required string WhySpam { get; init; }
    public required string FactPolicy { get; init; }
    public required string FactAt { get; init; }
    public required string FactIp { get; init; }
    public required string FactBrowser { get; init; }
    public required string FactUntil { get; init; }
    public required string FactText { get; init; }
    public required string FactTo { get; init; }
    public required string FactPage { get; init; }
    public required string Yes { get; init; }
    public required string No { get; init; }
    public required string ActOptIn { get; init; }
    public required string ActConfirm { get; init; }
    public required string ActOptOut { get; init; }
    public required string ActStopAll { get; init; }
    public required string ActResume { get; init; }
    public required string ActSuppress { get; init; }
    public required string ActUnsuppress { get; init; }
    public required string ActDisable { get; init; }
    public required string ActEnable { get; init; }
    public required string ActWatch { get; init; }
    public required string ActUnwatch { get; init; }
    public required string ActReview { get; init; }
    public required string ActReviewed { get; init; }
    public required string ActRestrict { get; init; }
    public required string ActUnrestrict { get; init; }
    public required string ActExpire { get; init; }
    public required string ActRectify { get; init; }
    public required string ActObject { get; init; }
    public required string ActPause { get; init; }
    public required string ActUnpause { get; init; }

    /// <summary>The stored language; without one, the first that the browser asks for and we have; else English (R59).</summary>
    public static Texts For(HttpContext http, string? locale = null) =>
        Find(locale) ?? Asked(http).Select(Find).FirstOrDefault(t => t is not null) ?? English;

    /// <summary>The language of a tag, or null.</summary>
    public static Texts? Find(string? tag)
    {
        if (string.IsNullOrEmpty(tag)) return null;
        var language = PackageTexts.For(tag).Language;
        return language == "en" && !tag.StartsWith("en", StringComparison.OrdinalIgnoreCase) ? null : ByLanguage[language];
    }

    private static IEnumerable<string?> Asked(HttpContext http) =>
        http.Request.GetTypedHeaders().AcceptLanguage
            .Where(l => l.Quality is not 0)
            .OrderByDescending(l => l.Quality ?? 1)
            .Take(20)
            .Select(l => l.Value.Value);

    /// <summary>The text with what stands for a name in it.</summary>
    public static string Fill(string text, string name, string value)
    {
        var hole = $"{{{name}}}";
        if (value.EndsWith('.')) text = text.Replace($"{hole}.", value, StringComparison.Ordinal); // As Russian dates do.
        if (!Unnamed.Contains(value)) return text.Replace(hole, value, StringComparison.Ordinal);
        // It may begin a sentence, and beside it Japanese and Chinese have no space as they have beside an address.
        var first = char.ToUpperInvariant(value[0]) + value[1..];
        if (text.StartsWith(hole, StringComparison.Ordinal)) text = first + text[hole.Length..];
        text = text.Replace($". {hole}", $". {first}", StringComparison.Ordinal).Replace(hole, value, StringComparison.Ordinal);
        return Apart().Replace(text, "");
    }

    /// <summary>A topic's name. Those built in are translated; a configured one keeps its own.</summary>
    public string NameOf(Topic topic) => ConsentTexts.For(Language).NameOf(topic);

    /// <summary>Names as a list within a sentence.</summary>
    public string Join(IEnumerable<string> names) => ConsentTexts.For(Language).Join(names);

    /// <summary>What a topic brings, likewise.</summary>
    public string Describe(Topic topic) =>
        topic.Description == English.PackageUpdatesHint
            ? PackageUpdatesHint
            : topic.Description == English.PromotionsHint
                ? PromotionsHint
                : topic.Description == English.NewsletterHint ? NewsletterHint : topic.Description;

    public string Date(DateTimeOffset at) => PackageTexts.For(Language).Date(at);

    [GeneratedRegex(@"(?<=[\u3040-\u9FFF]) (?=[\u3040-\u9FFF])")]
    private static partial Regex Apart();

    private static Dictionary<string, Texts> Load()
    {
        var all = new Dictionary<string, Texts>(StringComparer.Ordinal);
        foreach (var language in PackageTexts.Languages.OrderBy(l => l == "en" ? 0 : 1).ThenBy(l => l, StringComparer.Ordinal))
        {
            // What a message asks about is confirmed on a page: no language has the one without the other.
            using var stream = typeof(Texts).Assembly.GetManifestResourceStream($"Languages.{language}.json")
                ?? throw new InvalidOperationException($"There are messages in {language}, but no pages.");
            var texts = JsonSerializer.Deserialize(stream, TextsJson.Default.Texts)!;
            all.Add(language, texts with { Language = language });
        }

        return all;
    }
}
