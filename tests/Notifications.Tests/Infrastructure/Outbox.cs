using Notifications.Sending;

namespace Notifications.Tests.Infrastructure;

/// <summary>Both ways out: keeps what it is given, in order, and answers what a test asks for.</summary>
internal sealed class Outbox : IEmailSender, ISmsSender
{
    private readonly Lock _gate = new();

    public List<OutgoingEmail> Emails { get; } = [];

    public List<OutgoingSms> Texts { get; } = [];

    public bool Deduplicates => false;

    /// <summary>Answers in the provider's place, by whom it is to; null leaves the message to be kept and accepted.</summary>
    public Func<string, HandOff?> Answer { get; set; } = static _ => null;

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel) =>
        Take(email.To, Emails, email, email.Id.OperationId.ToString());

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) =>
        Take(sms.To, Texts, sms, "Outgoing_" + sms.Id.Suffix);

    private ValueTask<HandOff> Take<T>(string to, List<T> kept, T message, string id)
    {
        lock (_gate)
        {
            if (Answer(to) is { } answer) return ValueTask.FromResult(answer);
            kept.Add(message);
        }

        return ValueTask.FromResult(HandOff.Accepted(id));
    }
}
