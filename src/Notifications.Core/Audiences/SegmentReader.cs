using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notifications.Audiences;

/// <summary>What is wrong with a segment, and where: <c>all[1].locale</c>.</summary>
public readonly record struct SegmentProblem(string Path, string Message);

/// <summary>
/// Reads and writes segments as JSON: an object whose members must all hold, each one of <c>all</c>, <c>any</c> (arrays of segments),
/// <c>not</c> (a segment), <c>locale</c>, <c>country</c>, <c>tag</c> (a text or several, any of which will do), <c>subscribedSince</c>,
/// <c>subscribedBefore</c>, <c>engagedSince</c> (a date, a time or a period back such as <c>P90D</c>) and <c>watching</c> (true or false).
/// At most 8 deep, 100 conditions, 100 values in one; an object of several members counts as the <c>all</c> of them that it is kept as.
/// </summary>
public static class SegmentReader
{
    /// <summary>How deep segments nest at most.</summary>
    public const int MaxDepth = 8;

    /// <summary>How many conditions a segment has at most, and values a condition.</summary>
    public const int MaxConditions = 100;

    /// <summary>The longest value of a condition, in characters.</summary>
    public const int MaxText = 64;

    /// <summary>Reads a segment; null when <paramref name="problems"/> got something to say.</summary>
    /// <param name="json">The segment.</param>
    /// <param name="path">Where it stands, for the problems; may be empty.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public static Segment? Read(JsonElement json, string path, IList<SegmentProblem> problems) => Read(json, path, problems, stored: false);

    /// <summary>
    /// The same of what is stored, whatever its size: an earlier version took more than it could read again.
    /// </summary>
    internal static Segment? ReadStored(JsonElement json, IList<SegmentProblem> problems) => Read(json, "", problems, stored: true);

    private static Segment? Read(JsonElement json, string path, IList<SegmentProblem> problems, bool stored)
    {
        var before = problems.Count;
        var reading = new Reading(problems, stored);
        var segment = reading.Read(json, path, 1);
        if (!stored && reading.Conditions > MaxConditions) problems.Add(new(path, $"must have at most {MaxConditions} conditions"));
        return problems.Count == before ? segment : null;
    }

    internal static void Write(Utf8JsonWriter json, Segment segment)
    {
        json.WriteStartObject();
        switch (segment)
        {
            case AllOf all: Parts(json, "all", all.Parts); break;
            case AnyOf any: Parts(json, "any", any.Parts); break;
            case NotOf not:
                json.WritePropertyName("not");
                Write(json, not.Part);
                break;
            case LocaleIn locale: Texts(json, "locale", locale.Locales); break;
            case CountryIn country: Texts(json, "country", country.Countries); break;
            case TagIn tag: Texts(json, "tag", tag.Tags); break;
            case SubscribedSince since: json.WriteString("subscribedSince", since.From.ToString()); break;
            case SubscribedBefore before: json.WriteString("subscribedBefore", before.To.ToString()); break;
            case EngagedSince engaged: json.WriteString("engagedSince", engaged.From.ToString()); break;
            case IsWatching watching: json.WriteBoolean("watching", watching.Any); break;
            default: throw new InvalidOperationException($"{segment.GetType().Name} has no JSON form.");
        }

        json.WriteEndObject();
    }

    private static void Parts(Utf8JsonWriter json, string name, Segment[] parts)
    {
        json.WriteStartArray(name);
        foreach (var part in parts) Write(json, part);
        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, string[] texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private sealed class Reading(IList<SegmentProblem> problems, bool stored)
    {
        private static readonly string[] Names =
            ["all", "any", "not", "locale", "country", "tag", "subscribedSince", "subscribedBefore", "engagedSince", "watching"];

        private static readonly string Known = string.Join(", ", Names);

        private static readonly string TooDeep =
            $"must nest at most {MaxDepth} deep, where an object of several conditions counts as all of them";

        public int Conditions { get; private set; }

        public Segment? Read(JsonElement json, string path, int depth)
        {
            if (!stored && depth > MaxDepth) return Wrong(path, TooDeep);
            if (json.ValueKind != JsonValueKind.Object) return Wrong(path, "must be an object such as {\"locale\":[\"de\"]}");
            var parts = new List<Segment>();
            // Null is as good as left out, as in every body.
            var members = json.EnumerateObject()
                .Where(m => m.Value.ValueKind != JsonValueKind.Null || Array.IndexOf(Names, m.Name) < 0)
                .ToList();
            if (members.Count > 1)
            {
                if (!stored && ++depth > MaxDepth) return Wrong(path, TooDeep);
                Conditions++;
            }

            foreach (var member in members)
            {
                if (++Conditions > MaxConditions && !stored) return null; // Said once, by the caller.
                if (Member(member, path.Length == 0 ? member.Name : $"{path}.{member.Name}", depth) is { } part) parts.Add(part);
            }

            if (members.Count == 0) return Wrong(path, $"must have a condition: one of {Known}");
            return parts.Count == 1 ? parts[0] : new AllOf([.. parts]);
        }

        private Segment? Member(JsonProperty member, string path, int depth)
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "all": return Parts(value, path, depth) is { } all ? new AllOf(all) : null;
                case "any": return Parts(value, path, depth) is { } any ? new AnyOf(any) : null;
                case "not": return Read(value, path, depth + 1) is { } part ? new NotOf(part) : null;
                case "locale":
                    return Texts(value, path, Locale, "must be a language tag such as de or pt-BR") is { } locales
                        ? new LocaleIn(locales)
                        : null;
                case "country":
                    return Texts(value, path, Country, "must be a country of two letters (ISO 3166) such as DE") is { } countries
                        ? new CountryIn(countries)
                        : null;
                case "tag":
                    return Texts(value, path, Addresses.Tags.Normalise, "must be a tag of 1 to 64 characters") is { } tags
                        ? new TagIn(tags)
                        : null;
                case "subscribedSince": return At(value, path) is { } since ? new SubscribedSince(since) : null;
                case "subscribedBefore": return At(value, path) is { } before ? new SubscribedBefore(before) : null;
                case "engagedSince": return At(value, path) is { } engaged ? new EngagedSince(engaged) : null;
                case "watching":
                    if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return new IsWatching(value.GetBoolean());
                    return Wrong(path, "must be true or false");
                default: return Wrong(path, $"is not known; use one of {Known}");
            }
        }

        private Segment[]? Parts(JsonElement json, string path, int depth)
        {
            if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > MaxConditions)
            {
                Wrong(path, $"must be an array of 1 to {MaxConditions} segments");
                return null;
            }

            var parts = new List<Segment>();
            var at = 0;
            foreach (var item in json.EnumerateArray())
                if (Read(item, $"{path}[{at++}]", depth + 1) is { } part) parts.Add(part);
            return [.. parts];
        }

        private string[]? Texts(JsonElement json, string path, Func<string, string?> normalise, string otherwise)
        {
            if (json.ValueKind == JsonValueKind.String) return Text(json, path, normalise, otherwise) is { } single ? [single] : null;
            if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > MaxConditions)
            {
                Wrong(path, $"must be a text, or an array of 1 to {MaxConditions} of them");
                return null;
            }

            var texts = new List<string>();
            var at = 0;
            foreach (var item in json.EnumerateArray())
                if (Text(item, $"{path}[{at++}]", normalise, otherwise) is { } text) texts.Add(text);
            return [.. texts];
        }

        private string? Text(JsonElement json, string path, Func<string, string?> normalise, string otherwise)
        {
            var text = json.ValueKind == JsonValueKind.String ? json.GetString()! : null;
            var normal = text is null || text.Length > MaxText ? null : normalise(text);
            if (normal is null) Wrong(path, otherwise);
            return normal;
        }

        private Moment? At(JsonElement json, string path)
        {
            if (json.ValueKind == JsonValueKind.String && Moment.TryParse(json.GetString()!, out var moment)) return moment;
            Wrong(path, "must be a date such as 2026-01-31, a time in RFC 3339 form, or a period back in days or weeks such as P90D");
            return null;
        }

        private Segment? Wrong(string path, string message)
        {
            if (problems.Count < 50) problems.Add(new(path, message));
            return null;
        }

        private static string? Locale(string text) => LanguageTag.IsValid(text) ? text : null;

        private static string? Country(string text) => text.Length == 2 && text.All(char.IsAsciiLetter) ? text.ToUpperInvariant() : null;
    }
}

/// <summary>Segments in stored and queued JSON. What was stored was validated; anything else is a fault of ours and throws.</summary>
public sealed class SegmentConverter : JsonConverter<Segment>
{
    /// <inheritdoc/>
    public override Segment Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        var problems = new List<SegmentProblem>();
        return SegmentReader.ReadStored(json.RootElement, problems) ?? throw new JsonException($"{problems[0].Path} {problems[0].Message}");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Segment value, JsonSerializerOptions options) => SegmentReader.Write(writer, value);
}

/// <inheritdoc cref="SegmentConverter"/>
public sealed class SegmentRefConverter : JsonConverter<SegmentRef>
{
    /// <inheritdoc/>
    public override SegmentRef Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? new SegmentRef(reader.GetString()!)
            : new SegmentRef(new SegmentConverter().Read(ref reader, typeof(Segment), options));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SegmentRef value, JsonSerializerOptions options)
    {
        if (value.Inline is { } segment) SegmentReader.Write(writer, segment);
        else writer.WriteStringValue(value.Id);
    }
}
