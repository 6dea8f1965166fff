using Notifications.Addresses;

namespace Notifications.Sending;

/// <summary>
/// How many messages of batches this process has on their way at once, by channel: some times what the provider takes at once keeps it busy
/// while others claim and record, and lets the store write many in one commit; more would only raise what a crash leaves unknown.
/// </summary>
public sealed class SendSlots(HandOffs handOffs) : IDisposable
{
    private readonly SemaphoreSlim _email = new(Count(handOffs.AtOnce(Channel.Email)));
    private readonly SemaphoreSlim _sms = new(Count(handOffs.AtOnce(Channel.Sms)));

    /// <summary>The slots of a channel, to be waited for before a message's claim and released after its outcome.</summary>
    public SemaphoreSlim Of(Channel channel) => channel == Channel.Email ? _email : _sms;

    /// <inheritdoc/>
    public void Dispose()
    {
        _email.Dispose();
        _sms.Dispose();
    }

    private static int Count(int atOnce) => Math.Clamp(atOnce * 8, 8, 1024);
}
