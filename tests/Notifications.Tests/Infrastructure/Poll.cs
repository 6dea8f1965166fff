using System.Diagnostics;

namespace Notifications.Tests;

/// <summary>Waits for something to come true, with a deadline and a reason; never a fixed sleep.</summary>
internal static class Poll
{
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(seconds)) throw new TimeoutException($"Not within {seconds} s: {what}.");
            await Task.Delay(20);
        }
    }
}
