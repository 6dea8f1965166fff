using Notifications.Sending;

namespace Notifications.Tests.Sending;

/// <summary>A provider that answers what the test wants, and remembers what it was handed.</summary>
internal sealed class FakeSender : IEmailSender, ISmsSender
{
    private readonly Lock _gate = new();

    public bool Deduplicates { get; set; }

    public int AtOnce { get; set; } = 128;

    public Func<int, HandOff> Answer { get; set; } = n => HandOff.Accepted("provider-" + n);

    public List<OutgoingEmail> Emails { get; } = [];

    public List<OutgoingSms> Texts { get; } = [];

    public int HandOffs { get; private set; }

    public Func<CancellationToken, ValueTask<HandOff?>> Ready { get; set; } = _ => ValueTask.FromResult<HandOff?>(null);

    public ValueTask<HandOff?> ReadyAsync(CancellationToken cancel) => Ready(cancel);

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        lock (_gate) Emails.Add(email);
        return Next();
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel)
    {
        lock (_gate) Texts.Add(sms);
        return Next();
    }

    private ValueTask<HandOff> Next()
    {
        int n;
        lock (_gate) n = ++HandOffs;
        return ValueTask.FromResult(Answer(n));
    }
}
