using Notifications.Sending;

namespace Notifications.Tests.Campaigns;

/// <summary>A provider that remembers every mail it was offered, and answers what a test wants.</summary>
internal sealed class FakeProvider : IEmailSender, ISmsSender
{
    private readonly Lock _gate = new();

    public List<OutgoingEmail> Emails { get; } = [];

    public List<OutgoingSms> Texts { get; } = [];

    public Func<OutgoingEmail, ValueTask<HandOff>>? Answer { get; set; }

    public bool Deduplicates => false;

    public async ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        lock (_gate) Emails.Add(email);
        return Answer is null ? HandOff.Accepted(email.Id.OperationId.ToString()) : await Answer(email);
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel)
    {
        lock (_gate) Texts.Add(sms);
        return ValueTask.FromResult(HandOff.Accepted("Outgoing_" + sms.Id.Suffix));
    }
}
