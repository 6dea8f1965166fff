namespace Notifications.Storage.Sqlite;

/// <summary>The file beside the store that only one process holds.</summary>
internal static class FileLock
{
    /// <exception cref="InvalidOperationException">Another process has it, or the directory cannot be written; the message says
    /// which.</exception>
    public static FileStream Take(string file)
    {
        try
        {
            return new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new InvalidOperationException(IsSharing(error)
                ? $"The data in {Path.GetDirectoryName(file)} is in use by another process. Stop that process, or give this one a data directory of its own."
                : $"The data directory {Path.GetDirectoryName(file)} cannot be written: {error.Message}", error);
        }
    }

    /// <summary>
    /// Notes in the file that there is a store beside it, so that a store that is gone is told from one that was not made yet.
    /// </summary>
    public static void Opened(FileStream held)
    {
        if (held.Length > 0) return;
        held.WriteByte((byte)'1');
        held.Flush(flushToDisk: true);
    }

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsSharing(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);
}
