using System.Text.Json.Serialization;
using Notifications.Addresses;

namespace Notifications.Review;

/// <summary>What the reader of an item decided.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReviewVerdict>))]
public enum ReviewVerdict
{
    /// <summary>The person wants it to stop: everything on the channel stops.</summary>
    [JsonStringEnumMemberName("revoke")] Revoke = 1,

    /// <summary>The person wants something else: nothing changes, and the pause ends.</summary>
    [JsonStringEnumMemberName("not-a-revocation")] NotARevocation = 2,
}

/// <summary>Something a person wrote to us that only a person can understand (R13, R41).</summary>
public sealed record ReviewItem
{
    /// <summary>When it was written and a hash of its event: the same at every redelivery, and in the order of time.</summary>
    public required string Id { get; init; }

    /// <summary>How it came.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Whose it is, or null where the sender's address cannot be read.</summary>
    public string? AddressKey { get; init; }

    /// <summary>Who it says it is from, normalised. For mail nobody has proven it.</summary>
    public string? From { get; init; }

    /// <summary>What was written, the first 4,000 characters; of a mail, 600 of its subject.</summary>
    public required string Text { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What its reader decided; null while it is open.</summary>
    public ReviewVerdict? Verdict { get; init; }

    /// <summary>Who decided.</summary>
    public string? Actor { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }
}
