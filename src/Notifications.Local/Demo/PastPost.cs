using System.Collections.Concurrent;
using Notifications.Sending;

namespace Notifications.Local.Demo;

/// <summary>
/// The providers of the demo's past: they take everything, and keep what they took until somebody says what became of it.
/// </summary>
internal sealed class PastPost : IEmailSender, ISmsSender
{
    private readonly ConcurrentQueue<OutgoingEmail> _emails = new();
    private readonly ConcurrentQueue<OutgoingSms> _texts = new();

    public bool Deduplicates => true;

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        _emails.Enqueue(email);
        return new(HandOff.Accepted(email.Id.OperationId.ToString()));
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel)
    {
        _texts.Enqueue(sms);
        return new(HandOff.Accepted("Outgoing_" + sms.Id.Suffix));
    }

    /// <summary>What was taken since the last time, in the order of the message ids, so that the same month is lived twice alike.</summary>
    public (List<OutgoingEmail> Emails, List<OutgoingSms> Texts) Take()
    {
        var emails = new List<OutgoingEmail>();
        while (_emails.TryDequeue(out var email)) emails.Add(email);
        var texts = new List<OutgoingSms>();
        while (_texts.TryDequeue(out var text)) texts.Add(text);
        emails.Sort(static (a, b) => string.CompareOrdinal(a.To + a.Subject, b.To + b.Subject));
        texts.Sort(static (a, b) => string.CompareOrdinal(a.To + a.Text, b.To + b.Text));
        return (emails, texts);
    }
}
