using System.Globalization;
using Microsoft.Extensions.Logging;
using Notifications.Storage;

namespace Notifications.Events;

/// <summary>
/// One thing an operator must see. <paramref name="Detail"/> names no address; <paramref name="Subject"/> is what it is about, a campaign's
/// id or a provider's code for example.
/// </summary>
public sealed record OperatorAlert(string Kind, string Detail, DateTimeOffset At, string? Subject = null);

/// <summary>
/// Tells operators what only they can mend: a metric at every occurrence, a log line, and one row per kind, subject and hour, so that a
/// flood stays readable.
/// </summary>
public sealed partial class OperatorAlerts(ITableStore tables, TimeProvider time, ILogger<OperatorAlerts> log)
{
    private const string Partition = "alerts";

    /// <summary>
    /// Raises an alert, dated now; no two of one kind and subject in one hour. <paramref name="kind"/> is one to forty lower-case letters,
    /// digits and hyphens.
    /// </summary>
    public async ValueTask RaiseAsync(string kind, string detail, string? subject, CancellationToken cancel)
    {
        var at = time.UtcNowMs();
        Telemetry.Alerts.Add(1, new KeyValuePair<string, object?>("kind", kind));
        var hour = at.ToUnixTimeSeconds() / 3600 * 3600;
        var row = string.Create(CultureInfo.InvariantCulture, $"{hour:D12}-{kind}{(subject is null ? "" : "-")}{Key(subject)}");
        var written = await tables.CommitAsync(
            Tables.Alerts, Partition, [RowChange.Insert(row, new OperatorAlert(kind, detail, at, subject), CoreJson.Default.OperatorAlert)],
            cancel);
        if (written.Committed) LogAlert(kind, detail);
    }

    /// <summary>The alerts since a moment (to its hour), oldest first.</summary>
    public async ValueTask<IReadOnlyList<OperatorAlert>> SinceAsync(DateTimeOffset since, int limit, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(Tables.Alerts, Partition, new RowRange(From(since), null), limit, cancel);
        return [.. rows.Select(r => r.Read(CoreJson.Default.OperatorAlert))];
    }

    /// <summary>The newest alerts since a moment (to its hour), the newest first, and whether there were more.</summary>
    public async ValueTask<(IReadOnlyList<OperatorAlert> Alerts, bool More)> NewestAsync(
        DateTimeOffset since, int most, CancellationToken cancel)
    {
        var newest = new Queue<OperatorAlert>();
        var more = false;
        await foreach (var row in tables.RowsAsync(Tables.Alerts, Partition, new RowRange(From(since), null), cancel))
        {
            newest.Enqueue(row.Read(CoreJson.Default.OperatorAlert));
            if (newest.Count <= most) continue;
            newest.Dequeue();
            more = true;
        }

        return ([.. newest.Reverse()], more);
    }

    /// <summary>The alerts of the last day.</summary>
    public ValueTask<IReadOnlyList<OperatorAlert>> TodayAsync(CancellationToken cancel) =>
        SinceAsync(time.GetUtcNow().AddDays(-1), 1000, cancel);

    /// <summary>Forgets the alerts of before a moment; how many.</summary>
    public ValueTask<int> PurgeAsync(DateTimeOffset before, CancellationToken cancel) =>
        Purge.RowsAsync(
            tables, Tables.Alerts, Partition,
            new RowRange(null, From(before)), static _ => true, cancel);

    private static string From(DateTimeOffset moment) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, moment.ToUnixTimeSeconds() / 3600 * 3600):D12}");

    // A subject may be a provider's own words, which no row is named with.
    private static string Key(string? subject) =>
        subject is null ? "" : string.Concat(subject.Take(64).Select(static c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'));

    [LoggerMessage(EventId = 140, EventName = "OperatorAlert", Level = LogLevel.Error, Message = "An operator is needed: {Kind}: {Detail}")]
    private partial void LogAlert(string kind, string detail);
}
