using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Notifications;

/// <summary>The files that are part of this assembly, by folder and name: <c>Packages.texts.json</c>.</summary>
internal static class Embedded
{
    /// <summary>One of them; null where there is none.</summary>
    public static Stream? Find(string name) => typeof(Embedded).Assembly.GetManifestResourceStream("Notifications." + name);

    /// <summary>What is in one that is JSON.</summary>
    public static T Read<T>(string name, JsonTypeInfo<T> type)
    {
        using var stream = Find(name)!;
        return JsonSerializer.Deserialize(stream, type)!;
    }

    /// <summary>The texts of a folder, by language and key.</summary>
    public static FrozenDictionary<string, FrozenDictionary<string, string>> Texts(string folder) =>
        Read(folder + ".texts.json", CoreJson.Default.DictionaryStringDictionaryStringString).ToFrozenDictionary(
            pair => pair.Key, pair => pair.Value.ToFrozenDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
}
