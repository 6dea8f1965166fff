using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Notifications.Tests.Privacy;

/// <summary>Takes every line of a log with all that it says, and the scopes around it.</summary>
internal sealed class Ear(ConcurrentBag<string> said) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        if (state is IEnumerable<KeyValuePair<string, object?>> values)
            said.Add("scope " + string.Join(' ', values.Where(v => v.Key != "RequestPath").Select(v => $"{v.Key}={v.Value}")));
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        said.Add(
            $"{eventId.Name} {formatter(state, exception)} {(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values.Select(v => $"{v.Key}={v.Value}")) : state)} {exception}");

    public void Dispose()
    {
    }
}
