using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notifications.Web.Pages;

/// <summary>Strict on purpose: see <see cref="Texts"/>.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Texts))]
internal sealed partial class TextsJson : JsonSerializerContext;
