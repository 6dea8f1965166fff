using Notifications.Sending;

namespace Notifications.Tests.Functions;

/// <summary>A provider that takes a mail when a test lets it.</summary>
internal sealed class BlockingSender : IEmailSender
{
    private int _count;

    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count => _count;

    public bool Deduplicates => false;

    public async ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        Interlocked.Increment(ref _count);
        Begun.TrySetResult();
        await Go.Task.WaitAsync(cancel);
        return HandOff.Accepted("provider-1");
    }
}
