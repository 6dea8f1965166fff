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
    private const int LeastDays = 90;

    /// <summary>Purges what is over.</summary>
    public async ValueTask PurgeAsync(CancellationToken cancel)
    {
        // A letter may hold somebody's STOP: however short messages are kept, an operator has a quarter of a year.
        var before = time.GetUtcNow() - TimeSpan.FromDays(Math.Max(options.MessageDays, LeastDays));
        await requests.MarkAsync(cancel);
        await requests.PurgeAsync(cancel);
        await reviews.PurgeAsync(before, cancel);
        await letters.PurgeAsync(before, cancel);
        await alerts.PurgeAsync(before, cancel);
    }
}
