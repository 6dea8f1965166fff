using System.Collections.Concurrent;

namespace Notifications.Storage.Sqlite;

/// <summary>
/// The three ports on one embedded SQLite file: write-ahead log, fully durable, the writes of concurrent callers grouped into one commit
/// (see <see cref="Writer"/>), reads beside them on connections of their own. One process owns the file at a time.
/// </summary>
public sealed class SqliteStore : ITableStore, IWorkQueue, IBlobStore, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, QueueState> _queues = new(StringComparer.Ordinal);
    private readonly FileStream _lock;
    private readonly Readers _readers;
    private readonly Writer _writer;
    private readonly Damage _damage = new();
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly long _opening;
    private int _disposed;

    private SqliteStore(FileStream @lock, string file, TimeProvider time)
    {
        _lock = @lock;
        (_time, _clock) = (time, new SteadyClock(time));
        var (log, alone) = (LogOrigin.HasPages(file) ? LogOrigin.Of(file) : null, LogOrigin.FileAlone(file));
        var connection = new Connection(file, create: true) { KeepsLog = true };
        _readers = new Readers(file, _damage);
        try
        {
            Prepare(connection, file, log, alone);
            WasPutBack = StorePlace.IsOther(connection, @lock);
            FileLock.Opened(@lock);
            _opening = connection.Number(Schema.Opening);
            using (var rented = _readers.Rent())
                foreach (var (queue, count) in rented.Reader.Counts()) _queues[queue] = new QueueState(queue) { Count = count };
            LetGo(connection, _clock.NowMs());
        }
        catch
        {
            _readers.Dispose();
            connection.Dispose();
            throw;
        }

        _writer = new Writer(connection, file, new Checkpointer(file), _damage, _opening, _clock);
    }

    // Refused files are left as they are: nothing is written to them, and no log is copied into them.
    private static void Prepare(Connection connection, string file, uint? log, long? alone)
    {
        connection.Execute(Schema.Writer);
        if (LogOrigin.IsAnothers(connection, log, alone))
            throw new InvalidOperationException(
                $"{file}-wal belongs to another state of the store: a copy was put over a directory that was in use. Nothing was changed. Restore the copy into an empty directory; or move that one file away, where {Path.GetFileName(file)} is the copy.");
        if (connection.Number("PRAGMA user_version") > Schema.Version)
            throw new InvalidOperationException(
                $"The data in {file} was written by a newer version of this program. Start that version, or give this one a data directory of its own.");
        connection.Execute(connection.Number(Schema.IsFirst) == 1 ? Schema.FromFirst : Schema.Complete);
        LogOrigin.Note(connection, file, found: log is not null);
        connection.KeepsLog = false;
    }

    /// <summary>
    /// Whether the file was put back from a copy, or moved here: what people said since, their opt-outs too, is not in it (P6). Stays so,
    /// from opening to opening, until <see cref="TakeOverAsync"/>.
    /// </summary>
    public bool WasPutBack { get; }

    /// <summary>Commits since opening: how well concurrent writes share them.</summary>
    internal long Commits => _writer.Commits;

    /// <summary>
    /// Why the last write failed, while none has succeeded since: "SQLite: database or disk is full (13)." Null when all is well.
    /// </summary>
    public string? WriteFailure => _writer.Failure;

    /// <summary>
    /// Is told once when writing begins to fail, with the reason, and once, with null, when it succeeds again. It must be quick: the next
    /// write waits for it.
    /// </summary>
    public void OnWriteFailure(Action<string?> told) => _writer.FailureChanged = told;

    /// <summary>
    /// What was met in the file that is not what was written there, in SQLite's words, or that the file is gone; null when nothing was. It
    /// stays until the store is closed.
    /// </summary>
    public string? Damaged => _damage.Why;

    /// <summary>Is told once when damage is met; at once, where it was already.</summary>
    public void OnDamage(Action<string> told) => _damage.Found = told;

    /// <summary>Opens the store, creating what is missing.</summary>
    /// <param name="directoryOrFile">A path that ends in <c>.db</c> is the file itself; any other is a directory, in which the file is
    /// <c>notifications.db</c>.</param>
    /// <param name="time">What queue delays are measured by.</param>
    /// <exception cref="InvalidOperationException">Another process has it open, a newer version of this program has written it, the log
    /// beside it is another's, or it cannot be read or written; the message says which, with the remedy.</exception>
    public static SqliteStore Open(string directoryOrFile, TimeProvider time)
    {
        var file = Path.GetFullPath(
            directoryOrFile.EndsWith(".db", StringComparison.OrdinalIgnoreCase)
                ? directoryOrFile
                : Path.Combine(directoryOrFile, "notifications.db"));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var held = FileLock.Take(file);
        try
        {
            return new SqliteStore(held, file, time);
        }
        catch (StorageUnavailableException wrong)
        {
            held.Dispose();
            throw new InvalidOperationException(SqliteFailure.AtOpening(wrong, file), wrong);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // Nobody else has the file, so whoever was working on an item is gone: it need not stay hidden for the rest of its time. Nor need what
    // is due later than any delay can mean: it was put off while the clock was ahead (P5).
    private void LetGo(Connection connection, long now)
    {
        var statement = connection.Prepare("UPDATE items SET due=?2, receipt=0 WHERE queue=?1 AND due>?2 AND (receipt<>0 OR due>?3)");
        foreach (var queue in _queues.Values)
        {
            Connection.Check(SQLitePCL.raw.sqlite3_bind_blob(statement, 1, queue.Key));
            Connection.Check(SQLitePCL.raw.sqlite3_bind_int64(statement, 2, now));
            Connection.Check(SQLitePCL.raw.sqlite3_bind_int64(statement, 3, now + (long)Guards.MaxDelay.TotalMilliseconds));
            Connection.Run(statement);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        Guards.Table(table);
        Guards.Key(partition);
        Guards.Key(row);
        cancel.ThrowIfCancellationRequested();
        using var rented = _readers.Rent();
        return new(rented.Reader.Get(table, partition, row));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Row>> RangeAsync(
        string table, string partition, RowRange range, int limit, CancellationToken cancel = default)
    {
        Guards.Table(table);
        Guards.Key(partition);
        Guards.Limit(limit);
        cancel.ThrowIfCancellationRequested();
        using var rented = _readers.Rent();
        return new(rented.Reader.Range(table, partition, range, limit));
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
    {
        Guards.Table(table);
        Guards.Key(partition);
        return Write(writer => writer.Rows.Commit(table, partition, changes), Guards.Changes(changes), cancel);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
        string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default)
    {
        Guards.Table(table);
        Guards.Limit(limit);
        cancel.ThrowIfCancellationRequested();
        using var rented = _readers.Rent();
        return new(rented.Reader.Scan(table, after, limit));
    }

    /// <inheritdoc/>
    public async ValueTask EnqueueAsync(
        string queue, ReadOnlyMemory<byte> body, TimeSpan delay = default, CancellationToken cancel = default)
    {
        Guards.Body(body);
        Guards.Delay(delay);
        var state = State(queue);
        await Write(writer => writer.Items.Enqueue(state, body.Span, delay), body.Length, cancel);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueueItem>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        Guards.Receive(max, visibility);
        var state = State(queue);
        // An empty queue costs a poller nothing.
        return state.Count == 0 ? new([]) : Write(writer => writer.Items.Receive(queue, state, max, visibility), 0, cancel);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(QueueItem item, CancellationToken cancel = default)
    {
        var state = State(item.Queue);
        return ItemReceipt.Of(item) is { } receipt ? Write(writer => writer.Items.Complete(state, receipt), 0, cancel) : new(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ReleaseAsync(QueueItem item, TimeSpan delay, CancellationToken cancel = default)
    {
        Guards.Delay(delay);
        var state = State(item.Queue);
        return ItemReceipt.Of(item) is { } receipt ? Write(writer => writer.Items.Release(state, receipt, delay), 0, cancel) : new(false);
    }

    /// <inheritdoc/>
    public async ValueTask PoisonAsync(QueueItem item, CancellationToken cancel = default)
    {
        Guards.Body(item.Body);
        var (state, poison) = (State(item.Queue), State(Queues.Poison(item.Queue)));
        // One commit, so the item is never in both. Whoever holds it by now decides when it is no longer ours.
        if (ItemReceipt.Of(item) is { } receipt)
            await Write(
                writer =>
                {
                    if (writer.Items.Complete(state, receipt)) writer.Items.Enqueue(poison, item.Body.Span, TimeSpan.Zero);
                },
                item.Body.Length, cancel);
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(string queue, CancellationToken cancel = default) => new(State(queue).Count);

    /// <summary>
    /// Returns as soon as an item of the queue may be due, at once when one is: a pump that found the queue empty waits here and needs no
    /// polling interval. An early return is harmless, the next receive is then empty.
    /// </summary>
    public async ValueTask WaitForWorkAsync(string queue, CancellationToken cancel = default)
    {
        var state = State(queue);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            // In this order: what is committed after the look completes the task taken before it.
            var next = state.Next();
            var wait = UntilDue(state);
            if (wait <= TimeSpan.Zero) return;
            await next.WaitAsync(wait, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default)
    {
        Guards.Queue(container);
        Guards.BlobName(name);
        Guards.Blob(content);
        await Write(writer => writer.Blobs.Put(container, name, content.Span), content.Length, cancel);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default)
    {
        Guards.Queue(container);
        Guards.BlobName(name);
        cancel.ThrowIfCancellationRequested();
        using var rented = _readers.Rent();
        return new(rented.Reader.Blob(container, name));
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default)
    {
        Guards.Queue(container);
        Guards.BlobName(name);
        await Write(writer => writer.Blobs.Delete(container, name), 0, cancel);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(
        string container, string prefix, string? after, int limit, CancellationToken cancel = default)
    {
        Guards.Queue(container);
        Guards.Limit(limit);
        cancel.ThrowIfCancellationRequested();
        using var rented = _readers.Rent();
        return new(rented.Reader.BlobNames(container, prefix, after, limit));
    }

    /// <summary>Finishes every write that was handed in, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        _readers.Dispose();
        await _writer.DisposeAsync();
        await _lock.DisposeAsync();
    }

    /// <summary>The file belongs here from now on, and is no copy any more.</summary>
    public async ValueTask TakeOverAsync() => await ExecuteAsync(StorePlace.Belongs(_lock, _opening));

    /// <summary>Runs a statement on the writing connection; by it tests bring about what a full or broken disk would do.</summary>
    internal ValueTask<bool> ExecuteAsync(string sql) => Write(writer => writer.Connection.Execute(sql), 0, CancellationToken.None);

    private ValueTask<bool> Write(Action<Writer> run, int size, CancellationToken cancel) =>
        Write(
            writer =>
            {
                run(writer);
                return true;
            },
            size, cancel);

    private ValueTask<T> Write<T>(Func<Writer, T> run, int size, CancellationToken cancel)
    {
        var write = new Write<T>(run, size, cancel);
        _writer.Add(write);
        return new(write.Task);
    }

    private QueueState State(string queue)
    {
        if (_queues.TryGetValue(queue, out var state)) return state;
        Guards.Queue(queue);
        return _queues.GetOrAdd(queue, static name => new QueueState(name));
    }

    // A minute at most, so that a clock set forward delays nothing for long.
    private TimeSpan UntilDue(QueueState state)
    {
        using var rented = _readers.Rent();
        return rented.Reader.NextDue(state) is { } due
            ? TimeSpan.FromMilliseconds(Math.Min(due - _clock.NowMs(), 60_000))
            : TimeSpan.FromMinutes(1);
    }
}
