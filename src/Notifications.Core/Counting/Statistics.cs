using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Counting;

/// <summary>
/// How much happened, hour by hour, for the console: messages by outcome and reason, what people agreed to and stopped, what providers
/// reported. Counted in memory, beside the work and never in its way; every few seconds each instance writes its own row of the hour, and a
/// reader adds up the rows. A crash loses the last seconds: these numbers show how things go, they prove nothing. What must be exact is in
/// the records themselves.
/// </summary>
public sealed partial class Statistics : IAsyncDisposable, IDisposable
{
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private static readonly string[] Reasons =
        [.. Enumerable.Range(0, 256).Select(i => Enum.IsDefined((Reason)i) ? ((Reason)i).Name() : "unknown")];
    private static readonly Dictionary<LedgerAction, string> Actions = Enum.GetValues<LedgerAction>().ToDictionary(
        a => a, a => JsonNamingPolicy.KebabCaseLower.ConvertName(a.ToString()));

    private readonly ITableStore _tables;
    private readonly Instance _instance;
    private readonly TimeProvider _time;
    private readonly ILogger<Statistics> _log;
    private readonly ConcurrentDictionary<long, Hour> _hours = new();
    private readonly ConcurrentDictionary<string, IReadOnlyList<HourCounts>> _past = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _flushing = new(1);
    private Hour _current;
    private ITimer? _timer;

    /// <summary>Starts at nothing. Its timer starts with the first thing counted.</summary>
    public Statistics(ITableStore tables, Instance instance, TimeProvider time, ILogger<Statistics> log)
    {
        (_tables, _instance, _time, _log) = (tables, instance, time, log);
        _current = new Hour(long.MinValue);
    }

    /// <summary>Counts what one decision or hand-off of a message came to.</summary>
    public void Message(MessageStatus outcome, Reason reason, string topic, Channel channel) =>
        Add(new Measure(MeasureKind.Message, outcome.Name(), Reasons[(byte)reason], topic, channel));

    /// <summary>Counts one ledger entry.</summary>
    public void Consent(LedgerAction action, string topic, Channel channel) =>
        Add(new Measure(MeasureKind.Consent, Actions[action], "", topic, channel));

    /// <summary>Counts one report of a provider.</summary>
    public void Report(string outcome, Channel channel) => Add(new Measure(MeasureKind.Report, outcome, "", "", channel));

    /// <summary>The hours in which anything was counted, from the first day to the last, oldest first.</summary>
    public async ValueTask<IReadOnlyList<HourCounts>> ReadAsync(DateOnly first, DateOnly last, CancellationToken cancel)
    {
        var days = new List<Task<IReadOnlyList<HourCounts>>>();
        for (var day = first; day <= last; day = day.AddDays(1)) days.Add(DayAsync(day, cancel));
        return [.. (await Task.WhenAll(days)).SelectMany(d => d)];
    }

    /// <summary>Writes what was counted since the last time. What cannot be written is kept for the next.</summary>
    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        await _flushing.WaitAsync(cancel);
        try
        {
            var now = HourOf(_time.GetUtcNow());
            foreach (var (at, hour) in _hours)
            {
                if (!hour.TakeDirty())
                {
                    if (at < now - 1) _hours.TryRemove(at, out _);
                    continue;
                }

                try
                {
                    var value = new StatisticsRow(hour.ToCounts());
                    await _tables.CommitAsync(
                        Tables.Statistics, Partition(DateOnly.FromDateTime(TimeOf(at).UtcDateTime)),
                        [RowChange.Put(Row(TimeOf(at).Hour, _instance.Id), value, CoreJson.Default.StatisticsRow)], cancel);
                }
                catch (StorageUnavailableException)
                {
                    hour.MarkDirty();
                    LogLater();
                    return;
                }
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>
    /// Adds up the rows that the instances of past days left, so that a day stays small, and forgets what is older than 400 days. Run
    /// nightly.
    /// </summary>
    public async ValueTask CompactAsync(CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        for (var back = 2; back <= 14; back++) await CompactAsync(Partition(today.AddDays(-back)), cancel);
        for (var back = 401; back <= 430; back++) await DeleteAsync(Partition(today.AddDays(-back)), cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null) await _timer.DisposeAsync();
        await FlushAsync(CancellationToken.None);
        _flushing.Dispose();
    }

    /// <summary>Stops counting without a last write, for a container that cannot wait: the seconds since the last one are lost.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        _flushing.Dispose();
    }

    private void Add(Measure measure)
    {
        var now = HourOf(_time.GetUtcNow());
        var hour = _current;
        if (hour.At != now)
        {
            hour = _hours.GetOrAdd(now, static at => new Hour(at));
            _current = hour;
            if (_timer is null) Start();
        }

        hour.Add(measure);
    }

    private void Start()
    {
        var timer = _time.CreateTimer(static me => _ = ((Statistics)me!).TickAsync(), this, Every, Every);
        if (Interlocked.CompareExchange(ref _timer, timer, null) is not null) timer.Dispose();
    }

    private async Task TickAsync()
    {
        try
        {
            if (_flushing.CurrentCount > 0) await FlushAsync(CancellationToken.None);
        }
        catch (Exception failed)
        {
            LogFailed(failed.GetType().Name); // Nobody awaits a timer; the numbers stay in memory for the next tick.
        }
    }

    private async Task<IReadOnlyList<HourCounts>> DayAsync(DateOnly day, CancellationToken cancel)
    {
        var partition = Partition(day);
        if (_past.TryGetValue(partition, out var known)) return known;

        // Our own row may be seconds behind what is in memory. Taken first: an hour may be let go while the rows are read.
        var own = _hours.Where(h => DateOnly.FromDateTime(TimeOf(h.Key).UtcDateTime) == day)
            .ToDictionary(h => TimeOf(h.Key).Hour, h => h.Value.ToCounts());
        var hours = new SortedDictionary<int, Dictionary<string, long>>(own);
        await foreach (var (hour, instance, counts) in RowsAsync(partition, cancel))
            if (instance != _instance.Id || !own.ContainsKey(hour)) Merge(hours, hour, counts);
        IReadOnlyList<HourCounts> found = [.. hours.Select(h => new HourCounts(Start(day, h.Key), h.Value))];

        // A day that ended an hour ago does not change any more.
        if (_time.GetUtcNow() > Start(day, 0).AddHours(25))
        {
            if (_past.Count > 1000) _past.Clear();
            _past[partition] = found;
        }

        return found;
    }

    private async ValueTask CompactAsync(string partition, CancellationToken cancel)
    {
        var hours = new Dictionary<int, List<(Row Row, Dictionary<string, long> Counts)>>();
        await foreach (var row in AllAsync(partition, cancel))
            if (Read(row) is var (hour, _, counts)) (hours.TryGetValue(hour, out var list) ? list : hours[hour] = []).Add((row, counts));
        foreach (var (hour, rows) in hours)
        {
            if (rows.Count < 2) continue;
            var sum = new SortedDictionary<int, Dictionary<string, long>>();
            var name = Row(hour, "all");
            var taken = rows.OrderBy(r => r.Row.Key == name ? 0 : 1).Take(90).ToList();
            foreach (var (_, counts) in taken) Merge(sum, hour, counts);
            var old = taken.Find(t => t.Row.Key == name).Row;
            await _tables.CommitAsync(
                Tables.Statistics, partition,
                [
                    RowChange.Write(name, new StatisticsRow(sum[hour]), CoreJson.Default.StatisticsRow, old?.ETag),
                    .. taken.Where(t => t.Row.Key != name).Select(t => RowChange.Delete(t.Row.Key, t.Row.ETag)),
                ],
                cancel);
        }
    }

    private async ValueTask DeleteAsync(string partition, CancellationToken cancel)
    {
        foreach (var keys in (await _tables.KeysAsync(Tables.Statistics, partition, RowRange.All, cancel)).Chunk(100))
            await _tables.CommitAsync(Tables.Statistics, partition, [.. keys.Select(key => RowChange.Delete(key))], cancel);
    }

    private async IAsyncEnumerable<(int Hour, string Instance, Dictionary<string, long> Counts)> RowsAsync(
        string partition, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in AllAsync(partition, cancel))
            if (Read(row) is { } read) yield return read;
    }

    // An hour that no key opens is left out: these numbers prove nothing, and the console needs the others.
    private IAsyncEnumerable<Row> AllAsync(string partition, CancellationToken cancel) =>
        Legible.RangeAsync(_tables, Tables.Statistics, partition, RowRange.All, Page, cancel).Select(r => r.Row);

    private static (int Hour, string Instance, Dictionary<string, long> Counts)? Read(Row row) =>
        int.TryParse(row.Key.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hour)
            ? (hour, row.Key[3..], row.Read(CoreJson.Default.StatisticsRow).Counts)
            : null;

    private static void Merge(SortedDictionary<int, Dictionary<string, long>> hours, int hour, Dictionary<string, long> counts)
    {
        if (!hours.TryGetValue(hour, out var into)) hours[hour] = into = new(StringComparer.Ordinal);
        foreach (var (name, count) in counts) into[name] = into.GetValueOrDefault(name) + count;
    }

    private static string Partition(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Row(int hour, string instance) => string.Create(CultureInfo.InvariantCulture, $"{hour:D2}:{instance}");

    private static DateTimeOffset Start(DateOnly day, int hour) => new(day.ToDateTime(new TimeOnly(hour, 0), DateTimeKind.Utc));

    private static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3600;

    private static DateTimeOffset TimeOf(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600);

    [LoggerMessage(
        EventId = 152, EventName = "StatisticsLater", Level = LogLevel.Debug,
        Message = "Statistics are kept in memory until the store is back")]
    private partial void LogLater();

    [LoggerMessage(
        EventId = 151, EventName = "StatisticsFailed", Level = LogLevel.Warning, Message = "Statistics could not be written: {Exception}")]
    private partial void LogFailed(string exception);

    /// <summary>What is counted in one hour, since this process began.</summary>
    private sealed class Hour(long at)
    {
        private readonly ConcurrentDictionary<Measure, Cell> _cells = new();
        private int _dirty;

        public long At => at;

        public void Add(Measure measure)
        {
            Interlocked.Increment(ref _cells.GetOrAdd(measure, static _ => new Cell()).Count);
            if (Volatile.Read(ref _dirty) == 0) MarkDirty();
        }

        public bool TakeDirty() => Interlocked.Exchange(ref _dirty, 0) == 1;

        public void MarkDirty() => Volatile.Write(ref _dirty, 1);

        public Dictionary<string, long> ToCounts()
        {
            var counts = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var (measure, cell) in _cells) counts[measure.Name] = Interlocked.Read(ref cell.Count);
            return counts;
        }
    }

    private sealed class Cell
    {
        public long Count;
    }
}
