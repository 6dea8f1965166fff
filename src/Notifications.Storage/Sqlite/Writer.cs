using System.Collections.Concurrent;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Notifications.Storage.Sqlite;

/// <summary>
/// The one thread that writes. It takes whatever callers have handed in, applies it in one transaction, commits with one fsync, and answers
/// them all. While the disk works the next group gathers, so the group grows with the load and nobody waits for company.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    // Bounds the memory and the log that one transaction takes; far above what gathers during one fsync in practice.
    private const int MaxGroup = 4096;
    private const int MaxGroupBytes = 16 * 1024 * 1024;

    // How soon a file that was removed is noticed while nobody writes.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    // A row replaced and one inserted; the rest is its bytes.
    private const int PagesOfAWrite = 2;

    private readonly ConcurrentQueue<IWrite> _waiting = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<IWrite> _group = [];
    private readonly HashSet<QueueState> _touched = [];
    private readonly Checkpointer _checkpointer;
    private readonly string _file;
    private readonly Damage _damage;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _rollback;
    private readonly sqlite3_stmt _count;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;
    private long _commits;
    private int _bytes;
    private int _asleep;
    private volatile string? _failure;
    private volatile bool _closing;
    private volatile bool _closed;

    public Writer(Connection connection, string file, Checkpointer checkpointer, Damage damage, long generation, SteadyClock clock)
    {
        Connection = connection;
        (_file, _damage) = (file, damage);
        _checkpointer = checkpointer;
        // Every opening counts on in a range of its own, so that no number repeats and none needs writing down: 2^40 writes, 2^23 openings.
        _number = generation << 40;
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _rollback = connection.Prepare("ROLLBACK");
        _count = connection.Prepare("INSERT INTO queues(queue, count) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET count=count+?2");
        Rows = new RowWriter(connection, this);
        Items = new ItemWriter(connection, this, clock);
        Blobs = new BlobWriter(connection);
        _thread = new Thread(Loop) { Name = "storage-writer", IsBackground = true };
        _thread.Start();
    }

    public Connection Connection { get; }

    public RowWriter Rows { get; }

    public ItemWriter Items { get; }

    public BlobWriter Blobs { get; }

    /// <summary>Groups committed since opening, for tests and figures.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Why the last group was not written, while none has been since; null when all is well.</summary>
    public string? Failure => _failure;

    /// <summary>
    /// Told once when writing begins to fail, with the reason, and once, with null, when it succeeds again. Runs on the writing thread.
    /// </summary>
    public Action<string?>? FailureChanged { get; set; }

    /// <summary>A number this store has never given before: ETags, item ids, receipts.</summary>
    public long NextNumber() => ++_number;

    /// <summary>Notes that the group changes a queue.</summary>
    public void Touch(QueueState queue, int delta, bool stirred)
    {
        queue.Delta += delta;
        queue.Stirred |= stirred;
        _touched.Add(queue);
    }

    /// <summary>Hands a write in. It is answered by the writer, also when the store closes meanwhile.</summary>
    public void Add(IWrite write)
    {
        if (_closing)
        {
            write.Fail(Closed());
            return;
        }

        _waiting.Enqueue(write);
        if (Interlocked.Exchange(ref _asleep, 0) == 1) _wake.Set();
        if (_closed) FailWaiting();
    }

    /// <summary>Finishes what was handed in and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _wake.Set();
        await _ended.Task;
        _wake.Dispose();
        _checkpointer.Dispose();
        Connection.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            Gather();
            if (_group.Count > 0) WriteGroup();
            else if (_closing) break;
            else Sleep();
        }

        _closed = true;
        Interlocked.MemoryBarrier();
        FailWaiting();
        _ended.SetResult();
    }

    private void Sleep()
    {
        Interlocked.Exchange(ref _asleep, 1);
        var woken = !_waiting.IsEmpty || _closing || _wake.WaitOne(Look);
        Interlocked.Exchange(ref _asleep, 0);
        if (woken || !Connection.FileIsGone) return;
        var gone = Gone();
        _damage.Note(gone);
        Tell(gone.Message);
    }

    private void Gather()
    {
        _group.Clear();
        _bytes = 0;
        while (_group.Count < MaxGroup && _bytes < MaxGroupBytes && _waiting.TryDequeue(out var write))
        {
            if (write.GivenUp()) continue;
            _bytes += write.Size;
            _group.Add(write);
        }
    }

    private void WriteGroup()
    {
        try
        {
            if (Connection.FileIsGone) throw Gone();
            Connection.Run(_begin);
            foreach (var write in _group) write.Apply(this);
            foreach (var queue in _touched)
            {
                if (queue.Delta != 0) Count(queue);
            }

            Connection.Run(_commit);
        }
        catch (Exception error)
        {
            // Whatever it was, the thread lives on: every caller of the group learns that it is not known to be written, and the next group
            // tries anew.
            if (error is StorageUnavailableException known) _damage.Note(known);
            Tell(error is StorageUnavailableException ? error.Message : error.GetType().Name + ".");
            Undo(error as StorageUnavailableException ?? new StorageUnavailableException("The group could not be written.", error));
            return;
        }

        Tell(null);
        _commits++;
        Settle(committed: true);
        foreach (var write in _group) write.Succeed();
        _checkpointer.Committed((PagesOfAWrite * _group.Count) + (_bytes / Schema.PageSize), Connection);
    }

    private void Undo(StorageUnavailableException error)
    {
        // SQLite has rolled back by itself after some errors and then answers that there is no transaction: that is what was wanted.
        _ = sqlite3_step(_rollback);
        _ = sqlite3_reset(_rollback);
        Settle(committed: false);
        foreach (var write in _group) write.Fail(error);
    }

    // Once per episode, however many writes it takes with it.
    private void Tell(string? failure)
    {
        var changed = failure is null != _failure is null;
        _failure = failure;
        if (changed) FailureChanged?.Invoke(failure);
    }

    private void Settle(bool committed)
    {
        foreach (var queue in _touched) queue.Settle(committed);
        _touched.Clear();
    }

    private void Count(QueueState queue)
    {
        Connection.Check(sqlite3_bind_blob(_count, 1, queue.Key));
        Connection.Check(sqlite3_bind_int64(_count, 2, queue.Delta));
        Connection.Run(_count);
    }

    private void FailWaiting()
    {
        while (_waiting.TryDequeue(out var write)) write.Fail(Closed());
    }

    private StorageUnavailableException Gone() =>
        new($"{_file} was removed or replaced while it was open, and what is written to it is lost. Stop the process, put the file back or restore its copy, and start again.")
        {
            IsDamage = true, // Readers that were opened since read another file: only a new process mends that.
        };

    private static StorageUnavailableException Closed() => new("The store is closed.");
}
