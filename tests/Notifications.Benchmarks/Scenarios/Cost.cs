namespace Notifications.Benchmarks.Scenarios;

internal static class Cost
{
    public static Task<Result[]> RunAsync() => Task.FromResult(Array.Empty<Result>());
}
