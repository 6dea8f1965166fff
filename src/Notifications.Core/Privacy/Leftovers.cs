using Notifications.Events;
using Notifications.Review;
using Notifications.Sending;

namespace Notifications.Privacy;

/// <summary>
/// What stands in no address's own rows and nobody needs any more: closed rights requests, and as long as finished messages are kept, 90
/// days at least, decided reviews, dead letters and alerts.
/// </summary>
public sealed class Leftovers(
    PrivacyRequests requests, ReviewDesk reviews, DeadLetters letters, OperatorAlerts alerts, PrivacyOptions options, TimeProvider time)
{
    /// <summary>Purges what is over.</summary>
    public async ValueTask PurgeAsync(CancellationToken cancel)
    {
        var before = time.GetUtcNow() - TimeSpan.FromDays(options.LeftoverDays);
        await requests.MarkAsync(cancel);
        await requests.PurgeAsync(cancel);
        await reviews.PurgeAsync(before, cancel);
        await letters.PurgeAsync(before, cancel);
        await alerts.PurgeAsync(before, cancel);
    }
}
