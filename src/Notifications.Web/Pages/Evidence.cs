using System.Text;
using System.Text.Json;

namespace Notifications.Web.Pages;

/// <summary>
/// What a page can attest of an act: from which address and with which browser (R26). It is sealed with the ledger entry and destroyed by
/// erasure.
/// </summary>
internal static class Evidence
{
    public static string Of(HttpContext http, Texts? texts = null, DateTimeOffset? at = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (at is { } said) json.WriteString("at", said.UtcDateTime); // Where it is recorded later.
            if (http.Connection.RemoteIpAddress is { } ip) json.WriteString("ip", ip.ToString());
            var agent = http.Request.Headers.UserAgent.ToString();
            if (agent.Length > 0) json.WriteString("userAgent", FreeText.Cut(agent, 300));
            if (texts is not null) json.WriteString("language", texts.Language);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
