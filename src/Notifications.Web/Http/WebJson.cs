using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Privacy;
using Notifications.Web.Access;
using Notifications.Web.Addresses;
using Notifications.Web.Audiences;
using Notifications.Web.Audit;
using Notifications.Web.Campaigns;
using Notifications.Web.Consent;
using Notifications.Web.Contacts;
using Notifications.Web.Imports;
using Notifications.Web.Packages;
using Notifications.Web.Privacy;
using Notifications.Web.Review;
using Notifications.Web.Sending;
using Notifications.Web.Templates;
using Notifications.Web.Webhooks;

namespace Notifications.Web.Http;

/// <summary>
/// Every request and answer body, as source-generated JSON. Requests are read strictly: an unknown or doubled member is an error that names
/// it, and a number in quotes is no number. Answers may nest deeper than anything that is taken (<see cref="Inputs.Deepest"/>): an earlier
/// version took 62 levels of evidence and data, and what a list could not show nobody could read.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
    NumberHandling = JsonNumberHandling.Strict, Converters = [typeof(WholeInt32), typeof(WholeInt64)], MaxDepth = 128)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(MessageInput))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(BatchInput))]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(MessageList))]
[JsonSerializable(typeof(DecisionView))]
[JsonSerializable(typeof(ConsentInput))]
[JsonSerializable(typeof(SubscriptionView))]
[JsonSerializable(typeof(LedgerView))]
[JsonSerializable(typeof(PreferencesInput))]
[JsonSerializable(typeof(PreferencesView))]
[JsonSerializable(typeof(ContactInput))]
[JsonSerializable(typeof(ContactStatusInput))]
[JsonSerializable(typeof(ContactDetails))]
[JsonSerializable(typeof(SuppressionInput))]
[JsonSerializable(typeof(SuppressionView))]
[JsonSerializable(typeof(SuppressionList))]
[JsonSerializable(typeof(KeyInput))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(DeadLetterList))]
[JsonSerializable(typeof(ReplayView))]
[JsonSerializable(typeof(ReplayAllView))]
[JsonSerializable(typeof(ReplayInput))]
[JsonSerializable(typeof(WatchInput))]
[JsonSerializable(typeof(UnwatchInput))]
[JsonSerializable(typeof(WatchView))]
[JsonSerializable(typeof(WatchList))]
[JsonSerializable(typeof(PackageEventInput))]
[JsonSerializable(typeof(PackageEventAccepted))]
[JsonSerializable(typeof(PackageDetails))]
[JsonSerializable(typeof(ReviewInput))]
[JsonSerializable(typeof(ReviewView))]
[JsonSerializable(typeof(ReviewList))]
[JsonSerializable(typeof(PrivacyInput))]
[JsonSerializable(typeof(NoticeInput))]
[JsonSerializable(typeof(PrivacyView))]
[JsonSerializable(typeof(PrivacyList))]
[JsonSerializable(typeof(PersonImported))]
[JsonSerializable(typeof(PersonExport))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(AuditView))]
[JsonSerializable(typeof(ExplainView))]
[JsonSerializable(typeof(NoInput))]
[JsonSerializable(typeof(CampaignInput))]
[JsonSerializable(typeof(CampaignScheduleInput))]
[JsonSerializable(typeof(CampaignLaunchInput))]
[JsonSerializable(typeof(CampaignPauseInput))]
[JsonSerializable(typeof(CampaignCancelInput))]
[JsonSerializable(typeof(CampaignTestInput))]
[JsonSerializable(typeof(CampaignTested))]
[JsonSerializable(typeof(CampaignView))]
[JsonSerializable(typeof(CampaignList))]
[JsonSerializable(typeof(CampaignForecast))]
[JsonSerializable(typeof(CampaignStats))]
[JsonSerializable(typeof(RecipientList))]
[JsonSerializable(typeof(LedgerReport))]
[JsonSerializable(typeof(SegmentInput))]
[JsonSerializable(typeof(SegmentView))]
[JsonSerializable(typeof(SegmentList))]
[JsonSerializable(typeof(ListInput))]
[JsonSerializable(typeof(ListView))]
[JsonSerializable(typeof(ListPage))]
[JsonSerializable(typeof(ListMembersInput))]
[JsonSerializable(typeof(ListChanged))]
[JsonSerializable(typeof(ListMembers))]
[JsonSerializable(typeof(AudienceCountInput))]
[JsonSerializable(typeof(AudienceCount))]
[JsonSerializable(typeof(TemplateInput))]
[JsonSerializable(typeof(TemplateChangeInput))]
[JsonSerializable(typeof(TemplateView))]
[JsonSerializable(typeof(TemplateList))]
[JsonSerializable(typeof(TemplateVersionList))]
[JsonSerializable(typeof(DraftPreviewInput))]
[JsonSerializable(typeof(PreviewInput))]
[JsonSerializable(typeof(PreviewView))]
[JsonSerializable(typeof(RefusedTemplate))]
[JsonSerializable(typeof(TemplateTestInput))]
[JsonSerializable(typeof(TemplateTestAccepted))]
[JsonSerializable(typeof(ValidationAnswer))]
[JsonSerializable(typeof(ImportAccepted))]
[JsonSerializable(typeof(ImportView))]
[JsonSerializable(typeof(ImportList))]
[JsonSerializable(typeof(ImportPreview))]
internal sealed partial class WebJson : JsonSerializerContext;
