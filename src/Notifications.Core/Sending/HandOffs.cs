using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Events;
using Notifications.Storage;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Timeout;

namespace Notifications.Sending;

/// <summary>
/// The two ways out, each under one pipeline: a time limit, retry with jitter that honours Retry-After, rate limiter, and around the
/// provider alone a circuit breaker: what only waits for a place or for our own quota says nothing of whether the provider is there.
/// Only what the provider has certainly not taken is offered again here; a throttled or lost answer goes back to the caller. Stopping
/// begins nothing more: what has not been offered yet comes back as throttled, and what has been is bound to the time limit alone, because
/// a request that is broken off may have been taken (P5).
/// </summary>
public sealed partial class HandOffs(
    IEmailSender email, ISmsSender sms, SendingOptions options, TimeProvider time, ILogger<HandOffs> log, OperatorAlerts? alerts = null)
    : IDisposable
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(15);

    private readonly Way _email = Build(Channel.Email, email.AtOnce, email.PerMinute, options, time, log, alerts);
    private readonly Way _sms = Build(Channel.Sms, sms.AtOnce, sms.PerMinute, options, time, log, alerts);

    /// <inheritdoc cref="IEmailSender.Deduplicates"/>
    public bool Deduplicates(Channel channel) => channel == Channel.Email ? email.Deduplicates : sms.Deduplicates;

    /// <summary>
    /// Whether this process is offering nothing to a channel's provider just now, because it failed too often. Other instances may see it
    /// otherwise.
    /// </summary>
    public bool IsCircuitOpen(Channel channel) => (channel == Channel.Email ? _email : _sms).Circuit.CircuitState != CircuitState.Closed;

    /// <inheritdoc cref="IEmailSender.AtOnce"/>
    public int AtOnce(Channel channel) => channel == Channel.Email ? email.AtOnce : sms.AtOnce;

    /// <summary>
    /// Hands off an email, through its campaign's gate where it has one, if the last look still allows it. Throws what nobody planned
    /// only where the provider certainly does not have it.
    /// </summary>
    public ValueTask<HandOff> SendAsync(OutgoingEmail message, CampaignTurn? campaign, LastLook look, CancellationToken stopping) =>
        RunAsync(new Offer<IEmailSender, OutgoingEmail>(
            _email, email, message, campaign, look, static (s, token) => s.ReadyAsync(token), static (s, m, token) => s.SendAsync(m, token),
            stopping));

    /// <summary>The same of a text.</summary>
    public ValueTask<HandOff> SendAsync(OutgoingSms message, CampaignTurn? campaign, LastLook look, CancellationToken stopping) =>
        RunAsync(new Offer<ISmsSender, OutgoingSms>(
            _sms, sms, message, campaign, look, static (s, token) => s.ReadyAsync(token), static (s, m, token) => s.SendAsync(m, token),
            stopping));

    /// <inheritdoc/>
    public void Dispose()
    {
        _email.Places.Dispose();
        _sms.Places.Dispose();
    }

    // Innermost: every wait, also that for the rate limiter or another attempt, lies before the two last looks and not after them (P1).
    // Until the sender is called the message is certainly not offered, so nothing that goes wrong before makes its outcome unknown: what
    // nobody planned there is thrown.
    private static async ValueTask<HandOff> OfferAsync<TSender, TMessage>(Offer<TSender, TMessage> offer, CancellationToken limit)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(limit, offer.Stopping);
        var cancel = waiting.Token;
        var placed = false;
        CampaignPass? pass = null;
        if (offer.Way.OpenFor is { } open) return HandOff.Barred(open); // Before it takes a place or a share of the quota.
        try
        {
            HandOff? refused = null;
            try
            {
                await offer.Way.Places.WaitAsync(cancel);
                placed = true;
                refused = await offer.Ready(offer.Sender, cancel);
                while (refused is null)
                {
                    if (offer.Turn is { } turn && (pass = await turn.Gate.EnterAsync(turn.Campaign, cancel)) is null)
                        refused = HandOff.Withheld;
                    else if (!await offer.Look.HoldsAsync(cancel)) refused = HandOff.Overtaken;
                    if (pass is not { Stands: false } late) break;
                    // The look outlasted the gate's lease: both are asked again, or a pause could have been answered meanwhile.
                    late.Dispose();
                    pass = null;
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                refused = offer.Known;
            }
            catch (StorageUnavailableException)
            {
                refused = HandOff.Waits(TimeSpan.FromSeconds(1), "The store did not answer."); // P8
            }

            if (refused is { } held) return held;
            offer.Known = null;
            var answer = await offer.Way.Breaker.ExecuteAsync(static (o, token) => o.Send(o.Sender, o.Message, token), offer, limit);
            offer.Known = answer;
            return answer;
        }
        finally
        {
            pass?.Dispose();
            if (placed) offer.Way.Places.Release();
        }
    }

    private async ValueTask<HandOff> RunAsync<TSender, TMessage>(Offer<TSender, TMessage> offer)
    {
        using var span = Telemetry.Activities.StartActivity(offer.Way.Span);
        try
        {
            return await offer.Way.Pipeline.ExecuteAsync(static (o, token) => OfferAsync(o, token), offer, CancellationToken.None);
        }
        catch (BrokenCircuitException circuit)
        {
            return HandOff.Barred(circuit.RetryAfter ?? Break); // Another one has begun to try whether it is back.
        }
        catch (RateLimiterRejectedException limited)
        {
            return HandOff.Waits(limited.RetryAfter ?? TimeSpan.FromSeconds(1), "Our own rate limit.");
        }
        catch (TimeoutRejectedException)
        {
            return offer.Known ?? HandOff.Unknown("The provider did not answer in time.");
        }
        catch (Exception unplanned) when (offer.Known is not { Result: HandOffResult.Throttled or HandOffResult.Unavailable })
        {
            // A client library's own timeout is among these. What the sender did not classify may have happened after the provider took the
            // message: not known is the honest answer.
            LogUnplanned(unplanned.GetType().Name);
            return offer.Known ?? HandOff.Unknown($"The sender failed with {unplanned.GetType().Name}.");
        }
    }

    private static Way Build(
        Channel channel, int atOnce, int perMinute, SendingOptions options, TimeProvider time, ILogger log, OperatorAlerts? alerts)
    {
        // A small quota brings fewer in half a minute: eight tell enough. Where it brings not even those, twice their time is looked at.
        var enough = Math.Clamp(4 * atOnce, 8, 20);
        var window = perMinute > 0 ? Math.Max(30, 120.0 * enough / perMinute) : 30;
        var way = new Way(channel == Channel.Email ? "hand-off email" : "hand-off sms", Math.Max(1, atOnce), time);
        var builder = new ResiliencePipelineBuilder<HandOff> { TimeProvider = time };
        builder.AddTimeout(options.HandOffTimeout);
        builder.AddRetry(new RetryStrategyOptions<HandOff>
        {
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Randomizer = options.Jitter,
            Delay = TimeSpan.FromMilliseconds(200),
            // Not once the circuit is open: the answer that opened it is told, and not the refusal that would follow. Nor once the time is
            // over: the answer stands (P5).
            ShouldHandle = args =>
                ValueTask.FromResult(
                    args.Outcome is { Exception: null, Result: { Result: HandOffResult.Unavailable, Unoffered: false } }
                        && args.Outcome.Result.RetryAfter is not { TotalSeconds: > 5 }
                        && !args.Context.CancellationToken.IsCancellationRequested
                        && way.Circuit.CircuitState == CircuitState.Closed),
            DelayGenerator = static args => ValueTask.FromResult(args.Outcome.Result.RetryAfter),
        });
        if (options.MaxPerSecond > 0)
        {
            builder.AddRateLimiter(new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.MaxPerSecond,
                TokensPerPeriod = options.MaxPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = options.MaxPerSecond,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));
        }

        way.Pipeline = builder.Build();
        way.Breaker = new ResiliencePipelineBuilder<HandOff> { TimeProvider = time }.AddCircuitBreaker(
            new CircuitBreakerStrategyOptions<HandOff>
            {
                FailureRatio = 0.5,
                MinimumThroughput = enough,
                SamplingDuration = TimeSpan.FromSeconds(window),
                BreakDuration = Break,
                StateProvider = way.Circuit,
                ShouldHandle = static args =>
                    ValueTask.FromResult(
                        args.Outcome.Exception is not null and not OperationCanceledException
                            || args.Outcome is { Exception: null, Result.Result: HandOffResult.Unavailable }),
                OnOpened = args =>
                {
                    way.Open(args.BreakDuration);
                    return OpenedAsync(channel, args.Outcome, log, alerts);
                },
                OnClosed = _ => Closed(channel, log),
            }).Build();
        return way;
    }

    /// <summary>The way to one channel's provider.</summary>
    private sealed class Way(string span, int places, TimeProvider time)
    {
        private long _openUntil;

        public string Span => span;

        public ResiliencePipeline<HandOff> Pipeline { get; set; } = ResiliencePipeline<HandOff>.Empty;

        /// <summary>Around the provider alone.</summary>
        public ResiliencePipeline<HandOff> Breaker { get; set; } = ResiliencePipeline<HandOff>.Empty;

        public CircuitBreakerStateProvider Circuit { get; } = new();

        public SemaphoreSlim Places { get; } = new(places);

        /// <summary>How long nothing is offered; null where something may be, if only to see whether the provider is back.</summary>
        public TimeSpan? OpenFor =>
            Circuit.CircuitState == CircuitState.Open
                && new TimeSpan(Volatile.Read(ref _openUntil) - time.GetUtcNow().UtcTicks) is { Ticks: > 0 } wait
                ? wait
                : null;

        public void Open(TimeSpan wait) => Volatile.Write(ref _openUntil, (time.GetUtcNow() + wait).UtcTicks);
    }

    /// <summary>One message on its way out, kept together so that the pipeline needs no closure.</summary>
    private sealed record Offer<TSender, TMessage>(
        Way Way,
        TSender Sender, TMessage Message, CampaignTurn? Turn, LastLook Look, Func<TSender, CancellationToken, ValueTask<HandOff?>> Ready,
        Func<TSender, TMessage, CancellationToken, ValueTask<HandOff>> Send,
        CancellationToken Stopping)
    {
        /// <summary>
        /// What it has come to where its time ends here: the provider's last answer, and before its first one that it waits. Null while the
        /// provider is asked, for then nobody knows.
        /// </summary>
        public HandOff? Known { get; set; } = HandOff.Waits(TimeSpan.FromSeconds(1), "No place at the provider became free in time.");
    }

    // The last failure's own words name no address; of what nobody planned only the type is told (R67).
    private static async ValueTask OpenedAsync(Channel channel, Outcome<HandOff> last, ILogger log, OperatorAlerts? alerts)
    {
        var why = last.Exception is { } failure ? failure.GetType().Name : last.Result.Detail ?? "It did not say why.";
        Telemetry.Circuit.Record(1, new KeyValuePair<string, object?>("channel", channel.Name()));
        LogOpened(log, channel, why);
        if (alerts is null) return;
        try
        {
            await alerts.RaiseAsync(
                "circuit-open", $"The {channel.Name()} provider took no messages. The last it was offered failed with: {why}",
                channel.Name(), CancellationToken.None);
        }
        catch (StorageUnavailableException)
        {
            // The log has it.
        }
    }

    private static ValueTask Closed(Channel channel, ILogger log)
    {
        Telemetry.Circuit.Record(0, new KeyValuePair<string, object?>("channel", channel.Name()));
        LogClosed(log, channel);
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(
        EventId = 101, EventName = "CircuitOpened", Level = LogLevel.Warning,
        Message = "The circuit to the {Channel} provider is open; it is offered nothing for a while. The last failure: {Why}")]
    private static partial void LogOpened(ILogger log, Channel channel, string why);

    [LoggerMessage(
        EventId = 103, EventName = "CircuitClosed", Level = LogLevel.Warning,
        Message = "The circuit to the {Channel} provider is closed; it takes messages again")]
    private static partial void LogClosed(ILogger log, Channel channel);

    [LoggerMessage(
        EventId = 102, EventName = "SenderFailed", Level = LogLevel.Error,
        Message = "A sender failed with an unclassified {Exception}; the outcome is unknown")]
    private partial void LogUnplanned(string exception);
}
