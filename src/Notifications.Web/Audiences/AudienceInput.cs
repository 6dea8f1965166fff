using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Web.Http;

namespace Notifications.Web.Audiences;

/// <summary>
/// Whom a campaign is for: everyone subscribed to a topic on a channel, narrowed by a segment and a list, less whoever is excluded.
/// </summary>
/// <param name="Topic">
/// The key of the topic whose subscribers are meant. Of a campaign it may be left out, which means the campaign's own; who is subscribed to
/// another one is still asked for the campaign's own.
/// </param>
/// <param name="Channel">The channel. Of a campaign it may be left out, and is the campaign's own.</param>
/// <param name="Segment">Only who matches: the id of a stored segment, or a filter written out. Everyone when left out.</param>
/// <param name="List">Only who is on the list with this id. Everyone when left out.</param>
/// <param name="Exclude">Who is left out. Nobody when left out.</param>
internal record AudienceInput(
    string? Topic = null, string? Channel = null, JsonElement? Segment = null, string? List = null, AudienceExclusionInput? Exclude = null)
{
    /// <summary>
    /// Reads an audience; what is wrong, also a segment or list that is not there, is added to the errors under the prefix.
    /// </summary>
    public async ValueTask<Audience?> ReadAsync(
        FieldErrors errors, string prefix, TopicCatalog topics, StoredSegments segments, StaticLists lists, CancellationToken cancel)
    {
        var topic = errors.Required(prefix + "topic", Topic, 32);
        if (topic is not null && topics.Find(topic) is null) errors.Add(prefix + "topic", $"must be one of {topics.Known}");
        var channel = ChannelNames.Parse(Channel);
        if (channel is null) errors.Add(prefix + "channel", Channel is null ? "is required" : "must be email or sms");
        var segment = await SegmentAsync(errors, prefix + "segment", Segment, segments, cancel);
        var list = await ListAsync(errors, prefix + "list", List, lists, cancel);
        var exclude = Exclude is null ? null : new AudienceExclusion
        {
            Segment = await SegmentAsync(errors, prefix + "exclude.segment", Exclude.Segment, segments, cancel),
            List = await ListAsync(errors, prefix + "exclude.list", Exclude.List, lists, cancel),
        };
        return errors.Any ? null : new Audience(topic!, channel!.Value) { Segment = segment, List = list, Exclude = exclude };
    }

    private static async ValueTask<SegmentRef?> SegmentAsync(
        FieldErrors errors, string field, JsonElement? json, StoredSegments segments, CancellationToken cancel)
    {
        if (json is not { } given || given.ValueKind == JsonValueKind.Null) return null;
        if (given.ValueKind != JsonValueKind.String)
            return SegmentInput.Read(errors, field, given) is { } segment ? new SegmentRef(segment) : null;
        if (Inputs.IsText(given) && given.GetString() is { } id && await segments.FindAsync(id, cancel) is not null)
            return new SegmentRef(id);
        errors.Add(field, "is not a stored segment");
        return null;
    }

    private static async ValueTask<string?> ListAsync(
        FieldErrors errors, string field, string? id, StaticLists lists, CancellationToken cancel)
    {
        if (id is not null && await lists.FindAsync(id, cancel) is null) errors.Add(field, "is not a list");
        return id;
    }
}

/// <summary>An audience without a campaign, whose topic and channel it could take.</summary>
internal sealed record AudienceCountInput() : AudienceInput();

/// <summary>Who is left out: whoever matches the segment, and whoever is on the list.</summary>
/// <param name="Segment">Who matches is left out: the id of a stored segment, or a filter written out.</param>
/// <param name="List">Who is on the list with this id is left out.</param>
internal sealed record AudienceExclusionInput(JsonElement? Segment = null, string? List = null);
