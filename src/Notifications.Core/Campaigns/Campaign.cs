using System.Text.Json.Serialization;
using Notifications.Audiences;
using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>One campaign: its definition, and where it stands. Moved only by <see cref="CampaignLife"/>.</summary>
public sealed record Campaign
{
    /// <summary>Its id: 16 characters of <c>0-9 a-f</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What it is to do. Fixed from the launch on.</summary>
    public required CampaignDefinition Definition { get; init; }

    /// <summary>Where it stands.</summary>
    public CampaignStatus Status { get; init; }

    /// <summary>Rises at every move, so that work begun before a move can tell that it is old.</summary>
    public int Epoch { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who created it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When its definition or its status was last changed.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>
    /// When it launches, or launched, by itself; null otherwise. With each recipient's own zone it is the moment in the earliest zone.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it was launched.</summary>
    public DateTimeOffset? LaunchedAt { get; init; }

    /// <summary>When it was completed or cancelled.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The template with its version (<c>spring@7</c>), or its name where it has no versions; null before the launch.</summary>
    public string? PinnedTemplate { get; init; }

    /// <summary>Its audience as it was at the launch: segments written out, relative moments made absolute; null before.</summary>
    public Audience? Selection { get; init; }

    /// <summary>Why it was paused or cancelled, or could not be launched by itself; null otherwise.</summary>
    public CampaignHold? Hold { get; init; }

    /// <summary>How long it has run before <see cref="RunningSince"/>: the clock of its throttle.</summary>
    public TimeSpan RanFor { get; init; }

    /// <summary>Since when it has been running; null while it is not.</summary>
    public DateTimeOffset? RunningSince { get; init; }

    /// <summary>Which dry run its outcomes are compared with; null where there was none since its definition was last changed.</summary>
    public string? Forecast { get; init; }

    /// <summary>The place in the test, from 0, of the subject that the rest gets; null while none was chosen.</summary>
    public int? Winner { get; init; }

    /// <summary>
    /// Whether the winner is the first subject because nothing was reported of any by then. Null while none was chosen, and where a former
    /// version chose, which did not write it down: what was reported since says nothing of that.
    /// </summary>
    public bool? Unmeasured { get; init; }

    /// <summary>Whether it was a draft to its end, and discarded: no list shows it any more, and the audit keeps what was done.</summary>
    [JsonIgnore]
    public bool IsDiscarded => this is { Status: CampaignStatus.Cancelled, LaunchedAt: null, DueAt: null };

    /// <summary>
    /// An outcome as it counts. What a cancelled campaign had not settled is never handed off, because its gate is shut: it counts as
    /// skipped at once, though no record may say so yet.
    /// </summary>
    public Outcome AsSeen(Outcome outcome) =>
        Status == CampaignStatus.Cancelled && !outcome.Settled && outcome.Status != MessageStatus.Sending
            ? outcome with
            {
                Status = MessageStatus.Skipped,
                Reason = Reason.CampaignCancelled,
                Because = outcome.Foretold.Reason is null ? outcome.Because : Because.Operator,
            }
            : outcome;

    /// <summary>How long it has run by a moment, pauses left out.</summary>
    public TimeSpan Ran(DateTimeOffset now) => RanFor + (RunningSince is { } since && now > since ? now - since : TimeSpan.Zero);
}

/// <summary>Why a campaign stands still.</summary>
/// <param name="At">When it was held.</param>
/// <param name="By">Who held it; <c>product:campaigns</c> where it was by itself.</param>
/// <param name="Why">Why, in a sentence.</param>
public sealed record CampaignHold(DateTimeOffset At, string By, string Why);
