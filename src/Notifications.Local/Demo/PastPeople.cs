using System.Globalization;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Unsubscribe;

namespace Notifications.Local.Demo;

/// <summary>What people do in the demo's month: agree, leave, answer, read and complain, each by the way that people have.</summary>
internal sealed class PastPeople(Past past, Random random)
{
    private int _events;

    // What became of what was sent: nearly all arrives, some of it is read, a little comes back.
    public async ValueTask ReportAsync()
    {
        var (emails, texts) = past.Post.Take();
        foreach (var mail in emails)
        {
            var fate = random.NextDouble();
            var marketing = mail.Headers.Any(h => h.Key == "List-Unsubscribe-Post");
            var status = fate < 0.009 ? "Bounced" : fate < 0.014 ? "Failed" : "Delivered";
            await EventAsync(
                ProviderReports.EmailReport,
                $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id.OperationId}}","status":"{{status}}"}""");
            if (status != "Delivered" || !marketing) continue;
            var reads = random.NextDouble();
            if (reads < 0.41)
                await EventAsync(
                    EngagementReports.Engagement, $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id}}","engagementType":"view"}""");
            if (reads < 0.11)
                await EventAsync(
                    EngagementReports.Engagement, $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id}}","engagementType":"click"}""");
            if (reads is > 0.41 and < 0.418) await ClickAwayAsync(mail);
            if (reads > 0.9992) await EventAsync(ProviderReports.Complaint, $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id}}"}""");
        }

        foreach (var text in texts)
            await EventAsync(
                ProviderReports.SmsReport,
                $$"""{"to":"{{text.To}}","tag":"{{text.Id}}","deliveryStatus":"{{(random.NextDouble() < 0.02 ? "Failed" : "Delivered")}}"}""");
        await past.UntilAsync(past.Clock.GetUtcNow().AddSeconds(15));
    }

    // The link is taken from the mail, as the person would.
    private async ValueTask ClickAwayAsync(OutgoingEmail mail)
    {
        var header = mail.Headers.First(h => h.Key == "List-Unsubscribe").Value;
        var url = header[(header.IndexOf("/u/", StringComparison.Ordinal) + 3)..];
        var token = past.Get<LinkTokens>().Read(LinkPurpose.Unsubscribe, url[..url.IndexOf('>', StringComparison.Ordinal)]);
        Past.Assume(token is not null);
        await past.Get<Unsubscriber>().StopAsync(token!, UnsubscribeScope.Named, "one-click", default);
    }

    public async ValueTask AgreeAsync(string email, string topic, string locale)
    {
        var address = Past.Parse(Channel.Email, email);
        var draft = new LedgerDraft(LedgerAction.OptIn, topic, "sign-up", Actors.Person)
        {
            PolicyVersion = "2026-01-01",
            Wording = $"Yes, send me: {past.Get<TopicCatalog>().Find(topic)!.Name}.",
            Evidence = """{"confirmed":true,"url":"https://example.com/sign-up"}""",
        };
        await past.Get<ConsentDesk>().OptInAsync(address, past.Get<TopicCatalog>().Find(topic)!, draft, confirmed: true, locale, default);
    }

    public async ValueTask LeaveAsync(string email, string topic)
    {
        var address = Past.Parse(Channel.Email, email);
        await past.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, past.Get<KeyRing>().KeyOf(address), Channel.Email) { Topic = topic },
            UnsubscribeScope.Named, "preference-page", default);
    }

    public async ValueTask TextAsync(List<Somebody> crowd, int which, string words)
    {
        var from = crowd.Where(p => p.Phone is not null).ElementAt(which).Phone;
        await EventAsync(
            SmsConversation.SmsReceived,
            $$"""{"from":"{{from}}","to":"+18005550100","message":"{{words}}","receivedTimestamp":"{{past.Clock.GetUtcNow():O}}"}""");
        await past.UntilAsync(past.Clock.GetUtcNow());
    }

    public async ValueTask EventAsync(string type, string data) =>
        await past.Get<SealedWorkQueue>().EnqueueAsync(
            Queues.Inbound,
            JsonSerializer.SerializeToUtf8Bytes(
                new InboundEvent(
                    string.Create(CultureInfo.InvariantCulture, $"month-{++_events}"), type, JsonElement.Parse(data),
                    past.Clock.UtcNowMs()),
                CoreJson.Default.InboundEvent));
}
