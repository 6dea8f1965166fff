using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Notifications.Storage;

namespace Notifications.Events;

/// <summary>
/// One thing an operator must see. <paramref name="Detail"/> names no address; <paramref name="Subject"/> is what it is about, a campaign's
/// id or a provider's code for example. Where it rang again within its hour, <paramref name="Times"/> in all,
/// <paramref name="LastAt"/> says when it did last, and <paramref name="Detail"/> what it said then.
/// </summary>
public sealed record OperatorAlert(
    string Kind, string Detail, DateTimeOffset At, string? Subject = null, int Times = 1, DateTimeOffset? LastAt = null);

/// <summary>
/// Tells operators what only they can mend: a metric at every occurrence, and one row per kind, subject and hour, which counts, with a log
/// line for each that it counts. What says the same again within a minute is not counted, so that a flood stays readable, and cheap.
/// </summary>
public sealed partial class OperatorAlerts(ITableStore tables, TimeProvider time, ILogger<OperatorAlerts> log)
{
    private const string Partition = "alerts";
    private const int MaxTries = 5;
    private static readonly TimeSpan Flood = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Raises an alert, dated now; another of its kind, subject and hour counts as the same. <paramref name="kind"/> is one to forty
    /// lower-case letters, digits and hyphens.
    /// </summary>
    public async ValueTask RaiseAsync(string kind, string detail, string? subject, CancellationToken cancel)
    {
        var at = time.UtcNowMs();
        Telemetry.Alerts.Add(1, new KeyValuePair<string, object?>("kind", kind));
        var row = $"{From(at)}-{kind}{Key(subject)}";
        for (var attempt = 0; attempt < MaxTries; attempt++) // Whoever loses so often is in a flood: others have counted meanwhile.
        {
            if (await NextAsync(row, new OperatorAlert(kind, detail, at, subject), cancel) is not { } change) return;
            // Another was faster; or a lost answer hid that this very write took effect, and then its line is still to be written.
            if (!(await tables.CommitAsync(Tables.Alerts, Partition, [change], cancel)).Committed
                && !(await tables.GetAsync(Tables.Alerts, Partition, row, cancel) is { } stands
                    && stands.Value.Span.SequenceEqual(change.Value.Span)))
            {
                continue;
            }

            LogAlert(kind, detail);
            return;
        }
    }

    /// <summary>What an alert makes of the row of its hour; null where there is nothing to add, or no key opens what is there.</summary>
    private async ValueTask<RowChange?> NextAsync(string row, OperatorAlert alert, CancellationToken cancel)
    {
        try
        {
            if (await tables.GetAsync(Tables.Alerts, Partition, row, cancel) is not { } stands)
                return RowChange.Insert(row, alert, CoreJson.Default.OperatorAlert);
            var before = stands.Read(CoreJson.Default.OperatorAlert);
            if (before.Detail == alert.Detail && alert.At - (before.LastAt ?? before.At) < Flood) return null;
            return RowChange.Replace(
                row, alert with { At = before.At, Times = before.Times + 1, LastAt = alert.At }, CoreJson.Default.OperatorAlert,
                stands.ETag);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The alerts since a moment (to its hour), oldest first.</summary>
    public async ValueTask<IReadOnlyList<OperatorAlert>> SinceAsync(DateTimeOffset since, int limit, CancellationToken cancel)
    {
        var rows = await tables.ListAsync(Tables.Alerts, Partition, new RowRange(From(since), null), limit, cancel);
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

    /// <summary>Every alert of the last day, oldest first; one that no key opens tells nobody anything.</summary>
    internal ValueTask<List<OperatorAlert>> LastDayAsync(CancellationToken cancel) =>
        Legible.RangeAsync(
            tables, Tables.Alerts, Partition, new RowRange(From(time.GetUtcNow().AddDays(-1)), null), 500, cancel)
            .Select(r => r.Row.Read(CoreJson.Default.OperatorAlert))
            .ToListAsync(cancel);

    /// <summary>The alerts of the last day, the first thousand.</summary>
    public ValueTask<IReadOnlyList<OperatorAlert>> TodayAsync(CancellationToken cancel) =>
        SinceAsync(time.GetUtcNow().AddDays(-1), 1000, cancel);

    /// <summary>Forgets the alerts of before a moment; how many.</summary>
    public ValueTask<int> PurgeAsync(DateTimeOffset before, CancellationToken cancel) =>
        Purge.RowsAsync(tables, Tables.Alerts, Partition, new RowRange(null, From(before)), static _ => true, cancel);

    private static string From(DateTimeOffset moment) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, moment.ToUnixTimeSeconds() / 3600 * 3600):D12}");

    // A subject may be a provider's own words, which no row is named with.
    private static string Key(string? subject) =>
        subject is null
            ? ""
            : string.Concat(subject.Take(64).Select(static c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-').Prepend('-'));

    [LoggerMessage(EventId = 140, EventName = "OperatorAlert", Level = LogLevel.Error, Message = "An operator is needed: {Kind}: {Detail}")]
    private partial void LogAlert(string kind, string detail);
}
