using Notifications.Packages;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>
/// What is known of a package's later changes when a message about one of them comes up. Both the send and the preview of what it would do
/// ask this.
/// </summary>
internal static class PackageChanges
{
    /// <summary>
    /// Whether newer news has gone to the follower; for a daily message, whether any was announced that belongs into it. What was announced
    /// from the message's own time on is told another day.
    /// </summary>
    public static async ValueTask<bool> NewerKnownAsync(
        ITableStore tables, SendRequest request, WatchRecord watch, CancellationToken cancel)
    {
        if (request.PackageSeq == 0) return false;
        if (watch.Seen > request.PackageSeq) return true;
        if (!request.Daily) return false;
        var package = await tables.ReadAsync(
            Tables.Packages, request.TrackingNumber!, Rows.Package, CoreJson.Default.PackageRecord, cancel);
        if (package?.AnnouncedSeq(watch.Filter) is not { } newest) return false;
        return newest > request.PackageSeq && !(newest >= request.SendAt?.ToUnixTimeMilliseconds());
    }
}
