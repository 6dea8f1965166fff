using Notifications.Events;

namespace Notifications.Privacy;

/// <summary>
/// Rings for a request that waits for somebody and whose time runs out (R31): once when a week is left, once when its last day is over.
/// Extended, it rings for its new day again.
/// </summary>
public sealed class RequestClock(PrivacyRequests requests, OperatorAlerts alerts, TimeProvider time)
{
    /// <summary>What is left when it rings first.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(7);

    internal async ValueTask RingAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (request.Status != PrivacyStatus.Running || now < request.DueAt - Ahead) return;
        var over = now >= request.OverdueAt;
        if (request.RangFor == request.DueAt && (request.RangOverdue || !over)) return;
        await alerts.RaiseAsync(
            over ? "request-overdue" : "request-due",
            $"The request {request.Id} ({request.Type.ToString().ToLowerInvariant()}) {(over ? "was" : "is")} to be answered by {request.DueAt:yyyy-MM-dd}.",
            request.Id, cancel);
        // After it, so that one that dies here rings once too often and not too seldom.
        await requests.ChangeAsync(request.Id, r => r with { RangFor = request.DueAt, RangOverdue = over }, cancel);
    }
}
