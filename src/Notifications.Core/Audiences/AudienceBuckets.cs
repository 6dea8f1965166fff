using Notifications.Addresses;

namespace Notifications.Audiences;

/// <summary>
/// The 64 parts of an audience, by the first character of the address key: keys are hashes, so the parts are of one size.
/// </summary>
public static class AudienceBuckets
{
    /// <summary>Every bucket, in ordinal order.</summary>
    public const string All = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    /// <summary>The bucket of an address.</summary>
    public static char Of(AddressKey key) => key.Value[0];

    /// <summary>The partition of the index that holds a bucket.</summary>
    public static string Partition(string topic, Channel channel, char bucket) =>
        string.Concat(topic, channel == Channel.Email ? ":email:" : ":sms:", new ReadOnlySpan<char>(in bucket));
}
