using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using Notifications.Audiences;

namespace Notifications.Web.OpenApi;

/// <summary>
/// What <see cref="SegmentReader"/> takes, as a schema: a converter reads segments, into which the generator cannot look. A test holds it
/// against the reader.
/// </summary>
internal static class SegmentSchema
{
    private const string Moment =
        "^(P0*[0-9]{1,5}[DW]|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?)$";

    /// <summary>Says it where a segment, or what refers to one, stands; false where anything else does.</summary>
    public static bool Describe(OpenApiSchema schema, JsonTypeInfo held, JsonPropertyInfo? member)
    {
        var type = Nullable.GetUnderlyingType(held.Type) ?? held.Type;
        // A request's is read as it is, so that what is wrong can be named with its place.
        if (type == typeof(JsonElement))
            type = member?.Name switch { "filter" => typeof(Segment), "segment" => typeof(SegmentRef), _ => type };
        if (type == typeof(Segment)) Components.Mark(schema, type);
        else if (type == typeof(SegmentRef))
            schema.OneOf =
            [
                // The text before the object: of several NSwag takes the first, and an id says all that a filter can.
                .. member?.IsGetNullable == true ? [new OpenApiSchema { Type = JsonSchemaType.Null }] : Array.Empty<IOpenApiSchema>(),
                new OpenApiSchema { Type = JsonSchemaType.String }, Part(),
            ];
        else return false;
        return true;
    }

    /// <summary>Says what a segment is, once, where all refer to.</summary>
    public static void Fill(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Object;
        schema.MinProperties = 1;
        schema.AdditionalPropertiesAllowed = false;
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["all"] = Many(Part(), "Each of these matches."),
            ["any"] = Many(Part(), "At least one of these matches."),
            ["not"] = Part("This does not match."),
            ["locale"] = OneOrMany(
                "The language is one of these: de takes in de-AT, de-AT only itself.",
                () => Text("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", most: 35)),
            ["country"] = OneOrMany("The country is one of these, each of two letters (ISO 3166).", () => Text("^[A-Za-z]{2}$", most: 2)),
            ["tag"] = OneOrMany("The address carries at least one of these tags.", () => Text(@"\S", SegmentReader.MaxText)),
            ["subscribedSince"] = At("Subscribed at this moment or later."),
            ["subscribedBefore"] = At("Subscribed before this moment."),
            ["engagedSince"] = At(
                "Opened or clicked something at this moment or later, as far as that is reported (the event Notifications.Engagement)."),
            ["watching"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Boolean,
                Description = "Whether the address follows a package.",
            },
        };
    }

    /// <summary>A segment within one: what refers to it gets its place among the components.</summary>
    private static OpenApiSchema Part(string? meaning = null)
    {
        var part = new OpenApiSchema { Description = meaning };
        Components.Mark(part, typeof(Segment));
        return part;
    }

    private static OpenApiSchema Many(OpenApiSchema one, string? meaning = null) => new()
    {
        Type = JsonSchemaType.Array,
        Items = one,
        MinItems = 1,
        MaxItems = SegmentReader.MaxConditions,
        Description = meaning,
    };

    // The list before the single text: answers have lists, and of several NSwag takes the first.
    private static OpenApiSchema OneOrMany(string meaning, Func<OpenApiSchema> one) =>
        new() { OneOf = [Many(one()), one()], Description = meaning };

    private static OpenApiSchema Text(string pattern, int most) =>
        new() { Type = JsonSchemaType.String, Pattern = pattern, MaxLength = most };

    private static OpenApiSchema At(string meaning)
    {
        var text = Text(Moment, most: 40);
        text.Description =
            meaning + " A date such as 2026-01-31 (its first moment in UTC), a time in RFC 3339 form, or a period back in days or weeks, such as P90D, of 100 years at most.";
        return text;
    }
}
