using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Web;

/// <summary>
/// What is kept as it was given is shown deeper than it came. Taken at every depth, one consent made the ledger of its person unreadable
/// for ever, and one campaign the list of all.
/// </summary>
public sealed class DeepJsonTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Person = "\"email\":\"deep@example.com\"";
    private const string Said = "\"source\":\"form\",\"wording\":\"Yes.\"";

    /// <summary>An object that nests so deep, itself the first level.</summary>
    private static string Nested(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);

    [Theory]
    [InlineData(
        "POST", "/v1/consents", "evidence",
        "{" + Person + ",\"topic\":\"surveys\",\"action\":\"opt-in\"," + Said + ",\"evidence\":~}")]
    [InlineData(
        "PATCH", "/v1/preferences", "subscriptions[0].evidence",
        "{" + Person + ",\"subscriptions\":[{\"topic\":\"surveys\",\"status\":\"subscribed\"," + Said + ",\"evidence\":~}]}")]
    [InlineData(
        "PATCH", "/v1/preferences", "subscriptions[0].evidence",
        "{" + Person + ",\"subscriptions\":[{\"topic\":\"surveys\",\"status\":\"subscribed\"}]," + Said + ",\"evidence\":~}")]
    [InlineData("POST", "/v1/packages/RA123456785GB/watches", "evidence", "{" + Person + "," + Said + ",\"evidence\":~}")]
    [InlineData("DELETE", "/v1/packages/RA123456785GB/watches", "evidence", "{" + Person + ",\"evidence\":~}")]
    [InlineData("POST", "/v1/messages", "data", "{\"topic\":\"surveys\",\"to\":{" + Person + "},\"data\":~}")]
    [InlineData("POST", "/v1/decisions", "data", "{\"topic\":\"surveys\",\"to\":{" + Person + "},\"data\":~}")]
    [InlineData(
        "POST", "/v1/campaigns", "data",
        "{\"name\":\"deep\",\"topic\":\"promotions\",\"channel\":\"email\",\"template\":\"promotions\",\"data\":~}")]
    [InlineData(
        "POST", "/v1/templates/preview", "data",
        "{\"template\":{\"name\":\"deep\",\"topic\":\"newsletter\",\"channel\":\"sms\",\"locale\":\"en\",\"text\":\"x\"},\"data\":~}")]
    public async Task R26_What_is_kept_as_it_was_given_is_taken_as_deep_as_it_can_be_given_out_and_no_deeper(
        string method, string path, string field, string body)
    {
        foreach (var levels in (int[])[33, 61, 62, 63, 100, 500])
        {
            var refused = await product.SendAsync(
                new HttpMethod(method), path, body.Replace("~", Nested(levels), StringComparison.Ordinal));
            Assert.True(
                refused.Status == HttpStatusCode.BadRequest
                    && refused["detail"]!.EndsWith("must nest at most 32 deep.", StringComparison.Ordinal)
                    && (levels > 100 || refused.Fields.SequenceEqual([field])),
                $"{levels}: {refused.Text}");
        }

        var taken = await product.SendAsync(new HttpMethod(method), path, body.Replace("~", Nested(32), StringComparison.Ordinal));
        Assert.True((int)taken.Status is >= 200 and < 300, taken.Text);
    }

    [Fact]
    public async Task R26_A_ledger_with_evidence_as_deep_as_an_earlier_version_took_it_can_be_read()
    {
        var (desk, topics) = (product.Get<ConsentDesk>(), product.Get<TopicCatalog>());
        Assert.True(Address.TryParse(Channel.Email, "earlier@example.com", out var address, out _));
        await desk.OptInAsync(
            address, topics.Find("surveys")!,
            new LedgerDraft(LedgerAction.OptIn, "surveys", "form", "service:x") { Wording = "Yes.", Evidence = Nested(62) }, true, null,
            default);
        var ledger = await product.GetAsync("/v1/consents?email=earlier@example.com");
        Assert.Equal(HttpStatusCode.OK, ledger.Status);
        Assert.Contains(Nested(62), ledger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M2_A_campaign_with_data_as_deep_as_an_earlier_version_took_them_spoils_no_list()
    {
        var desk = product.Get<CampaignDesk>();
        var made = await desk.CreateAsync(
            new CampaignDefinition
            {
                Name = "earlier", Topic = "promotions", Channel = Channel.Email, Template = "promotions",
                Data = JsonElement.Parse(Nested(62)), Audience = new Audience("promotions", Channel.Email),
            },
            null, "service:x", default);
        foreach (var path in (string[])["/v1/campaigns", "/v1/campaigns/" + made.Id])
        {
            var shown = await product.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.OK), (path, shown.Status));
            Assert.Contains(Nested(62), shown.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task R32_An_export_of_an_earlier_version_comes_in_with_its_deep_evidence_and_its_ledger_can_be_read()
    {
        var there = new PackagesWorld();
        var evidence = $$"""{"confirmed":true,"a":{{Nested(61)}} }""".Replace(" ", "", StringComparison.Ordinal);
        var ana = CoreProduct.Email("deep-import@example.com");
        await there.Get<ConsentDesk>().OptInAsync(
            ana, there.Get<TopicCatalog>().Find("newsletter")!,
            new LedgerDraft(LedgerAction.OptIn, "newsletter", "form", "service:x") { Wording = "Yes.", Evidence = evidence }, true, null,
            default);
        var export = await there.Get<PersonExports>().ReadAsync([ana], null, default);
        var taken = await product.PostAsync(
            "/v1/privacy/imports", JsonSerializer.Serialize(export, CoreJson.Default.PersonExport));
        Assert.True(taken.Status == HttpStatusCode.Created, taken.Text);
        var ledger = await product.GetAsync("/v1/consents?email=deep-import@example.com");
        Assert.Equal(HttpStatusCode.OK, ledger.Status);
        Assert.Contains(evidence, ledger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_nests_too_deep_spoils_no_other_of_its_batch()
    {
        string Message(int levels) => $$"""{"topic":"surveys","to":{"email":"batch@example.com"},"data":{{Nested(levels)}} }""";
        var reply = await product.PostAsync(
            "/v1/messages/batch", $"{{\"messages\":[{string.Join(',', ((int[])[1, 33, 62, 63, 3000, 2]).Select(Message))}]}}");
        Assert.True(reply.Status == HttpStatusCode.Accepted, reply.Text);
        Assert.Equal((2, 4), (reply.Json.GetProperty("accepted").GetInt32(), reply.Json.GetProperty("rejected").GetInt32()));
        Assert.All(
            reply.Json.GetProperty("results").EnumerateArray().Skip(1).Take(4),
            r => Assert.EndsWith(
                "must nest at most 32 deep.", r.GetProperty("problem").GetProperty("detail").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task M2_A_segment_that_is_taken_can_be_read_again_also_where_its_objects_have_several_members()
    {
        static string Both(int levels) => levels == 1
            ? """{"locale":"de","watching":true}"""
            : $$"""{"locale":"de","not":{{Both(levels - 1)}} }""";
        var wide = string.Join(',', Enumerable.Repeat("""{"locale":"de","watching":true}""", 40)); // 80 conditions, and 40 times all.
        foreach (var (filter, takes) in new[] { (Both(4), true), (Both(5), false), (Both(8), false), ($$"""{"any":[{{wide}}]}""", false) })
        {
            var made = await product.PostAsync("/v1/segments", $$"""{"name":"several","filter":{{filter}} }""");
            Assert.Equal((filter, HttpStatusCode.OK), (filter, (await product.GetAsync("/v1/segments")).Status));
            Assert.Equal((filter, takes ? HttpStatusCode.Created : HttpStatusCode.BadRequest), (filter, made.Status));
        }
    }

    [Fact]
    public void M2_A_stored_segment_is_read_whatever_an_earlier_version_let_it_be()
    {
        Segment segment = new IsWatching(true);
        for (var i = 0; i < 9; i++) segment = new AllOf([new LocaleIn(["de"]), new NotOf(segment)]);
        segment = new AnyOf([.. Enumerable.Repeat(segment, 10)]);
        var stored = JsonSerializer.Serialize(segment, CoreJson.Default.Segment);
        Assert.Equal(
            stored, JsonSerializer.Serialize(JsonSerializer.Deserialize(stored, CoreJson.Default.Segment)!, CoreJson.Default.Segment));
    }
}
