namespace Notifications.Campaigns;

/// <summary>What campaigns are bound by. Validated at start.</summary>
public sealed class CampaignOptions
{
    /// <summary>Over how many recipients a launch must name their number, 0 to 1,000,000. Default 1,000.</summary>
    public int ConfirmOver { get; set; } = 1000;

    /// <summary>The share of sent messages called spam from which a campaign pauses itself (R19), over 0 to 1. Default 0.003.</summary>
    public double ComplaintRate { get; set; } = 0.003;

    /// <summary>
    /// Of how many messages that share is taken where fewer have been sent, 1 to 1,000,000. Default 500: two complaints pause a campaign
    /// of so few. A single one never does.
    /// </summary>
    public int ComplaintSample { get; set; } = 500;

    /// <summary>
    /// The share of sent messages that came back, or of offered ones that the provider refused for good, from which a campaign pauses
    /// itself, over 0 to 1. Default 0.05.
    /// </summary>
    public double BounceRate { get; set; } = 0.05;

    /// <summary>
    /// How many messages must have been sent before that share counts, 1 to 1,000,000. Default 500; before that a campaign pauses when the
    /// provider refuses half of them.
    /// </summary>
    public int BounceSample { get; set; } = 500;

    /// <summary>
    /// How many messages must find no provider between two looks at the campaign, and at least as many as were sent meanwhile, for it to
    /// pause itself, 1 to 100,000. Default 20, of refused ones too.
    /// </summary>
    public int OutageSample { get; set; } = 20;

    /// <summary>
    /// How long after a change of a message its batch is counted anew, 1 s to 10 min. Default 10 s. What changes meanwhile is counted with
    /// it.
    /// </summary>
    public TimeSpan RecountAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After how many days the rows of an ended campaign are purged, 30 to 3,650. Default 400, as for its messages.</summary>
    public int KeepDays { get; set; } = 400;

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Check(ConfirmOver is >= 0 and <= 1_000_000, nameof(ConfirmOver), "0 to 1000000");
        Check(ComplaintRate is > 0 and <= 1, nameof(ComplaintRate), "over 0 to 1");
        Check(ComplaintSample is >= 1 and <= 1_000_000, nameof(ComplaintSample), "1 to 1000000");
        Check(BounceRate is > 0 and <= 1, nameof(BounceRate), "over 0 to 1");
        Check(BounceSample is >= 1 and <= 1_000_000, nameof(BounceSample), "1 to 1000000");
        Check(OutageSample is >= 1 and <= 100_000, nameof(OutageSample), "1 to 100000");
        Check(
            RecountAfter >= TimeSpan.FromSeconds(1) && RecountAfter <= TimeSpan.FromMinutes(10), nameof(RecountAfter),
            "00:00:01 to 00:10:00");
        Check(KeepDays is >= 30 and <= 3650, nameof(KeepDays), "30 to 3650");
    }

    private static void Check(bool valid, string name, string bounds)
    {
        if (!valid) throw new ArgumentException($"Notifications:Campaigns:{name} must be {bounds}.");
    }
}
