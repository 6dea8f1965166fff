namespace Notifications.Web.Pages;

/// <summary>
/// Every word of the public pages, in one place. What stands in braces is filled in by <see cref="Fill(string, string, string)"/>. Another language is
/// another value of this record.
/// </summary>
internal sealed record Texts
{
    public string Language { get; init; } = "en";
    public string Direction { get; init; } = "ltr";

    public string ByEmail { get; init; } = "by email";
    public string BySms { get; init; } = "by text message";
    public string ThisEmail { get; init; } = "this email address";
    public string ThisPhone { get; init; } = "this phone number";

    public string StopTitle { get; init; } = "Unsubscribe";
    public string StopTopicHeading { get; init; } = "Stop {what}?";
    public string StopAllHeading { get; init; } = "Stop all messages?";
    public string StopIntro { get; init; } = "Choose what should stop for {address}.";
    public string StopPackage { get; init; } = "Updates of package {number}";
    public string StopPackageHint { get; init; } = "Other packages you follow are not touched.";
    public string StopAllPackages { get; init; } = "All package updates";
    public string StopAllPackagesHint { get; init; } = "For every package, now and later.";
    public string StopOnlyTopicHint { get; init; } = "Only this. Everything else stays as it is.";
    public string StopEverything { get; init; } = "Everything {channel}";
    public string StopEverythingHint { get; init; } = "Newsletters, promotions and package updates alike.";
    public string StopButton { get; init; } = "Unsubscribe";
    public string StopNote { get; init; } = "This takes effect at once. You need no account, and we ask nothing else.";

    public string StoppedHeading { get; init; } = "You are unsubscribed";
    public string StoppedTopic { get; init; } = "{address} will get no more of this: {what}.";
    public string StoppedAll { get; init; } = "{address} will get no more messages from us.";
    public string StoppedNow { get; init; } = "It holds from this moment. A message that was already handed over for delivery may still arrive.";
    public string StillOn { get; init; } = "You still get";
    public string ChangeMind { get; init; } = "Not what you wanted?";
    public string ToPreferences { get; init; } = "See and change all my preferences";

    public string PreferencesTitle { get; init; } = "Your preferences";
    public string PreferencesIntro { get; init; } = "What we send to {address}.";
    public string Subscribed { get; init; } = "On";
    public string Unsubscribed { get; init; } = "Off";
    public string Pending { get; init; } = "Waiting for your confirmation";
    public string Never { get; init; } = "Not chosen";
    public string Since { get; init; } = "since {date}";
    public string Stop { get; init; } = "Stop";
    public string Start { get; init; } = "Subscribe";
    public string StopNamed { get; init; } = "Stop {what}";
    public string StartNamed { get; init; } = "Subscribe to {what}";
    public string StopAllSection { get; init; } = "Stop everything";
    public string StopAllText { get; init; } = "One click, and nothing more reaches {address}.";
    public string StopAllButton { get; init; } = "Stop everything {channel}";
    public string AllStopped { get; init; } = "Everything is stopped.";
    public string AllStoppedText { get; init; } = "You can take that back: what you had chosen before then holds again.";
    public string ResumeButton { get; init; } = "Take the stop back";
    public string Blocked { get; init; } = "Nothing is sent to this address at present, whatever is chosen here.";
    public string Saved { get; init; } = "Saved.";
    public string SavedPending { get; init; } = "Nearly there: we have sent you a message, please confirm it.";
    public string Unchanged { get; init; } = "Nothing had to be changed.";
    public string ConsentWording { get; init; } = "Subscribe to {what}: {description}";

    public string ConfirmTitle { get; init; } = "Confirm";
    public string ConfirmHeading { get; init; } = "Get {what}?";
    public string ConfirmIntro { get; init; } = "Confirm that {address} should get this.";
    public string ConfirmButton { get; init; } = "Yes, confirm";
    public string ConfirmNote { get; init; } = "If you did not ask for it, close this page: nothing will be sent. You can stop at any time.";
    public string ConfirmedHeading { get; init; } = "Confirmed, thank you";
    public string ConfirmedText { get; init; } = "{address} now gets this: {what}.";
    public string NothingPendingHeading { get; init; } = "There is nothing to confirm";
    public string NothingPendingText { get; init; } = "The request has ended or was taken back. Nothing was changed.";

    public string NotFoundHeading { get; init; } = "This link does not work";
    public string NotFoundText { get; init; } = "It may have been cut off on its way. Please use the whole link from your message. Nothing was changed.";
    public string NoChoiceHeading { get; init; } = "Nothing was changed";
    public string NoChoiceText { get; init; } = "The request did not say what to do. Please open the link from your message and use the button on the page.";
    public string TooManyHeading { get; init; } = "Please wait a moment";
    public string TooManyText { get; init; } = "Too many broken links were opened from your network. Try again in a minute.";
    public string UnavailableHeading { get; init; } = "We could not save that";
    public string UnavailableText { get; init; } = "Nothing was changed yet. Please try again in a few seconds.";

    /// <summary>What there is today.</summary>
    public static readonly Texts English = new();

    public static string Fill(string text, string name, string value) => text.Replace("{" + name + "}", value, StringComparison.Ordinal);
}
