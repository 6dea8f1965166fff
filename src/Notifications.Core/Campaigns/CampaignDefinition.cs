using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.TimeZones;
using Notifications.Addresses;
using Notifications.Audiences;

namespace Notifications.Campaigns;

/// <summary>What a campaign is to do: everything that its author decides.</summary>
public sealed record CampaignDefinition
{
    /// <summary>What people of the company call it, 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The topic's key: whoever has not agreed to it gets nothing.</summary>
    public required string Topic { get; init; }

    /// <summary>The channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>The template's name; the version is pinned at launch.</summary>
    public required string Template { get; init; }

    /// <summary>A subject in place of the template's (Liquid), or null.</summary>
    public string? Subject { get; init; }

    /// <summary>What the template reads as <c>data</c>.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Who it is for.</summary>
    public required Audience Audience { get; init; }

    /// <summary>When it is to be launched by itself, or null.</summary>
    public CampaignSchedule? Schedule { get; init; }

    /// <summary>How fast it may go, or null for as fast as the provider takes it.</summary>
    public CampaignThrottle? Throttle { get; init; }

    /// <summary>Subjects to be tried on a part of the audience first, or null.</summary>
    public SubjectTest? SubjectTest { get; init; }

    /// <summary>Whether another one says the same, word for word.</summary>
    public bool Same(CampaignDefinition other) =>
        JsonSerializer.SerializeToUtf8Bytes(this, CoreJson.Default.CampaignDefinition)
            .AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, CoreJson.Default.CampaignDefinition));
}

/// <summary>A moment by the clock on a wall: of one time zone, or of each recipient's own.</summary>
/// <param name="At">The local time.</param>
/// <param name="Zone">An IANA time zone, or <see cref="Recipient"/>.</param>
/// <param name="FallbackZone">With <see cref="Recipient"/>: the zone of those whose own is not known.</param>
public sealed record CampaignSchedule(DateTime At, string Zone, string? FallbackZone = null)
{
    /// <summary>Stands for each recipient's own zone. Where it is past that time already at launch, the message goes out at once.</summary>
    public const string Recipient = "recipient";

    /// <summary>Whether each recipient's own clock counts.</summary>
    [JsonIgnore]
    public bool ByRecipient => Zone == Recipient;

    /// <summary>
    /// The moment at which it is that time in a zone, a skipped time being the one after it; null where there is no such zone.
    /// </summary>
    public DateTimeOffset? InZone(string zone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is { } place
        ? LocalDateTime.FromDateTime(At).InZone(place, Resolvers.LenientResolver).ToInstant().ToDateTimeOffset()
        : null;

    /// <summary>When the campaign is launched: at that time, or where it is that time first on Earth.</summary>
    public DateTimeOffset? Due() => InZone(ByRecipient ? "Pacific/Kiritimati" : Zone);

    /// <summary>
    /// What is wrong with having a campaign wait for it from now on, said of the time; or null. A mistyped year would send at once or
    /// never. With each recipient's own zone it is over where it is for those whose own is not known: whoever lives further east gets the
    /// message at once.
    /// </summary>
    public string? Problem(DateTimeOffset now) =>
        InZone(ByRecipient ? FallbackZone ?? "Etc/UTC" : Zone) < now - Grace ? "is over already; launch sends now"
        : Due() > now.AddYears(1) ? "must be within a year"
        : null;

    /// <summary>How late whoever writes "now" may be.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);
}

/// <summary>
/// How many messages go out in an hour of running, 1 to 10,000,000. A pause stops this clock, and so does holding every hand-off; what
/// quiet hours put off comes back at this rate too.
/// </summary>
/// <param name="PerHour">The full rate.</param>
/// <param name="RampUp">How the rate rises to it, or null.</param>
public sealed record CampaignThrottle(int PerHour, RampUp? RampUp = null)
{
    private const int FewestInBatch = 25;

    /// <summary>
    /// How many recipients a batch has: ten seconds' worth of the first hour, but 25 at least, since each is two rows that every look at
    /// the campaign reads. An eighth of that hour is the most, for a batch goes out at once.
    /// </summary>
    [JsonIgnore]
    public int BatchSize
    {
        get
        {
            var hour = Allowed(TimeSpan.FromHours(1));
            return (int)Math.Clamp(hour / 360, Math.Clamp(hour / 8, 1, FewestInBatch), CampaignSelection.BatchSize);
        }
    }

    /// <summary>How many messages may have been let go after so much running.</summary>
    public long Allowed(TimeSpan ran)
    {
        if (RampUp is not { } ramp || ramp.From >= PerHour) return (long)(ran.TotalHours * PerHour);
        var rise = ramp.Days * 24.0;
        var hours = Math.Min(ran.TotalHours, rise);
        return (long)(ramp.From * hours
            + (PerHour - ramp.From) * hours * hours / (2 * rise) + Math.Max(0, ran.TotalHours - rise) * PerHour);
    }
}

/// <summary>How a rate rises evenly to the full one.</summary>
/// <param name="From">Messages an hour at the beginning.</param>
/// <param name="Days">How many days of running it takes to the full rate, 1 to 60.</param>
public sealed record RampUp(int From, int Days);

/// <summary>Subjects tried on a part of the audience; the rest gets the best one.</summary>
/// <param name="Subjects">Two to four (Liquid).</param>
/// <param name="Share">How many of a hundred recipients take part, 1 to 90; they are shared out evenly, by a hash of campaign and
/// address.</param>
/// <param name="DecideAfter">How long after the launch the winner is chosen, 1 minute to 7 days; a pause stops this clock.</param>
/// <param name="By">What makes a winner. Where nothing was reported of that, the first subject is taken.</param>
public sealed record SubjectTest(IReadOnlyList<string> Subjects, int Share, TimeSpan DecideAfter, SubjectMeasure By = SubjectMeasure.Opens)
{
    /// <summary>The place of the best subject; the first of equals.</summary>
    public int Best(IReadOnlyList<SubjectStats> tried)
    {
        var best = 0;
        for (var i = 1; i < tried.Count; i++)
            if (Score(tried[i]).CompareTo(Score(tried[best])) > 0) best = i;
        return best;
    }

    /// <summary>Whether anything was reported of what the winner is made by. Opens and clicks are where no tracker reports them.</summary>
    public bool IsMeasured(IReadOnlyList<SubjectStats> tried) => tried.Any(s => By switch
    {
        SubjectMeasure.Opens => s.Opened > 0,
        SubjectMeasure.Clicks => s.Clicked > 0,
        _ => s.Unsubscribed + s.Complained > 0,
    });

    // Nothing sent is no evidence: it is worse than anything that was.
    private (double First, double Second) Score(SubjectStats s) => s.Sent == 0 ? (double.MinValue, 0) : By switch
    {
        SubjectMeasure.Opens => ((double)s.Opened / s.Sent, (double)s.Clicked / s.Sent),
        SubjectMeasure.Clicks => ((double)s.Clicked / s.Sent, (double)s.Opened / s.Sent),
        _ => (-(double)(s.Unsubscribed + s.Complained) / s.Sent, (double)s.Opened / s.Sent),
    };
}

/// <summary>What makes one subject better than another.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SubjectMeasure>))]
public enum SubjectMeasure
{
    /// <summary>The greatest share of opened mails; in a tie the greatest share of clicks.</summary>
    [JsonStringEnumMemberName("opens")] Opens,

    /// <summary>The greatest share of clicked mails; in a tie the greatest share of opened ones.</summary>
    [JsonStringEnumMemberName("clicks")] Clicks,

    /// <summary>The smallest share of people who unsubscribed or complained.</summary>
    [JsonStringEnumMemberName("unsubscribes")] Unsubscribes,
}
