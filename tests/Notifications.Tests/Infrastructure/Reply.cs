using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Notifications.Tests.Infrastructure;

/// <summary>An HTTP answer, read whole.</summary>
internal sealed record Reply(HttpStatusCode Status, HttpResponseHeaders Headers, string? MediaType, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>A string member, null where there is none.</summary>
    public string? this[string name] => Json.TryGetProperty(name, out var value) ? value.ToString() : null;

    /// <summary>The fields that a problem names.</summary>
    public IReadOnlyList<string> Fields =>
        Json.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray().Select(e => e.GetProperty("field").GetString()!)] : [];
}
