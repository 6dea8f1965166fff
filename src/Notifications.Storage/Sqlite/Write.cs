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

/// <summary>A write that is a function of the writer; it can be cancelled up to the moment it is applied, never after.</summary>
internal sealed class Write<T>(Func<Writer, T> run, int size, CancellationToken cancel)
    : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IWrite
{
    private T _answer = default!;

    public int Size => size;

    public bool GivenUp() => cancel.IsCancellationRequested && TrySetCanceled(cancel);

    public void Apply(Writer writer) => _answer = run(writer);

    public void Succeed() => SetResult(_answer);

    public void Fail(StorageUnavailableException error) => SetException(error);
}
