using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Notifications.Contacts;
using Notifications.Sending;
using Notifications.Templates;

namespace Notifications.Web.Http;

/// <summary>Reads the small things that stand in many requests. Null in gives null out; what is wrong is added to the errors.</summary>
internal static class Inputs
{
    /// <summary>A moment in RFC 3339 form.</summary>
    public static DateTimeOffset? Time(FieldErrors errors, string field, string? text)
    {
        if (text is null) return null;
        if (Rfc3339.TryParse(text, out var moment)) return moment;
        errors.Add(field, "must be a time in RFC 3339 form such as 2026-11-24T09:30:00Z");
        return null;
    }

    /// <summary>A language tag.</summary>
    public static string? Locale(FieldErrors errors, string? text, string field = "locale")
    {
        if (text is null || LanguageTag.IsValid(text)) return text;
        errors.Add(field, "must be a language tag such as en or pt-BR");
        return null;
    }

    /// <summary>An IANA time zone.</summary>
    public static string? TimeZone(FieldErrors errors, string? text)
    {
        if (text is null || ZoneName.IsValid(text)) return text;
        errors.Add("timeZone", "must be an IANA time zone such as Europe/Lisbon");
        return null;
    }

    /// <summary>A query parameter that is one word of a closed list; null where it was left out.</summary>
    public static T? Word<T>(HttpContext http, FieldErrors errors, string name) where T : struct, Enum
    {
        if (!http.Request.Query.TryGetValue(name, out var text)) return null;
        if (EnumWord.Read<T>(text) is { } word) return word;
        errors.Add(name, "must be one of " + string.Join(", ", EnumWord.All<T>()));
        return null;
    }

    /// <summary>Whether a text can name a contact, or whatever else is named by the same rule.</summary>
    public static bool IsId([NotNullWhen(true)] string? text) => text is not null && ContactId.IsValid(text);

    /// <summary>
    /// How deep may nest what is kept as it was given, itself the first level: where it is shown it stands deeper than it came, and what
    /// reads JSON mostly reads no more than 64 levels.
    /// </summary>
    public const int Deepest = 32;

    /// <summary>What is wrong with an object that is to be kept as it was given; null where nothing is.</summary>
    public static string? ProblemOf(JsonElement json) =>
        json.ValueKind != JsonValueKind.Object || !IsText(json) ? "must be a JSON object of valid text"
        : !Nests(json, Deepest) ? $"must nest at most {Deepest} deep"
        : null;

    /// <summary>
    /// Data for a template: an object, and what of it goes into a header is on one line (R2). A break that gets further is taken out.
    /// </summary>
    /// <returns>Whether they can be kept.</returns>
    public static bool Given(FieldErrors errors, JsonElement? data)
    {
        if (data is not { } json) return true;
        if (ProblemOf(json) is { } problem)
        {
            errors.Add("data", problem);
            return false;
        }

        if (json.TryGetProperty("subject", out var subject)
            && subject.ValueKind == JsonValueKind.String
            && subject.GetString()!.AsSpan().ContainsAny('\r', '\n'))
        {
            errors.Add("data.subject", "must be on one line");
        }

        return true;
    }

    private static bool Nests(JsonElement json, int most) => json.ValueKind switch
    {
        JsonValueKind.Object => most > 0 && json.EnumerateObject().All(m => Nests(m.Value, most - 1)),
        JsonValueKind.Array => most > 0 && json.EnumerateArray().All(item => Nests(item, most - 1)),
        _ => true,
    };

    /// <summary>
    /// Data for a template, of at most 64 KiB, as each message takes them to a queue, which holds 256 KiB. A campaign's row holds 512 KiB,
    /// and in it a character may have six times the bytes.
    /// </summary>
    public static void Data(FieldErrors errors, JsonElement? data)
    {
        if (Given(errors, data) && data is { } json && SendQueue.LengthOf(json) > 64 * 1024)
            errors.Add("data", "must have at most 64 KiB as it is queued; a letter that is not Latin has 2 or 3 bytes, a no-break space 6, an emoji 12");
    }

    /// <summary>
    /// What the built-in template, which one of no name stands for too, cannot print of the data. A saved one reads data of any form.
    /// </summary>
    public static void Printed(FieldErrors errors, string? template, string topic, JsonElement? data)
    {
        if (data is not { ValueKind: JsonValueKind.Object } json || (template is not null && !TemplateName.IsBuiltIn(template))) return;
        foreach (var (path, problem) in DefaultTemplates.ProblemsOf(DefaultTemplates.SetOf(template, topic), json))
            errors.Add("data." + path, problem);
    }

    /// <summary>
    /// Whether every string in a JSON value is text: no half of a surrogate pair, no bytes that are not UTF-8. Reading such a string later
    /// would throw.
    /// </summary>
    public static bool IsText(JsonElement json)
    {
        var raw = JsonMarshal.GetRawUtf8Value(json);
        if (!Utf8.IsValid(raw)) return false;
        return (raw.IndexOf("\\ud"u8) < 0 && raw.IndexOf("\\uD"u8) < 0) || Readable(json);
    }

    private static bool Readable(JsonElement json)
    {
        try
        {
            switch (json.ValueKind)
            {
                case JsonValueKind.String: return json.GetString() is not null;
                case JsonValueKind.Array: return json.EnumerateArray().All(Readable);
                case JsonValueKind.Object: return json.EnumerateObject().All(m => m.Name is not null && Readable(m.Value));
                default: return true;
            }
        }
        catch (InvalidOperationException)
        {
            return false; // How the reader says that an escape is half a pair.
        }
    }
}
