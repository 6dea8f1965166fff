namespace Notifications.Campaigns;

/// <summary>Why an act on a campaign was refused.</summary>
public enum CampaignRefusal
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>There is no such campaign.</summary>
    NotFound,

    /// <summary>Where the campaign stands, it cannot be done.</summary>
    WrongStatus,

    /// <summary>The number of recipients must be confirmed, or another one was; <see cref="CampaignOutcome.Count"/> tells it.</summary>
    Unconfirmed,

    /// <summary>
    /// The definition cannot be sent as it is: its template, segment or list is gone, or it has no time to be scheduled for, or one that is
    /// over.
    /// </summary>
    NotReady,

    /// <summary>Somebody has changed it since the caller has seen it.</summary>
    Stale,
}

/// <summary>What came of an act on a campaign: the campaign as it now stands, or why not.</summary>
public sealed record CampaignOutcome(
    Campaign? Campaign, CampaignRefusal Refusal = CampaignRefusal.None, string? Why = null, long? Count = null)
{
    /// <summary>Whether it was done.</summary>
    public bool Done => Refusal == CampaignRefusal.None;
}
