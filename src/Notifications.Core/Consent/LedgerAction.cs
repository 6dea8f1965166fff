using System.Text.Json.Serialization;

namespace Notifications.Consent;

/// <summary>
/// What a ledger entry records. The numbers are part of the hash and the text forms of every export: neither ever changes (docs/person.md).
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<LedgerAction>))]
public enum LedgerAction
{
    /// <summary>The person agreed; with double opt-in this alone permits nothing.</summary>
    [JsonStringEnumMemberName("opt-in")] OptIn = 1,

    /// <summary>The person confirmed an opt-in.</summary>
    [JsonStringEnumMemberName("confirm")] Confirm = 2,

    /// <summary>The person said stop to one topic.</summary>
    [JsonStringEnumMemberName("opt-out")] OptOut = 3,

    /// <summary>The person said stop to everything on this channel.</summary>
    [JsonStringEnumMemberName("stop-all")] StopAll = 4,

    /// <summary>
    /// The person took "stop everything" back, or the stop of one topic; what had been consented to before holds again (R49).
    /// </summary>
    [JsonStringEnumMemberName("resume")] Resume = 5,

    /// <summary>The address was blocked.</summary>
    [JsonStringEnumMemberName("suppress")] Suppress = 6,

    /// <summary>The block was lifted.</summary>
    [JsonStringEnumMemberName("unsuppress")] Unsuppress = 7,

    /// <summary>The owning account was disabled.</summary>
    [JsonStringEnumMemberName("disable")] Disable = 8,

    /// <summary>The owning account was enabled.</summary>
    [JsonStringEnumMemberName("enable")] Enable = 9,

    /// <summary>The person stopped following one package.</summary>
    [JsonStringEnumMemberName("unwatch")] Unwatch = 10,

    /// <summary>The person asked to follow one package; it permits news of that package and nothing else (R54).</summary>
    [JsonStringEnumMemberName("watch")] Watch = 20,

    /// <summary>Something the person wrote waits for a human reader, and marketing waits with it (R41).</summary>
    [JsonStringEnumMemberName("review")] Review = 30,

    /// <summary>A human has read it.</summary>
    [JsonStringEnumMemberName("reviewed")] Reviewed = 31,

    /// <summary>The person was erased (R34).</summary>
    [JsonStringEnumMemberName("erase")] Erase = 40,

    /// <summary>Processing was restricted (R35).</summary>
    [JsonStringEnumMemberName("restrict")] Restrict = 41,

    /// <summary>The restriction was lifted, after notice (R35).</summary>
    [JsonStringEnumMemberName("unrestrict")] Unrestrict = 42,

    /// <summary>An opt-in that nobody confirmed has expired (R28).</summary>
    [JsonStringEnumMemberName("expire")] Expire = 43,

    /// <summary>Something was corrected (R33).</summary>
    [JsonStringEnumMemberName("rectify")] Rectify = 44,

    /// <summary>The person objected to direct marketing (R36).</summary>
    [JsonStringEnumMemberName("object")] Objection = 45,

    /// <summary>The person wants a break from marketing.</summary>
    [JsonStringEnumMemberName("pause")] Pause = 50,

    /// <summary>The person ended the break.</summary>
    [JsonStringEnumMemberName("unpause")] Unpause = 51,
}
