using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>
/// Throws wrong JSON at every endpoint that takes a body: valid bodies bent in one to three places, and values that were never valid.
/// Nothing may answer 5xx.
/// </summary>
public sealed class WrongInputTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly (string Method, string Path, string Valid)[] Endpoints =
    [
        ("POST", "/v1/messages",
            """{"topic":"newsletter","to":{"email":"f@example.com"},"channel":"email","template":"newsletter","data":{"a":[1,{"b":null}]},"sendAt":"2026-11-25T10:00:00Z","expiresAt":"2026-11-26T10:00:00Z","locale":"en"}"""),
        ("POST", "/v1/messages",
            """{"topic":"package-updates","to":{"phone":"+14155552671"},"content":{"text":"t"},"trackingNumber":"RA123456785GB"}"""),
        ("POST", "/v1/messages/batch",
            """{"messages":[{"topic":"newsletter","to":{"contactId":"c1"}},{"topic":"newsletter","to":{"email":"f@example.com"},"content":{"subject":"s","html":"<p>","text":"t"}}]}"""),
        ("POST", "/v1/decisions", """{"topic":"promotions","to":{"phone":"+14155552671"},"data":{}}"""),
        ("POST", "/v1/consents",
            """{"email":"f@example.com","topic":"newsletter","channel":"email","action":"opt-in","source":"form","policyVersion":"1","wording":"Yes","evidence":{"ip":"203.0.113.7","userAgent":"x","url":"https://example.com/","at":"2026-11-24T09:30:00Z","confirmed":true,"age":30,"birthDate":"1990-05-01"},"agent":"bo","locale":"en","age":30,"birthDate":"1990-05-01"}"""),
        ("PATCH", "/v1/preferences",
            """{"phone":"+14155552671","subscriptions":[{"topic":"surveys","status":"subscribed","source":"s","wording":"w","evidence":{}},{"topic":"newsletter","status":"unsubscribed"}],"source":"s","wording":"w","policyVersion":"1","evidence":{"confirmed":false},"agent":"bo","locale":"en","timeZone":"Europe/Lisbon"}"""),
        ("PUT", "/v1/contacts/c1",
            """{"name":"n","addresses":[{"email":"f@example.com"},{"phone":"+14155552671"}],"locale":"en","timeZone":"Europe/Lisbon"}"""),
        ("POST", "/v1/contacts/c1/disable", """{"source":"s","agent":"bo"}"""),
        ("POST", "/v1/contacts/c1/enable", """{"source":"s","agent":"bo"}"""),
        ("POST", "/v1/suppressions", """{"email":"g@example.com","reason":"manual","note":"n","agent":"bo"}"""),
        ("POST", "/v1/keys", """{"name":"n","scopes":["send"]}"""),
        ("POST", "/v1/dead-letters", """{"queue":"imports","id":"1"}"""),
        ("POST", "/v1/dead-letters/send/1/replay", "{}"),
        ("POST", "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret,
            """[{"id":"1","eventType":"Microsoft.Communication.SMSReceived","eventTime":"2026-11-24T12:00:00Z","data":{"From":"14155552671","Message":"STOP"}}]"""),
        ("POST", "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret,
            """{"specversion":"1.0","id":"1","type":"Microsoft.EventGrid.SubscriptionValidationEvent","time":"2026-11-24T12:00:00Z","data":{"validationCode":"c"}}"""),
    ];

    private static readonly string[] Values =
    [
        "null",
        "true", "false", "0", "-1", "1e999", "-0.0", "99999999999999999999999999", "1.5", "[]", "{}", "[[]]", "\"\"", "\" \"",
        "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"*\"", "\"🦊\"", "\"\\r\\nBcc: x\"",
        "\"2026-13-45T99:99:99Z\"",
        "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01\"", "\"9999-12-31\"", "\"@\"", "\"a@b\"", "\"+\"",
        "\"+999999999999999999\"", "\"../..\"", "\"a/b\"", "\"{{ 1 | divided_by: 0 }}\"",
        "[null]", "[{}]", "{\"a\":1,\"a\":2}", "{\"\":0}", "{\"\\ud800\":1}", "undefined", "'x'", "{", "]", "\"", "01", "NaN", "// x",
    ];

    /// <summary>Raw JSON of every awkward kind.</summary>
    private static readonly Gen<string> Awkward = Gen.OneOf(
        Gen.Int[0, Values.Length - 1].Select(i => Values[i]),
        Gen.String[Gen.Char, 0, 40].Select(s => JsonValue.Create(s)!.ToJsonString()),
        Gen.Int[0, 120].Select(depth => new string('[', depth) + new string(']', depth)),
        Gen.Int[1, 400].Select(length => "\"" + new string('x', length * 25) + "\""),
        Gen.Double.Select(d => double.IsFinite(d) ? d.ToString("R", CultureInfo.InvariantCulture) : "1"));

    private static Gen<string> Bent(string valid) =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 5], Awkward).List[1, 3],
            Gen.Int[0, 12]).Select((places, how) => how == 0 ? places[0].Item3 : places.Aggregate(valid, Bend));

    /// <summary>
    /// Replaces, removes, doubles, adds or cuts at one of the values of the text; text that is no JSON any more is cut and given a stray
    /// value.
    /// </summary>
    private static string Bend(string json, (int Where, int How, string With) place)
    {
        try
        {
            return Bend(
                json, JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }), place.Where, place.How,
                place.With);
        }
        catch (Exception broken) when (broken is System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
        {
            return json.Length == 0 ? place.With : json[..(place.Where % json.Length)] + place.With;
        }
    }

    private static string Bend(string json, JsonNode? root, int where, int how, string with)
    {
        const string marker = "__HERE__";
        var nodes = new List<JsonNode>();
        Collect(root, nodes);
        if (nodes.Count == 0 || how == 5) return json[..(where % (json.Length + 1))];
        var node = nodes[where % nodes.Count];
        switch (how)
        {
            case 0 when node.Parent is JsonObject parent:
                parent.Remove(node.GetPropertyName());
                return root!.ToJsonString();
            case 1 when node.Parent is JsonObject:
                return root!.ToJsonString().Replace(
                    $"\"{node.GetPropertyName()}\":", $"\"{node.GetPropertyName()}\":{with},\"{node.GetPropertyName()}\":",
                    StringComparison.Ordinal);
            case 2 when node is JsonObject target:
                target["unknown"] = marker;
                break;
            case 3 when node is JsonArray list:
                list.Add(JsonValue.Create(marker));
                break;
            default:
                if (node.Parent is null) return with;
                node.ReplaceWith(marker);
                break;
        }

        return root!.ToJsonString().Replace($"\"{marker}\"", with, StringComparison.Ordinal);
    }

    private static void Collect(JsonNode? node, List<JsonNode> into)
    {
        if (node is null) return;
        into.Add(node);
        if (node is JsonObject members)
        {
            foreach (var (_, value) in members) Collect(value, into);
        }
        else if (node is JsonArray list)
        {
            foreach (var value in list) Collect(value, into);
        }
    }

    [Fact]
    public async Task Wrong_input_is_never_answered_with_a_fault_of_ours_and_a_refusal_is_a_problem_that_says_what()
    {
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        foreach (var (method, path, valid) in Endpoints)
        {
            await Bent(valid).SampleAsync(async body =>
            {
                var reply = await product.SendAsync(new HttpMethod(method), path, body);
                statuses.AddOrUpdate((int)reply.Status, 1, (_, n) => n + 1);
                Assert.True((int)reply.Status is >= 200 and < 500, $"{method} {path} answered {(int)reply.Status} to {body}");
                if ((int)reply.Status < 400) return;
                Assert.Equal("application/problem+json", reply.MediaType);
                if (reply["type"] == "urn:notifications:problem:invalid-request") Assert.All(reply.Fields, f => Assert.NotEmpty(f));
            }, iter: 400, threads: 2);
        }

        // The bodies were wrong, and not all in the same way.
        Assert.True(
            statuses[400] > 1000 && statuses.GetValueOrDefault(200) + statuses.GetValueOrDefault(202) > 50, string.Join(", ", statuses));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Bytes_that_are_no_UTF8_are_refused_wherever_they_stand(int place)
    {
        var text = """{"topic":"newsletter","to":{"email":"f@example.com"},"data":{"A":"B"},"locale":"C"}""";
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes[Array.IndexOf(bytes, (byte)"ABC"[place])] = 0xff;
        foreach (var path in new[] { "/v1/messages", "/v1/decisions", "/v1/consents" })
        {
            using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } };
            using var answer = await product.Http.PostAsync(path, content);
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }
}
