namespace Notifications.Storage.Sqlite;

/// <summary>One caller's part of a group. Applied by the writer, answered when the group is durable.</summary>
internal interface IWrite
{
    /// <summary>About how many bytes it writes.</summary>
    int Size { get; }

    /// <summary>True when its caller has given up before it began; it is then answered as cancelled.</summary>
    bool GivenUp();

    /// <summary>Changes the tables, wholly or not at all, and remembers the answer.</summary>
    void Apply(Writer writer);

    /// <summary>Gives the answer.</summary>
    void Succeed();

    /// <summary>Answers with a failure.</summary>
    void Fail(StorageUnavailableException error);
}

/// <summary>What every write shares: the answer, and cancellation up to the moment it is applied, never after.</summary>
internal abstract class Write<T>(CancellationToken cancel)
    : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IWrite
{
    private T _answer = default!;

    public virtual int Size => 0;

    public bool GivenUp() => cancel.IsCancellationRequested && TrySetCanceled(cancel);

    public void Apply(Writer writer) => _answer = Run(writer);

    public void Succeed() => SetResult(_answer);

    public void Fail(StorageUnavailableException error) => SetException(error);

    protected abstract T Run(Writer writer);
}

/// <summary><see cref="ITableStore.CommitAsync"/>.</summary>
internal sealed class CommitWrite(string table, string partition, IReadOnlyList<RowChange> changes, int size, CancellationToken cancel)
    : Write<CommitResult>(cancel)
{
    public override int Size => size;

    protected override CommitResult Run(Writer writer) => writer.Rows.Commit(table, partition, changes);
}

/// <summary><see cref="IWorkQueue.EnqueueAsync"/>.</summary>
internal sealed class EnqueueWrite(QueueState queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancel)
    : Write<bool>(cancel)
{
    public override int Size => body.Length;

    protected override bool Run(Writer writer)
    {
        writer.Items.Enqueue(queue, body.Span, delay);
        return true;
    }
}

/// <summary><see cref="IWorkQueue.ReceiveAsync"/>.</summary>
internal sealed class ReceiveWrite(string name, QueueState queue, int max, TimeSpan visibility, CancellationToken cancel)
    : Write<IReadOnlyList<QueueItem>>(cancel)
{
    protected override IReadOnlyList<QueueItem> Run(Writer writer) => writer.Items.Receive(name, queue, max, visibility);
}

/// <summary><see cref="IWorkQueue.CompleteAsync"/>.</summary>
internal sealed class CompleteWrite(QueueState queue, ItemReceipt receipt, CancellationToken cancel) : Write<bool>(cancel)
{
    protected override bool Run(Writer writer) => writer.Items.Complete(queue, receipt);
}

/// <summary><see cref="IWorkQueue.ReleaseAsync"/>.</summary>
internal sealed class ReleaseWrite(QueueState queue, ItemReceipt receipt, TimeSpan delay, CancellationToken cancel) : Write<bool>(cancel)
{
    protected override bool Run(Writer writer) => writer.Items.Release(queue, receipt, delay);
}

/// <summary>
/// <see cref="IWorkQueue.PoisonAsync"/>: one commit, so the item is never in both. Whoever holds it by now decides when it is no longer
/// ours.
/// </summary>
internal sealed class PoisonWrite(
    QueueState queue, QueueState poison, ItemReceipt receipt, ReadOnlyMemory<byte> body, CancellationToken cancel)
    : Write<bool>(cancel)
{
    public override int Size => body.Length;

    protected override bool Run(Writer writer)
    {
        if (!writer.Items.Complete(queue, receipt)) return false;
        writer.Items.Enqueue(poison, body.Span, TimeSpan.Zero);
        return true;
    }
}

/// <summary>A blob written, or removed when <paramref name="content"/> is null.</summary>
internal sealed class BlobWrite(string container, string name, ReadOnlyMemory<byte>? content, CancellationToken cancel)
    : Write<bool>(cancel)
{
    public override int Size => content?.Length ?? 0;

    protected override bool Run(Writer writer)
    {
        if (content is { } bytes) writer.Blobs.Put(container, name, bytes.Span);
        else writer.Blobs.Delete(container, name);
        return true;
    }
}

/// <summary>A statement besides the ports: the file's place, and what a test brings about that only a full or broken disk would.</summary>
internal sealed class SqlWrite(string sql) : Write<bool>(CancellationToken.None)
{
    protected override bool Run(Writer writer)
    {
        writer.Connection.Execute(sql);
        return true;
    }
}
