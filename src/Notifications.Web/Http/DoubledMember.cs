using System.Text;
using System.Text.Json;

namespace Notifications.Web.Http;

/// <summary>
/// Finds the member that stands twice: of an object that is kept as it was given, the reader's error names only where the whole of it is.
/// </summary>
internal static class DoubledMember
{
    /// <summary>Its place, such as <c>data.parcels[1].number</c>; null where no name stands twice as it is written.</summary>
    public static string? Find(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = WebJson.Default.Options.MaxDepth });
        var levels = new List<Level>();
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        levels.RemoveAt(levels.Count - 1);
                        continue;
                    case JsonTokenType.PropertyName:
                        levels[^1].At = reader.GetString()!;
                        if (!levels[^1].Names!.Add(levels[^1].At)) return Path(levels);
                        continue;
                }

                if (levels is [.., { Names: null } array]) array.Item++;
                if (reader.TokenType is JsonTokenType.StartObject) levels.Add(new Level { Names = new(StringComparer.Ordinal) });
                else if (reader.TokenType is JsonTokenType.StartArray) levels.Add(new Level());
            }
        }
        catch (Exception unread) when (unread is JsonException or InvalidOperationException)
        {
            // Nothing stands twice up to where it is no JSON, or a name no text.
        }

        return null;
    }

    private static string Path(List<Level> levels)
    {
        var path = new StringBuilder();
        foreach (var level in levels)
            if (level.Names is null) path.Append('[').Append(level.Item).Append(']');
            else path.Append(path.Length == 0 ? "" : ".").Append(level.At);
        return path.ToString();
    }

    /// <summary>An object with the names so far, or an array without any.</summary>
    private sealed class Level
    {
        public HashSet<string>? Names { get; init; }

        public string At { get; set; } = "";

        public int Item { get; set; } = -1;
    }
}
