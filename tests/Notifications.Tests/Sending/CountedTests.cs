using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>What operators count: every decision and every outcome of a message once, every item that was given up.</summary>
public sealed class CountedTests : IDisposable
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    // Nobody else's: tests run beside each other.
    private readonly string _name = "n" + RandomNumberGenerator.GetHexString(12, lowercase: true);
    private readonly ConcurrentQueue<string> _counted = new();
    private readonly MeterListener _meters;

    public CountedTests()
    {
        _meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == Telemetry.Name)
                listener.EnableMeasurementEvents(instrument); },
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => t.Value?.ToString());
            if (named.Remove("topic", out var topic) ? topic == _name : named.GetValueOrDefault("queue") == _name)
                _counted.Enqueue($"{instrument.Name} {value} {string.Join(' ', named.Values)}");
        });
        _meters.Start();
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task A_decision_against_a_message_and_the_outcome_of_a_hand_off_are_counted_once_by_topic_channel_and_reason()
    {
        var world = new World(topics: [new Topic { Key = _name }]);
        await using var statistics = new Statistics(world.Store, world.Instance, world.Time, NullLogger<Statistics>.Instance);
        var dispatcher = new Dispatcher(
            world.Book,
            world.Tables, world.Queue, world.Topics, world.Renderer, world.Templates, world.HandOffs,
            new CampaignGate(new CampaignStore(world.Tables, world.Time), world.Instance, world.Time), null!, world.Refusals, world.Forms,
            world.Options, world.Instance, world.Time, NullLogger<Dispatcher>.Instance, statistics);
        var skipped = world.Request(Ana, _name);
        await dispatcher.SendAsync(skipped, false, default);
        await dispatcher.SendAsync(skipped, false, default); // Found to be settled: nothing new happened.
        await world.SubscribeAsync(Ana, _name);
        await dispatcher.SendAsync(world.Request(Ana, _name) with { Content = new MessageContent("s", "t", null) }, false, default);
        Assert.Equal(["notifications.messages 1 skipped no-consent email", "notifications.messages 1 sent allowed email"], _counted);

        var day = DateOnly.FromDateTime(world.Time.GetUtcNow().UtcDateTime);
        var hour = Assert.Single(await statistics.ReadAsync(day, day, default));
        Assert.Equal(
            (1, 1, 2),
            (hour.Sum($"message/skipped/no-consent/email/{_name}"), hour.Sum($"message/sent/allowed/email/{_name}"), hour.Sum("message/")));
    }

    [Fact]
    public async Task What_is_given_up_is_counted_by_its_queue()
    {
        await new World().DeadLetters.KeepAsync(_name, Encoding.UTF8.GetBytes("x"), 5, default);
        Assert.Equal(["notifications.deadletters 1 " + _name], _counted);
    }
}
