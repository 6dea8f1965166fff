namespace Notifications.Web.Http;

/// <summary>
/// Says in the log that a request met a store that is away: at once, and while it goes on every ten seconds, with how many others did. One
/// line for each would fill the disk that has just been made room on.
/// </summary>
internal sealed partial class StoreAwayLog(TimeProvider time, ILoggerFactory logs)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private readonly ILogger _log = logs.CreateLogger("Notifications.Web");
    private readonly Lock _gate = new();
    private string? _said;
    private DateTimeOffset _at;
    private int _others;

    /// <summary>Notes one more.</summary>
    public void Met(string why)
    {
        int others;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (why == _said && now - _at < Pause)
            {
                _others++;
                return;
            }

            (others, _others, _said, _at) = (_others, 0, why, now);
        }

        LogUnavailable(why, others);
    }

    [LoggerMessage(
        EventId = 200, EventName = "StoreUnavailable", Level = LogLevel.Warning,
        Message = "A request met a store that is not reachable: {Why} Besides it, {Others} since the last such line")]
    private partial void LogUnavailable(string why, int others);
}
