using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Web.Access;
using Notifications.Web.Addresses;
using Notifications.Web.Audiences;
using Notifications.Web.Campaigns;
using Notifications.Web.Consent;
using Notifications.Web.Contacts;
using Notifications.Web.Http;
using Notifications.Web.Imports;
using Notifications.Web.Packages;
using Notifications.Web.Privacy;
using Notifications.Web.Review;
using Notifications.Web.Sending;
using Notifications.Web.Templates;
using Scope = Notifications.Access.Scope;

namespace Notifications.Web.OpenApi;

/// <summary>
/// What the readers of bodies ask that no type says: a body is read with every member optional and of plain text, so that one answer can
/// name all that is wrong. A test holds each line against the endpoint.
/// </summary>
internal static class BodyRules
{
    /// <summary>The words for a channel.</summary>
    public static readonly string[] Channels = EnumWord.All<Channel>();

    private static readonly string[] Queued = ["queued"], Encodings = ["gsm-7", "ucs-2"], Shapes = [.. ImportShape.All.Select(s => s.Name)];

    private static readonly Dictionary<Type, string[]> Required = new()
    {
        [typeof(MessageInput)] = ["topic", "to"],
        [typeof(ConsentInput)] = ["topic", "action"],
        [typeof(SubscriptionInput)] = ["topic", "status"],
        [typeof(SuppressionInput)] = ["reason"],
        [typeof(KeyInput)] = ["name", "scopes"],
        [typeof(ReplayInput)] = ["queue"],
        [typeof(WatchInput)] = ["source"],
        [typeof(PackageEventInput)] = ["id", "status"],
        [typeof(ReviewInput)] = ["id", "verdict"],
        [typeof(PrivacyInput)] = ["type"],
        [typeof(NoticeInput)] = ["notice"],
        [typeof(CampaignInput)] = ["name", "topic", "channel", "template"],
        [typeof(CampaignTestInput)] = ["to"],
        [typeof(SegmentInput)] = ["name", "filter"],
        [typeof(ListInput)] = ["name"],
        [typeof(AudienceCountInput)] = ["topic", "channel"],
        [typeof(TemplateInput)] = ["name", "topic", "channel", "locale"],
        [typeof(TemplateChangeInput)] = ["topic"],
        [typeof(DraftPreviewInput)] = ["template"],
        [typeof(TemplateTestInput)] = ["to"],
    };

    private static readonly Dictionary<(Type, string), string[]> OneOf = new()
    {
        [(typeof(ConsentInput), "action")] = ["opt-in", "opt-out", "confirm"],
        [(typeof(ConsentInput), "basis")] = ["consent", "soft-opt-in"],
        [(typeof(SubscriptionInput), "status")] = ["subscribed", "unsubscribed"],
        [(typeof(SuppressionInput), "reason")] = ["manual", "bounce", "complaint", "invalid"],
        [(typeof(KeyInput), "scopes")] = Scope.All,
        [(typeof(ReplayInput), "queue")] = Queues.WithDeadLetters,
        [(typeof(ReplayView), "queue")] = Queues.WithDeadLetters,
        [(typeof(ReplayView), "status")] = ["queued", "discarded"],
        [(typeof(ReplayAllView), "queue")] = Queues.WithDeadLetters,
        [(typeof(DeadLetterView), "queue")] = Queues.WithDeadLetters,
        [(typeof(MessageAccepted), "status")] = Queued,
        [(typeof(AcceptedMessage), "status")] = Queued,
        [(typeof(BatchResult), "status")] = Queued,
        [(typeof(PackageEventAccepted), "status")] = Queued,
        [(typeof(PackageEventView), "outcome")] =
            [PackageEventRow.Announced, PackageEventRow.Superseded, PackageEventRow.Stale, PackageEventRow.NoNews],
        [(typeof(SegmentsView), "encoding")] = Encodings,
        [(typeof(SmsPreview), "encoding")] = Encodings,
        [(typeof(SubjectTestInput), "by")] = EnumWord.All<SubjectMeasure>(),
        [(typeof(ImportView), "shape")] = Shapes,
        [(typeof(ImportPreview), "shape")] = Shapes,
        [(typeof(RowPreview), "outcome")] = ["accepted", "lowered", "rejected"],
        [(typeof(WatchView), "digest")] = ["daily"],
        [(typeof(KeyView), "scopes")] = Scope.All,
        [(typeof(WatchInput), "digest")] = ["daily", "each"],
        [(typeof(ReviewInput), "verdict")] = ["revoke", "not-a-revocation"],
        [(typeof(ReviewView), "verdict")] = ["revoke", "not-a-revocation"],
        [(typeof(ReviewView), "status")] = ReviewEndpoints.Statuses,
        [(typeof(PrivacyInput), "type")] = ["access", "portability", "rectification", "erasure", "restriction", "objection"],
        [(typeof(TemplateInput), "layout")] = ["standard", "none"],
        [(typeof(TemplateChangeInput), "layout")] = ["standard", "none"],
    };

    // Null is refused, where elsewhere it is the same as leaving the member out.
    private static readonly (Type, string)[] NeverNull = [(typeof(ReplayInput), "id")];

    private static readonly Dictionary<(Type, string), int> Longest = new()
    {
        [(typeof(PackageEventInput), "id")] = 200,
        [(typeof(PackageEventInput), "description")] = 500,
        [(typeof(PackageEventInput), "location")] = 200,
        [(typeof(PackageEventInput), "carrier")] = 100,
    };

    /// <summary>Whether a body without the member is refused, whatever else it has.</summary>
    public static bool IsRequired(Type body, string member) =>
        Required.TryGetValue(body, out var members) && Array.IndexOf(members, member) >= 0;

    /// <summary>The words that a member may be, or null where it may be any.</summary>
    public static string[]? WordsOf(Type body, string member) =>
        OneOf.TryGetValue((body, member), out var words) ? words : member == "channel" ? Channels : null;

    // One word or several, of which a schema cannot list the words: a status is taken in many writings.
    private static bool IsFilter(Type body, JsonPropertyInfo member) =>
        member.PropertyType == typeof(WatchFilter) || (body == typeof(WatchInput) && member.Name == "statuses");

    /// <summary>Words as a schema lists them.</summary>
    public static IList<JsonNode> Words(params IEnumerable<string> words) => [.. words.Select(w => (JsonNode)w)];

    // What a PUT takes, and what a GET of the same thing answers: it can be put back.
    private static readonly Dictionary<Type, JsonTypeInfo> Shown = new()
    {
        [typeof(ContactInput)] = WebJson.Default.ContactDetails,
        [typeof(TemplateChangeInput)] = WebJson.Default.TemplateView,
        [typeof(CampaignInput)] = WebJson.Default.CampaignView,
        [typeof(SegmentInput)] = WebJson.Default.SegmentView,
        [typeof(ListInput)] = WebJson.Default.ListView,
    };

    /// <summary>Says it in a schema.</summary>
    public static void Describe(OpenApiSchema schema, JsonTypeInfo body)
    {
        if (Shown.TryGetValue(body.Type, out var shown))
            foreach (var member in shown.Properties)
                schema.Properties!.TryAdd(
                    member.Name,
                    new OpenApiSchema
                    {
                        ReadOnly = true, Description = "Ours to set. A PUT may give it back as a GET has answered it, and it is passed over.",
                    });
        foreach (var member in body.Properties)
        {
            if (schema.Properties is not { } properties
                || !properties.TryGetValue(member.Name, out var said)
                || said is not OpenApiSchema property)
            {
                continue;
            }

            if (IsFilter(body.Type, member))
            {
                property.Type = JsonSchemaType.String | JsonSchemaType.Array | (member.IsGetNullable ? JsonSchemaType.Null : 0);
                property.Items = new OpenApiSchema { Type = JsonSchemaType.String };
            }

            if (IsRequired(body.Type, member.Name)) (schema.Required ??= new HashSet<string>()).Add(member.Name);
            if (Longest.TryGetValue((body.Type, member.Name), out var most)) property.MaxLength = most;
            if ((Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType) == typeof(JsonElement)
                && member.Name is "data" or "evidence")
            {
                property.Type = member.IsGetNullable ? JsonSchemaType.Object | JsonSchemaType.Null : JsonSchemaType.Object;
                property.AdditionalProperties = new OpenApiSchema();
            }

            if (IsRequired(body.Type, member.Name) || NeverNull.Contains((body.Type, member.Name))) property.Type &= ~JsonSchemaType.Null;
            if ((Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType).IsEnum
                || WordsOf(body.Type, member.Name) is not { } words)
            {
                continue;
            }

            if (property.Items is OpenApiSchema items) items.Enum = Words(words);
            else property.Enum = property.Type?.HasFlag(JsonSchemaType.Null) == true
                ? [.. Words(words), JsonNullSentinel.JsonNull]
                : Words(words);
        }
    }
}
