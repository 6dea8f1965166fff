namespace Notifications.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the file beside the writer, on a thread and a connection of its own, so that no commit waits for it.
/// What is committed meanwhile is copied in a second and third round, each shorter; the little that is left the writer copies itself and
/// begins the log anew.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    // Pages of 4 KiB: 16 MiB of log.
    private const int Every = 4000;
    private const int Rounds = 3;

    private readonly string _file;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private int _pages;
    private volatile bool _busy;
    private volatile bool _nearlyDone;
    private volatile bool _closing;

    public Checkpointer(string file)
    {
        _file = file;
        _thread = new Thread(Loop) { Name = "storage-checkpoint", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Tells what a commit has added to the log, about. The writer's own, after each commit.</summary>
    public void Committed(int pages, Connection writer)
    {
        _pages += pages;
        if (_nearlyDone)
        {
            _nearlyDone = false;
            // A reader of a long range may be in the way: the log is then begun anew the next time.
            if (writer.Checkpoint(restart: true)) _pages = 0;
            _busy = false;
        }
        else if (_pages >= Every && !_busy)
        {
            _busy = true;
            _wake.Set();
        }
    }

    public void Dispose()
    {
        _closing = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Loop()
    {
        Connection? connection = null;
        while (_wake.WaitOne() && !_closing)
        {
            try
            {
                connection ??= Open();
                for (var round = 0; round < Rounds; round++) connection.Checkpoint(restart: false);
            }
            catch (StorageUnavailableException)
            {
                // It cannot be opened: the writer, whose turn is next, copies all of it.
            }

            _nearlyDone = true;
        }

        connection?.Dispose();
    }

    private Connection Open()
    {
        var connection = new Connection(_file, create: false);
        connection.Execute(Schema.Checkpointer);
        return connection;
    }
}
