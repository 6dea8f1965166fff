using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Counts;

public sealed class StatisticsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 22, 58, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly FaultyStore _store;

    public StatisticsTests() => _store = new FaultyStore(new MemoryStore(_time));

    private Statistics Instance() =>
        new(_store, Notifications.Sending.Instance.New(exclusive: false), _time, NullLogger<Statistics>.Instance);

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    private async Task<long> SumAsync(Statistics statistics, string prefix) =>
        (await statistics.ReadAsync(Day(Start), Day(_time.GetUtcNow()), default)).Sum(h => h.Sum(prefix));

    [Fact]
    public async Task What_several_instances_counted_is_added_up_and_what_is_not_written_yet_is_seen_by_its_own()
    {
        var one = Instance();
        var two = Instance();
        for (var i = 0; i < 5; i++) one.Message(MessageStatus.Sent, Reason.Allowed, "newsletter", Channel.Email);
        two.Message(MessageStatus.Sent, Reason.Allowed, "promotions", Channel.Sms);
        two.Message(MessageStatus.Skipped, Reason.SuppressedBounce, "promotions", Channel.Sms);
        Assert.Equal(5, await SumAsync(one, "message/sent/"));
        await one.FlushAsync(default);
        await two.FlushAsync(default);
        await two.FlushAsync(default);
        Assert.Equal(6, await SumAsync(one, "message/sent/"));
        Assert.Equal(1, await SumAsync(one, "message/skipped/suppressed-bounce/sms/promotions"));
        one.Consent(LedgerAction.OptOut, "newsletter", Channel.Email);
        Assert.Equal(1, await SumAsync(one, "consent/opt-out/"));
    }

    [Fact]
    public async Task Hours_are_apart_and_a_store_that_is_away_loses_nothing()
    {
        var statistics = Instance();
        statistics.Report("bounce", Channel.Email);
        _store.Down = true;
        await statistics.FlushAsync(default);
        _time.Advance(TimeSpan.FromHours(2)); // Over midnight.
        statistics.Report("bounce", Channel.Email);
        await statistics.FlushAsync(default);
        _store.Down = false;
        await statistics.FlushAsync(default);

        var hours = await Instance().ReadAsync(Day(Start), Day(_time.GetUtcNow()), default);
        Assert.Equal([(22, 1L), (0, 1L)], hours.Select(h => (h.At.Hour, h.Sum("report/bounce/"))));
    }

    [Fact]
    public async Task The_timer_writes_by_itself_and_the_night_adds_up_the_rows_of_past_days()
    {
        for (var i = 0; i < 7; i++)
        {
            using var statistics = Instance(); // Its timer would fire every three seconds of the years below.
            statistics.Message(MessageStatus.Sent, Reason.Allowed, "newsletter", Channel.Email);
            _time.Advance(TimeSpan.FromSeconds(4));
            await Poll.UntilAsync(
                async () => (await _store.RangeAsync(Tables.Statistics, "2026-11-24", RowRange.All, 100)).Count == i + 1,
                "the timer has written");
        }

        _time.Advance(TimeSpan.FromDays(2));
        await Instance().CompactAsync(default);
        Assert.Single(await _store.RangeAsync(Tables.Statistics, "2026-11-24", RowRange.All, 100));
        Assert.Equal(7, await SumAsync(Instance(), "message/sent/"));
        await Instance().CompactAsync(default);
        Assert.Equal(7, await SumAsync(Instance(), "message/sent/"));

        _time.Advance(TimeSpan.FromDays(405));
        await Instance().CompactAsync(default);
        Assert.Empty(await _store.RangeAsync(Tables.Statistics, "2026-11-24", RowRange.All, 100));
    }

    [Fact]
    public async Task A_message_that_goes_out_and_an_opt_out_are_counted_where_they_happen()
    {
        var product = new ProductFixture();
        await product.InitializeAsync();
        try
        {
            await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = "counted@example.com",
                    topic = "surveys",
                    action = "opt-in",
                    source = "test",
                    wording = "Yes",
                    evidence = new { confirmed = true, at = "2026-11-24T10:00:00Z" },
                });
            await product.PostAsync(
                "/v1/messages",
                new { topic = "surveys", to = new { email = "counted@example.com" }, content = new { subject = "Hi", text = "Hello" } });
            await product.WorkAsync();
            await product.PostAsync("/v1/consents", new { email = "counted@example.com", topic = "surveys", action = "opt-out" });
            var statistics = (Statistics)product.Services.GetService(typeof(Statistics))!;
            var today = await statistics.ReadAsync(Day(product.Time.GetUtcNow()), Day(product.Time.GetUtcNow()), default);
            Assert.Equal(1, today.Sum(h => h.Sum("message/sent/allowed/email/surveys")));
            Assert.Equal(1, today.Sum(h => h.Sum("consent/opt-in/email/surveys")));
            Assert.Equal(1, today.Sum(h => h.Sum("consent/opt-out/email/surveys")));
        }
        finally
        {
            await product.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_hour_that_is_let_go_from_memory_while_a_screen_reads_its_day_is_counted()
    {
        var time = new StillTime { Now = Start };
        var store = new WatchedStore(new MemoryStore(time));
        var statistics = new Statistics(store, Notifications.Sending.Instance.New(exclusive: true), time, NullLogger<Statistics>.Instance);
        statistics.Message(MessageStatus.Sent, Reason.Allowed, "newsletter", Channel.Email);
        await statistics.FlushAsync(default);
        // Others' rows, more than are read at once.
        for (var i = 0; i < 500; i++)
            await store.CommitAsync(
                Tables.Statistics, "2026-11-24",
                [RowChange.Put($"23:{i:D3}", new StatisticsRow([]), CoreJson.Default.StatisticsRow)]);
        time.Now = Start.AddHours(27);
        var pages = 0;
        store.AfterRange = () => ++pages == 2 ? statistics.FlushAsync(default).AsTask() : Task.CompletedTask;
        for (var read = 0; read < 2; read++)
            Assert.Equal(1, (await statistics.ReadAsync(Day(Start), Day(Start), default)).Sum(h => h.Sum("message/sent/")));
    }

    /// <summary>A clock that nothing runs by.</summary>
    private sealed class StillTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private sealed class WatchedStore(ITableStore inner) : PassingStore(inner)
    {
        public Func<Task>? AfterRange { get; set; }

        public override async ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
        {
            var rows = await base.RangeAsync(table, partition, range, limit, cancel);
            if (AfterRange is not null) await AfterRange();
            return rows;
        }
    }
}
