using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Packages;

namespace Notifications.Sending;

/// <summary>All a decision may look at: the stored record, the request and the clock. No rule reads anything else.</summary>
public readonly record struct DecisionInput
{
    /// <summary>The address's record; null where nothing is known of the address.</summary>
    public required AddressState? State { get; init; }

    /// <summary>The message's topic.</summary>
    public required Topic Topic { get; init; }

    /// <summary>The message's channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What the message is for.</summary>
    public MessagePurpose Purpose { get; init; }

    /// <summary>The contact that the message is for; null for a message to an address.</summary>
    public string? ContactId { get; init; }

    /// <summary>Whether the message is about one package.</summary>
    public bool AboutPackage { get; init; }

    /// <summary>How the address follows that package; null where it never did.</summary>
    public WatchStatus? Watch { get; init; }

    /// <summary>When that was last said; see <see cref="WatchRecord.SaidAt"/>.</summary>
    public DateTimeOffset? WatchSince { get; init; }

    /// <summary>Whether newer news of that package has gone to the address already.</summary>
    public bool NewerKnown { get; init; }

    /// <summary>
    /// Since when the message could have gone out: from its acceptance, or from its own time where that is later. Null for one that nobody
    /// has asked for yet.
    /// </summary>
    public DateTimeOffset? DueSince { get; init; }

    /// <summary>When the message's time is over, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// Whether a record of this message exists already. Nothing sets it: a message that is decided does not come to a decision again. Its
    /// rule stays, because receipts are kept as one byte for each rule, in their order.
    /// </summary>
    public bool AlreadyDecided { get; init; }

    /// <summary>Where the message's campaign stands; null for a message of none.</summary>
    public CampaignStatus? Campaign { get; init; }

    /// <summary>Limits in force.</summary>
    public required SendingOptions Options { get; init; }

    /// <summary>Whether the person is told what they have asked for: neither an account nor a restriction holds that back.</summary>
    public bool Answers => Purpose is MessagePurpose.Reply or MessagePurpose.Notice;

    /// <summary>Whether marketing law applies to this message.</summary>
    public bool IsMarketing => Topic.IsMarketing && Purpose == MessagePurpose.Notification;
}
