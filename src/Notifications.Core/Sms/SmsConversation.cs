using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;

namespace Notifications.Sms;

/// <summary>
/// Does what a person's text asks for, and answers it: once per event, however often the event is delivered (R44). The change is committed before the
/// answer is queued; the answer's id is derived from the event.
/// </summary>
public sealed partial class SmsConversation(AddressBook book, KeyRing ring, MessageIds ids, SendQueue queue, SenderOptions sender, TimeProvider time, ILogger<SmsConversation> log)
{
    /// <summary>The event that carries a text.</summary>
    public const string SmsReceived = "Microsoft.Communication.SMSReceived";

    /// <summary>After this long a confirmation of STOP is not sent any more (47 CFR 64.1200(a)(12)).</summary>
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromMinutes(5);

    /// <summary>Handles one event. Types that are not texts are the business of others.</summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        if (happening.Type != SmsReceived)
        {
            LogIgnored(happening.Type);
            return WorkOutcome.Done;
        }

        var from = Text(happening.Data, "from");
        if (!Address.TryParse(Channel.Sms, from.StartsWith('+') ? from : "+" + from, out var phone, out _)) return WorkOutcome.GiveUp("The sender of the text is not a phone number.");
        var intent = SmsKeyword.Read(Text(happening.Data, "message"));
        var answer = intent switch
        {
            SmsIntent.Stop => await StopAsync(phone, happening, cancel),
            SmsIntent.Start => await StartAsync(phone, happening, cancel),
            SmsIntent.Yes => await ConfirmAsync(phone, happening, cancel) ?? await StartAsync(phone, happening, cancel),
            SmsIntent.Help => $"{sender.Name}: news of your packages, offers and our newsletter, as often as you chose. Reply STOP to stop all texts. Message and data rates may apply. Contact: {sender.Contact}",
            _ => null,
        };
        LogHandled(happening.Id, intent);
        if (answer is not null) await AnswerAsync(phone, happening, answer, cancel);
        return WorkOutcome.Done;
    }

    private async ValueTask<string?> StopAsync(Address phone, InboundEvent happening, CancellationToken cancel)
    {
        var draft = Draft(LedgerAction.StopAll, LedgerDraft.AllTopics, happening);
        await book.ChangeAsync(ring.KeyOf(phone), ConsentDesk.Blank(phone), (state, now) => Transitions.StopAll(state, draft, now), null, cancel);
        return time.GetUtcNow() - happening.At > ConfirmWithin ? null : $"{sender.Name}: you will get no more texts from us. Reply START to take this back.";
    }

    private async ValueTask<string?> StartAsync(Address phone, InboundEvent happening, CancellationToken cancel)
    {
        var draft = Draft(LedgerAction.Resume, LedgerDraft.AllTopics, happening);
        var result = await book.ChangeAsync(ring.KeyOf(phone), null, (state, _) => Transitions.Resume(state, draft), null, cancel);
        if (result is null || (!result.Changed && !await RepeatsAsync(phone, happening, cancel))) return null;
        return $"{sender.Name}: welcome back. You get the texts you had chosen before. Reply STOP to stop, HELP for help.";
    }

    private async ValueTask<string?> ConfirmAsync(Address phone, InboundEvent happening, CancellationToken cancel)
    {
        var draft = Draft(LedgerAction.Confirm, "", happening);
        var confirmed = await book.ChangeAsync(ring.KeyOf(phone), null, (state, now) =>
        {
            var entries = new List<LedgerDraft>();
            foreach (var pending in state.Subscriptions)
            {
                if (pending.Status != SubscriptionStatus.Pending) continue;
                var change = Transitions.Confirm(state, pending.Topic, draft with { Topic = pending.Topic }, now);
                state = change.State;
                entries.AddRange(change.Entries);
            }

            return new Change(state, entries);
        }, null, cancel);
        return confirmed is { Changed: true } ? $"{sender.Name}: confirmed, thank you. Reply STOP to stop, HELP for help. Message and data rates may apply." : null;
    }

    // A redelivered START changes nothing the second time; whether it was the one that changed something stands in the newest ledger entry.
    private async ValueTask<bool> RepeatsAsync(Address phone, InboundEvent happening, CancellationToken cancel)
    {
        var ledger = await book.LedgerAsync(ring.KeyOf(phone), cancel);
        return ledger.Count > 0 && ledger[^1] is { Action: LedgerAction.Resume } last && last.Detail?.Evidence == Evidence(happening);
    }

    private async ValueTask AnswerAsync(Address phone, InboundEvent happening, string text, CancellationToken cancel)
    {
        var id = ids.Derive(ring.KeyOf(phone), "reply/" + happening.Id);
        if (await queue.IsRecordedAsync(id, cancel)) return;
        await queue.EnqueueAsync(new SendRequest
        {
            Id = id.ToString(),
            Channel = Channel.Sms,
            To = phone.Value,
            Topic = TopicKey.PackageUpdates,
            Purpose = MessagePurpose.Reply,
            Content = new MessageContent(null, text, null),
            AcceptedAt = time.UtcNowMs(),
            ExpiresAt = happening.At + TimeSpan.FromHours(1),
        }, cancel);
    }

    private static LedgerDraft Draft(LedgerAction action, string topic, InboundEvent happening) => new(action, topic, "sms", "person") { Evidence = Evidence(happening) };

    private static string Evidence(InboundEvent happening)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("event", happening.Id);
            json.WriteString("text", Text(happening.Data, "message"));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    // Samples show PascalCase, the wire may be camelCase.
    private static string Text(JsonElement data, string name)
    {
        if (data.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in data.EnumerateObject())
                if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == JsonValueKind.String) return member.Value.GetString()!;
        }

        return "";
    }

    [LoggerMessage(EventId = 130, EventName = "TextHandled", Level = LogLevel.Information, Message = "Inbound text {Event}: {Intent}")]
    private partial void LogHandled(string @event, SmsIntent intent);

    [LoggerMessage(EventId = 131, EventName = "EventIgnored", Level = LogLevel.Information, Message = "An inbound event of type {Type} has no reader yet and changes nothing")]
    private partial void LogIgnored(string type);
}
