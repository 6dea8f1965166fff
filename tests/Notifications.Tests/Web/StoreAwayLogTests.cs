using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

public sealed class StoreAwayLogTests
{
    [Fact]
    public void R69_Requests_that_meet_a_full_disk_are_counted_in_the_log_and_not_listed()
    {
        var (time, lines) = (new FakeTimeProvider(), new Lines());
        using var logs = LoggerFactory.Create(l => l.AddProvider(lines));
        var away = new StoreAwayLog(time, logs);
        for (var i = 0; i < 451; i++) away.Met("SQLite: database or disk is full (13).");
        Assert.Contains("is full (13). Besides it, 0 since", Assert.Single(lines.Said), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(10));
        away.Met("SQLite: database or disk is full (13).");
        Assert.Contains("Besides it, 450 since", lines.Said[1], StringComparison.Ordinal);
        away.Met("SQLite: disk I/O error (10).");
        Assert.Contains("I/O error", lines.Said[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task R69_A_page_that_meets_a_store_that_is_away_is_in_the_log_as_a_request_of_the_API_is()
    {
        var lines = new Lines();
        var product = new ProductFixture { Logs = lines };
        await product.InitializeAsync();
        try
        {
            product.Faults.Down = true;
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("address", "a@away.example")]);
            using var answer = await product.Anonymous.PostAsync("/find", form);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            lock (lines.Said) Assert.Contains(lines.Said, l => l.Contains("met a store that is not reachable", StringComparison.Ordinal));
        }
        finally
        {
            await product.DisposeAsync();
        }
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> Said { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Said) Said.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
