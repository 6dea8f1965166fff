using Notifications.Consent;
using Notifications.Sending;

namespace Notifications.Templates;

/// <summary>
/// What templates read as <c>confirm</c>: the words that ask for a confirmation in the person's language, and the names of what was chosen.
/// No advertising (R28).
/// </summary>
internal static class ConfirmationView
{
    /// <param name="chosen">What was chosen in one act.</param>
    /// <param name="locale">The language asked for.</param>
    /// <param name="confirm">The page that confirms.</param>
    /// <param name="stop">The page that stops.</param>
    /// <param name="sender">Who asks, for the contact.</param>
    /// <param name="twoWay">Whether a text can be answered (R50).</param>
    public static Dictionary<string, object?> Of(
        IReadOnlyList<Topic> chosen, string? locale, string confirm, string stop, SenderOptions sender, bool twoWay)
    {
        var texts = ConsentTexts.For(locale);
        var names = chosen.Select(texts.NameOf).ToList();
        string Fill(string key) => texts[key]
            .Replace("{what}", texts.Join(names), StringComparison.Ordinal)
            .Replace("{link}", confirm, StringComparison.Ordinal)
            .Replace("{stop}", stop, StringComparison.Ordinal)
            .Replace("{contact}", sender.Contact, StringComparison.Ordinal);
        return new Dictionary<string, object?>
        {
            ["names"] = names,
            ["subject"] = Fill("subject"),
            ["intro"] = texts["intro"],
            ["heading"] = texts.Shared["confirm.Heading"],
            ["button"] = texts.Shared["confirm.Button"],
            ["ignore"] = texts.Shared["confirm.Ignore"],
            ["sms"] = Fill(twoWay ? "sms" : "smsOneWay"),
            ["language"] = texts.Shared.Language,
            ["direction"] = texts.Shared.Direction,
        };
    }
}
