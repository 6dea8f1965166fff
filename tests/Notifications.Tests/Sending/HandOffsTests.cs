using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>
/// What stands between a claim and the provider: retries, circuit, limits of time and rate, and what each failure is called.
/// </summary>
public sealed class HandOffsTests
{
    private static readonly World Names = new();
    private static readonly OutgoingEmail Mail = new(
        Names.Ids.New(Names.Ring.KeyOf(CoreProduct.Email("ana@example.com"))), "news@example.com", "n", "ana@example.com", "s", "h", "t",
        []);
    private static readonly OutgoingSms Text = new(Mail.Id, "+18005550100", "+14155552671", "t");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));
    private readonly Provider _email;
    private readonly Provider _sms;

    public HandOffsTests() =>
        (_email, _sms) = (new Provider(_time) { Deduplicates = true, AtOnce = 5 }, new Provider(_time) { AtOnce = 7 });

    [Fact]
    public async Task Each_channel_has_its_own_provider_with_its_own_powers()
    {
        var handOffs = Make();
        Assert.Equal((true, false), (handOffs.Deduplicates(Channel.Email), handOffs.Deduplicates(Channel.Sms)));
        Assert.Equal((5, 7), (handOffs.AtOnce(Channel.Email), handOffs.AtOnce(Channel.Sms)));
        Assert.Equal(HandOff.Accepted("e"), await RunAsync(handOffs, _email, () => HandOff.Accepted("e")));
        _sms.Answer = _ => ValueTask.FromResult(HandOff.Accepted("s"));
        Assert.Equal(HandOff.Accepted("s"), await FinishAsync(handOffs.SendAsync(Text, null, default, default)));
        Assert.Equal((1, 1), (_email.Calls.Count, _sms.Calls.Count));
    }

    [Fact]
    public async Task P5_Only_what_was_certainly_not_taken_is_offered_again_at_once_and_twice_at_most()
    {
        var handOffs = Make();
        Assert.Equal(HandOffResult.Unavailable, (await RunAsync(handOffs, _email, () => HandOff.Unavailable("down"))).Result);
        Assert.Equal(3, _email.Calls.Count);
        Assert.True(_email.Calls[1] > _email.Calls[0] && _email.Calls[2] - _email.Calls[0] < TimeSpan.FromSeconds(5));

        foreach (var (answer, calls) in ((HandOff, int)[])[
            (HandOff.Unavailable("down", TimeSpan.FromSeconds(5)), 3),
            (HandOff.Unavailable("down", TimeSpan.FromSeconds(6)), 1), // So long a wait belongs on the queue.
            (HandOff.Throttled(TimeSpan.FromSeconds(1)), 1),
            (HandOff.Rejected("no"), 1),
            (HandOff.Unknown("lost"), 1)])
        {
            _email.Calls.Clear();
            Assert.Equal(answer, await RunAsync(handOffs, _email, () => answer));
            Assert.Equal(calls, _email.Calls.Count);
            if (calls == 3) Assert.True(_email.Calls[1] - _email.Calls[0] >= TimeSpan.FromSeconds(5)); // The provider's own wish.
        }
    }

    [Fact]
    public async Task A_provider_that_is_away_is_left_alone_for_a_while_and_the_other_channel_goes_on()
    {
        var handOffs = Make();
        for (var i = 0; i < 10; i++) await AskAsync(handOffs, _email, () => HandOff.Accepted("ok"));
        for (var i = 0; i < 9; i++) await AskAsync(handOffs, _email, () => HandOff.Unavailable("down", TimeSpan.FromMinutes(1)));
        Assert.False(handOffs.IsCircuitOpen(Channel.Email)); // Fewer than twenty tell nothing.
        await AskAsync(handOffs, _email, () => HandOff.Unavailable("down", TimeSpan.FromMinutes(1)));
        Assert.True(handOffs.IsCircuitOpen(Channel.Email));
        Assert.False(handOffs.IsCircuitOpen(Channel.Sms));

        var offered = _email.Calls.Count;
        var refused = await AskAsync(handOffs, _email, () => HandOff.Accepted("ok"));
        Assert.Equal((HandOffResult.Unavailable, "The circuit to the provider is open."), (refused.Result, refused.Detail));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(15));
        Assert.Equal(offered, _email.Calls.Count);

        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(HandOffResult.Accepted, (await AskAsync(handOffs, _email, () => HandOff.Accepted("back"))).Result);
        Assert.False(handOffs.IsCircuitOpen(Channel.Email));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(14)]
    [InlineData(30)]
    public async Task R18_A_provider_that_is_away_opens_the_circuit_also_where_the_quota_lets_few_through(int perMinute)
    {
        var email = new Provider(_time) { AtOnce = 2, PerMinute = perMinute };
        using var handOffs = new HandOffs(email, _sms, new SendingOptions(), _time, NullLogger<HandOffs>.Instance);
        for (var i = 0; i < 8; i++)
        {
            Assert.False(handOffs.IsCircuitOpen(Channel.Email)); // Fewer tell nothing.
            _time.Advance(TimeSpan.FromMinutes(1.0 / perMinute));
            await AskAsync(handOffs, email, () => HandOff.Unavailable("down", TimeSpan.FromMinutes(1)));
        }

        Assert.True(handOffs.IsCircuitOpen(Channel.Email));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(HandOffResult.Accepted, (await AskAsync(handOffs, email, () => HandOff.Accepted("back"))).Result);
        Assert.False(handOffs.IsCircuitOpen(Channel.Email));
    }

    [Fact]
    public async Task P5_While_one_message_tries_whether_the_provider_is_back_the_others_wait_for_what_comes_of_it()
    {
        var handOffs = Make();
        await FailAsync(handOffs, 20);
        _time.Advance(TimeSpan.FromSeconds(15));
        var answer = new TaskCompletionSource<HandOff>(TaskCreationOptions.RunContinuationsAsynchronously);
        _email.Answer = _ => new(answer.Task);
        var tries = handOffs.SendAsync(Mail, null, default, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HandOff.Barred(TimeSpan.FromSeconds(10)), await AskAsync(handOffs, _email, () => HandOff.Accepted("beside")));
        Assert.True(handOffs.IsCircuitOpen(Channel.Email));
        answer.SetResult(HandOff.Accepted("back"));
        Assert.Equal(HandOff.Accepted("back"), await tries.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.False(handOffs.IsCircuitOpen(Channel.Email));
    }

    [Fact]
    public async Task P5_The_message_whose_failure_opens_the_circuit_is_told_that_failure_and_not_that_nothing_was_offered()
    {
        var handOffs = Make();
        await FailAsync(handOffs, 19);
        Assert.Equal(HandOff.Unavailable("the last"), await RunAsync(handOffs, _email, () => HandOff.Unavailable("the last")));
        Assert.Equal(20, _email.Calls.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6000)]
    public async Task A_provider_that_failed_a_minute_ago_and_fails_again_is_still_asked(int perMinute)
    {
        var email = new Provider(_time) { AtOnce = 5, PerMinute = perMinute };
        using var handOffs = new HandOffs(email, _sms, new SendingOptions(), _time, NullLogger<HandOffs>.Instance);
        for (var i = 0; i < 2; i++)
        {
            for (var n = 0; n < 10; n++) await AskAsync(handOffs, email, () => HandOff.Unavailable("down", TimeSpan.FromMinutes(1)));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.False(handOffs.IsCircuitOpen(Channel.Email));
    }

    [Fact]
    public async Task A_provider_that_refuses_or_throttles_is_there_and_opens_no_circuit()
    {
        var handOffs = Make();
        for (var i = 0; i < 30; i++)
            await RunAsync(handOffs, _email, () => i % 2 == 0 ? HandOff.Rejected("no") : HandOff.Throttled(TimeSpan.FromSeconds(1)));
        Assert.False(handOffs.IsCircuitOpen(Channel.Email));
        // Nobody planned these: something is broken.
        for (var i = 0; i < 31; i++) await RunAsync(handOffs, _email, () => throw new InvalidOperationException());
        Assert.True(handOffs.IsCircuitOpen(Channel.Email));
    }

    [Fact]
    public async Task P5_An_answer_that_does_not_come_in_time_and_a_failure_nobody_planned_are_unknown()
    {
        var handOffs = Make(new SendingOptions { HandOffTimeout = TimeSpan.FromSeconds(10) });
        var started = _time.GetUtcNow();
        DateTimeOffset? ended = null;
        _email.Answer = async token =>
        {
            token.Register(() => ended = _time.GetUtcNow());
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            return HandOff.Accepted("never");
        };
        Assert.Equal(
            HandOff.Unknown("The provider did not answer in time."), await FinishAsync(handOffs.SendAsync(Mail, null, default, default)));
        Assert.Equal(TimeSpan.FromSeconds(10), ended - started);

        Assert.Equal(
            HandOff.Unknown("The sender failed with InvalidOperationException."),
            await RunAsync(handOffs, _email, () => throw new InvalidOperationException("ana@example.com")));
        // A client library's own timeout.
        Assert.Equal(
            HandOff.Unknown("The sender failed with TaskCanceledException."),
            await RunAsync(handOffs, _email, () => throw new TaskCanceledException()));
    }

    [Theory]
    [InlineData("answer")]
    [InlineData("pause")]
    [InlineData("place")]
    public async Task P5_What_the_provider_certainly_did_not_take_stays_so_where_the_time_limit_ends_before_the_next_offer(string during)
    {
        var handOffs = Make(new SendingOptions { HandOffTimeout = TimeSpan.FromSeconds(3) });
        var away = HandOff.Unavailable("away", during == "pause" ? TimeSpan.FromSeconds(5) : null);
        async Task EndAsync(CancellationToken limit) =>
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _email.Answer = async limit =>
        {
            if (during == "answer") await EndAsync(limit); // As SmtpSender, whose server said nothing before the mail's text.
            return away;
        };
        _email.Ready = async limit =>
        {
            if (during == "place" && _email.Calls.Count == 1) await EndAsync(limit);
            limit.ThrowIfCancellationRequested();
            return null;
        };
        Assert.Equal(away, await FinishAsync(handOffs.SendAsync(Mail, null, default, default)));
        Assert.Single(_email.Calls);
    }

    [Fact]
    public async Task P5_What_was_not_offered_yet_when_the_process_stops_is_not_offered_any_more_and_is_not_unknown()
    {
        var handOffs = Make();
        using var stopping = new CancellationTokenSource();
        _email.Ready = async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            return null;
        };
        var waiting = handOffs.SendAsync(Mail, null, default, stopping.Token).AsTask();
        await stopping.CancelAsync();
        _email.Ready = _ => ValueTask.FromResult<HandOff?>(null);
        Assert.Equal(
            HandOff.Waits(TimeSpan.FromSeconds(1), "No place at the provider became free in time."),
            await waiting.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(HandOffResult.Throttled, (await handOffs.SendAsync(Mail, null, default, stopping.Token)).Result);
        Assert.Empty(_email.Calls);
    }

    [Fact]
    public async Task P5_A_hand_off_that_has_begun_is_bound_to_its_time_limit_alone_when_the_process_stops()
    {
        using var stopping = new CancellationTokenSource();
        var answer = new TaskCompletionSource<HandOff>(TaskCreationOptions.RunContinuationsAsynchronously);
        var broken = false;
        _email.Answer = token =>
        {
            broken = token.IsCancellationRequested;
            token.Register(() => broken = true);
            return new(answer.Task);
        };
        var sending = Make().SendAsync(Mail, null, default, stopping.Token).AsTask();
        await stopping.CancelAsync();
        Assert.False(broken);
        answer.SetResult(HandOff.Accepted("late"));
        Assert.Equal(HandOff.Accepted("late"), await sending.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task P5_A_failure_nobody_planned_is_unknown_even_while_the_work_is_being_cancelled_for_the_provider_may_have_the_message()
    {
        using var cancel = new CancellationTokenSource();
        _email.Answer = async _ =>
        {
            await cancel.CancelAsync();
            throw new InvalidOperationException();
        };
        Assert.Equal(
            HandOff.Unknown("The sender failed with InvalidOperationException."),
            await Make().SendAsync(Mail, null, default, cancel.Token));
    }

    [Fact]
    public async Task The_pauses_between_offers_are_spread_by_chance()
    {
        var pauses = new List<TimeSpan>();
        foreach (var chance in (double[])[0.1, 0.9])
        {
            _email.Calls.Clear();
            await RunAsync(Make(new SendingOptions { Jitter = () => chance }), _email, () => HandOff.Unavailable("down"));
            pauses.Add(_email.Calls[2] - _email.Calls[0]);
        }

        Assert.NotEqual(pauses[0], pauses[1]);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    public async Task A_rate_limit_of_ours_lets_so_many_begin_and_queue_and_throttles_the_rest_for_as_long_as_those_take(
        int perSecond, int seconds)
    {
        var handOffs = Make(new SendingOptions { MaxPerSecond = perSecond });
        _email.Answer = _ => ValueTask.FromResult(HandOff.Accepted("ok"));
        var asked = Enumerable.Range(0, 2 * perSecond + 1).Select(_ => handOffs.SendAsync(Mail, null, default, default).AsTask()).ToList();
        Assert.Equal(perSecond, _email.Calls.Count);
        Assert.Equal(HandOff.Waits(TimeSpan.FromSeconds(seconds), "Our own rate limit."), await asked[^1]);
        // Those that waited, within the second.
        Assert.Equal(2 * perSecond, (await Task.WhenAll(asked)).Count(a => a.Result == HandOffResult.Accepted));
    }

    [Fact]
    public async Task P5_What_runs_out_of_time_before_it_is_offered_is_not_unknown_and_its_place_is_free_again()
    {
        var handOffs = Make(new SendingOptions { HandOffTimeout = TimeSpan.FromSeconds(10) });
        _email.Ready = async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            return null;
        };
        foreach (var one in await Task.WhenAll(Enumerable.Range(
            0, 2 * _email.AtOnce).Select(_ => FinishAsync(handOffs.SendAsync(Mail, null, default, default)))))
        {
            Assert.Equal(HandOffResult.Throttled, one.Result);
        }

        Assert.Empty(_email.Calls);
        _email.Ready = _ => ValueTask.FromResult<HandOff?>(null);
        Assert.Equal(HandOffResult.Accepted, (await FinishAsync(handOffs.SendAsync(Mail, null, default, default))).Result);
    }

    [Fact]
    public async Task Our_own_rate_limit_opens_no_circuit_to_a_provider_that_is_there()
    {
        var handOffs = Make(new SendingOptions { MaxPerSecond = 2 });
        var asked = Enumerable.Range(0, 60).Select(_ => handOffs.SendAsync(Mail, null, default, default).AsTask()).ToList();
        await Poll.UntilAsync(() => Task.FromResult(asked.Count(a => a.IsCompleted) == 58), "two begin, two wait, the rest is turned away");
        Assert.False(handOffs.IsCircuitOpen(Channel.Email));
        foreach (var one in asked) await FinishAsync(new(one));
        Assert.Equal(56, (await Task.WhenAll(asked)).Count(a => a.Result == HandOffResult.Throttled));
    }

    [Fact]
    public async Task P5_No_more_are_under_way_than_the_provider_takes_and_what_found_no_place_in_time_is_not_unknown()
    {
        var handOffs = Make(new SendingOptions { HandOffTimeout = TimeSpan.FromSeconds(10) });
        var free = new TaskCompletionSource<HandOff>(TaskCreationOptions.RunContinuationsAsynchronously);
        _email.Answer = _ => new ValueTask<HandOff>(free.Task); // One that hears of no time limit.
        var under = Enumerable.Range(0, _email.AtOnce).Select(_ => handOffs.SendAsync(Mail, null, default, default).AsTask()).ToList();
        var waited = await FinishAsync(handOffs.SendAsync(Mail, null, default, default));
        Assert.Equal(
            (HandOff.Waits(TimeSpan.FromSeconds(1), "No place at the provider became free in time."), _email.AtOnce),
            (waited, _email.Calls.Count));

        free.SetResult(HandOff.Accepted("ok"));
        Assert.All(await Task.WhenAll(under), a => Assert.Equal(HandOffResult.Accepted, a.Result));
        Assert.Equal(HandOffResult.Accepted, (await handOffs.SendAsync(Mail, null, default, default)).Result);
    }

    [Fact]
    public async Task An_open_circuit_rings_once_and_says_why_and_takes_no_share_of_the_quota()
    {
        using var handOffs = new HandOffs(_email, _sms, new SendingOptions(), _time, NullLogger<HandOffs>.Instance, Names.Alerts);
        await FailAsync(handOffs, 20, "mail.example.com:25: No connection.");
        await Poll.UntilAsync(async () => (await Names.Alerts.TodayAsync(default)).Count > 0, "the alert");
        var alert = Assert.Single(await Names.Alerts.TodayAsync(default));
        Assert.Equal(
            ("circuit-open", "email",
                "The email provider took no messages. The last it was offered failed with: mail.example.com:25: No connection."),
            (alert.Kind, alert.Subject, alert.Detail));
        var quota = 0;
        _email.Ready = _ =>
        {
            quota++;
            return ValueTask.FromResult<HandOff?>(null);
        };
        Assert.Equal(HandOff.Barred(TimeSpan.FromSeconds(15)), await AskAsync(handOffs, _email, () => HandOff.Accepted("ok")));
        Assert.Equal(0, quota);
    }

    [Fact]
    public async Task R67_Of_a_failure_nobody_planned_an_open_circuit_tells_the_type_alone_and_operators_see_it_open_and_close()
    {
        var (world, seen) = (new World(), new ConcurrentQueue<string>());
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == Telemetry.Circuit.Name) listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<int>((_, value, tags, _) => seen.Enqueue($"{tags[0].Value} {value}"));
        meters.Start();
        using var handOffs = new HandOffs(_email, _sms, new SendingOptions(), _time, NullLogger<HandOffs>.Instance, world.Alerts);
        _sms.Answer = _ => throw new InvalidOperationException("+14155552671");
        for (var i = 0; i < 20; i++) await handOffs.SendAsync(Text, null, default, default);
        await Poll.UntilAsync(async () => (await world.Alerts.TodayAsync(default)).Count > 0, "the alert");
        Assert.Equal(
            ("sms", "The sms provider took no messages. The last it was offered failed with: InvalidOperationException"),
            Assert.Single(await world.Alerts.TodayAsync(default)) is var alert ? (alert.Subject, alert.Detail) : default);
        Assert.True(handOffs.IsCircuitOpen(Channel.Sms));
        Assert.False(handOffs.IsCircuitOpen(Channel.Email));
        Assert.Contains("sms 1", seen);
        _time.Advance(TimeSpan.FromSeconds(15));
        _sms.Answer = _ => ValueTask.FromResult(HandOff.Accepted("back"));
        Assert.Equal(HandOff.Accepted("back"), await handOffs.SendAsync(Text, null, default, default));
        await Poll.UntilAsync(() => Task.FromResult(seen.Contains("sms 0")), "the circuit's closing");
    }

    [Fact]
    public async Task A_hand_off_is_one_span_where_somebody_listens()
    {
        var spans = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = s => s.Name == Telemetry.Name,
            Sample = (ref _) => System.Diagnostics.ActivitySamplingResult.AllData,
            ActivityStopped = a => spans.Add(a.OperationName),
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        using var handOffs = Make();
        await AskAsync(handOffs, _email, () => HandOff.Accepted("1"));
        await handOffs.SendAsync(Text, null, default, default);
        Assert.Superset(new HashSet<string> { "hand-off email", "hand-off sms" }, spans.ToHashSet());
    }

    private HandOffs Make(SendingOptions? options = null) =>
        new(_email, _sms, options ?? new SendingOptions(), _time, NullLogger<HandOffs>.Instance);

    /// <summary>
    /// Without a step of the clock, for what waits for nothing: the circuit is opened on another thread, and a clock that runs meanwhile
    /// would close it again.
    /// </summary>
    private static async Task<HandOff> AskAsync(HandOffs handOffs, Provider provider, Func<HandOff> answer)
    {
        provider.Answer = _ => ValueTask.FromResult(answer());
        return await handOffs.SendAsync(Mail, null, default, default).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>So often the provider of mail is not there, and asks for more time than is waited for here.</summary>
    private async Task FailAsync(HandOffs handOffs, int times, string why = "down")
    {
        for (var i = 0; i < times; i++) await AskAsync(handOffs, _email, () => HandOff.Unavailable(why, TimeSpan.FromMinutes(1)));
    }

    private async Task<HandOff> RunAsync(HandOffs handOffs, Provider provider, Func<HandOff> answer)
    {
        provider.Answer = _ => ValueTask.FromResult(answer());
        return await FinishAsync(handOffs.SendAsync(Mail, null, default, default));
    }

    /// <summary>Lets the clock run until the answer is there.</summary>
    private async Task<HandOff> FinishAsync(ValueTask<HandOff> answer)
    {
        var task = answer.AsTask();
        for (var i = 0; i < 2_000 && !task.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1); // Real time, for what goes on elsewhere: the clock must not run away from it.
        }

        return await task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed class Provider(TimeProvider time) : IEmailSender, ISmsSender
    {
        public bool Deduplicates { get; init; }

        public int AtOnce { get; init; }

        public int PerMinute { get; init; }

        public Func<CancellationToken, ValueTask<HandOff>> Answer { get; set; } = _ => ValueTask.FromResult(HandOff.Accepted("ok"));

        public Func<CancellationToken, ValueTask<HandOff?>> Ready { get; set; } = _ => ValueTask.FromResult<HandOff?>(null);

        public List<DateTimeOffset> Calls { get; } = [];

        public ValueTask<HandOff?> ReadyAsync(CancellationToken cancel) => Ready(cancel);

        public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel) => Offered(cancel);

        public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) => Offered(cancel);

        private ValueTask<HandOff> Offered(CancellationToken cancel)
        {
            Calls.Add(time.GetUtcNow());
            return Answer(cancel);
        }
    }
}
