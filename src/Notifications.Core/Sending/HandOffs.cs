using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Campaigns;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Timeout;

namespace Notifications.Sending;

/// <summary>
/// The two ways out, each under one pipeline: rate limiter, circuit breaker, retry with jitter that honours Retry-After, and a time limit. Only
/// what the provider has certainly not taken is offered again here; a throttled or lost answer goes back to the caller.
/// </summary>
public sealed partial class HandOffs(IEmailSender email, ISmsSender sms, SendingOptions options, TimeProvider time, ILogger<HandOffs> log)
{
    private readonly (ResiliencePipeline<HandOff> Pipeline, CircuitBreakerStateProvider Circuit) _email = Build(Channel.Email, options, time, log);
    private readonly (ResiliencePipeline<HandOff> Pipeline, CircuitBreakerStateProvider Circuit) _sms = Build(Channel.Sms, options, time, log);

    /// <inheritdoc cref="IEmailSender.Deduplicates"/>
    public bool Deduplicates(Channel channel) => channel == Channel.Email ? email.Deduplicates : sms.Deduplicates;

    /// <summary>Whether this process is offering nothing to a channel's provider just now, because it failed too often. Other instances may see it otherwise.</summary>
    public bool IsCircuitOpen(Channel channel) => (channel == Channel.Email ? _email.Circuit : _sms.Circuit).CircuitState != CircuitState.Closed;

    /// <inheritdoc cref="IEmailSender.AtOnce"/>
    public int AtOnce(Channel channel) => channel == Channel.Email ? email.AtOnce : sms.AtOnce;

    /// <summary>Hands off an email, through its campaign's gate where it has one.</summary>
    public ValueTask<HandOff> SendAsync(OutgoingEmail message, CampaignTurn? campaign, CancellationToken cancel) => campaign is { } turn
        ? RunAsync(_email.Pipeline, (email, turn), message, static (s, m, token) => PassAsync(s.email, s.turn, m, static (sender, m, token) => sender.SendAsync(m, token), token), cancel)
        : RunAsync(_email.Pipeline, email, message, static (sender, m, token) => sender.SendAsync(m, token), cancel);

    /// <summary>Hands off a text, through its campaign's gate where it has one.</summary>
    public ValueTask<HandOff> SendAsync(OutgoingSms message, CampaignTurn? campaign, CancellationToken cancel) => campaign is { } turn
        ? RunAsync(_sms.Pipeline, (sms, turn), message, static (s, m, token) => PassAsync(s.sms, s.turn, m, static (sender, m, token) => sender.SendAsync(m, token), token), cancel)
        : RunAsync(_sms.Pipeline, sms, message, static (sender, m, token) => sender.SendAsync(m, token), cancel);

    // Innermost, so that a wait for the rate limiter or another attempt lies before the last look and not after it.
    private static async ValueTask<HandOff> PassAsync<TSender, TMessage>(TSender sender, CampaignTurn turn, TMessage message, Func<TSender, TMessage, CancellationToken, ValueTask<HandOff>> send, CancellationToken cancel)
    {
        using var pass = await turn.Gate.EnterAsync(turn.Campaign, cancel);
        return pass is null ? HandOff.Withheld : await send(sender, message, cancel);
    }

    private async ValueTask<HandOff> RunAsync<TSender, TMessage>(
        ResiliencePipeline<HandOff> pipeline, TSender sender, TMessage message, Func<TSender, TMessage, CancellationToken, ValueTask<HandOff>> send, CancellationToken cancel)
    {
        try
        {
            return await pipeline.ExecuteAsync(static (s, token) => s.send(s.sender, s.message, token), (sender, message, send), cancel);
        }
        catch (BrokenCircuitException circuit)
        {
            return HandOff.Unavailable("The circuit to the provider is open.", circuit.RetryAfter ?? TimeSpan.FromSeconds(30));
        }
        catch (RateLimiterRejectedException limited)
        {
            return HandOff.Throttled(limited.RetryAfter ?? TimeSpan.FromSeconds(1), "Our own rate limit.");
        }
        catch (TimeoutRejectedException)
        {
            return HandOff.Unknown("The provider did not answer in time.");
        }
        catch (Exception unplanned) when (unplanned is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // Only our own caller's cancellation is one: a client library cancels itself on a timeout. What the sender did not classify may have happened after the provider took the message: not known is the honest answer.
            LogUnplanned(unplanned.GetType().Name);
            return HandOff.Unknown($"The sender failed with {unplanned.GetType().Name}.");
        }
    }

    private static (ResiliencePipeline<HandOff> Pipeline, CircuitBreakerStateProvider Circuit) Build(Channel channel, SendingOptions options, TimeProvider time, ILogger log)
    {
        var circuit = new CircuitBreakerStateProvider();
        var builder = new ResiliencePipelineBuilder<HandOff> { TimeProvider = time };
        builder.AddTimeout(options.HandOffTimeout);
        builder.AddRetry(new RetryStrategyOptions<HandOff>
        {
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Randomizer = options.Jitter,
            Delay = TimeSpan.FromMilliseconds(200),
            ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is null && args.Outcome.Result.Result == HandOffResult.Unavailable && args.Outcome.Result.RetryAfter is not { TotalSeconds: > 5 }),
            DelayGenerator = static args => ValueTask.FromResult(args.Outcome.Result.RetryAfter),
        });
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<HandOff>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(15),
            StateProvider = circuit,
            ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is not null and not OperationCanceledException || args.Outcome is { Exception: null, Result.Result: HandOffResult.Unavailable }),
            OnOpened = _ => Circuit(channel, 1, log),
            OnClosed = _ => Circuit(channel, 0, log),
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

        return (builder.Build(), circuit);
    }

    private static ValueTask Circuit(Channel channel, int open, ILogger log)
    {
        Telemetry.Circuit.Record(open, new KeyValuePair<string, object?>("channel", channel.Name()));
        LogCircuit(log, channel, open == 1);
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(EventId = 101, EventName = "CircuitChanged", Level = LogLevel.Warning, Message = "The circuit to the {Channel} provider: open = {Open}")]
    private static partial void LogCircuit(ILogger log, Channel channel, bool open);

    [LoggerMessage(EventId = 102, EventName = "SenderFailed", Level = LogLevel.Error, Message = "A sender failed with an unclassified {Exception}; the outcome is unknown")]
    private partial void LogUnplanned(string exception);
}
