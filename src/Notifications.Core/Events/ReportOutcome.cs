using Notifications.Sending;

namespace Notifications.Events;

/// <summary>What a report does beside its line in the timeline.</summary>
public enum ReportEffect
{
    /// <summary>Nothing more.</summary>
    None,

    /// <summary>Counts as one soft bounce of its day; many days suppress (R20).</summary>
    SoftBounce,

    /// <summary>The address is suppressed for good (R20).</summary>
    Suppress,

    /// <summary>The address cannot receive texts: suppressed as invalid.</summary>
    Invalid,

    /// <summary>The person called it spam: suppressed (R19).</summary>
    Complaint,

    /// <summary>The person said STOP to the carrier.</summary>
    Stop,

    /// <summary>The fault is ours (authentication, sender, quota): an operator is alerted, nobody is suppressed (R18).</summary>
    Alert,
}

/// <summary>One row of a provider's table.</summary>
/// <param name="Status">Where the message then stands; null leaves it.</param>
/// <param name="Effect">What else happens.</param>
/// <param name="MayRetry">Whether the same message may be offered again by an operator. False also where it may have arrived.</param>
/// <param name="Why">One sentence for the timeline.</param>
public readonly record struct ReportOutcome(MessageStatus? Status, ReportEffect Effect, bool MayRetry, string Why)
{
    /// <summary>The word in timelines and metrics.</summary>
    public string Name => Effect switch
    {
        ReportEffect.SoftBounce => "soft-bounce",
        ReportEffect.Suppress => "bounce",
        ReportEffect.Invalid => "invalid",
        ReportEffect.Complaint => "complaint",
        ReportEffect.Stop => "opted-out",
        ReportEffect.Alert => "refused",
        _ => Status switch
        {
            MessageStatus.Delivered => "delivered",
            MessageStatus.Failed => "failed",
            MessageStatus.Bounced => "bounced",
            MessageStatus.Unknown => "unknown",
            _ => "progress",
        },
    };
}
