using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Notifications.Local;

/// <summary>
/// The log as one line for each entry, so that a line can be watched for: the time in UTC, the level, the event's name (the category where
/// it has none), and the message, with the exception behind it.
/// </summary>
internal sealed class LogLines(TimeProvider time) : ConsoleFormatter(Format)
{
    /// <summary>The formatter's name.</summary>
    public const string Format = "lines";

    // The host says so of a start that fails, with the stack; the start itself says why in its last words, with the remedy.
    private const string Faulted = "HostedServiceStartupFaulted";

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter to)
    {
        if (entry.EventId.Name == Faulted) return;
        var text = entry.Formatter(entry.State, entry.Exception);
        if (entry.Exception is not null) text = $"{text} {entry.Exception}";
        to.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z {Level(entry.LogLevel)} {entry.EventId.Name ?? entry.Category}: {text.ReplaceLineEndings(" ")}"));
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Critical => "crit",
        LogLevel.Error => "fail",
        LogLevel.Warning => "warn",
        LogLevel.Information => "info",
        _ => "dbug",
    };
}
