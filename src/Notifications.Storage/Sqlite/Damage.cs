namespace Notifications.Storage.Sqlite;

/// <summary>
/// What was first met in the file that is not what was written there, or that it is gone. It stays until the process ends: neither mends
/// itself.
/// </summary>
internal sealed class Damage
{
    private string? _why;
    private Action<string>? _found;

    /// <summary>What it is, or null.</summary>
    public string? Why => Volatile.Read(ref _why);

    /// <summary>Who is told, once; at once, where it was met already.</summary>
    public Action<string> Found
    {
        set
        {
            _found = value;
            if (Why is { } why) value(why);
        }
    }

    public void Note(StorageUnavailableException error)
    {
        if (error.IsDamage && Interlocked.CompareExchange(ref _why, error.Message, null) is null) _found?.Invoke(error.Message);
    }
}
