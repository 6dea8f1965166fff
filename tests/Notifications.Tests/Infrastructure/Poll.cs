using System.Diagnostics;

namespace Notifications.Tests.Infrastructure;

/// <summary>Waiting for something without guessing how long it takes.</summary>
internal static class Poll
{
    /// <summary>Asks every 20 ms until the answer is not null, and fails after the deadline (20 s when not given).</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T?>> ask, TimeSpan? deadline = null) where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await ask() is { } answer) return answer;
            Assert.True(clock.Elapsed < (deadline ?? TimeSpan.FromSeconds(20)), "The deadline passed.");
            await Task.Delay(20);
        }
    }
}
