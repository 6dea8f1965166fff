using System.Text.Json;
using NodaTime;

namespace Notifications.Packages;

/// <summary>
/// What templates read as <c>package</c>: the news in the person's language, the stages for the progress bar, and the time at the place it
/// happened.
/// </summary>
internal static class PackageView
{
    /// <param name="number">The tracking number.</param>
    /// <param name="data">What came with the message; see <see cref="PackageNews"/>. Anything else in it is left to the template.</param>
    /// <param name="locale">The language asked for.</param>
    /// <param name="zone">The person's IANA zone, used where the event's time says nothing of its place.</param>
    /// <param name="sender">The company's name.</param>
    public static Dictionary<string, object?> Of(string number, JsonElement? data, string? locale, string? zone, string sender)
    {
        var texts = PackageTexts.For(locale);
        var known = StatusTable.Default.TryRead(Text(data, "status"), out var status, out var sub);
        var rule = known ? StatusTable.Default.Find(status, Text(data, "subStatus") ?? sub) : null;
        var reached =
            data is { ValueKind: JsonValueKind.Object } o
                && o.TryGetProperty("stage", out var s)
                && s.TryGetInt32(out var stage)
                && stage is >= 1 and <= PackageTexts.StageCount
                ? stage
                : Math.Max(1, rule?.Stage ?? 0);
        var problem = rule is { Problem: true };
        var words = new Dictionary<string, object?>(texts.Named, StringComparer.Ordinal);
        foreach (var key in texts.Filled) words[key] = Fill((string)words[key]!, number, sender);
        var description = Text(data, "description");
        return new Dictionary<string, object?>
        {
            ["trackingNumber"] = number,
            ["status"] = known ? status.ToString() : null,
            ["title"] = rule is not null && texts.Words.TryGetValue("title." + rule.Key, out var title)
                ? title
                : description is { Length: <= 80 } ? description : texts["title.News"],
            ["description"] = description,
            ["location"] = Text(data, "location"),
            ["carrier"] = Text(data, "carrier"),
            ["time"] = Time(data, zone, texts),
            ["stages"] = rule is null ? null : texts.Stages(reached, problem),
            ["problem"] = problem,
            ["language"] = texts.Language,
            ["direction"] = texts.Direction,
            ["text"] = words,
        };
    }

    private static string Fill(string text, string number, string sender) =>
        text.Replace("{number}", number, StringComparison.Ordinal).Replace("{sender}", sender, StringComparison.Ordinal);

    /// <summary>The time where it happened, with that place's offset; a bare UTC time is put into the person's zone.</summary>
    private static string? Time(JsonElement? data, string? zone, PackageTexts texts)
    {
        if (Text(data, "occurredAt") is not { } text) return null;
        if (!DateTimeOffset.TryParse(
            text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at))
        {
            return text;
        }

        if (at.Offset == TimeSpan.Zero && zone is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is { } place)
            at = Instant.FromDateTimeOffset(at).InZone(place).ToDateTimeOffset();
        var offset = at.Offset == TimeSpan.Zero
            ? "UTC"
            : at.Offset.Minutes == 0 ? at.ToString("'UTC'zz", texts.Culture) : at.ToString("'UTC'zzz", texts.Culture);
        return $"{texts.Moment(at.ToString("D", texts.Culture), at.ToString("HH:mm", texts.Culture))} ({offset})";
    }

    private static string? Text(JsonElement? data, string name) =>
        data is { ValueKind: JsonValueKind.Object } o
            && o.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString()!.Trim() is { Length: > 0 } text
            ? text
            : null;
}
