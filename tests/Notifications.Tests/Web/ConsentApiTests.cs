using System.Net;
using System.Text.Json;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

public sealed class ConsentApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Statement = "\"source\":\"form\",\"policyVersion\":\"2026-01\",\"wording\":\"Yes, send me this.\"";

    private Task<Reply> ConsentAsync(string email, string rest) =>
        product.PostAsync("/v1/consents", $$"""{"email":"{{email}}",{{rest}}}""");

    [Fact]
    public async Task Double_opt_in_is_pending_until_it_is_confirmed_and_asks_once()
    {
        var pending = await ConsentAsync("c1@example.com", $"\"topic\":\"newsletter\",\"action\":\"opt-in\",{Statement}");
        Assert.Equal(
            (HttpStatusCode.Accepted, "pending", "newsletter", "email"),
            (pending.Status, pending["status"], pending["topic"], pending["channel"]));
        Assert.Equal("form", pending["source"]);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await ConsentAsync("c1@example.com", $"\"topic\":\"newsletter\",\"action\":\"opt-in\",{Statement}")).Status);
        await product.WorkAsync();
        Assert.Single(product.Sent.Emails, e => e.To == "c1@example.com");

        var bare = await ConsentAsync("c1@example.com", "\"topic\":\"newsletter\",\"action\":\"confirm\"");
        Assert.Equal(["evidence", "source"], bare.Fields.Order());
        var confirmed = await ConsentAsync(
            "c1@example.com", "\"topic\":\"newsletter\",\"action\":\"confirm\",\"source\":\"call\",\"evidence\":{\"ip\":\"203.0.113.7\"}");
        Assert.Equal((HttpStatusCode.OK, "subscribed"), (confirmed.Status, confirmed["status"]));
    }

    [Fact]
    public async Task A_confirmation_with_nothing_pending_is_a_conflict()
    {
        const string confirm = "\"topic\":\"newsletter\",\"action\":\"confirm\",\"source\":\"call\",\"evidence\":{\"call\":\"4711\"}";
        var unknown = await ConsentAsync("c2@example.com", confirm);
        Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:nothing-pending"), (unknown.Status, unknown["type"]));
        await ConsentAsync("c2@example.com", "\"topic\":\"newsletter\",\"action\":\"opt-out\"");
        Assert.Equal(HttpStatusCode.Conflict, (await ConsentAsync("c2@example.com", confirm)).Status);
        Assert.Equal("unsubscribed", await StatusAsync("c2@example.com", "newsletter"));
    }

    [Theory]
    [InlineData("\"evidence\":{\"confirmed\":true}", "newsletter", "subscribed")]
    [InlineData("\"evidence\":{\"confirmed\":false}", "newsletter", "pending")]
    [InlineData("\"evidence\":{}", "package-updates", "subscribed")]
    public async Task An_opt_in_confirmed_elsewhere_or_of_a_topic_without_double_opt_in_holds_at_once(
        string evidence, string topic, string status)
    {
        var email = $"c3-{status}-{topic}@example.com";
        var reply = await ConsentAsync(email, $"\"topic\":\"{topic}\",\"action\":\"opt-in\",{Statement},{evidence}");
        Assert.Equal(status, reply["status"]);
        Assert.Equal(status, await StatusAsync(email, topic));
    }

    [Theory]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-in\",\"source\":\"form\"", "wording")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-in\",\"wording\":\"Yes\"", "source")]
    [InlineData("\"topic\":\"nonsense\",\"action\":\"opt-out\"", "topic")]
    [InlineData("\"topic\":\"*\",\"action\":\"opt-in\",\"source\":\"form\",\"wording\":\"Yes\"", "topic")]
    [InlineData("\"action\":\"opt-out\"", "topic")]
    [InlineData("\"topic\":\"newsletter\"", "action")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"subscribe\"", "action")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"channel\":\"sms\"", "channel")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"phone\":\"+14155552671\"", "email")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"agent\":\"Ana Lima\"", "agent")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":[]", "evidence")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"a\":\"\\udead\"}", "evidence")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"ip\":\"here\"}", "evidence.ip")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"userAgent\":7}", "evidence.userAgent")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"url\":\"javascript:1\"}", "evidence.url")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"at\":\"then\"}", "evidence.at")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"confirmed\":\"yes\"}", "evidence.confirmed")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"age\":-1}", "evidence.age")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"evidence\":{\"birthDate\":\"long ago\"}", "evidence.birthDate")]
    [InlineData("\"topic\":\"newsletter\",\"action\":\"opt-out\",\"age\":200", "age")]
    public async Task A_wrong_field_is_named(string rest, string field)
    {
        var reply = await ConsentAsync("c4@example.com", rest);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(field, reply.Fields);
    }

    [Theory]
    [InlineData("\"age\":17")]
    [InlineData("\"birthDate\":\"2008-11-25\"")]
    [InlineData("\"evidence\":{\"confirmed\":true,\"age\":17.9}")]
    [InlineData("\"evidence\":{\"age\":\"12\"}")]
    [InlineData("\"evidence\":{\"birthDate\":\"2010-01-01\"}")]
    public async Task R38_A_sign_up_that_states_an_age_under_18_is_refused_and_nothing_is_stored(string age)
    {
        var before = await product.StoredAsync();
        var refused = await ConsentAsync("young@example.com", $"\"topic\":\"newsletter\",\"action\":\"opt-in\",{Statement},{age}");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "urn:notifications:problem:under-age"), (refused.Status, refused["type"]));
        var patched = await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences",
            $$"""{"email":"young@example.com","subscriptions":[{"topic":"newsletter","status":"subscribed"}],{{Statement}},{{age}}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, patched.Status);
        var keyed = await product.PostAsync(
            "/v1/consents", $$"""{"email":"young@example.com","topic":"newsletter","action":"opt-in",{{Statement}},{{age}}}""", "young");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, keyed.Status);
        Assert.Equal(before, await product.StoredAsync());
    }

    [Theory]
    [InlineData("\"age\":18")]
    [InlineData("\"birthDate\":\"2008-11-24\"")]
    public async Task R38_A_sign_up_on_the_eighteenth_birthday_is_taken(string age) =>
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await ConsentAsync(
                $"adult{age.Length}@example.com", $"\"topic\":\"newsletter\",\"action\":\"opt-in\",{Statement},{age}")).Status);

    [Fact]
    public async Task R42_An_agent_enters_a_revocation_and_stands_in_the_ledger_as_its_actor()
    {
        await ConsentAsync(
            "c5@example.com", $"\"topic\":\"newsletter\",\"action\":\"opt-in\",{Statement},\"evidence\":{{\"confirmed\":true}}");
        var stopped = await ConsentAsync(
            "c5@example.com", "\"topic\":\"*\",\"action\":\"opt-out\",\"source\":\"phone call\",\"agent\":\"ana\",\"age\":12");
        Assert.Equal((HttpStatusCode.OK, "unsubscribed"), (stopped.Status, stopped["status"]));
        Assert.Equal("unsubscribed", await StatusAsync("c5@example.com", "newsletter"));
        var last = (await product.GetAsync("/v1/consents?email=c5@example.com")).Json.GetProperty("entries")[1];
        Assert.Equal(
            ("stop-all", "agent:ana", "phone call"),
            (last.GetProperty("action").GetString(), last.GetProperty("actor").GetString(), last.GetProperty("source").GetString()));
    }

    [Fact]
    public async Task R26_The_ledger_shows_who_when_source_wording_version_and_evidence_and_verifies()
    {
        await ConsentAsync(
            "c6@example.com",
            $"\"topic\":\"newsletter\",\"action\":\"opt-in\",{Statement},\"evidence\": {{ \"confirmed\" : true, \"ip\":\"203.0.113.7\", \"form\":{{\"ü\":[1.50, null]}} }}");
        await ConsentAsync("c6@example.com", "\"topic\":\"newsletter\",\"action\":\"opt-out\"");
        var ledger = await product.GetAsync("/v1/consents?email=C6@EXAMPLE.com");
        Assert.True(ledger.Json.GetProperty("verified").GetBoolean());
        var entries = ledger.Json.GetProperty("entries");
        Assert.Equal(2, entries.GetArrayLength());
        var first = entries[0];
        Assert.Equal(("opt-in", "email", "newsletter", "form", "service:test", "2026-01", "Yes, send me this."), (
            first.GetProperty("action").GetString(),
            first.GetProperty("channel").GetString(), first.GetProperty("topic").GetString(), first.GetProperty("source").GetString(),
            first.GetProperty("actor").GetString(),
            first.GetProperty("policyVersion").GetString(), first.GetProperty("wording").GetString()));
        Assert.Equal("203.0.113.7", first.GetProperty("evidence").GetProperty("ip").GetString());
        Assert.Equal(first.GetProperty("hash").GetString(), entries[1].GetProperty("previous").GetString());

        // What is shown is enough to recompute the chain without us.
        var detail = new Notifications.Consent.LedgerDetail(
            first.GetProperty("salt").GetString()!,
            "form", "service:test", "Yes, send me this.", first.GetProperty("evidence").GetRawText());
        Assert.Equal(first.GetProperty("detailDigest").GetString(), Notifications.Consent.LedgerChain.Digest(detail));
    }

    [Fact]
    public async Task P10_A_ledger_that_somebody_cut_is_shown_and_not_verified()
    {
        await ConsentAsync("c7@example.com", $"\"topic\":\"newsletter\",\"action\":\"opt-in\",{Statement}");
        await ConsentAsync("c7@example.com", "\"topic\":\"newsletter\",\"action\":\"opt-out\"");
        Assert.True(Notifications.Addresses.Address.TryParse(
            Notifications.Addresses.Channel.Email, "c7@example.com", out var address, out _));
        var ring = (Notifications.Security.KeyRing)product.Services.GetService(typeof(Notifications.Security.KeyRing))!;
        await product.Store.CommitAsync(Tables.Addresses, ring.KeyOf(address).Value, [RowChange.Delete(Rows.Ledger(1))]);
        var ledger = await product.GetAsync("/v1/consents?email=c7@example.com");
        Assert.False(ledger.Json.GetProperty("verified").GetBoolean());
        Assert.Equal(1, ledger.Json.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task The_ledger_pages_with_limit_and_after()
    {
        foreach (var topic in new[] { "newsletter", "promotions", "surveys" })
            await ConsentAsync("c8@example.com", $"\"topic\":\"{topic}\",\"action\":\"opt-out\"");
        var seen = new List<long>();
        var after = "0";
        do
        {
            var page = (await product.GetAsync($"/v1/consents?email=c8@example.com&limit=2&after={after}")).Json;
            Assert.True(page.GetProperty("verified").GetBoolean());
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64()));
            after = page.TryGetProperty("next", out var next) ? next.ToString() : "";
        }
        while (after.Length > 0);
        Assert.Equal([1, 2, 3], seen);
        var nobody = await product.GetAsync("/v1/consents?phone=%2B14155552699");
        Assert.Equal((HttpStatusCode.OK, 0), (nobody.Status, nobody.Json.GetProperty("entries").GetArrayLength()));
    }

    [Theory]
    [InlineData("/v1/consents", "email")]
    [InlineData("/v1/consents?email=x", "email")]
    [InlineData("/v1/consents?email=a@example.com&phone=+14155552671", "email")]
    [InlineData("/v1/consents?email=a@example.com&limit=0", "limit")]
    [InlineData("/v1/consents?email=a@example.com&limit=1001", "limit")]
    [InlineData("/v1/consents?email=a@example.com&after=-1", "after")]
    [InlineData("/v1/consents?email=a@example.com&after=99999999999999999999", "after")]
    [InlineData("/v1/preferences", "email")]
    [InlineData("/v1/preferences?phone=12", "phone")]
    [InlineData("/v1/suppressions?after=x", "after")]
    [InlineData("/v1/suppressions?limit=many", "limit")]
    [InlineData("/v1/dead-letters?queue=nonsense", "queue")]
    [InlineData("/v1/dead-letters?queue=send&after=a/b", "after")]
    public async Task A_wrong_query_is_named(string path, string field)
    {
        var reply = await product.GetAsync(path);
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (reply.Status, reply.MediaType));
        Assert.Contains(field, reply.Fields);
    }

    [Fact]
    public async Task An_unknown_address_has_every_topic_with_status_none_and_a_link()
    {
        var reply = await product.GetAsync("/v1/preferences?email=nobody@example.com");
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(
            ["package-updates", "promotions", "newsletter", "surveys"],
            reply.Json.GetProperty("subscriptions").EnumerateArray().Select(s => s.GetProperty("topic").GetString()));
        Assert.All(
            reply.Json.GetProperty("subscriptions").EnumerateArray(), s => Assert.Equal("none", s.GetProperty("status").GetString()));
        Assert.Equal(JsonValueKind.Null, reply.Json.GetProperty("suppression").ValueKind);
        Assert.StartsWith("http://mail.example.com/p/", reply["preferencesUrl"], StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", reply["preferencesUrl"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_phone_in_a_query_may_have_its_plus_unescaped()
    {
        Assert.Equal("+14155552671", (await product.GetAsync("/v1/preferences?phone=+14155552671"))["address"]);
        Assert.Equal("a+b@example.com", (await product.GetAsync("/v1/preferences?email=a+b@example.com"))["address"]);
    }

    [Fact]
    public async Task P6_Preferences_are_lowered_freely_and_raised_only_with_source_and_wording()
    {
        var bare = await PatchAsync("""{"email":"p1@example.com","subscriptions":[{"topic":"surveys","status":"subscribed"}]}""");
        Assert.Equal(["subscriptions[0].source", "subscriptions[0].wording"], bare.Fields);
        var raised = await PatchAsync(
            $$"""{"email":"p1@example.com","subscriptions":[{"topic":"surveys","status":"subscribed",{{Statement}}},{"topic":"newsletter","status":"subscribed"}],{{Statement}}}""");
        Assert.Equal(HttpStatusCode.OK, raised.Status);
        Assert.Equal(("subscribed", "pending"), (Of(raised, "surveys"), Of(raised, "newsletter")));
        var lowered = await PatchAsync(
            """{"email":"p1@example.com","subscriptions":[{"topic":"surveys","status":"unsubscribed"}],"locale":"pt-BR","timeZone":"America/Sao_Paulo"}""");
        Assert.Equal(
            ("unsubscribed", "pending", "pt-BR", "America/Sao_Paulo"),
            (Of(lowered, "surveys"), Of(lowered, "newsletter"), lowered["locale"], lowered["timeZone"]));
    }

    [Fact]
    public async Task M7_Stop_all_stops_every_topic_and_only_evidence_takes_it_back()
    {
        await PatchAsync($$"""{"email":"p2@example.com","subscriptions":[{"topic":"surveys","status":"subscribed"}],{{Statement}}}""");
        var stopped = await PatchAsync("""{"email":"p2@example.com","stopAll":true,"source":"phone call"}""");
        Assert.All(
            stopped.Json.GetProperty("subscriptions").EnumerateArray(),
            s => Assert.Equal("unsubscribed", s.GetProperty("status").GetString()));
        Assert.Equal("phone call", stopped.Json.GetProperty("stopAll").GetProperty("source").GetString());
        Assert.Equal(["source", "wording", "evidence"], (await PatchAsync("""{"email":"p2@example.com","stopAll":false}""")).Fields);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var resumed = await PatchAsync(
            $$"""{"evidence":{"confirmed":true,"at":"{{product.Time.GetUtcNow():O}}"},"email":"p2@example.com","stopAll":false,{{Statement}}}""");
        Assert.Equal(("subscribed", "none"), (Of(resumed, "surveys"), Of(resumed, "newsletter")));
        Assert.Equal(
            ["stopAll"],
            (await PatchAsync(
                $$"""{"email":"p2@example.com","stopAll":true,"subscriptions":[{"topic":"surveys","status":"subscribed"}],{{Statement}}}""")).Fields);
    }

    [Theory]
    [InlineData("""{"subscriptions":[]}""", "email")]
    [InlineData("""{"email":"a@example.com","subscriptions":[null]}""", "subscriptions[0]")]
    [InlineData("""{"email":"a@example.com","subscriptions":[{"topic":"surveys"}]}""", "subscriptions[0].status")]
    [InlineData("""{"email":"a@example.com","subscriptions":[{"status":"unsubscribed"}]}""", "subscriptions[0].topic")]
    [InlineData(
        """{"email":"a@example.com","subscriptions":[{"topic":"surveys","status":"unsubscribed"},{"topic":"surveys","status":"unsubscribed"}]}""",
        "subscriptions[1].topic")]
    [InlineData(
        """{"email":"a@example.com","subscriptions":[{"topic":"surveys","channel":"sms","status":"unsubscribed"}]}""",
        "subscriptions[0].channel")]
    [InlineData("""{"email":"a@example.com","subscriptions":{}}""", "subscriptions")]
    [InlineData("""{"email":"a@example.com","stopAll":"yes"}""", "stopAll")]
    [InlineData("""{"email":"a@example.com","timeZone":"Mars/Olympus"}""", "timeZone")]
    [InlineData("""{"email":"a@example.com","locale":"!"}""", "locale")]
    public async Task A_wrong_preference_is_named(string body, string field)
    {
        var reply = await PatchAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(field, reply.Fields);
    }

    [Fact]
    public async Task What_is_shown_of_a_subscription_can_be_sent_back_with_its_channel_and_the_address_of_a_consent_stands_in_the_body()
    {
        var back = await PatchAsync(
            """{"email":"back@example.com","source":"form","subscriptions":[{"topic":"surveys","channel":"email","status":"unsubscribed"}]}""");
        Assert.Equal((HttpStatusCode.OK, "unsubscribed"), (back.Status, Of(back, "surveys")));

        var misplaced = await product.PostAsync("/v1/consents?email=back@example.com", "{}");
        Assert.Equal(HttpStatusCode.BadRequest, misplaced.Status);
        Assert.Contains("in its body", misplaced["detail"], StringComparison.Ordinal);
    }

    private Task<Reply> PatchAsync(string body) => product.SendAsync(HttpMethod.Patch, "/v1/preferences", body);

    private static string? Of(Reply reply, string topic) =>
        reply.Json.GetProperty("subscriptions")
            .EnumerateArray()
            .Single(s => s.GetProperty("topic").GetString() == topic)
            .GetProperty("status")
            .GetString();

    private async Task<string?> StatusAsync(string email, string topic) =>
        Of(await product.GetAsync("/v1/preferences?email=" + email), topic);
}
