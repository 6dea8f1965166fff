using System.Net;
using Notifications.Access;
using Notifications.Campaigns;
using Notifications.Imports;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>Whoever is told of a mistake finds everything as it was typed.</summary>
public sealed class KeptFormsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private async Task<string> DraftAsync() => "/console/campaigns/" +
        (await product.Get<CampaignDesk>().DraftAsync("Kept")).Id;

    /// <summary>Posts to a path, expects it to be refused and the form to stand as it was sent.</summary>
    private async Task RefusedAsync(string path, HttpStatusCode status, params (string Name, string Value)[] typed)
    {
        var browser = await product.SignedInAsync("kept", Scope.All);
        var refused = await browser.PostAsync(path, typed);
        Assert.Equal(status, refused.Status);
        var stands = refused.Fields(path);
        Assert.Equal(
            typed.Where(t => t.Name != "act"),
            typed.Where(t => t.Name != "act").Select(t => (t.Name, stands.GetValueOrDefault(t.Name, ""))));
    }

    [Fact]
    public Task Data_that_is_no_JSON_and_a_number_that_is_none_stand_in_a_campaign_that_was_not_saved() =>
        RefusedAsync(
            "/console/campaigns/new", HttpStatusCode.BadRequest, ("name", "Kept"), ("topic", "promotions"), ("channel", "email"),
            ("template", "promotions"), ("data", "{\"title\": \"Spring\",}"), ("per-hour", "many"), ("ramp-from", "few"),
            ("ramp-days", "3"), ("share", "33"), ("act", "save"));

    [Fact]
    public async Task The_addresses_of_a_test_that_was_not_sent_stand() =>
        await RefusedAsync(await DraftAsync() + "/test", HttpStatusCode.BadRequest, ("to", "rita@example.com\nnobody"));

    [Fact]
    public async Task The_time_and_the_zones_of_a_schedule_stand_while_it_is_refused_and_while_it_is_asked_about()
    {
        await RefusedAsync(
            await DraftAsync() + "/schedule", HttpStatusCode.BadRequest, ("at", "2026-12-01T09:00"), ("clock", "recipient"),
            ("zone", "Europe/Nowhere"));
        var asked = await (await product.SignedInAsync(
            "kept-asked",
            Scope.Campaigns)).PostAsync(
                await DraftAsync() + "/schedule", ("at", "2026-12-02T10:30"), ("zone", "Europe/Lisbon"), ("confirm", "-1"));
        Assert.Contains("id=\"at\" name=\"at\" value=\"2026-12-02T10:30\"", asked.Text, StringComparison.Ordinal);
        Assert.Contains("<option value=\"Europe/Lisbon\" selected>", asked.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_and_the_zones_of_a_schedule_stand_when_it_is_not_confirmed()
    {
        await product.PersonAsync("kept-not-now@example.com");
        var path = await DraftAsync() + "/schedule";
        var browser = await product.SignedInAsync("kept-not-now", Scope.Campaigns);
        (string Name, string Value)[] typed = [("at", "2026-12-02T10:30"), ("clock", "recipient"), ("zone", "Europe/Lisbon")];
        var asked = await browser.PostAsync(path, [.. typed, ("confirm", "-1")]);
        var button = asked.Document.QuerySelectorAll($".confirm form[action='{path}'] button")[1];
        Assert.Equal("Not now", button.TextContent);
        var left = await browser.PostAsync(path, asked.Fields(path), (button.GetAttribute("name")!, button.GetAttribute("value")!));
        Assert.Equal(HttpStatusCode.OK, left.Status);
        Assert.DoesNotContain("class=\"card confirm\"", left.Text, StringComparison.Ordinal);
        var stands = left.Fields(path);
        Assert.Equal(typed, typed.Select(t => (t.Name, stands[t.Name])));
        Assert.Equal(
            CampaignStatus.Draft,
            (await product.Get<CampaignDesk>().FindAsync(path.Split('/')[3], default))!.Status);
    }

    [Fact]
    public Task The_mail_of_a_new_template_stands_though_the_channel_was_switched_to_text_messages() =>
        RefusedAsync(
            "/console/templates/new", HttpStatusCode.BadRequest, ("name", "No Name!"), ("channel", "sms"), ("locale", "en"),
            ("topic", "newsletter"), ("subject", "Spring"), ("html", "<p>A long letter</p>"), ("text", "Spring is here"), ("act", "save"));

    [Fact]
    public async Task All_that_was_typed_for_an_import_stands_when_the_file_is_not_taken()
    {
        var browser = await product.SignedInAsync("kept-import", Scope.Contacts);
        (string Name, string Value)[] typed =
            [
                ("act", "validate"), ("kind", "suppressions"), ("topic", "newsletter"), ("source", "shop"), ("policyVersion", "2026-01"),
                ("wording", "Yes please"), ("tags", "vip, " + new string('x', 65)),
            ];
        using var upload = new MultipartFormDataContent { { new StringContent(browser.Token!), "form" } };
        foreach (var (name, value) in typed) upload.Add(new StringContent(value), name);
        upload.Add(new ByteArrayContent("email,topic,status\n"u8.ToArray()), "file", "people.csv");
        var refused = await browser.SendAsync(HttpMethod.Post, "/console/imports", upload);
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("Tags must be at most 50 of 1 to 64 characters.", refused.Text, StringComparison.Ordinal);
        var stands = refused.Fields("/console/imports");
        Assert.Equal(typed, typed.Select(t => (t.Name, stands.GetValueOrDefault(t.Name, ""))));
    }

    [Fact]
    public Task An_address_that_is_none_stands_with_its_reason_and_note_where_it_was_to_be_blocked() =>
        RefusedAsync("/console/blocked", HttpStatusCode.BadRequest, ("who", "nobody"), ("reason", "complaint"), ("note", "Wrote twice"));

    [Fact]
    public Task The_scopes_of_a_key_without_a_proper_name_stay_ticked() =>
        RefusedAsync("/console/keys", HttpStatusCode.BadRequest, ("name", "the shop"), ("scope-send", "yes"), ("scope-contacts", "yes"));

    [Theory]
    [InlineData("nobody@", HttpStatusCode.BadRequest)]
    [InlineData("never-seen", HttpStatusCode.NotFound)]
    public async Task R61_What_was_looked_for_in_vain_stands_in_the_field_and_in_no_URL(string who, HttpStatusCode status) =>
        Assert.Equal(who, (await LookUpAsync(who, status)).Fields("/console/people").GetValueOrDefault("who"));

    private async Task<Screen> LookUpAsync(string who, HttpStatusCode status)
    {
        var answer = await (await product.SignedInAsync("looks", Scope.Privacy)).PostAsync("/console/people", ("who", who));
        Assert.Equal((status, (string?)null), (answer.Status, answer.Location));
        // The field at the top is another.
        return answer with { Text = answer.Text[answer.Text.IndexOf("<main", StringComparison.Ordinal)..] };
    }

    [Fact]
    public async Task R26_The_wording_of_an_import_is_kept_whole_in_any_script_and_refused_where_it_is_too_long()
    {
        var browser = await product.SignedInAsync("words", Scope.Contacts);
        async Task<Screen> UploadAsync(string wording)
        {
            using var upload = new MultipartFormDataContent
            {
                { new StringContent(browser.Token!), "form" },
                { new StringContent("validate"), "act" },
                { new StringContent(wording), "wording" },
                { new ByteArrayContent("email,topic,status\n"u8.ToArray()), "file", "people.csv" },
            };
            return await browser.SendAsync(HttpMethod.Post, "/console/imports", upload);
        }

        var longest = new string('語', 4000);
        var taken = await UploadAsync(longest);
        Assert.Equal(HttpStatusCode.SeeOther, taken.Status);
        Assert.Equal(
            longest,
            (await product.Get<ImportDesk>().FindAsync(taken.Location!.Split('/')[^1], default))!.Settings.Wording);
        foreach (var (length, why) in ((int, string)[])[
            (4001, "Wording must have 1 to 4000 characters."), (20_000, "The field wording is longer than 16,384 bytes."),
        ])
        {
            var refused = await UploadAsync(new string('語', length));
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            Assert.Contains(why, refused.Text, StringComparison.Ordinal);
        }
    }
}
