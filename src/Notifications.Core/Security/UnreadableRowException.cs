using System.Security.Cryptography;

namespace Notifications.Security;

/// <summary>
/// One of the rows that were asked for was altered, or was sealed with a key that is not in the ring: it says which, so that whoever must
/// reach the others can go on behind it.
/// </summary>
public sealed class UnreadableRowException : CryptographicException
{
    public UnreadableRowException() : this("A row cannot be opened.") { }

    public UnreadableRowException(string message) : base(message) { }

    public UnreadableRowException(string message, Exception inner) : base(message, inner) { }

    /// <summary>The partition it stands in.</summary>
    public string Partition { get; init; } = "";

    /// <summary>Its key.</summary>
    public string Row { get; init; } = "";

    /// <summary>How many rows that were asked for stand before it.</summary>
    public int Before { get; init; }
}
