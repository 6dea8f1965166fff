namespace Notifications.Audiences;

/// <summary>
/// One subscribed address as the audience index knows it: what segments filter by, and neither address nor name. It is a copy of part of
/// the address's record, which alone decides a send.
/// </summary>
/// <param name="Since">Since when the topic is subscribed.</param>
public sealed record AudienceRow(DateTimeOffset Since)
{
    /// <summary>BCP 47 language tag, or null.</summary>
    public string? Locale { get; init; }

    /// <summary>ISO 3166 country: of the phone number, else of the locale, else of the time zone; null where none of them tells.</summary>
    public string? Country { get; init; }

    /// <summary>IANA time zone, or null.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The address's tags, lower case; null for none.</summary>
    public string[]? Tags { get; init; }

    /// <summary>When the person last read or clicked something, to the day; null when never seen.</summary>
    public DateTimeOffset? EngagedAt { get; init; }

    /// <summary>How many packages the address follows.</summary>
    public int Watching { get; init; }

    /// <summary>Equal in every member, the tags one by one.</summary>
    public bool Equals(AudienceRow? other) =>
        other is not null
            && Since == other.Since
            && Locale == other.Locale
            && Country == other.Country
            && TimeZone == other.TimeZone
            && EngagedAt == other.EngagedAt
            && Watching == other.Watching
        && Tags.AsSpan().SequenceEqual(other.Tags);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Since, Locale, Country, TimeZone, EngagedAt, Watching, Tags?.Length ?? 0);
}
