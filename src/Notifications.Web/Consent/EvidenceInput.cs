using System.Text;
using System.Text.Json;
using Notifications.Consent;
using Notifications.Web.Http;

namespace Notifications.Web.Consent;

/// <summary>
/// What stands behind a consent: any JSON object of at most 8 KiB, nested at most 32 deep. The fields we know must make sense, in whatever
/// case their names are written; all of it is kept as it was given, those names as we write them. One of them that is null is as good as
/// left out.
/// </summary>
/// <param name="Confirmed">It says that the person confirmed.</param>
/// <param name="At">When it counts as said; see <see cref="Clock.Counted"/>.</param>
/// <param name="Says">It says something, and not that the person did not confirm.</param>
/// <param name="By">The last moment at which it can have been said, where that is told in whole seconds; else null.</param>
internal readonly record struct EvidenceInput(
    string? Json, bool Confirmed, bool UnderAge, DateTimeOffset? At = null, bool Says = false, DateTimeOffset? By = null)
{
    private const int Limit = 8 * 1024;

    private static readonly string[] Known =
        [
            "ip", "userAgent", "url", "at", "confirmed", "import", "age", "birthDate", SoftOptIn.Sale, SoftOptIn.SimilarProducts,
            SoftOptIn.RefusalOffered,
        ];

    /// <summary>Reads the object and, where the client puts them beside it, the age or the date of birth.</summary>
    /// <param name="raises">Permission is raised by it: its time must be one at which that can have been said.</param>
    public static EvidenceInput Read(
        FieldErrors errors, string prefix, JsonElement? evidence, int? age, string? birthDate, DateTimeOffset now, bool raises)
    {
        var (confirmed, denied) = (false, false);
        DateTimeOffset? at = null, by = null;
        var underAge = age < Age.Adult;
        if (age is < 0 or > 150) errors.Add(prefix + "age", Age.YearsRule);
        if (birthDate is not null) underAge |= IsUnder(errors, prefix + "birthDate", birthDate, now);
        if (evidence is not { } given) return new(null, confirmed, underAge);
        var name = prefix + "evidence";
        if (Inputs.ProblemOf(given) is { } unfit)
        {
            errors.Add(name, unfit);
            return new(null, confirmed, underAge);
        }

        var json = Written(given);
        if (Encoding.UTF8.GetByteCount(json) > Limit) errors.Add(name, "must have at most 8 KiB");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in given.EnumerateObject().Where(IsGiven))
        {
            var known = NameOf(member);
            var field = $"{name}.{known}";
            var value = member.Value;
            if (!seen.Add(known)) errors.Add(field, "stands twice");
            switch (known)
            {
                case "ip":
                    if (value.ValueKind != JsonValueKind.String || !IpText.IsValid(value.GetString()!))
                        errors.Add(field, "must be an IP address");
                    break;
                case "userAgent":
                    if (value.ValueKind != JsonValueKind.String || value.GetString()!.Length > 1000)
                        errors.Add(field, "must be a text of at most 1000 characters");
                    break;
                case "url":
                    if (value.ValueKind != JsonValueKind.String
                        || !Uri.TryCreate(value.GetString(), UriKind.Absolute, out var url)
                        || url.Scheme is not ("https" or "http"))
                    {
                        errors.Add(field, "must be an http or https URL");
                    }

                    break;
                case "at":
                    if (value.ValueKind != JsonValueKind.String)
                        errors.Add(field, "must be a time in RFC 3339 form such as 2026-11-24T09:30:00Z");
                    else if (Inputs.Time(errors, field, value.GetString()) is { } said)
                    {
                        if (Clock.Problem(said, now) is { } problem && (raises || said > now)) errors.Add(field, problem);
                        at = Clock.Counted(said, now);
                        if (at == said && !value.GetString()!.Contains('.', StringComparison.Ordinal)) by = Clock.LastOf(said, now);
                    }

                    break;
                case "confirmed":
                    if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) errors.Add(field, "must be true or false");
                    confirmed = value.ValueKind == JsonValueKind.True;
                    denied = !confirmed;
                    break;
                case "import":
                    errors.Add(field, "is what an import writes; leave it out, or give it another name");
                    break;
                case "age":
                    if (Age.IsUnder(Years(value)) is { } young) underAge |= young;
                    else errors.Add(field, Age.YearsRule);
                    break;
                case "birthDate":
                    if (value.ValueKind == JsonValueKind.String) underAge |= IsUnder(errors, field, value.GetString()!, now);
                    else errors.Add(field, Age.DateRule);
                    break;
            }
        }

        return new(json, confirmed, underAge, at, !denied && json.Length > 2, by);
    }

    private static string NameOf(JsonProperty member) =>
        Array.Find(Known, k => k.Equals(member.Name, StringComparison.OrdinalIgnoreCase)) ?? member.Name;

    private static bool IsGiven(JsonProperty member) =>
        member.Value.ValueKind != JsonValueKind.Null || Array.IndexOf(Known, NameOf(member)) < 0;

    /// <summary>Without white space, as it is hashed into ledgers, and with the names that are looked for there.</summary>
    private static string Written(JsonElement given)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in given.EnumerateObject().Where(IsGiven))
            {
                writer.WritePropertyName(NameOf(member));
                member.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    // Forms send numbers as text.
    private static string? Years(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.String => value.GetString(),
        _ => null,
    };

    private static bool IsUnder(FieldErrors errors, string field, string text, DateTimeOffset now)
    {
        if (Age.IsUnder(text, now) is { } young) return young;
        errors.Add(field, Age.DateRule);
        return false;
    }
}
