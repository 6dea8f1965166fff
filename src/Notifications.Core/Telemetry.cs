using System.Diagnostics;
using System.Diagnostics.Metrics;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications;

/// <summary>
/// What the product measures (docs/operate.md). Tags are topics, channels, reasons and ways: never an address or its key.
/// </summary>
public static class Telemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Notifications";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> MessageCounter = Meter.CreateCounter<long>(
        "notifications.messages", "{message}", "Messages by outcome and reason.");

    private static readonly Histogram<double> OptOutSeconds = Meter.CreateHistogram<double>(
        "notifications.optout.duration", "s", "Time until an opt-out was durable.");

    /// <summary>
    /// Spans of the send path: one for each hand-off, <c>hand-off email</c> or <c>hand-off sms</c>. Nobody listening, none is made.
    /// </summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Items given up.</summary>
    public static Counter<long> DeadLetters { get; } = Meter.CreateCounter<long>(
        "notifications.deadletters", "{item}", "Queue items given up.");

    /// <summary>What an operator must see, by kind.</summary>
    public static Counter<long> Alerts { get; } = Meter.CreateCounter<long>(
        "notifications.alerts", "{alert}", "What an operator must see, by kind.");

    /// <summary>Reports of providers by status.</summary>
    public static Counter<long> Reports { get; } = Meter.CreateCounter<long>(
        "notifications.reports", "{report}", "Reports of providers by channel and outcome.");

    /// <summary>1 while a provider's circuit is open.</summary>
    public static Gauge<int> Circuit { get; } = Meter.CreateGauge<int>(
        "notifications.handoff.circuit", null, "1 while the circuit to a provider is open.");

    /// <summary>
    /// Measures how long it took until an opt-out was durable. <paramref name="way"/>: <c>link</c>, or <c>text</c>, which counts from the
    /// moment the provider received it.
    /// </summary>
    public static void OptedOut(TimeSpan took, string way) =>
        OptOutSeconds.Record(Math.Max(0, took.TotalSeconds), new KeyValuePair<string, object?>("way", way));

    /// <summary>Counts one message.</summary>
    public static void Count(MessageStatus outcome, Reason reason, string topic, Channel channel)
    {
        if (!MessageCounter.Enabled) return;
        MessageCounter.Add(
            1, new("outcome", outcome.Name()), new("reason", reason.Name()), new("topic", topic), new("channel", channel.Name()));
    }
}
