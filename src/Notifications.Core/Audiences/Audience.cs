using System.Text.Json.Serialization;
using Notifications.Addresses;

namespace Notifications.Audiences;

/// <summary>
/// Whom a campaign is for: everyone subscribed to a topic on a channel, narrowed by a segment and a list, less whoever is excluded.
/// </summary>
/// <param name="Topic">The topic's key.</param>
/// <param name="Channel">The channel.</param>
public sealed record Audience(string Topic, Channel Channel)
{
    /// <summary>Only who matches; null for everyone.</summary>
    public SegmentRef? Segment { get; init; }

    /// <summary>Only who is on this static list; null for everyone.</summary>
    public string? List { get; init; }

    /// <summary>Who is left out.</summary>
    public AudienceExclusion? Exclude { get; init; }
}

/// <summary>Who is left out of an audience: whoever matches the segment, and whoever is on the list.</summary>
public sealed record AudienceExclusion
{
    /// <summary>Who matches is left out.</summary>
    public SegmentRef? Segment { get; init; }

    /// <summary>Who is on this static list is left out.</summary>
    public string? List { get; init; }
}

/// <summary>A segment, by the id of a stored one or written out. In JSON: a string or an object.</summary>
[JsonConverter(typeof(SegmentRefConverter))]
public readonly record struct SegmentRef
{
    /// <summary>A stored segment.</summary>
    public SegmentRef(string id) => Id = id;

    /// <summary>A segment written out.</summary>
    public SegmentRef(Segment inline) => Inline = inline;

    /// <summary>The stored segment's id, or null.</summary>
    public string? Id { get; }

    /// <summary>The segment itself, or null.</summary>
    public Segment? Inline { get; }
}
