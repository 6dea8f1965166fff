using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Templates;
using Notifications.Web.Audiences;
using Notifications.Web.Http;
using Notifications.Web.Templates;

namespace Notifications.Web.Campaigns;

/// <summary>A time with its offset; or a local time, in one zone or with <c>recipient</c> in each recipient's own.</summary>
/// <param name="At">
/// When, within a year: with an offset, such as 2026-12-01T09:30:00Z, and then without <c>zone</c>; or a local time without one, such as
/// 2026-12-01T09:30:00, and then with it. It is shown by the clock of its zone, of one with an offset Etc/UTC.
/// </param>
/// <param name="Zone">The IANA time zone of a local time, such as Europe/Lisbon, or <c>recipient</c> for each recipient's own.</param>
/// <param name="FallbackZone">With the zone <c>recipient</c>: the zone of those whose own is not known. Elsewhere it is refused.</param>
internal sealed record ScheduleInput(string? At = null, string? Zone = null, string? FallbackZone = null);

/// <summary>How fast: one of the two rates, and how it rises to it.</summary>
/// <param name="PerHour">Messages an hour, 1 to 10,000,000; or give <c>perMinute</c>.</param>
/// <param name="PerMinute">Messages a minute, 1 to 166,666; or give <c>perHour</c>.</param>
/// <param name="RampUp">How the rate rises to the full one. It is the full one at once when left out.</param>
internal sealed record ThrottleInput(int? PerHour = null, int? PerMinute = null, RampUpInput? RampUp = null);

/// <summary>How a rate rises evenly to the full one.</summary>
/// <param name="From">Messages an hour at the beginning, 1 to the full rate.</param>
/// <param name="Days">How many days of running it takes to the full rate, 1 to 60.</param>
internal sealed record RampUpInput(int? From = null, int? Days = null);

/// <summary>Two to four subjects, tried on a share of a hundred for a while.</summary>
/// <param name="Subjects">Two to four subjects (Liquid), each 1 to 200 characters on one line.</param>
/// <param name="Share">How many of a hundred recipients take part, 1 to 90; they are shared out evenly among the subjects.</param>
/// <param name="DecideAfterMinutes">
/// How many minutes after the launch the winner is chosen, 1 to 10,080 (a week); a pause stops this clock.
/// </param>
/// <param name="By">What makes a winner; opens when left out.</param>
internal sealed record SubjectTestInput(
    IReadOnlyList<string>? Subjects = null, int? Share = null, int? DecideAfterMinutes = null, string? By = null);

/// <summary>A campaign as its author wants it.</summary>
/// <param name="Name">What people of the company call it, 1 to 100 characters.</param>
/// <param name="Topic">The topic's key: whoever has not agreed to it gets nothing.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Template">
/// The template's name, or the id of one of its languages, at most 110 characters; the version is pinned at the launch, and each gets their
/// language.
/// </param>
/// <param name="Audience">Who it is for. Everyone subscribed to its topic when left out.</param>
/// <param name="Subject">A subject in place of the template's (Liquid), at most 200 characters on one line; email only.</param>
/// <param name="Data">What the template reads as <c>data</c>: an object of at most 64 KiB and 32 levels.</param>
/// <param name="Schedule">When it is to be launched by itself. It waits for a launch when left out.</param>
/// <param name="Throttle">How fast it may go. As fast as the provider takes it when left out.</param>
/// <param name="SubjectTest">Subjects to be tried on a part of the audience first; email only.</param>
internal sealed record CampaignInput(
    string? Name = null,
    string? Topic = null,
    string? Channel = null,
    string? Template = null,
    AudienceInput? Audience = null,
    string? Subject = null,
    JsonElement? Data = null,
    ScheduleInput? Schedule = null,
    ThrottleInput? Throttle = null,
    SubjectTestInput? SubjectTest = null);

/// <summary>Schedules: the members of a schedule, or none of them where the campaign has one, and the number of recipients.</summary>
/// <param name="At">
/// When, within a year: with an offset, such as 2026-12-01T09:30:00Z, and then without <c>zone</c>; or a local time without one, such as
/// 2026-12-01T09:30:00, and then with it.
/// </param>
/// <param name="Zone">The IANA time zone of a local time, such as Europe/Lisbon, or <c>recipient</c> for each recipient's own.</param>
/// <param name="FallbackZone">With the zone <c>recipient</c>: the zone of those whose own is not known.</param>
/// <param name="Confirm">
/// How many people it will reach, where the API asks for that number to be confirmed (a 409 names it in <c>count</c>).
/// </param>
internal sealed record CampaignScheduleInput(string? At = null, string? Zone = null, string? FallbackZone = null, long? Confirm = null);

/// <summary>Launches. The body may be left out where nothing needs to be confirmed.</summary>
/// <param name="Confirm">
/// How many people it will reach, where the API asks for that number to be confirmed (a 409 names it in <c>count</c>).
/// </param>
internal sealed record CampaignLaunchInput(long? Confirm = null);

/// <summary>Pauses. The body may be left out.</summary>
/// <param name="Reason">Why, for people to read, at most 200 characters.</param>
internal sealed record CampaignPauseInput(string? Reason = null);

/// <summary>Cancels. The body may be left out.</summary>
/// <param name="Reason">Why, for people to read, at most 200 characters.</param>
internal sealed record CampaignCancelInput(string? Reason = null);

/// <summary>One address of a test: exactly one of the two.</summary>
/// <param name="Email">An email address; or give <c>phone</c>.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c>.</param>
internal sealed record TestRecipientInput(string? Email = null, string? Phone = null);

/// <summary>Whom to send a test to.</summary>
/// <param name="To">1 to 10 addresses of the campaign's channel.</param>
internal sealed record CampaignTestInput(IReadOnlyList<TestRecipientInput>? To = null);

/// <summary>Makes of a body the definition it means, or says everything that is wrong with it.</summary>
internal static class CampaignReader
{
    /// <summary>The definition; null when something was added to the errors.</summary>
    public static async ValueTask<CampaignDefinition?> ReadAsync(
        FieldErrors errors, CampaignInput input, TopicCatalog topics, StoredSegments segments, StaticLists lists, DateTimeOffset now,
        CancellationToken cancel)
    {
        errors.Required("name", input.Name, 100);
        var topic = topics.Find(input.Topic);
        if (topic is null) errors.Add("topic", input.Topic is null ? "is required" : $"must be one of {topics.Known}");
        var channel = ChannelNames.Parse(input.Channel);
        if (channel is null) errors.Add("channel", input.Channel is null ? "is required" : "must be email or sms");
        var named = errors.Required("template", input.Template, 110);
        var template = named is null || channel is not { } by ? named : TemplateId.SetOf(named, by);
        if (template is null && named is not null) errors.Add("template", TemplateId.NoSet);
        var subject = errors.Optional("subject", input.Subject, 200);
        if (subject is not null && subject.Any(char.IsControl)) errors.Add("subject", "must be on one line");
        else if (subject is not null && Renderer.SubjectProblem(subject) is { } liquid)
            errors.Add("subject", $"must be valid Liquid: {liquid}");
        if (channel == Channel.Sms && subject is not null) errors.Add("subject", "goes with email only");
        Inputs.Data(errors, input.Data);
        if (topic is not null && template is not null) Inputs.Printed(errors, template, topic.Key, input.Data);
        var audience = channel is null || topic is null
            ? null
            : await AudienceOfAsync(errors, input.Audience, topic, channel.Value, topics, segments, lists, cancel);
        var schedule = Schedule(errors, input.Schedule, now);
        var throttle = Throttle(errors, input.Throttle);
        var test = Test(errors, input.SubjectTest, channel);
        if (test is not null && subject is not null) errors.Add("subject", "and subjectTest exclude each other");
        if (throttle is not null && schedule is { ByRecipient: true })
            errors.Add("throttle", "cannot go with a schedule in each recipient's zone");
        if (test is not null && schedule is { ByRecipient: true })
            errors.Add("subjectTest", "cannot go with a schedule in each recipient's zone: the better subject is chosen once, for everybody");
        if (errors.Any) return null;
        return new CampaignDefinition
        {
            Name = input.Name!.Trim(),
            Topic = topic!.Key,
            Channel = channel!.Value,
            Template = template!,
            Subject = subject,
            Data = input.Data,
            Audience = audience!,
            Schedule = schedule,
            Throttle = throttle,
            SubjectTest = test,
        };
    }

    /// <summary>A schedule; null when none was given or something is wrong with it. The prefix is where its members stand.</summary>
    public static CampaignSchedule? Schedule(FieldErrors errors, ScheduleInput? input, DateTimeOffset now, string prefix = "schedule.")
    {
        if (input is null) return null;
        if (input is { At: { } text, Zone: null, FallbackZone: null } && Rfc3339.TryParse(text, out var moment))
            return Planned(new CampaignSchedule(moment.DateTime, "Etc/UTC"));
        var at = input.At is null
            ? null
            : LocalDateTimePattern.ExtendedIso.Parse(input.At) is { Success: true, Value: var local } && local.Year is > 2000 and < 9000
                ? local
                : (LocalDateTime?)null;
        if (at is null)
            errors.Add(
                prefix + "at",
                "must be a time with its offset, such as 2026-12-01T09:30:00Z, or, with zone, a local time without an offset");
        if (input.Zone is null)
            errors.Add(prefix + "zone", $"is required: an IANA time zone such as Europe/Lisbon, or {CampaignSchedule.Recipient}");
        else if (input.Zone != CampaignSchedule.Recipient && !IsZone(input.Zone))
            errors.Add(prefix + "zone", $"must be an IANA time zone such as Europe/Lisbon, or {CampaignSchedule.Recipient}");
        if (input.Zone == CampaignSchedule.Recipient && !IsZone(input.FallbackZone))
            errors.Add(prefix + "fallbackZone", "must be an IANA time zone such as Europe/Lisbon, for those whose own is not known");
        else if (input.Zone != CampaignSchedule.Recipient && input.FallbackZone is not null)
            errors.Add(prefix + "fallbackZone", $"goes with the zone {CampaignSchedule.Recipient} only");
        return errors.Any || at is null
            ? null
            : Planned(new CampaignSchedule(at.Value.ToDateTimeUnspecified(), input.Zone!, input.FallbackZone));

        CampaignSchedule? Planned(CampaignSchedule schedule)
        {
            if (schedule.Problem(now) is not { } problem) return schedule;
            errors.Add(prefix + "at", problem);
            return null;
        }
    }

    private static bool IsZone(string? zone) => zone is not null && ZoneName.IsValid(zone);

    private static CampaignThrottle? Throttle(FieldErrors errors, ThrottleInput? input)
    {
        if (input is null) return null;
        var perHour = input.PerHour ?? input.PerMinute * 60L;
        if (input.PerHour is null == input.PerMinute is null) errors.Add("throttle.perHour", "or perMinute is required, and not both");
        else if (perHour is < 1 or > 10_000_000)
            errors.Add(input.PerHour is null ? "throttle.perMinute" : "throttle.perHour", "must come to 1 to 10,000,000 an hour");
        if (input.RampUp is { } ramp)
        {
            if (ramp.From is null || ramp.From < 1 || ramp.From > perHour)
                errors.Add("throttle.rampUp.from", "must be 1 or more messages an hour, and not more than the full rate");
            if (ramp.Days is null or < 1 or > 60) errors.Add("throttle.rampUp.days", "must be 1 to 60");
        }

        return errors.Any
            ? null
            : new CampaignThrottle((int)perHour!.Value, input.RampUp is { } rise ? new RampUp(rise.From!.Value, rise.Days!.Value) : null);
    }

    private static SubjectTest? Test(FieldErrors errors, SubjectTestInput? input, Channel? channel)
    {
        if (input is null) return null;
        if (channel == Channel.Sms) errors.Add("subjectTest", "goes with email only");
        var subjects = input.Subjects ?? [];
        if (subjects.Count is < 2 or > 4) errors.Add("subjectTest.subjects", "must have 2 to 4 entries");
        for (var i = 0; i < subjects.Count; i++)
            if (string.IsNullOrWhiteSpace(subjects[i]) || subjects[i].Length > 200 || subjects[i].Any(char.IsControl))
                errors.Add(
                    string.Create(CultureInfo.InvariantCulture, $"subjectTest.subjects[{i}]"), "must have 1 to 200 characters on one line");
            else if (Renderer.SubjectProblem(subjects[i]) is { } liquid)
                errors.Add(
                    string.Create(CultureInfo.InvariantCulture, $"subjectTest.subjects[{i}]"), $"must be valid Liquid: {liquid}");
        if (input.Share is null or < 1 or > 90)
            errors.Add("subjectTest.share", "must be 1 to 90: how many of a hundred recipients take part");
        if (input.DecideAfterMinutes is null or < 1 or > 10_080) errors.Add("subjectTest.decideAfterMinutes", "must be 1 to 10080");
        SubjectMeasure? by = input.By switch
        {
            null or "opens" => SubjectMeasure.Opens,
            "clicks" => SubjectMeasure.Clicks,
            "unsubscribes" => SubjectMeasure.Unsubscribes,
            _ => null,
        };
        if (by is null) errors.Add("subjectTest.by", "must be opens, clicks or unsubscribes");
        return errors.Any
            ? null
            : new SubjectTest(
                [.. subjects.Select(s => s.Trim())], input.Share!.Value, TimeSpan.FromMinutes(input.DecideAfterMinutes!.Value), by!.Value);
    }

    // Left out, the audience is everyone subscribed to the campaign's topic. Another topic's subscribers can be chosen too: each of them is
    // still asked for the campaign's own.
    private static async ValueTask<Audience?> AudienceOfAsync(
        FieldErrors errors, AudienceInput? input, Topic topic, Channel channel, TopicCatalog topics, StoredSegments segments,
        StaticLists lists, CancellationToken cancel)
    {
        if (input is null) return new Audience(topic.Key, channel);
        if (input.Channel is not null && ChannelNames.Parse(input.Channel) != channel)
            errors.Add("audience.channel", "must be the campaign's own");
        return await (input with { Topic = input.Topic ?? topic.Key, Channel = channel.Name() }).ReadAsync(
            errors, "audience.", topics, segments, lists, cancel);
    }
}
