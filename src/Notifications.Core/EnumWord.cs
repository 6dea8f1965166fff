using System.Reflection;
using System.Text.Json.Serialization;

namespace Notifications;

/// <summary>
/// Reads the words of closed lists that come from outside. Enum.TryParse would take numbers, and of several words with commas between the
/// bits of all of them together, which may be those of another word.
/// </summary>
public static class EnumWord
{
    /// <summary>The one that a text names, as JSON has it and in any case; null where it names none.</summary>
    public static T? Read<T>(string? text) where T : struct, Enum
    {
        foreach (var (word, value) in Words<T>.Known)
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }

    /// <summary>All words of a list, as JSON has them.</summary>
    public static string[] All<T>() where T : struct, Enum => [.. Words<T>.Known.Select(w => w.Word)];

    /// <summary>How JSON has one.</summary>
    public static string Of<T>(T value) where T : struct, Enum =>
        Array.Find(Words<T>.Known, w => EqualityComparer<T>.Default.Equals(w.Value, value)).Word;

    private static class Words<T> where T : struct, Enum
    {
        public static readonly (string Word, T Value)[] Known =
            [
                .. Enum.GetValues<T>().Select(
                    v => (
                        typeof(T).GetField(v.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? v.ToString(),
                        v)),
            ];
    }
}
