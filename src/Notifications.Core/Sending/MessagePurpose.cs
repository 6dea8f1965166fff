using System.Text.Json.Serialization;

namespace Notifications.Sending;

/// <summary>What a message is for, which decides the rules that may stop it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessagePurpose>))]
public enum MessagePurpose
{
    /// <summary>A notification: every rule.</summary>
    [JsonStringEnumMemberName("notification")] Notification = 0,

    /// <summary>Asks to confirm an opt-in, so it goes out only while that is pending; no advertising (R28).</summary>
    [JsonStringEnumMemberName("confirmation")] Confirmation = 1,

    /// <summary>
    /// Answers a STOP or a HELP that the person has just sent, or asks once more what of a STOP was meant; no marketing (R44, R48). It goes
    /// out whatever is stopped.
    /// </summary>
    [JsonStringEnumMemberName("reply")] Reply = 2,

    /// <summary>
    /// An operator's own look at a message, sent to a named address and marked: needs no consent, and still goes to nobody who has said
    /// stop or is blocked.
    /// </summary>
    [JsonStringEnumMemberName("test")] Test = 3,

    /// <summary>
    /// Brings an address that we know the link to its preferences, at anybody's request: needs no consent to a topic, and goes to nobody
    /// who has stopped everything, is blocked, disabled or restricted (R35, R45).
    /// </summary>
    [JsonStringEnumMemberName("preferences-link")] PreferencesLink = 4,

    /// <summary>
    /// Tells the person what has come of their own words or their request: that something comes again, or what an operator has to say of
    /// it (R31, R35); no marketing. As an answer it needs no consent, but it goes to no phone whose owner has said STOP since (R43).
    /// </summary>
    [JsonStringEnumMemberName("notice")] Notice = 5,
}
