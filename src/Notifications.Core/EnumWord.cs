using System.Reflection;
using System.Text.Json.Serialization;

namespace Notifications;

/// <summary>
/// Reads the words of closed lists that come from outside. Enum.TryParse would take numbers, and of several words with commas between the
/// bits of all of them together, which may be those of another word.
/// </summary>
public static class EnumWord
{
    /// <summary>The one that a text names, in any case; null where it names none.</summary>
    public static T? Read<T>(string? text) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            if (value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }

    /// <summary>All words of a list, as JSON has them.</summary>
    public static string[] All<T>() where T : struct, Enum =>
        [
            .. Enum.GetNames<T>().Select(
                name => typeof(T).GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? name),
        ];
}
