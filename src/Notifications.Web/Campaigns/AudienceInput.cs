using System.Text.Json;

namespace Notifications.Web.Campaigns;

/// <summary>An audience.</summary>
internal sealed record AudienceInput(string? Topic = null, string? Channel = null, JsonElement? Segment = null, string? List = null);
