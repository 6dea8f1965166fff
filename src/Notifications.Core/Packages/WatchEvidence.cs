using System.Text;
using System.Text.Json;

namespace Notifications.Packages;

/// <summary>The evidence of a watch as the ledger keeps it: which package, and what was given with the request.</summary>
internal static class WatchEvidence
{
    public static string Of(string number, string? given)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("package", number);
            if (given is not null)
            {
                json.WritePropertyName("given");
                json.WriteRawValue(given);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
