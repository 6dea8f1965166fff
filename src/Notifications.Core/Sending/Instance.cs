using System.Security.Cryptography;

namespace Notifications.Sending;

/// <summary>
/// This process, as claims name it. Where one process owns the store (<paramref name="Exclusive"/>), a claim of another instance is a dead
/// one's and can be settled at once; elsewhere it must have outlived the time a hand-off may take.
/// </summary>
public sealed record Instance(string Id, bool Exclusive)
{
    /// <summary>A new name.</summary>
    public static Instance New(bool exclusive) => new(RandomNumberGenerator.GetHexString(12, lowercase: true), exclusive);
}
