using System.Net;
using System.Text;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>Files of the own shape, over HTTP.</summary>
public sealed class ImportTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task A_file_is_answered_202_worked_on_and_counted_row_by_row()
    {
        var accepted =
            await product.UploadAsync(
                Encoding.UTF8.GetBytes(
                    Header
                    + Agreed("ana@count.example")
                    + "ben@count.example,,newsletter,email,unsubscribed,,,,,,,,,\nnobody,,newsletter,,subscribed,,,,,,,,,\n"));
        Assert.Equal(HttpStatusCode.Accepted, accepted.Status);
        Assert.Equal("queued", accepted["status"]);
        Assert.Equal("queued", (await product.GetAsync("/v1/imports/" + accepted["id"]))["status"]);
        await product.WorkAsync();

        var import = (await product.GetAsync("/v1/imports/" + accepted["id"])).Json;
        Assert.Equal("completed", import.GetProperty("status").GetString());
        Assert.Equal((3, 2, 1, 1), import.Counts());
        Assert.Equal("own", import.GetProperty("shape").GetString());
        Assert.Equal("subscribed", await product.StatusAsync("ana@count.example"));
        Assert.Equal("unsubscribed", await product.StatusAsync("ben@count.example"));
        Assert.Equal(["4,email,must be one email address such as ana@example.com"], await product.ErrorsAsync(import));
        Assert.EndsWith("/errors", import.GetProperty("errorsUrl").GetString());
        // The file goes with the end of the work.
        Assert.DoesNotContain(product.Blobs.Names("imports"), n => n.StartsWith(accepted["id"] + "/part-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task P6_Without_evidence_nobody_is_subscribed_and_each_missing_piece_is_named()
    {
        string[] rows =
        [
            "a@p6.example,,newsletter,email,subscribed,,,,,,,,,",
            "b@p6.example,,newsletter,email,subscribed,form,,words,2026-03-01T10:00:00Z,203.0.113.7,,,,",
            "c@p6.example,,newsletter,email,subscribed,form,2026-01,,2026-03-01T10:00:00Z,203.0.113.7,,,,",
            "d@p6.example,,newsletter,email,subscribed,form,2026-01,words,,203.0.113.7,,,,",
            "e@p6.example,,newsletter,email,subscribed,form,2026-01,words,2026-03-01T10:00:00Z,,,,,",
            "f@p6.example,,surveys,email,subscribed,form,2026-01,words,2026-03-01T10:00:00Z,,,,,",
            "g@p6.example,,newsletter,email,pending,form,2026-01,words,2026-03-01T10:00:00Z,203.0.113.7,,,,",
        ];
        var import = await product.ImportAsync(Header + string.Join('\n', rows));
        Assert.Equal((7, 2, 5, 0), import.Counts());
        var errors = await product.ErrorsAsync(import);
        Assert.Equal(["source", "policyVersion", "wording", "at", "status"], errors.Select(e => e.Split(',')[1]));
        Assert.Equal("subscribed", await product.StatusAsync("e@p6.example")); // An IP address is evidence, and not asked for.
        foreach (var name in "abcdg") Assert.Equal("none", await product.StatusAsync(name + "@p6.example"));
        Assert.Equal("subscribed", await product.StatusAsync("f@p6.example", "surveys")); // Its topic asks for no double opt-in.
    }

    [Fact]
    public async Task P6_A_subscribed_row_without_evidence_is_accepted_where_it_holds_already_and_changes_nothing()
    {
        await product.ImportAsync(Header + Agreed("held@p6.example"));
        var before = await LedgerAsync("held@p6.example");
        var import = await product.ImportAsync("email,topic,status\nheld@p6.example,newsletter,subscribed\n");
        Assert.Equal((1, 1, 0, 0), import.Counts());
        Assert.Equal(before, await LedgerAsync("held@p6.example"));
    }

    [Fact]
    public async Task P6_An_opt_in_older_than_the_opt_out_on_record_does_not_raise_and_a_newer_one_does()
    {
        await product.ImportAsync("email,topic,status,at\nold@p6.example,newsletter,unsubscribed,2026-05-01T00:00:00Z\n");
        var older = await product.ImportAsync(Header + Agreed("old@p6.example", at: "2026-04-30T00:00:00Z"));
        Assert.Equal((1, 0, 1, 0), older.Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync("old@p6.example"));
        var newer = await product.ImportAsync(Header + Agreed("old@p6.example", at: "2026-05-02T00:00:00Z"));
        Assert.Equal((1, 1, 0, 0), newer.Counts());
        Assert.Equal("subscribed", await product.StatusAsync("old@p6.example"));

        // Somebody else's sign-up that nobody confirmed does not take the opt-out off the record.
        await product.PostAsync(
            "/v1/consents", new { email = "ana@p6.example", topic = "newsletter", action = "opt-out", source = "phone" });
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "ana@p6.example",
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                policyVersion = "v1",
                wording = "Yes.",
            });
        Assert.Equal("pending", await product.StatusAsync("ana@p6.example"));
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync(Header + Agreed("ana@p6.example", at: "2026-02-01T00:00:00Z"))).Counts());

        // Between two opt-outs an opt-in raises nothing, whatever the order of the file.
        await product.ImportAsync(
            "email,topic,status,at\nmid@p6.example,newsletter,unsubscribed,2026-01-01T00:00:00Z\nmid@p6.example,newsletter,unsubscribed,2026-05-01T00:00:00Z\n");
        await product.ImportAsync(Header + Agreed("mid@p6.example", at: "2026-03-01T00:00:00Z"));
        Assert.Equal("unsubscribed", await product.StatusAsync("mid@p6.example"));
    }

    [Fact]
    public async Task P6_M16_A_stop_is_taken_in_the_words_and_letters_that_people_write_it_in()
    {
        await product.ImportAsync(Header + Agreed("words@p6.example"));
        var import = await product.ImportAsync("E-mail,Topic,Status\nwords@p6.example,Newsletter,Opt-Out\n");
        Assert.Equal((1, 1, 0, 1), import.Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync("words@p6.example"));
    }

    [Fact]
    public async Task P6_An_opt_in_from_before_stop_all_does_not_lift_it()
    {
        await product.ImportAsync("email,status\nstop@p6.example,unsubscribed\n");
        var import = await product.ImportAsync(Header + Agreed("stop@p6.example"));
        Assert.Equal((1, 0, 1, 0), import.Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync("stop@p6.example"));

        // Nor does it once the person has chosen something else again.
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PostAsync(
            "/v1/consents",
            new
            {
                email = "stop@p6.example",
                topic = "promotions",
                action = "opt-in",
                source = "form",
                policyVersion = "v1",
                wording = "Yes.",
                evidence = new { confirmed = true, ip = "203.0.113.7", at = product.Time.GetUtcNow() },
            });
        Assert.Equal("subscribed", await product.StatusAsync("stop@p6.example", "promotions"));
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync(Header + Agreed("stop@p6.example"))).Counts());
        Assert.Equal("none", await product.StatusAsync("stop@p6.example"));
    }

    [Fact]
    public async Task P6_R37_A_soft_opt_in_in_a_file_is_none_also_under_a_stop_and_over_a_consent()
    {
        await product.ImportAsync(Header + Agreed("soft@p6.example"));
        await product.PostAsync("/v1/consents", new { email = "soft@p6.example", topic = "*", action = "opt-out", source = "phone" });
        var soft = Agreed(
            "soft@p6.example", at: "2026-11-20T10:00:00Z").Replace("signup-form", "soft-opt-in: shop", StringComparison.Ordinal);
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync(Header + soft)).Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync("soft@p6.example"));
    }

    [Fact]
    public async Task P6_An_opt_out_holds_whoever_the_row_says_the_address_belongs_to()
    {
        await product.ImportAsync(Header + Agreed("mine@p6.example").Replace(",,,,\n", ",,,c-41,\n", StringComparison.Ordinal));
        Assert.Equal("subscribed", await product.StatusAsync("mine@p6.example"));
        var import = await product.ImportAsync("email,topic,status,contactId\nmine@p6.example,newsletter,unsubscribed,c-42\n");
        Assert.Equal("unsubscribed", await product.StatusAsync("mine@p6.example"));
        Assert.StartsWith("2,contactId,", Assert.Single(await product.ErrorsAsync(import)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R34_An_erased_person_stays_out()
    {
        await product.ImportAsync(Header + Agreed("gone@r34.example"));
        var erasure = await product.PostAsync("/v1/privacy/requests", new { type = "erasure", email = "gone@r34.example" });
        Assert.True(erasure.Status is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted, erasure.Text);
        var import = await product.ImportAsync(Header + Agreed("gone@r34.example", at: "2026-11-20T00:00:00Z"));
        Assert.Equal((1, 0, 1, 0), import.Counts());
        Assert.Equal("erased", await product.BlockedAsync("gone@r34.example"));
        Assert.DoesNotContain("gone@r34", string.Join('\n', await product.ErrorsAsync(import)));
    }

    [Fact]
    public async Task R34_An_erased_person_s_phone_stays_out_and_its_own_column_is_named()
    {
        const string row =
            "phone,topic,status,source,policyVersion,wording,at,ip\n+14155550133,newsletter,subscribed,form,2026-01,Yes.,2026-11-20T00:00:00Z,203.0.113.9\n";
        await product.PostAsync("/v1/privacy/requests", new { type = "erasure", phone = "+14155550133" });
        Assert.StartsWith("2,phone,", Assert.Single(await product.ErrorsAsync(await product.ImportAsync(row))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task M16_P10_The_evidence_of_a_row_stands_in_the_ledger_which_verifies()
    {
        var import = await product.ImportAsync(Header + Agreed("proof@example.com"));
        var ledger = (await product.GetAsync("/v1/consents?email=proof@example.com")).Json;
        Assert.True(ledger.GetProperty("verified").GetBoolean());
        var entry = Assert.Single(ledger.GetProperty("entries").EnumerateArray());
        Assert.Equal(
            ("opt-in", "signup-form", "2026-01", "Send me the newsletter."),
            (entry.GetProperty("action").GetString(), entry.GetProperty("source").GetString(),
                entry.GetProperty("policyVersion").GetString(), entry.GetProperty("wording").GetString()));
        var evidence = entry.GetProperty("evidence");
        Assert.Equal(
            ("203.0.113.7", 2, import.GetProperty("id").GetString()),
            (evidence.GetProperty("ip").GetString(), evidence.GetProperty("row").GetInt32(), evidence.GetProperty("import").GetString()));
        Assert.Equal("2026-03-01T10:00:00Z", evidence.GetProperty("at").GetString());
    }

    [Fact]
    public async Task M16_A_file_of_suppressions_blocks_every_row_whatever_its_status_says()
    {
        var import = await product.ImportAsync(
            "email,phone,status\nx@block.example,,subscribed\ny@block.example,,bounced\n,+14155550123,\n", "?kind=suppressions");
        Assert.Equal((3, 3, 0, 3), import.Counts());
        Assert.Equal("manual", await product.BlockedAsync("x@block.example"));
        Assert.Equal("bounce", await product.BlockedAsync("y@block.example"));
        Assert.Equal("manual", await product.BlockedAsync("+14155550123"));
        var listed = (await product.GetAsync("/v1/suppressions?limit=1000")).Json
            .GetProperty("suppressions")
            .EnumerateArray()
            .Select(s => s.TryGetProperty("address", out var a) ? a.GetString() : null);
        Assert.Contains("x@block.example", listed);
    }

    [Fact]
    public async Task Validate_writes_nothing_and_says_what_would_become_of_each_row()
    {
        var import = await product.ImportAsync(
            Header
            + Agreed("v@validate.example")
            + "w@validate.example,,newsletter,email,subscribed,,,,,,,,,\nx,,newsletter,email,unsubscribed,,,,,,,,,\n",
            "?mode=validate");
        Assert.Equal((3, 1, 2, 0), import.Counts());
        Assert.True(import.GetProperty("validateOnly").GetBoolean());
        Assert.Equal("none", await product.StatusAsync("v@validate.example"));
        Assert.Equal(2, (await product.ErrorsAsync(import)).Length);
    }

    [Fact]
    public async Task With_onError_abort_one_wrong_row_imports_nothing_and_with_none_everything()
    {
        var import = await product.ImportAsync(
            Header + Agreed("a@abort.example") + "b@abort.example,,newsletter,email,subscribed,,,,,,,,,\n", "?onError=abort");
        Assert.Equal("failed", import.GetProperty("status").GetString());
        Assert.Contains("1 of 2 rows", import.GetProperty("failure").GetProperty("message").GetString());
        Assert.Equal("none", await product.StatusAsync("a@abort.example"));
        Assert.Single(await product.ErrorsAsync(import));

        Assert.Equal((1, 1, 0, 0), (await product.ImportAsync(Header + Agreed("a@abort.example"), "?onError=abort")).Counts());
        Assert.Equal("subscribed", await product.StatusAsync("a@abort.example"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?mode=validate")]
    public async Task P6_A_row_that_is_rejected_for_its_contact_agrees_to_nothing_also_where_an_earlier_row_names_the_owner(string query)
    {
        var email = $"owned.{query.Length}@attr.example";
        string Row(string topic, string contact) =>
            $"{email},{topic},subscribed,form,2026-01,Yes.,2026-03-01T10:00:00Z,{contact}\n";
        var import = await product.ImportAsync(
            "email,topic,status,source,policyVersion,wording,at,contactId\n"
            + Row("newsletter", "c-first") + Row("promotions", "c-second") + Row("surveys", "c-first"), query);
        Assert.Equal((3, 2, 1, 0), import.Counts());
        Assert.StartsWith("3,contactId,", Assert.Single(await product.ErrorsAsync(import)), StringComparison.Ordinal);
        if (query.Length > 0) return;
        Assert.Equal("subscribed", await product.StatusAsync(email));
        Assert.NotEqual("subscribed", await product.StatusAsync(email, "promotions"));
        Assert.Equal("subscribed", await product.StatusAsync(email, "surveys"));
    }

    [Fact]
    public async Task Tags_locale_zone_and_contact_are_filled_in_and_a_row_of_another_contact_is_refused()
    {
        var import = await product.ImportAsync(
            "email,status,topic,locale,timeZone,contactId,tags\nowner@attr.example,unsubscribed,newsletter,pt-BR,America/Sao_Paulo,c-77,\"VIP, beta|vip\"\n");
        Assert.Equal((1, 1, 0, 1), import.Counts());
        var contact = (await product.GetAsync("/v1/contacts/c-77")).Json;
        Assert.Contains("owner@attr.example", contact.ToString());
        var taken = await product.ImportAsync("email,status,contactId\nowner@attr.example,unsubscribed,c-78\n");
        Assert.Equal((1, 0, 1, 0), taken.Counts());
        Assert.StartsWith("2,contactId,", Assert.Single(await product.ErrorsAsync(taken)));
    }

    [Fact]
    public async Task R33_An_address_that_a_row_puts_under_an_account_leaves_the_others_the_language_that_was_picked_there()
    {
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/c-picked", new { locale = "de", addresses = new[] { new { email = "picked@attr.example" } } });
        Assert.Equal(
            HttpStatusCode.OK,
            (await product.SendAsync(HttpMethod.Patch, "/v1/preferences", new { email = "picked@attr.example", locale = "fr" })).Status);
        await product.ImportAsync("email,status,topic,contactId\nanother@attr.example,unsubscribed,newsletter,c-picked\n");
        Assert.Equal("fr", (await product.GetAsync("/v1/preferences?email=picked@attr.example"))["locale"]);
        Assert.Equal("de", (await product.GetAsync("/v1/preferences?email=another@attr.example"))["locale"]);
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing_and_counts_the_same()
    {
        var file = Header
            + Agreed("same@again.example")
            + "same2@again.example,,newsletter,email,unsubscribed,,,,2026-02-02T00:00:00Z,,,,,a\nsame3@again.example,,,email,bounced,,,,,,,,,\n";
        var first = await product.ImportAsync(file);
        var stored = await product.StoredAsync();
        var second = await product.ImportAsync(file);
        Assert.Equal(first.Counts(), second.Counts());
        Assert.Equal(stored + 2, await product.StoredAsync()); // The second import's own record, and its entry in the audit.
    }

    [Fact]
    public async Task An_Idempotency_Key_gives_the_first_answer_again_and_refuses_another_file_or_other_settings()
    {
        var file = Encoding.UTF8.GetBytes(Header + Agreed("idem@example.com"));
        var first = await product.UploadAsync(file, "?topic=newsletter", "import-key-1");
        var again = await product.UploadAsync(file, "?topic=newsletter", "import-key-1");
        Assert.Equal(first["id"], again["id"]);
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await product.UploadAsync([.. file, .. "x@y.example,,,,,,,,,,,,,\n"u8], "?topic=newsletter", "import-key-1")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await product.UploadAsync(file, "?topic=promotions", "import-key-1")).Status);
        await product.WorkAsync();
        // What the refused ones had kept is gone.
        Assert.DoesNotContain(product.Blobs.Names("imports"), n => n.Contains("/part-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_parameters_types_and_ids_are_named()
    {
        var wrong = await product.UploadAsync(
            "email\n"u8.ToArray(), "?mode=maybe&onError=x&kind=y&topic=nope&status=z&channel=fax&map.nope=a&what=1");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(["channel", "kind", "map.nope", "mode", "onError", "status", "topic", "what"], wrong.Fields.Order());
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await product.UploadAsync("{}"u8.ToArray(), type: "application/json")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/imports/nope")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/imports/nope/errors")).Status);
    }

    [Fact]
    public async Task Imports_are_listed_newest_first_and_are_in_the_audit()
    {
        product.Time.Advance(TimeSpan.FromSeconds(1));
        var one = await product.ImportAsync("email,status\nl1@list.example,unsubscribed\n");
        product.Time.Advance(TimeSpan.FromSeconds(1));
        var two = await product.ImportAsync("email,status\nl2@list.example,unsubscribed\n");
        var page = (await product.GetAsync("/v1/imports?limit=1")).Json;
        Assert.Equal(two.GetProperty("id").GetString(), page.GetProperty("imports")[0].GetProperty("id").GetString());
        var next = (await product.GetAsync("/v1/imports?limit=1&after=" + page.GetProperty("next").GetString())).Json;
        Assert.Equal(one.GetProperty("id").GetString(), next.GetProperty("imports")[0].GetProperty("id").GetString());
        Assert.Contains(two.GetProperty("id").GetString()!, (await product.GetAsync("/v1/audit?limit=1000")).Text);
    }

    [Fact]
    public async Task A_preview_shows_the_shape_the_columns_and_the_first_rows_and_writes_nothing()
    {
        var stored = await product.StoredAsync();
        var reply = await product.UploadAsync(
            Encoding.UTF8.GetBytes("E-Mail;Group;Said\nana@preview.example;newsletter;unsubscribed\nbad;newsletter;unsubscribed\n"),
            "?map.email=E-Mail&map.topic=Group&map.status=Said", path: "/v1/imports/preview");
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        Assert.Equal(("own", ";"), (reply["shape"], reply["delimiter"]));
        Assert.Equal(
            ["email", "topic", "status"],
            reply.Json.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("field").GetString()));
        Assert.Equal(
            [(2, "lowered"), (3, "rejected")],
            reply.Json.GetProperty("rows")
                .EnumerateArray()
                .Select(r => (r.GetProperty("row").GetInt32(), r.GetProperty("outcome").GetString())));
        Assert.Equal(stored, await product.StoredAsync());
        Assert.DoesNotContain(product.Blobs.Names("imports"), n => n.StartsWith("preview", StringComparison.Ordinal));
    }

    private async Task<string> LedgerAsync(string email) => (await product.GetAsync("/v1/consents?email=" + email)).Text;
}
