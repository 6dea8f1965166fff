using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Web.Pages;

namespace Notifications.Tests.Pages;

/// <summary>Saving one detail leaves the others as they were, and what was typed wrongly stands there to be corrected (M6).</summary>
public sealed class DetailsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("da", "dansk")] // Neither messages nor pages exist in it.
    [InlineData("pt-BR", "português (Brasil)")]
    [InlineData("x-y-z", "")] // No language at all.
    public async Task M6_A_language_that_is_not_one_of_the_pages_is_offered_as_it_is_and_stays_when_another_detail_is_saved(
        string tag, string name)
    {
        var address = CoreProduct.Email($"tag.{tag}@example.com");
        await SubscribedAsync(address, tag);
        var shown = WebUtility.HtmlDecode((await product.OpenAsync(product.PreferencesPath(address))).Text);
        Assert.Contains($"<option value=\"{tag}\" lang=\"{tag}\" selected>{name}", shown, StringComparison.OrdinalIgnoreCase);
        await product.PressAsync(address, ("save", "details"), ("language", tag), ("zone", "Europe/Stockholm"));
        Assert.Equal((tag, "Europe/Stockholm"), await StoredAsync(address));
        await product.PressAsync(address, ("save", "details"), ("language", "de"), ("zone", "Europe/Stockholm"));
        Assert.Equal(("de", "Europe/Stockholm"), await StoredAsync(address));
    }

    [Theory]
    [InlineData("Asia/Calcutta")] // What browsers say in India.
    [InlineData("UTC")]
    public async Task M6_R52_A_time_zone_that_is_not_in_the_list_is_offered_as_it_is_and_stays(string zone)
    {
        var address = CoreProduct.Email($"zone.{zone.Length}@example.com");
        await SubscribedAsync(address, "en");
        await product.SendAsync(
            HttpMethod.Patch, "/v1/preferences", $$"""{"email":"{{address.Value}}","timeZone":"{{zone}}"}""");
        var shown = WebUtility.HtmlDecode((await product.OpenAsync(product.PreferencesPath(address))).Text);
        Assert.Contains($"<option value=\"{zone}\" selected>{zone}", shown, StringComparison.Ordinal);
        await product.PressAsync(address, ("save", "details"), ("language", "de"), ("zone", zone));
        Assert.Equal(("de", zone), await StoredAsync(address));
    }

    [Fact]
    public async Task M6_The_heading_over_the_field_for_another_address_names_the_one_channel_that_the_field_takes()
    {
        var (mail, phone) = (CoreProduct.Email("heading@example.com"), CoreProduct.Phone("+447400123402"));
        await SubscribedAsync(mail, "en");
        await product.SubscribedAsync(phone, TopicKey.Newsletter);
        foreach (var texts in Texts.All)
        {
            Assert.NotEqual(texts.ChangeEmail, texts.ChangePhone);
            foreach (var (address, own, other) in ((Address, string, string)[])[
                (mail, texts.ChangeEmail, texts.ChangePhone), (phone, texts.ChangePhone, texts.ChangeEmail)])
            {
                await product.Get<AddressBook>().ChangeAsync(
                    product.Key(address), null, (s, _) => new Change(s with { Locale = texts.Language }, []), null, default);
                var shown = WebUtility.HtmlDecode((await product.OpenAsync(product.PreferencesPath(address))).Text);
                Assert.Contains($"<h3>{own}</h3>", shown, StringComparison.Ordinal);
                Assert.DoesNotContain($"<h3>{other}</h3>", shown, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task M6_Where_no_language_is_known_none_is_stored_by_saving_the_time_zone()
    {
        var address = CoreProduct.Email("tag.none@example.com");
        await SubscribedAsync(address, null);
        Assert.Contains(
            "<option value=\"\" selected>–</option><option value=\"en\" lang=\"en\">English</option>",
            (await product.PressAsync(address, ("pause", "0"))).Body, StringComparison.Ordinal);
        await product.PressAsync(address, ("save", "details"), ("language", ""), ("zone", "Europe/Lisbon"));
        Assert.Equal((null, "Europe/Lisbon"), await StoredAsync(address));
    }

    [Fact]
    public async Task M6_The_name_of_an_account_is_cleared_where_its_field_is_empty_and_kept_where_the_form_has_none()
    {
        var (address, contacts) = (CoreProduct.Email("name@example.com"), product.Get<ContactDesk>());
        await contacts.PutAsync("name-1", "Ana", "pt-BR", null, [address], "service:test", default);
        await product.PressAsync(address, ("save", "details"), ("language", "pt-BR"), ("zone", ""));
        Assert.Equal(("Ana", "pt-BR"), await AccountAsync());
        Assert.Contains(
            "Saved.",
            (await product.PressAsync(address, ("save", "details"), ("name", " "), ("language", "en"), ("zone", ""))).Body,
            StringComparison.Ordinal);
        Assert.Equal((null, "en"), await AccountAsync());

        async Task<(string?, string?)> AccountAsync() =>
            (await contacts.GetAsync("name-1", default))!.Profile is { } profile ? (profile.Name, profile.Locale) : default;
    }

    [Fact]
    public async Task R57_A_name_that_is_too_long_or_a_time_zone_that_is_none_is_said_and_the_rest_of_the_form_stays_as_it_was_typed()
    {
        var (address, contacts) = (CoreProduct.Email("details@example.com"), product.Get<ContactDesk>());
        await contacts.PutAsync("details-1", "Ana", "en", "Europe/London", [address], "service:test", default);
        foreach (var (name, zone, problem) in new[]
        {
            (new string('x', 201), "Europe/Lisbon", "Name: please write it on one line"),
            ("Ana Lima", "Mars/Base", "Time zone: please choose one"),
        })
        {
            var (status, body) = await product.PressAsync(address, ("save", "details"), ("name", name), ("language", "de"), ("zone", zone));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains(problem, body, StringComparison.Ordinal);
            Assert.DoesNotContain("Saved.", body, StringComparison.Ordinal);
            Assert.Contains("id=\"details\" open", body, StringComparison.Ordinal);
            Assert.Contains($"value=\"{name}\"", body, StringComparison.Ordinal);
            Assert.Contains("<option value=\"de\" lang=\"de\" selected>", body, StringComparison.Ordinal);
            var kept = zone == "Europe/Lisbon" ? zone : "Europe/London";
            Assert.Contains($"<option value=\"{kept}\" selected>", body, StringComparison.Ordinal);
        }

        var profile = (await contacts.GetAsync("details-1", default))!.Profile;
        Assert.Equal(("Ana", "en", "Europe/London"), (profile.Name, profile.Locale, profile.TimeZone));
    }

    [Fact]
    public async Task R33_R52_To_save_a_name_leaves_each_address_of_the_account_its_own_language_and_time_zone()
    {
        var (mail, phone) = (CoreProduct.Email("own@example.com"), CoreProduct.Phone("+14155550172"));
        var (contacts, book) = (product.Get<ContactDesk>(), product.Get<AddressBook>());
        await contacts.PutAsync("own-1", "Ana", "en", "Europe/London", [mail, phone], "service:test", default);
        await book.ChangeAsync(
            product.Key(phone), null, (s, _) => new Change(s with { Locale = "pt", TimeZone = "America/New_York" }, []), null, default);
        await product.PressAsync(mail, ("save", "details"), ("name", "Ana Lima"), ("language", "en"), ("zone", "Europe/London"));
        Assert.Equal("Ana Lima", (await contacts.GetAsync("own-1", default))!.Profile.Name);
        Assert.Equal(("pt", "America/New_York"), await StoredAsync(phone));

        // What is corrected is the account's.
        await product.PressAsync(mail, ("save", "details"), ("name", "Ana Lima"), ("language", "en"), ("zone", "Europe/Lisbon"));
        Assert.Equal(("pt", "Europe/Lisbon"), await StoredAsync(phone));
    }

    [Theory]
    [InlineData("0151 5555 0133", "sms")]
    [InlineData("bea@", "email")]
    public async Task R57_A_new_address_that_is_none_stands_there_again_marked_and_explained(string typed, string channel)
    {
        var address = channel == "sms" ? CoreProduct.Phone("+14155550171") : CoreProduct.Email("typed@example.com");
        await SubscribedAsync(address, "en");
        var body = (await product.PressAsync(address, ("move", "yes"), ("address", typed))).Body;
        Assert.Contains(
            $"value=\"{typed}\" aria-invalid=\"true\" aria-describedby=\"address-problem\" autofocus", body, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", body, StringComparison.Ordinal);
        Assert.Contains("<li><a href=\"#address\">", body, StringComparison.Ordinal);
        Assert.Contains("id=\"address-problem\">", body, StringComparison.Ordinal);
        Assert.Contains("<details class=\"panel\" id=\"change\" open>", body, StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await product.PressAsync(address, ("move", "yes"), ("address", typed))).Status);
        Assert.DoesNotContain("aria-invalid", (await product.PressAsync(address, ("pause", "30"))).Body, StringComparison.Ordinal);

        body = (await product.PressAsync(address, ("save", "details"), ("zone", "Mars/Crater"))).Body;
        Assert.Contains("<li><a href=\"#zone\">", body, StringComparison.Ordinal);
        Assert.Contains("aria-invalid=\"true\" aria-describedby=\"zone-problem\" autofocus", body, StringComparison.Ordinal);
    }

    private async Task SubscribedAsync(Address address, string? locale)
    {
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(address), null, (state, _) => new Change(state with { Locale = locale }, []), null, default);
    }

    private async Task<(string?, string?)> StoredAsync(Address address) =>
        (await product.StateAsync(address))! is var state ? (state.Locale, state.TimeZone) : default;
}
