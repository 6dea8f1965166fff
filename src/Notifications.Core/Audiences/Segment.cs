using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace Notifications.Audiences;

/// <summary>
/// A filter over the people subscribed to a topic: a tree of <c>all</c>, <c>any</c> and <c>not</c> over what is known of them. It nests at
/// most 8 deep and has at most 100 conditions in all. An object of several members counts as the <c>all</c> of them that it is kept as: one
/// condition and one level more.
/// </summary>
/// <remarks>
/// Asked of the rows of the audience index, it allocates nothing. Its JSON is read by <see cref="SegmentReader"/>.
/// </remarks>
[JsonConverter(typeof(SegmentConverter))]
public abstract record Segment
{
    /// <summary>Whether a row matches. <paramref name="now"/> is what relative moments count from.</summary>
    public abstract bool Matches(AudienceRow row, DateTimeOffset now);

    /// <summary>The same with relative moments made absolute, so that it selects alike however long the walk takes.</summary>
    public virtual Segment Frozen(DateTimeOffset now) => this;
}

/// <summary>Every one of the parts matches.</summary>
internal sealed record AllOf(Segment[] Parts) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now)
    {
        foreach (var part in Parts)
            if (!part.Matches(row, now)) return false;
        return true;
    }

    public override Segment Frozen(DateTimeOffset now) => new AllOf(Array.ConvertAll(Parts, p => p.Frozen(now)));
}

/// <summary>At least one of the parts matches.</summary>
internal sealed record AnyOf(Segment[] Parts) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now)
    {
        foreach (var part in Parts)
            if (part.Matches(row, now)) return true;
        return false;
    }

    public override Segment Frozen(DateTimeOffset now) => new AnyOf(Array.ConvertAll(Parts, p => p.Frozen(now)));
}

/// <summary>The part does not match.</summary>
internal sealed record NotOf(Segment Part) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now) => !Part.Matches(row, now);

    public override Segment Frozen(DateTimeOffset now) => new NotOf(Part.Frozen(now));
}

/// <summary>The language is one of these: <c>de</c> takes in <c>de-AT</c>, <c>de-AT</c> only itself (RFC 4647, basic filtering).</summary>
internal sealed record LocaleIn(string[] Locales) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now)
    {
        if (row.Locale is not { } locale) return false;
        foreach (var range in Locales)
            if (locale.StartsWith(range, StringComparison.OrdinalIgnoreCase)
                && (locale.Length == range.Length || locale[range.Length] == '-'))
            {
                return true;
            }

        return false;
    }
}

/// <summary>The country is one of these.</summary>
internal sealed record CountryIn(string[] Countries) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now) =>
        row.Country is { } country && Array.IndexOf(Countries, country) >= 0;
}

/// <summary>The address carries at least one of these tags.</summary>
internal sealed record TagIn(string[] Tags) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now)
    {
        if (row.Tags is not { } tags) return false;
        foreach (var tag in Tags)
            if (Array.IndexOf(tags, tag) >= 0) return true;
        return false;
    }
}

/// <summary>Subscribed at this moment or later.</summary>
internal sealed record SubscribedSince(Moment From) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now) => row.Since >= From.At(now);

    public override Segment Frozen(DateTimeOffset now) => new SubscribedSince(From.Frozen(now));
}

/// <summary>Subscribed before this moment.</summary>
internal sealed record SubscribedBefore(Moment To) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now) => row.Since < To.At(now);

    public override Segment Frozen(DateTimeOffset now) => new SubscribedBefore(To.Frozen(now));
}

/// <summary>Read or clicked something at this moment or later.</summary>
internal sealed record EngagedSince(Moment From) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now) => row.EngagedAt >= From.At(now);

    public override Segment Frozen(DateTimeOffset now) => new EngagedSince(From.Frozen(now));
}

/// <summary>Follows at least one package, or none.</summary>
internal sealed record IsWatching(bool Any) : Segment
{
    public override bool Matches(AudienceRow row, DateTimeOffset now) => row.Watching > 0 == Any;
}

/// <summary>A moment, or so many days before whenever it is asked.</summary>
internal readonly record struct Moment(DateTimeOffset? Fixed, int DaysAgo)
{
    public DateTimeOffset At(DateTimeOffset now) => Fixed ?? now.AddDays(-DaysAgo);

    public Moment Frozen(DateTimeOffset now) => new(At(now), 0);

    /// <summary>
    /// A date (its first moment in UTC), a time in RFC 3339 form, or a period back in days or weeks (ISO 8601: <c>P90D</c>, <c>P4W</c>);
    /// 100 years at most.
    /// </summary>
    public static bool TryParse(string text, out Moment moment)
    {
        moment = default;
        if (text.Length is < 3 or > 40) return false;
        if (text[0] == 'P')
        {
            if (!int.TryParse(text.AsSpan(1, text.Length - 2), System.Globalization.NumberStyles.None, null, out var count)
                || text[^1] is not ('D' or 'W'))
            {
                return false;
            }

            if (count > 36_500) return false;
            moment = new Moment(null, text[^1] == 'W' ? count * 7 : count);
            return moment.DaysAgo <= 36_500;
        }

        if (LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var date } && date.Year is > 1900 and < 9000)
            moment = new Moment(date.AtMidnight().InUtc().ToDateTimeOffset(), 0);
        else if (OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true, Value: var at } && at.Year is > 1900 and < 9000)
            moment = new Moment(at.ToInstant().ToDateTimeOffset(), 0);
        else return false;
        return true;
    }

    public override string ToString() =>
        Fixed is { } at ? OffsetDateTimePattern.Rfc3339.Format(OffsetDateTime.FromDateTimeOffset(at)) : $"P{DaysAgo}D";
}
