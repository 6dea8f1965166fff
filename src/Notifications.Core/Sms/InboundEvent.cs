using System.Text.Json;

namespace Notifications.Sms;

/// <summary>One event from a provider as it waits on the queue: its id, its type, its data untouched.</summary>
public sealed record InboundEvent(string Id, string Type, JsonElement Data, DateTimeOffset At);
