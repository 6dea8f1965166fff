namespace Notifications.Storage;

/// <summary>
/// The store did not answer, or said "later". Whether a write happened is unknown. Callers fail closed (P8): no send, no false
/// confirmation; HTTP answers 503 with Retry-After, a queue item is tried again.
/// </summary>
public sealed class StorageUnavailableException : Exception
{
    public StorageUnavailableException() : this("The store is unavailable.") { }

    public StorageUnavailableException(string message) : base(message) { }

    public StorageUnavailableException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Whether what is stored cannot be read for what it is, or is gone, which no waiting mends.</summary>
    public bool IsDamage { get; init; }

    /// <summary>Whether the store was there all the time, and others were faster with a row: nothing is amiss.</summary>
    public bool IsContention { get; init; }

    /// <summary>Others were faster with a row each time that its change was tried.</summary>
    /// <param name="what">What the row is, as a sentence begins.</param>
    public static StorageUnavailableException Contended(string what) =>
        new($"{what} changed under every try.") { IsContention = true };
}
