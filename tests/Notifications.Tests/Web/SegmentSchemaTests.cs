using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Json.Schema;
using Notifications.Audiences;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>What the OpenAPI document says of a filter is what its reader takes (DESIGN section 7).</summary>
public sealed class SegmentSchemaTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly string[] Members =
        [
            "all", "any", "not", "locale", "country", "tag", "subscribedSince", "subscribedBefore", "engagedSince", "watching", "Locale",
            "nobody",
        ];

    private static readonly string[] Values =
        [
            "\"de\"", "\"pt-BR\"", "\"d\"", "\"zh-Hant-TW-x-longer-than-it-may-be-12345\"", "\"de-\"", "\"DE\"", "\"DEU\"", "\"\"", "\" \"",
            "\"a,b\"", "\"vip\"", "\"2026-01-31\"", "\"2026-1-31\"", "\"2026-01-31T09:00:00Z\"", "\"2026-01-31T09:00:00,5+01:00\"",
            "\"2026-01-31T09:00:00\"", "\"P90D\"", "\"P4W\"", "\"P0000090D\"", "\"P3M\"", "\"P\"", "\"PD\"", "\"p90d\"", "true", "false",
            "null", "1", "[]", "{}", "[\"de\"]", "[\"de\",\"fr\"]", "[\"at\",1]", "[null]",
        ];

    private static readonly Gen<string> Filter = Gen.Recursive<string>(
        (depth, inner) =>
        {
            var value = depth > 3
                ? Gen.OneOf(Values)
                : Gen.OneOf(
                    Gen.OneOf(Values), inner, inner.Array[0, 3].Select(parts => $"[{string.Join(',', parts)}]"));
            return Gen.Select(Gen.OneOf(Members), value).Array[0, 3].Select(
                members => $"{{{string.Join(',', members.DistinctBy(m => m.Item1).Select(m => $"\"{m.Item1}\":{m.Item2}"))}}}");
        });

    [Fact]
    public async Task A_filter_is_taken_where_its_schema_says_so_and_nowhere_else()
    {
        var schema = await SchemaAsync("Segment");
        foreach (var member in Members)
            foreach (var value in Values)
                Judge(schema, $"{{\"{member}\":{value}}}");
        Filter.Sample(json => Judge(schema, json), iter: 2000, threads: 1);
        foreach (var count in (int[])[1, 100, 101])
        {
            Judge(schema, $"{{\"tag\":[{string.Join(',', Enumerable.Repeat("\"vip\"", count))}]}}");
            Judge(schema, $"{{\"tag\":\"{new string('x', count * 64 / 100)}\"}}");
        }
    }

    [Theory]
    [InlineData("""{"segment":"0123456789ab"}""", true)]
    [InlineData("""{"segment":null}""", true)]
    [InlineData("""{"segment":{"locale":["de"]},"exclude":{"segment":{"not":{"tag":"vip"}}}}""", true)]
    [InlineData("""{"segment":1}""", false)]
    [InlineData("""{"segment":{}}""", false)]
    [InlineData("""{"exclude":{"segment":["0123456789ab"]}}""", false)]
    public async Task The_segment_of_an_audience_is_an_id_or_a_filter(string audience, bool taken)
    {
        Assert.Equal(taken, (await SchemaAsync("AudienceInput")).Evaluate(JsonElement.Parse(audience)).IsValid);
        var body = JsonNode.Parse(audience)!.AsObject();
        body["topic"] = "promotions";
        body["channel"] = "email";
        var answer = await product.PostAsync("/v1/audiences/count", body.ToJsonString());
        // That no segment has this id is nothing that a schema can know.
        Assert.Equal(taken, answer.Status == System.Net.HttpStatusCode.OK || answer.Text.Contains("is not a stored segment"));
    }

    [Fact]
    public async Task A_filter_that_comes_back_with_its_segment_or_its_campaign_is_what_the_document_says()
    {
        var filter = JsonElement.Parse(
            """{"locale":"de","country":["at"],"any":[{"tag":"vip"},{"engagedSince":"P4W"}],"not":{"subscribedBefore":"2026-01-31"}}""");
        var segment = await product.PostAsync("/v1/segments", new { name = "some", filter });
        var campaign = await product.PostAsync(
            "/v1/campaigns",
            new
            {
                name = "some",
                topic = "promotions", channel = "email", template = "promotions",
                audience = new { segment = filter, exclude = new { segment = segment["id"] } },
            });
        Assert.Equal(System.Net.HttpStatusCode.Created, campaign.Status);
        Assert.True((await SchemaAsync("SegmentView")).Evaluate(segment.Json).IsValid, segment.Text);
        Assert.True((await SchemaAsync("CampaignView")).Evaluate(campaign.Json).IsValid, campaign.Text);
        Assert.Equal(
            segment.Json.GetProperty("filter").GetRawText(),
            campaign.Json.GetProperty("audience").GetProperty("segment").GetRawText());
    }

    // What is null is passed over, as in every body; the document says what a filter is without.
    private static void Judge(JsonSchema schema, string json)
    {
        var problems = new List<SegmentProblem>();
        var taken = SegmentReader.Read(JsonElement.Parse(json), "", problems) is not null;
        var said = JsonNode.Parse(json);
        DropNulls(said);
        Assert.Equal((json, taken), (json, schema.Evaluate(JsonElement.Parse(said!.ToJsonString())).IsValid));
    }

    private static void DropNulls(JsonNode? json)
    {
        if (json is JsonArray array)
        {
            foreach (var item in array) DropNulls(item);
            return;
        }

        if (json is not JsonObject filter) return;
        foreach (var (name, value) in filter.ToList())
        {
            if (value is not null) DropNulls(value);
            else if (Array.IndexOf(Members[..^2], name) >= 0) filter.Remove(name);
        }
    }

    private async Task<JsonSchema> SchemaAsync(string name)
    {
        var parts = (await product.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas").GetRawText();
        return JsonSchema.FromText(
            $$"""{"$ref":"#/$defs/{{name}}","$defs":{{parts.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal)}}}""");
    }
}
