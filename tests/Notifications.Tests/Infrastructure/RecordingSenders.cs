using System.Collections.Concurrent;
using Notifications.Sending;

namespace Notifications.Tests.Infrastructure;

/// <summary>Takes every message and keeps it.</summary>
internal sealed class RecordingSenders : IEmailSender, ISmsSender
{
    public ConcurrentQueue<OutgoingEmail> Emails { get; } = new();

    public ConcurrentQueue<OutgoingSms> Texts { get; } = new();

    public bool Deduplicates => false;

    /// <summary>What a provider's library throws in place of an answer, while it is set.</summary>
    public Func<string, Exception>? Throws { get; set; }

    /// <summary>What is answered to a mail in place of taking it, while it is set.</summary>
    public HandOff? Refuses { get; set; }

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        if (Throws?.Invoke(email.To) is { } thrown) throw thrown;
        if (Refuses is { } refused) return ValueTask.FromResult(refused);
        Emails.Enqueue(email);
        return ValueTask.FromResult(HandOff.Accepted("test-" + email.Id.Suffix));
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel)
    {
        if (Throws?.Invoke(sms.To) is { } thrown) throw thrown;
        Texts.Enqueue(sms);
        return ValueTask.FromResult(HandOff.Accepted("test-" + sms.Id.Suffix));
    }
}
