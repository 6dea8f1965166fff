using System.Text.Json;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Web.Sending;

/// <summary>Who a message goes to: exactly one of the three.</summary>
internal sealed record RecipientInput(string? Email = null, string? Phone = null, string? ContactId = null);

/// <summary>Ready content: email needs a subject and text or HTML, SMS needs text.</summary>
internal sealed record ContentInput(string? Subject = null, string? Text = null, string? Html = null);

/// <summary>A message as a client asks for it.</summary>
internal sealed record MessageInput(
    string? Topic = null,
    RecipientInput? To = null,
    string? Channel = null,
    string? Template = null,
    JsonElement? Data = null,
    ContentInput? Content = null,
    string? TrackingNumber = null,
    string? SendAt = null,
    string? ExpiresAt = null,
    string? Locale = null);

/// <summary>One accepted message.</summary>
internal sealed record AcceptedMessage(string Id, string Channel, string Status);

/// <summary>The answer to a message: its id, or one message for each address of a contact that has several.</summary>
internal sealed record MessageAccepted(string? Id, string Status, IReadOnlyList<AcceptedMessage>? Messages)
{
    private const string Queued = "queued";

    public static MessageAccepted Of(IReadOnlyList<SendRequest> requests) => requests.Count == 1
        ? new(requests[0].Id, Queued, null)
        : new(null, Queued, [.. requests.Select(r => new AcceptedMessage(r.Id, r.Channel.Name(), Queued))]);
}
