using System.Text.Json;
using Notifications.Addresses;

namespace Notifications.Audiences;

/// <summary>Who a campaign is for: everyone subscribed to a topic on a channel, narrowed by a segment or a list, less the excluded.</summary>
public sealed record Audience(string Topic, Channel Channel, JsonElement? Segment = null, string? List = null, AudienceExclusion? Exclude = null);

/// <summary>Who is left out.</summary>
public sealed record AudienceExclusion(JsonElement? Segment = null, string? List = null);
