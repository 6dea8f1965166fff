using System.Text.Json.Serialization;

namespace Notifications.Consent;

/// <summary>Which rules a topic stands under.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TopicKind>))]
public enum TopicKind
{
    /// <summary>Asked for as part of a service: no quiet hours, no caps, no postal address.</summary>
    [JsonStringEnumMemberName("transactional")] Transactional,

    /// <summary>Marketing law applies in full.</summary>
    [JsonStringEnumMemberName("marketing")] Marketing,
}

/// <summary>What people can subscribe to. The three built in are always there; further ones are configuration (M5).</summary>
public sealed class Topic
{
    /// <summary>See <see cref="TopicKey"/>.</summary>
    public string Key { get; set; } = "";

    /// <summary>What people read.</summary>
    public string Name { get; set; } = "";

    /// <summary>One sentence that says what one gets.</summary>
    public string Description { get; set; } = "";

    /// <summary>Default: marketing, the stricter.</summary>
    public TopicKind Kind { get; set; } = TopicKind.Marketing;

    /// <summary>Whether an opt-in waits for a confirmation. Default: true, the stricter.</summary>
    public bool DoubleOptIn { get; set; } = true;

    /// <summary>At most this many messages of the topic per address within <see cref="CapDays"/>; 0, the default, is no cap.</summary>
    public int CapCount { get; set; }

    /// <summary>The sliding window of the cap in days, 1 to 365. Default 7.</summary>
    public int CapDays { get; set; } = 7;

    /// <summary>Whether it is in the settings. Of one that is not any more nothing is sent (P8), and it can only be stopped (P6).</summary>
    public bool IsOffered { get; private init; } = true;

    /// <summary>A topic that is not in the settings any more, known by its key alone: as marketing, the stricter.</summary>
    public static Topic Gone(string key) => new() { Key = key, Name = key, IsOffered = false };

    /// <summary>Whether marketing law applies.</summary>
    public bool IsMarketing => Kind == TopicKind.Marketing;

    /// <summary>
    /// The topic with double opt-in, whatever its own setting: what anybody can send, or ask for in another's name, is no proof.
    /// </summary>
    public Topic Unproven() =>
        DoubleOptIn
            ? this
            : new()
            {
                Key = Key,
                Name = Name,
                Description = Description,
                Kind = Kind,
                CapCount = CapCount,
                CapDays = CapDays,
                IsOffered = IsOffered,
            };
}
