using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Events;

namespace Notifications.Sms;

/// <summary>
/// One event from a provider as it waits on the queue: its id, its type, its data untouched. <paramref name="Undated"/>: neither the event
/// nor its data say when it was, so <paramref name="At"/> is when it came, another moment each time that it comes.
/// </summary>
public sealed record InboundEvent(
    string Id, string Type, JsonElement Data, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Undated = false)
{
    /// <summary>
    /// An event that came <paramref name="now"/>. Where it does not say itself when it was, its data may, each kind under another name.
    /// </summary>
    public static InboundEvent Of(string id, string type, JsonElement data, DateTimeOffset? said, DateTimeOffset now)
    {
        foreach (var name in (ReadOnlySpan<string>)["receivedTimestamp", "deliveryAttemptTimeStamp", "userActionTimeStamp", "at"])
            if (data.Moment(name) is { } moment && moment != default) said ??= moment;
        return new InboundEvent(id, type, data, (said ?? now).ToUniversalTime(), said is null);
    }
}
