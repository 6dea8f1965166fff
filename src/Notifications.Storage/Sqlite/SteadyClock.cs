namespace Notifications.Storage.Sqlite;

/// <summary>
/// The wall's time as long as that goes forward. When the clock is set back, time goes on from where it was, by the stopwatch: what is due
/// stays due, and a delay stays as long as it was meant. A new process begins with the wall's time.
/// </summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _wall = time.GetUtcNow();
    private long _at = time.GetTimestamp();

    /// <summary>Milliseconds since 1970, never fewer than before.</summary>
    public long NowMs()
    {
        lock (_gate)
        {
            var wall = time.GetUtcNow();
            var steady = _wall + time.GetElapsedTime(_at);
            if (wall < steady) return steady.ToUnixTimeMilliseconds();
            (_wall, _at) = (wall, time.GetTimestamp());
            return wall.ToUnixTimeMilliseconds();
        }
    }
}
