using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sending.Rules;

namespace Notifications.Packages;

/// <summary>How a watch stands beside what its address said, and what is answered of it. Pure.</summary>
internal static class WatchMoves
{
    /// <summary>When the person last said stop to this package, to all of them, or to everything.</summary>
    public static DateTimeOffset? StoppedAt(AddressState state, WatchRecord? watch)
    {
        DateTimeOffset? at = state.Stopped?.Since;
        if (state.Find(TopicKey.PackageUpdates) is { Status: SubscriptionStatus.Unsubscribed } topic && !(at > topic.Since))
            at = topic.Since;
        return watch switch
        {
            { Status: WatchStatus.Unwatched } when !(at > watch.Since) => watch.Since,
            { Status: WatchStatus.Pending, StoppedAt: { } stopped } when !(at > stopped) => stopped,
            _ => at,
        };
    }

    /// <summary>
    /// Whether no stop was said after a question about it was asked; one over everything counts also where it was lifted since. What waits
    /// was asked for after the stop of its own package, be it in the same moment.
    /// </summary>
    public static bool IsOpen(AddressState state, WatchRecord watch, DateTimeOffset asked) =>
        !(StoppedAt(state, null) >= asked) && !(state.LiftedStop >= asked) && !(watch.StoppedAt > asked);

    /// <summary>How many packages the address follows after one of its watches went from one status to another.</summary>
    public static int Counted(AddressState state, WatchRecord? before, WatchRecord after) =>
        Math.Max(0, state.Watching + (after.IsFollowed ? 1 : 0) - (before is { IsFollowed: true } ? 1 : 0));

    /// <summary>What is said of a watch: how it stands, and what holds its messages back all the same.</summary>
    public static WatchAnswer Answer(WatchRecord watch, AddressState state) =>
        new(watch.Status, watch.Since, watch.Filter, watch.Daily, Blocked(state));

    private static Reason? Blocked(AddressState state) => state switch
    {
        { Contact: ContactStatus.Disabled } => Reason.AccountDisabled,
        { IsRestricted: true } => Reason.ProcessingRestricted,
        { Suppression.Reason: var block } => SuppressionRule.Of(block),
        { Stopped: not null } => Reason.Unsubscribed,
        _ => null,
    };

    /// <summary>Both lists, each of them once; null where there is neither.</summary>
    public static string[]? Union(string[]? one, string[]? other) => one is null ? other : [.. one.Union(other ?? [])];
}
