using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Local.Inbox;

/// <summary>A message that arrived, or a text that a phone's owner wrote back. The JSON is what <c>GET /inbox/messages</c> shows.</summary>
internal sealed record InboxMessage(
    string Id, Channel Channel, string From, string To, string? Subject, string? Text, string? Html,
    IReadOnlyDictionary<string, string> Headers, DateTimeOffset At)
{
    /// <summary>The display name of the sender of a mail.</summary>
    public string? FromName { get; init; }

    /// <summary>Whether the phone's owner wrote it.</summary>
    public bool Incoming { get; init; }

    /// <summary>The mail as it was handed off.</summary>
    public OutgoingEmail? Outgoing() =>
        Channel == Channel.Email && MessageId.TryParse(Id, out var id)
            ? new OutgoingEmail(
                id, From, FromName ?? "", To, Subject ?? "", Html ?? "", Text ?? "", [.. Headers.Where(h => !Own.Contains(h.Key))])
            : null;

    /// <summary>Headers that follow from the rest of the message.</summary>
    private static readonly string[] Own = ["From", "To", "Subject", "Date", "Message-ID"];
}

/// <summary>A text to be sent as a phone's owner.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record InboxReply(string? From, string? To, string? Text);

/// <summary>What a reply came to.</summary>
internal sealed record InboxReplied(string Id);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(InboxMessage))]
[JsonSerializable(typeof(List<InboxMessage>))]
[JsonSerializable(typeof(InboxReply))]
[JsonSerializable(typeof(InboxReplied))]
internal sealed partial class InboxJson : JsonSerializerContext;
