using System.Globalization;
using System.Text.Json;

namespace Notifications.Events;

/// <summary>
/// Reads what a provider sent. Samples show PascalCase, the wire may be camelCase; anything may be missing or of another type.
/// </summary>
internal static class EventData
{
    /// <summary>The text of a member, or an empty one.</summary>
    public static string Text(this JsonElement data, string name)
    {
        if (Member(data, name) is not { } member) return "";
        try
        {
            return member.ValueKind switch
            {
                JsonValueKind.String => member.GetString()!,
                JsonValueKind.Number => member.GetRawText(),
                _ => "",
            };
        }
        catch (InvalidOperationException)
        {
            return ""; // A string that is half a surrogate pair: it says nothing.
        }
    }

    /// <summary>The text of a member within a member; also where the outer one is itself the text.</summary>
    public static string Text(this JsonElement data, string name, string inner) =>
        Member(data, name) is { ValueKind: JsonValueKind.Object } member ? member.Text(inner) : data.Text(name);

    /// <summary>A moment in whole milliseconds, or null.</summary>
    public static DateTimeOffset? Moment(this JsonElement data, string name) =>
        DateTimeOffset.TryParse(
            data.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? new DateTimeOffset(at.Ticks - at.Ticks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero)
            : null;

    private static JsonElement? Member(JsonElement data, string name)
    {
        if (data.ValueKind != JsonValueKind.Object) return null;
        foreach (var member in data.EnumerateObject())
        {
            try
            {
                if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return member.Value;
            }
            catch (InvalidOperationException)
            {
                // A name that is no text is not the one we look for.
            }
        }

        return null;
    }
}
