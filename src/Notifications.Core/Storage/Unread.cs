using System.Security.Cryptography;
using Notifications.Security;

namespace Notifications.Storage;

/// <summary>
/// What a run over many rows could not read, because no key of the ring opens it. The run works on all the others and fails at its end, so
/// that somebody looks: the keys are missing, or the row was altered.
/// </summary>
internal sealed class Unread
{
    private CryptographicException? _first;
    private int _count;

    /// <summary>Notes one row.</summary>
    public ValueTask AddAsync(string partition, string row)
    {
        Add(new UnreadableRowException { Partition = partition, Row = row });
        return ValueTask.CompletedTask;
    }

    /// <summary>Notes one failure to open a row.</summary>
    public void Add(CryptographicException shut)
    {
        Interlocked.CompareExchange(ref _first, shut, null);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Does something, and where it meets such a row notes that and is done.</summary>
    public async ValueTask TryAsync(Func<ValueTask> doAsync)
    {
        try
        {
            await doAsync();
        }
        catch (CryptographicException shut)
        {
            Add(shut);
        }
    }

    /// <exception cref="UnreadableRowException">Something could not be read.</exception>
    public void Tell()
    {
        if (_first is { } first)
            throw new UnreadableRowException($"{_count} times no key of the ring opened what was to be worked on; the rest is done.", first);
    }
}
