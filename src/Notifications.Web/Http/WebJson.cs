using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notifications.Web.Http;

/// <summary>
/// Every request and answer body, as source-generated JSON. Requests are read strictly: an unknown or doubled member is an error that names it.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class WebJson : JsonSerializerContext;
