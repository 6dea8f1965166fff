using System.Collections.Concurrent;

namespace Notifications.Storage.Sqlite;

/// <summary>
/// The readers at rest. A read never waits for a write or for another read; there are as many readers as threads have read at once.
/// </summary>
internal sealed class Readers(string file, Damage damage) : IDisposable
{
    private readonly ConcurrentBag<Reader> _resting = [];
    private volatile bool _closed;

    public Rented Rent()
    {
        if (_closed) throw new StorageUnavailableException("The store is closed.");
        return new Rented(this, _resting.TryTake(out var reader) ? reader : Open());
    }

    public void Dispose()
    {
        _closed = true;
        Drain();
    }

    private Reader Open()
    {
        try
        {
            return new Reader(file, damage);
        }
        catch (StorageUnavailableException error)
        {
            damage.Note(error);
            throw;
        }
    }

    private void Drain()
    {
        while (_resting.TryTake(out var reader)) reader.Dispose();
    }

    /// <summary>A reader, until this is disposed of.</summary>
    internal readonly struct Rented(Readers readers, Reader reader) : IDisposable
    {
        public Reader Reader => reader;

        public void Dispose()
        {
            readers._resting.Add(reader);
            // Closed meanwhile: nobody else would let go of it.
            if (readers._closed) readers.Drain();
        }
    }
}
