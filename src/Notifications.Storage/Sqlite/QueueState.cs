using System.Text;

namespace Notifications.Storage.Sqlite;

/// <summary>What the process knows of one queue: its count, and who waits for it.</summary>
internal sealed class QueueState(string name)
{
    private long _count;
    private TaskCompletionSource? _waiters;

    /// <summary>The name as SQLite keeps it.</summary>
    public byte[] Key { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>Items in the queue, as of the last commit.</summary>
    public long Count { get => Volatile.Read(ref _count); init => _count = value; }

    /// <summary>What the group being written adds to the count; the writer's own.</summary>
    public int Delta { get; set; }

    /// <summary>Whether the group being written gives waiters a reason to look again; the writer's own.</summary>
    public bool Stirred { get; set; }

    /// <summary>Completes at the next <see cref="Settle"/> that stirred the queue.</summary>
    public Task Next()
    {
        while (true)
        {
            if (Volatile.Read(ref _waiters) is { } waiters) return waiters.Task;
            Interlocked.CompareExchange(ref _waiters, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        }
    }

    /// <summary>Takes over what a group changed (when it was committed) and forgets it.</summary>
    public void Settle(bool committed)
    {
        if (committed) Volatile.Write(ref _count, _count + Delta);
        Delta = 0;
        if (committed && Stirred) Interlocked.Exchange(ref _waiters, null)?.TrySetResult();
        Stirred = false;
    }
}
