using System.Diagnostics.Metrics;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Unsubscribe;

/// <summary>The time until an opt-out is durable is what operators watch (docs/operate.md): each way of stopping measures it.</summary>
public sealed class LatencyTests
{
    // The meter is one for the process: only what this flow records is looked at.
    private static readonly AsyncLocal<List<(double Seconds, object? Way)>?> Measured = new();

    [Fact]
    public async Task R43_Each_stop_by_link_by_page_and_by_text_is_measured_once_and_nothing_else_is()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) => { if (instrument.Name == "notifications.optout.duration")
                l.EnableMeasurementEvents(instrument); },
        };
        listener.SetMeasurementEventCallback<double>(static (_, seconds, tags, _) => Measured.Value?.Add((seconds, Way(tags))));
        listener.Start();
        Measured.Value = [];

        var world = new World();
        var token = new LinkToken(LinkPurpose.Unsubscribe, world.Ring.KeyOf(CoreProduct.Email("ana@example.com")), Channel.Email)
        {
            Topic = TopicKey.Newsletter,
        };
        await world.Unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", default);
        Assert.InRange(Assert.Single(Measured.Value).Seconds, 0, 60);
        await world.Unsubscriber.StopTopicsAsync(token, [TopicKey.Promotions], "page", default);
        Assert.Equal(2, Measured.Value.Count);

        var product = new CoreProduct();
        var said = product.Now;
        product.Time.Advance(TimeSpan.FromSeconds(90));
        await product.TextAsync("+14155552671", "HELP", "e1", said);
        await product.TextAsync("+14155552671", "STOP", "e2", said);
        await product.TextAsync("+14155552671", "STOP", "e2", said); // Delivered again.
        Assert.Equal(3, Measured.Value.Count);
        Assert.Equal(90, Measured.Value[2].Seconds); // From when it was written.
        Assert.Equal(["link", "link", "text"], Measured.Value.Select(m => m.Way)); // Each has a threshold of its own.
    }

    private static object? Way(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
            if (name == "way") return value;
        return null;
    }
}
