using System.Net;
using System.Text.Json;
using Json.Schema;
using Notifications.Access;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>The export of a person: it tells everything, is what the schema says, and can be imported into an empty system.</summary>
public sealed class PersonExportTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P6_R32_R26_The_access_export_tells_history_words_and_recipients_and_imports_into_an_empty_system_with_the_same_preferences()
    {
        const string email = "ana.export@example.com";
        await product.OptInAsync(email, "newsletter");
        await product.DoAsync("/v1/consents", new { email, topic = "promotions", action = "opt-out", source = "phone" });
        var opened = await product.OpenRequestAsync(new { type = "access", email });
        var export = await product.GetAsync(opened["exportUrl"]!);
        Assert.Equal(HttpStatusCode.OK, export.Status);
        var address = export.Json.GetProperty("addresses")[0];
        Assert.True(address.GetProperty("verified").GetBoolean());
        var detail = address.GetProperty("ledger")[0].GetProperty("detail");
        Assert.Equal((RightsOf.Words, "form"), (detail.GetProperty("wording").GetString(), detail.GetProperty("source").GetString()));
        Assert.Equal("2026-01", address.GetProperty("ledger")[0].GetProperty("policyVersion").GetString());
        Assert.Contains("Azure Communication Services", export.Json.GetProperty("recipients")[0].GetString(), StringComparison.Ordinal);
        var html = await product.GetAsync(opened["exportUrl"] + "?format=html");
        Assert.Equal("text/html", html.MediaType);
        Assert.Contains("I agree to the newsletter &amp; offers", html.Text, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync("/v1/privacy/imports", export.Text)).Status);
        var forged = export.Text.Replace("\"source\":\"form\"", "\"source\":\"farm\"", StringComparison.Ordinal);
        // P6: the ledger says that promotions were stopped.
        var raised = export.Text.Replace("\"unsubscribed\"", "\"subscribed\"", StringComparison.Ordinal);
        Assert.NotEqual(export.Text, raised);
        Assert.Null(Offline(export.Text));
        Assert.Equal("the detail of entry 1 was changed", Offline(forged));
        var elsewhere = new ProductFixture();
        await elsewhere.InitializeAsync();
        try
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await elsewhere.PostAsync("/v1/privacy/imports", forged)).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await elsewhere.PostAsync("/v1/privacy/imports", raised)).Status);
            Assert.Equal(HttpStatusCode.Created, (await elsewhere.PostAsync("/v1/privacy/imports", export.Text)).Status);
            var here = (await product.GetAsync("/v1/preferences?email=" + email)).Json.GetProperty("subscriptions").GetRawText();
            Assert.Equal(here, (await elsewhere.GetAsync("/v1/preferences?email=" + email)).Json.GetProperty("subscriptions").GetRawText());
            Assert.True((await elsewhere.GetAsync("/v1/consents?email=" + email)).Json.GetProperty("verified").GetBoolean());
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }
    }

    [Fact]
    public async Task R32_An_export_to_read_is_in_the_language_of_the_person_and_where_none_is_known_in_that_of_the_caller()
    {
        var contacts = product.Get<ContactDesk>();
        await contacts.PutAsync("read-1", "Bea", "de", null, [CoreProduct.Email("read.de@example.com")], "service:test", default);
        // No page exists in it.
        await contacts.PutAsync("read-2", "Bea", "da", null, [CoreProduct.Email("read.da@example.com")], "service:test", default);
        foreach (var (id, asked, language) in ((string, string, string)[])[
            ("read-1", "fr", "de"), ("read-2", "fr", "fr"), ("read-2", "sv", "sv"), ("read-2", "da", "en"),
        ])
        {
            var opened = await product.OpenRequestAsync(new { type = "access", contactId = id });
            using var request = new HttpRequestMessage(HttpMethod.Get, opened["exportUrl"] + "?format=html");
            request.Headers.Add("Accept-Language", asked);
            using var answer = await product.Http.SendAsync(request);
            Assert.Contains($"<html lang=\"{language}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var console = await product.SignedInAsync("olga", Scope.All);
        var access = await product.OpenRequestAsync(new { type = "access", contactId = "read-1" });
        Assert.Contains(
            "<html lang=\"de\"", (await console.PostAsync($"/console/requests/{access["id"]}/export", ("as", "html"))).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R32_An_export_of_a_whole_account_imports_with_its_break_its_stop_its_zone_its_packages_and_a_verifying_ledger()
    {
        var (mail, phone) = (CoreProduct.Email("whole.export@example.com"), CoreProduct.Phone("+14155550144"));
        await product.OptInAsync(mail.Value, "newsletter");
        await product.DoAsync(
            "/v1/consents",
            new
            {
                phone = phone.Value,
                topic = "package-updates",
                action = "opt-in",
                source = "form",
                policyVersion = "2026-01",
                wording = RightsOf.Words,
                evidence = new { confirmed = true },
            });
        await product.PutAsync(
            "whole-1",
            new
            {
                name = "Ana Lima",
                locale = "pt",
                timeZone = "Europe/Lisbon",
                addresses = new object[] { new { email = mail.Value }, new { phone = phone.Value } },
            });
        await product.DoAsync("/v1/packages/RR123456785PT/watches", new { email = mail.Value, source = "shop", digest = "daily" });
        var pages = product.Get<Notifications.Unsubscribe.Links>();
        await product.FormAsync(new Uri(pages.Preferences(product.Key(mail), mail.Channel)).AbsolutePath, "en", ("pause", "60"));
        await product.FormAsync(new Uri(pages.Preferences(product.Key(phone), phone.Channel)).AbsolutePath, "en", ("stop", "*"));
        var export = await product.GetAsync((await product.OpenRequestAsync(new { type = "portability", contactId = "whole-1" }))["exportUrl"]!);

        var elsewhere = new ProductFixture();
        await elsewhere.InitializeAsync();
        try
        {
            Assert.Equal(HttpStatusCode.Created, (await elsewhere.PostAsync("/v1/privacy/imports", export.Text)).Status);
            foreach (var address in new[] { mail, phone })
            {
                // Keyed hashes and chains are the installation's own only in the key: the record itself is the same to the last member.
                Assert.Equal(Json((await product.StateAsync(address))!), Json((await elsewhere.StateAsync(address))!));
                Assert.True(LedgerChain.Verify(await elsewhere.LedgerAsync(address), (await elsewhere.StateAsync(address))!.Ledger));
            }

            Assert.NotNull((await elsewhere.StateAsync(mail))!.PausedUntil);
            Assert.NotNull((await elsewhere.StateAsync(phone))!.Stopped);
            // Beneath the stop.
            Assert.Equal(
                Notifications.Addresses.SubscriptionStatus.Subscribed,
                (await elsewhere.StateAsync(phone))!.Find("package-updates")!.Status);
            var watch =
                Assert.Single(await elsewhere.Get<Notifications.Packages.Watches>().OfAsync(elsewhere.Key(mail), default));
            Assert.Equal(("RR123456785PT", true), (watch.Number, watch.Watch.Daily));
            Assert.Equal("Ana Lima", (await elsewhere.GetAsync("/v1/contacts/whole-1"))["name"]);
            Assert.True((await elsewhere.GetAsync("/v1/ledger/verify")).Json.GetProperty("verified").GetBoolean());
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }

        static string Json(Notifications.Addresses.AddressState state) => JsonSerializer.Serialize(state, CoreJson.Default.AddressState);
    }

    [Fact]
    public async Task R32_The_schema_is_served_and_is_the_one_in_the_documents()
    {
        var served = await product.GetAsync("/v1/privacy/schema");
        var file = Repository.Read("docs", "export.schema.json");
        Assert.Equal(file.ReplaceLineEndings("\n").TrimEnd(), served.Text.ReplaceLineEndings("\n").TrimEnd());
        Assert.Contains("ledger", served.Json.GetProperty("properties").GetProperty("addresses").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R32_The_export_of_a_person_with_everything_and_of_one_with_nothing_is_what_the_schema_says()
    {
        var (mail, phone) = (CoreProduct.Email("everything@example.com"), CoreProduct.Phone("+14155550177"));
        foreach (var topic in new[] { "newsletter", "surveys", "package-updates" }) await product.OptInAsync(mail.Value, topic);
        await product.OptInAsync("nothing@example.com", "newsletter");
        await product.DoAsync(
            "/v1/consents",
            new { email = "waiting@example.com", topic = "newsletter", action = "opt-in", source = "form", wording = RightsOf.Words });
        await product.DoAsync("/v1/consents", new { email = mail.Value, topic = "surveys", action = "opt-out", source = "phone" });
        await product.DoAsync(
            "/v1/consents", new { email = mail.Value, topic = "promotions", action = "opt-in", source = "form", wording = RightsOf.Words });
        await product.DoAsync(
            "/v1/consents",
            new
            {
                phone = phone.Value,
                topic = "promotions",
                action = "opt-in",
                source = "form",
                wording = RightsOf.Words,
                evidence = new { confirmed = true },
            });
        await product.DoAsync("/v1/packages/RR123456785PT/watches", new { email = mail.Value, source = "shop", statuses = "all" });
        await product.DoAsync("/v1/packages/RR123456785PT/events", new { id = "e1", status = "Delivered", occurredAt = "2026-11-24T11:00:00Z" });
        foreach (var topic in new[] { "newsletter", "promotions" })
            await product.DoAsync("/v1/messages", new { topic, to = new { email = mail.Value }, content = new { subject = "s", text = "t" } });
        await product.WorkAsync();
        await product.DoAsync("/v1/consents", new { phone = phone.Value, topic = "promotions", action = "opt-out", source = "phone" });
        await product.DoAsync(
            "/v1/consents", new { phone = phone.Value, topic = "promotions", action = "opt-in", source = "form", wording = RightsOf.Words });
        var page =
            product.PreferencesPath(mail);
        foreach (var press in new[]
        {
            ("stop", "surveys"),
            ("pause", "60"),
            ("stop", "newsletter"),
            ("start", "newsletter"),
            ("stop", "package-updates"),
            ("stop", "*"),
        })
        {
            await product.FormAsync(page, "en", press);
        }

        await product.PutAsync(
            "everything-1",
            new
            {
                name = "Ana Lima",
                locale = "pt",
                timeZone = "Europe/Lisbon",
                tags = new[] { "vip" },
                addresses = new object[] { new { email = mail.Value }, new { phone = phone.Value } },
            });
        await product.OpenRequestAsync(new { type = "objection", contactId = "everything-1" });
        await product.OpenRequestAsync(new { type = "restriction", contactId = "everything-1", note = "please" });
        await product.DoAsync("/v1/suppressions", new { email = mail.Value, reason = "manual" });
        await product.PutAsync("nothing-1", new { addresses = new[] { new { email = "nothing@example.com" } } });

        var schema = JsonSchema.FromText((await product.GetAsync("/v1/privacy/schema")).Text);
        var (all, whole) = ("", "");
        foreach (var who in new object[]
        {
            new { type = "access", contactId = "nothing-1" },
            new { type = "access", email = "waiting@example.com" },
            new { type = "access", email = "nobody@example.com" },
            new { type = "access", contactId = "everything-1" },
        })
        {
            var export = await product.GetAsync((await product.OpenRequestAsync(who))["exportUrl"]!);
            var judged = schema.Evaluate(export.Json, new EvaluationOptions { OutputFormat = OutputFormat.List });
            all += whole = export.Text;
            Assert.True(
                judged.IsValid,
                string.Join(
                    '\n',
                    judged.Details!.Where(
                        d => d.Errors is not null).Select(d => $"{d.InstanceLocation}: {string.Join(' ', d.Errors!.Values)}")));
        }

        // It says what must stand there all the same, and of what kind.
        foreach (var part in new[]
        {
            "\"before\":",
            "\"pending\"",
            "\"receipt\":",
            "\"skipped\"",
            "\"watch\":",
            "\"suppression\":",
            "\"stopped\":",
            "\"pausedUntil\":",
            "\"restrictedSince\":",
            "\"tags\":[\"vip\"]",
        })
        {
            Assert.Contains(part, all, StringComparison.Ordinal);
        }

        foreach (var (right, wrong) in new[]
        {
            ("\"verified\":true,", ""),
            ("\"status\":\"unsubscribed\"", "\"status\":\"maybe\""),
            ("\"channel\":\"sms\",", ""),
            ("\"ledger\":[{", "\"ledger\":[7,{"),
        })
        {
            Assert.Contains(right, whole, StringComparison.Ordinal);
            Assert.False(schema.Evaluate(JsonElement.Parse(whole.Replace(right, wrong, StringComparison.Ordinal))).IsValid, right);
        }
    }

    // With the file alone, as its owner or an auditor can.
    private static string? Offline(string export)
    {
        var address = JsonElement.Parse(export).GetProperty("addresses")[0];
        return OfflineVerifier.FaultOf(address.GetProperty("ledger").EnumerateArray(), address.GetProperty("state").GetProperty("ledger"));
    }
}
