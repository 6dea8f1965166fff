using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Subscribe;
using Notifications.Templates;
using Notifications.Timers;

namespace Notifications;

/// <summary>
/// Everything stored or queued, as source-generated JSON. Unknown members are ignored, so a newer version's rows can be read after a
/// roll-back.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AddressState))]
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(MessageRecord))]
[JsonSerializable(typeof(SendRequest))]
[JsonSerializable(typeof(WatchRecord))]
[JsonSerializable(typeof(WatcherRow))]
[JsonSerializable(typeof(PackageRecord))]
[JsonSerializable(typeof(PackageEventRow))]
[JsonSerializable(typeof(PackageWork))]
[JsonSerializable(typeof(PackageNews))]
[JsonSerializable(typeof(StatusTable))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
[JsonSerializable(typeof(ContactProfile))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(GivenUp))]
[JsonSerializable(typeof(InboundEvent))]
[JsonSerializable(typeof(InboundText))]
[JsonSerializable(typeof(ReviewItem))]
[JsonSerializable(typeof(OperatorAlert))]
[JsonSerializable(typeof(InboundMail))]
[JsonSerializable(typeof(SignupRequest))]
[JsonSerializable(typeof(SuppressionIndexRow))]
[JsonSerializable(typeof(IdempotencyRecord))]
[JsonSerializable(typeof(PrivacyRequest))]
[JsonSerializable(typeof(SweepProgress))]
[JsonSerializable(typeof(BegunImport))]
[JsonSerializable(typeof(PersonExport))]
[JsonSerializable(typeof(Campaign))]
[JsonSerializable(typeof(CampaignWork))]
[JsonSerializable(typeof(BucketRow))]
[JsonSerializable(typeof(BatchRow))]
[JsonSerializable(typeof(TickRow))]
[JsonSerializable(typeof(CampaignForecast))]
[JsonSerializable(typeof(ForecastRun))]
[JsonSerializable(typeof(ForecastPart))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(AuditHead))]
[JsonSerializable(typeof(LedgerSeal))]
[JsonSerializable(typeof(StatisticsRow))]
[JsonSerializable(typeof(AudienceRow))]
[JsonSerializable(typeof(Audience))]
[JsonSerializable(typeof(Segment))]
[JsonSerializable(typeof(StoredSegment))]
[JsonSerializable(typeof(StaticList))]
[JsonSerializable(typeof(ListSize))]
[JsonSerializable(typeof(TemplateHead))]
[JsonSerializable(typeof(TemplateVersion))]
[JsonSerializable(typeof(Import))]
[JsonSerializable(typeof(ImportWork))]
[JsonSerializable(typeof(ResealProgress))]
[JsonSerializable(typeof(PassPlace))]
public sealed partial class CoreJson : JsonSerializerContext
{
    /// <summary>
    /// The same with the text of every script as it is, for what may be large: escaped, a character has up to six times the bytes, and what
    /// fits in Latin letters would not in others. Only what lies beyond U+FFFF, emoji for the most part, stays escaped. What was written by
    /// the one is read by the other.
    /// </summary>
    internal static CoreJson Unescaped =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The same for what comes from outside: of a closed list it takes a word (<see cref="EnumWordConverter"/>).</summary>
    public static CoreJson FromOutside =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Converters = { new EnumWordConverter() } });
}
