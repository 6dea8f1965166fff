using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Audiences;

/// <summary>Segments, static lists and counts over HTTP.</summary>
public sealed class AudienceApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task A_segment_is_kept_changed_listed_and_forgotten_and_each_change_is_audited()
    {
        var made = await product.PostAsync(
            "/v1/segments", new { name = "Germans", filter = new { locale = "de", country = new[] { "de" } } });
        var id = made["id"]!;
        Assert.Equal((HttpStatusCode.Created, "/v1/segments/" + id), (made.Status, made.Headers.Location?.ToString()));
        Assert.Equal("""{"all":[{"locale":["de"]},{"country":["DE"]}]}""", made.Json.GetProperty("filter").GetRawText());
        Assert.Equal("Germans", (await product.GetAsync("/v1/segments/" + id))["name"]);
        var changed = await product.SendAsync(HttpMethod.Put, "/v1/segments/" + id, """{"name":"Followers","filter":{"watching":true}}""");
        Assert.Equal((HttpStatusCode.OK, "Followers"), (changed.Status, changed["name"]));
        var page = await product.GetAsync("/v1/segments?limit=1000");
        Assert.Contains(page.Json.GetProperty("segments").EnumerateArray(), s => s.GetProperty("id").GetString() == id);
        Assert.Equal(HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, "/v1/segments/" + id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.SendAsync(HttpMethod.Delete, "/v1/segments/" + id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/segments/" + id)).Status);
        Assert.Equal(["segment.create", "segment.update", "segment.delete"], await AuditedAsync(id));
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "filter")]
    [InlineData("""{"filter":{"watching":true}}""", "name")]
    [InlineData("""{"name":"x","filter":{"all":[{"watching":1}]}}""", "filter.all[0].watching")]
    [InlineData("""{"name":"x","filter":"\ud800"}""", "filter")]
    [InlineData("""{"name":"x","filter":{"tag":["\udfff"]}}""", "filter")]
    public async Task A_wrong_segment_is_refused_with_its_path(string body, string field)
    {
        var reply = await product.PostAsync("/v1/segments", body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal([field], reply.Fields);
    }

    [Fact]
    public async Task P6_A_list_takes_members_counts_and_pages_them_and_permits_nothing()
    {
        var made = await product.PostAsync("/v1/lists", new { name = "Spring" });
        var id = made["id"]!;
        Assert.Equal((HttpStatusCode.Created, 0), (made.Status, made.Json.GetProperty("members").GetInt32()));
        var people = Enumerable.Range(0, 120).Select(i => new { email = $"listed{i}@example.com" }).ToArray();
        var added = await product.PostAsync($"/v1/lists/{id}/members", new { add = people }, "list-1");
        Assert.Equal(
            (HttpStatusCode.OK, 120, 120),
            (added.Status, added.Json.GetProperty("added").GetInt32(), added.Json.GetProperty("members").GetInt32()));
        var again = await product.PostAsync(
            $"/v1/lists/{id}/members", new { add = people, remove = new object[] { people[0], new { phone = "+14155552699" } } });
        Assert.Equal(
            (0, 1, 119),
            (again.Json.GetProperty("added").GetInt32(), again.Json.GetProperty("removed").GetInt32(),
                again.Json.GetProperty("members").GetInt32()));

        var seen = new HashSet<string>();
        for (string? next = ""; next is not null;)
        {
            var page = await product.GetAsync($"/v1/lists/{id}/members?limit=50" + (next.Length == 0 ? "" : "&after=" + next));
            foreach (var member in page.Json.GetProperty("members").EnumerateArray())
                Assert.True(seen.Add(member.GetProperty("key").GetString()!));
            next = page["next"];
        }

        Assert.Equal(119, seen.Count);
        Assert.Equal(
            "no-consent",
            (await product.PostAsync("/v1/decisions", new { topic = "newsletter", to = new { email = "listed1@example.com" } }))["reason"]);
        Assert.Equal(0, await SelectedAsync(new { topic = "newsletter", channel = "email", list = id }));
        Assert.Equal("Summer", (await product.SendAsync(HttpMethod.Put, "/v1/lists/" + id, new { name = "Summer" }))["name"]);
        Assert.Equal("119", (await product.GetAsync("/v1/lists/" + id))["members"]);
        Assert.Contains(
            (await product.GetAsync("/v1/lists")).Json.GetProperty("lists").EnumerateArray(), l => l.GetProperty("id").GetString() == id);

        // Deleting it, or leaving it, changes nobody's permission either.
        await OptInAsync("listed1@example.com");
        Assert.Equal(HttpStatusCode.NoContent, (await product.SendAsync(HttpMethod.Delete, "/v1/lists/" + id)).Status);
        Assert.Equal(
            "allow",
            (await product.PostAsync(
                "/v1/decisions", new { topic = "newsletter", to = new { email = "listed1@example.com" } }))["decision"]);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync($"/v1/lists/{id}/members")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.PostAsync($"/v1/lists/{id}/members", new { add = people })).Status);
        Assert.Equal(["list.create", "list.members", "list.members", "list.rename", "list.delete"], await AuditedAsync(id));
    }

    [Fact]
    public async Task A_wrong_change_of_members_names_each_field()
    {
        var id = (await product.PostAsync("/v1/lists", new { name = "Wrong" }))["id"];
        var reply = await product.PostAsync(
            $"/v1/lists/{id}/members",
            """{"add":[{"email":"nobody"},null,{"email":"a@example.com","phone":"+14155552671"}],"remove":[{}]}""");
        Assert.Equal(["add[0].email", "add[1]", "add[2].email", "remove[0].email"], reply.Fields);
        Assert.Equal(["add"], (await product.PostAsync($"/v1/lists/{id}/members", "{}")).Fields);
        Assert.Equal(["after"], (await product.GetAsync($"/v1/lists/{id}/members?after=x")).Fields);
        Assert.Equal(["after"], (await product.GetAsync("/v1/lists?after=x")).Fields);
        Assert.Equal(["name"], (await product.PostAsync("/v1/lists", new { name = " " })).Fields);
    }

    [Fact]
    public async Task A_count_combines_excludes_and_says_why_not()
    {
        foreach (var n in Enumerable.Range(0, 8)) await OptInAsync($"count{n}@example.com", "surveys");
        await ContactAsync("count-de", "de-DE", ["vip"], "count0@example.com", "count1@example.com", "count2@example.com");
        await ContactAsync("count-fr", "fr-FR", ["vip", "staff"], "count3@example.com", "count4@example.com");
        var list = (await product.PostAsync("/v1/lists", new { name = "Count" }))["id"]!;
        await product.PostAsync(
            $"/v1/lists/{list}/members",
            new
            {
                add = new[]
                {
                    new { email = "count0@example.com" },
                    new { email = "count3@example.com" },
                    new { email = "stranger@example.com" },
                },
            });
        var stored = (await product.PostAsync("/v1/segments", new { name = "Staff", filter = new { tag = "staff" } }))["id"]!;

        object Audience(object? segment = null, string? inList = null, object? exclude = null) =>
            new { topic = "surveys", channel = "email", segment, list = inList, exclude };
        Assert.Equal(8, await SelectedAsync(Audience()));
        Assert.Equal(5, await SelectedAsync(Audience(new { tag = "vip" })));
        Assert.Equal(3, await SelectedAsync(Audience(new { country = "DE" })));
        Assert.Equal(2, await SelectedAsync(Audience(stored)));
        Assert.Equal(2, await SelectedAsync(Audience(inList: list)));
        Assert.Equal(1, await SelectedAsync(Audience(new { locale = "fr" }, list)));
        Assert.Equal(6, await SelectedAsync(Audience(exclude: new { segment = stored })));
        Assert.Equal(6, await SelectedAsync(Audience(exclude: new { list })));
        Assert.Equal(2, await SelectedAsync(Audience(new { tag = "vip" }, exclude: new { segment = new { tag = "staff" }, list })));
        Assert.Equal(0, await SelectedAsync(new { topic = "surveys", channel = "sms" }));

        // A pause is seen in the record and not in the index: the same rules as a send tell.
        var until = product.Time.GetUtcNow().AddDays(3);
        var ring = product.Get<KeyRing>();
        Address.TryParse(Channel.Email, "count5@example.com", out var paused, out _);
        await product.Get<AddressBook>().ChangeAsync(
            ring.KeyOf(paused), null,
            (state, _) =>
                AddressTransitions.Pause(state, until, new LedgerDraft(LedgerAction.Pause, LedgerDraft.AllTopics, "test", "service:test")),
            null, default);
        var count = await product.PostAsync("/v1/audiences/count", Audience());
        Assert.Equal((8, 7), (count.Json.GetProperty("selected").GetInt32(), count.Json.GetProperty("allowed").GetInt32()));
        Assert.Equal("{}", count.Json.GetProperty("skipped").GetRawText());
        Assert.Equal(1, count.Json.GetProperty("deferred").EnumerateObject().Single().Value.GetInt32());

        // What lowers leaves the audience in the background; until then the record says no.
        await product.PostAsync(
            "/v1/consents", new { email = "count6@example.com", topic = "surveys", action = "opt-out", source = "test" });
        var lowered = await product.PostAsync("/v1/audiences/count", Audience());
        Assert.Equal(6, lowered.Json.GetProperty("allowed").GetInt32());
        await Poll.UntilAsync(async () => await SelectedAsync(Audience()) == 7, "the opt-out has left the audience");
    }

    [Fact]
    public async Task A_wrong_audience_names_each_field_and_one_that_names_what_is_gone_selects_nobody()
    {
        var reply = await product.PostAsync(
            "/v1/audiences/count",
            """{"topic":"nope","channel":"fax","segment":"000000000000","list":"x","exclude":{"segment":{"not":1},"list":"000000000000"}}""");
        Assert.Equal(["topic", "channel", "segment", "list", "exclude.segment.not", "exclude.list"], reply.Fields);
        Assert.Equal(
            ["exclude"],
            (await product.PostAsync("/v1/audiences/count", """{"topic":"newsletter","channel":"email","exclude":3}""")).Fields);
    }

    [Fact]
    public async Task Segments_and_lists_need_the_scope_for_campaigns_and_reading_members_that_for_contacts()
    {
        using var marketer = product.ClientOf(await product.KeyAsync(Scope.Campaigns));
        using var clerk = product.ClientOf(await product.KeyAsync(Scope.Contacts));
        async Task<HttpStatusCode> AskAsync(HttpClient client, string path) =>
            (await ProductFixture.SendAsync(client, HttpMethod.Get, path, null)).Status;
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Forbidden),
            (await AskAsync(marketer, "/v1/segments"), await AskAsync(clerk, "/v1/segments")));
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Forbidden), (await AskAsync(marketer, "/v1/lists"), await AskAsync(clerk, "/v1/lists")));
        Assert.Equal(
            (HttpStatusCode.Forbidden, HttpStatusCode.NotFound),
            (await AskAsync(marketer, "/v1/lists/000000000000/members"), await AskAsync(clerk, "/v1/lists/000000000000/members")));
    }

    [Fact]
    public async Task A_contacts_tags_are_read_back_and_a_wrong_one_is_refused()
    {
        await ContactAsync("tagged", "en", [" Gold ", "gold", "new"], "tagged@example.com");
        Assert.Equal(
            ["gold", "new"],
            (await product.GetAsync("/v1/contacts/tagged")).Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/tagged", new { name = "T" });
        Assert.Equal(2, (await product.GetAsync("/v1/contacts/tagged")).Json.GetProperty("tags").GetArrayLength());
        foreach (var tags in (object[])[new[] { "" }, new string?[] { null }, Enumerable.Range(0, 51).Select(i => "t" + i)])
            Assert.Equal(["tags"], (await product.SendAsync(HttpMethod.Put, "/v1/contacts/tagged", new { tags })).Fields);
    }

    private async Task OptInAsync(string email, string topic = "newsletter") =>
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email,
                topic,
                action = "opt-in",
                source = "test",
                policyVersion = "1",
                wording = "yes",
                evidence = new { confirmed = true },
            });

    private async Task ContactAsync(string id, string locale, string[] tags, params string[] emails) =>
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/" + id, new { locale, tags, addresses = emails.Select(e => new { email = e }) });

    private async Task<int> SelectedAsync(object audience)
    {
        var reply = await product.PostAsync("/v1/audiences/count", JsonSerializer.Serialize(audience, Sparse));
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return reply.Json.GetProperty("selected").GetInt32();
    }

    private async Task<IReadOnlyList<string?>> AuditedAsync(string id) =>
        [
            .. (await product.GetAsync("/v1/audit?limit=1000")).Json
                .GetProperty("entries")
                .EnumerateArray()
                .Where(e => e.GetProperty("subject").GetString() == id)
                .Select(e => e.GetProperty("action").GetString()),
        ];

    private static readonly JsonSerializerOptions Sparse = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}
