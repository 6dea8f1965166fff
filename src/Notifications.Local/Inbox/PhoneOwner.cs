using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;

namespace Notifications.Local.Inbox;

/// <summary>
/// Answers as a phone's owner: the reply travels as a real Event Grid event over HTTP to this process's own webhook, as it would from
/// Azure.
/// </summary>
internal sealed partial class PhoneOwner(
    IServer server, InboxStore inbox, NotificationsOptions options, SenderOptions sender, TimeProvider time, ILogger<PhoneOwner> log)
    : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Whether a number is one that texts of ours come from; nothing is the sender's own.</summary>
    public bool Reaches(string? to) =>
        string.IsNullOrEmpty(to)
            || to == sender.SmsFrom
            || options.Sms.OwnNumbers.Contains(to)
            || options.Sms.ProviderAnswersStop.Contains(to);

    /// <summary>Sends one text; answers its id, or null when the webhook did not take it, or could not be reached.</summary>
    public async ValueTask<string?> ReplyAsync(PhoneNumber from, string? to, string text, CancellationToken cancel)
    {
        var id = "Incoming_" + RandomNumberGenerator.GetHexString(24, lowercase: true);
        var at = time.UtcNowMs();
        await inbox.AddAsync(
            new InboxMessage(id, Channel.Sms, from.Value, to ?? sender.SmsFrom, null, text, null, new Dictionary<string, string>(), at)
            {
                Incoming = true,
            },
            cancel);
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            LocalOptions.Reached(server.Features.Get<IServerAddressesFeature>()!.Addresses.First())
                + "/webhooks/eventgrid?secret="
                + Uri.EscapeDataString(SharedSecret.Each(options.WebhookSecret).FirstOrDefault() ?? ""));
        request.Headers.Add("aeg-event-type", "Notification");
        request.Content = new ByteArrayContent(Event(id, from.Value, to ?? sender.SmsFrom, text, at));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await _http.SendAsync(request, cancel);
            return answer.IsSuccessStatusCode ? id : null;
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            LogLost(lost.GetType().Name);
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    [LoggerMessage(
        EventId = 333, EventName = "ReplyLost", Level = LogLevel.Warning,
        Message = "A reply of the inbox did not reach this process's own webhook ({Exception})")]
    private partial void LogLost(string exception);

    // The wire form of Azure (AZURE: SMSReceived), the number without its plus as samples show it.
    private static byte[] Event(string id, string from, string to, string text, DateTimeOffset at)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("topic", "/subscriptions/local/providers/microsoft.communication/communicationservices/local");
            json.WriteString("subject", "/phonenumber/" + to.TrimStart('+'));
            json.WriteString("eventType", SmsConversation.SmsReceived);
            json.WriteString("eventTime", at);
            json.WriteString("dataVersion", "1.0");
            json.WriteString("metadataVersion", "1");
            json.WriteStartObject("data");
            json.WriteString("MessageId", id);
            json.WriteString("From", from.TrimStart('+'));
            json.WriteString("To", to.TrimStart('+'));
            json.WriteString("Message", text);
            json.WriteString("ReceivedTimestamp", at);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        return buffer.ToArray();
    }
}
