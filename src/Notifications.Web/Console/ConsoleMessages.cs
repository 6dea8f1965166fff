namespace Notifications.Web.Console;

/// <summary>What the console says after an act, by the word that stands in the URL.</summary>
internal static class ConsoleMessages
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["stopped"] = "Recorded. Nothing of it is sent from now on.",
        ["stopped-all"] = "Recorded at every address of the account on this channel. Nothing is sent to any of them from now on.",
        ["same"] = "It stood so already; nothing was changed.",
        ["blocked"] = "The address is blocked.",
        ["lifted"] = "The block is lifted.",
        ["own-block"] = "That block is lifted. Somebody has blocked the address by hand as well, and that block stands: lift it too where it may be written to again.",
        ["decided"] = "Decided. It is in the ledger and in the audit.",
        ["decided-before"] = "Somebody had decided this before you; their word stands.",
        ["replayed"] = "Put back on its queue.",
        ["replayed-some"] = "What could be put back by now is on its queue. Replay all of it again for the rest.",
        ["replayed-all"] = "All of them are put back on their queue.",
        ["discarded"] = "Discarded. It will not be tried again.",
        ["signed-out"] = "You had been signed out. What you had sent was not done.",
        ["gone"] = "It was not there any more.",
        ["stale"] = "Somebody changed it meanwhile; nothing was deleted. This is how it stands now.",
        ["revoked"] = "The key is revoked. It is refused everywhere within five seconds.",
        ["opened"] = "The request is recorded. Below stands what came of it, or what it waits for.",
        ["answered"] = "The request is completed.",
        ["extended"] = "The clock runs two months longer.",
        ["unrestricted"] = "The restriction is lifted.",
        ["not-possible"] = "That is not possible here any more; nothing was changed.",
        ["saved"] = "Saved.",
        ["saved-warned"] = "Saved, with warnings: somebody should look at them.",
        ["unscheduled"] = "Saved. The campaign is a draft again and launches no more by itself: schedule it anew.",
        ["copied"] = "Copied. This is the copy, a draft; nothing of it was sent.",
        ["deleted"] = "Deleted. Nobody’s permission changed.",
        ["language-gone"] = "This language of the template is deleted. Campaigns that were launched with it keep it.",
        ["counted"] = "Counted. Nothing was sent.",
        ["counting"] = "Not through yet. Go on, and it counts from where it stands; nothing was sent.",
        ["tested"] = "The test is on its way.",
        ["scheduled"] = "Scheduled. It launches by itself.",
        ["launched"] = "Launched.",
        ["paused"] = "Paused. No message begins to be handed off until it is resumed.",
        ["resumed"] = "It goes on.",
        ["cancelled"] = "Cancelled. Nothing more of it is sent.",
        ["draft-gone"] = "The draft is discarded. Nothing of it was sent, and it is on no list any more.",
        ["enabled"] = "The account is enabled.",
        ["disabled"] = "The account is disabled. Nothing more is sent to any of its addresses.",
    };

    // What was not done stands in another box than what was.
    private static readonly string[] Refusals = ["decided-before", "signed-out", "gone", "stale", "not-possible"];

    /// <summary>Whether the word says that something was not done.</summary>
    public static bool IsRefusal(string? word) => Refusals.Contains(word);

    public static string? Find(string? word) => word is not null && Words.TryGetValue(word, out var text) ? text : null;
}
