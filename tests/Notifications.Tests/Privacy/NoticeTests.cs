using System.Net;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>The person is told by the product itself before a restriction is lifted, and of an extension.</summary>
public sealed class NoticeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Words = "We lift the restriction that you asked for.\nAnswer us if you want it to stay.";
    private const string Ends =
        "The restriction of your data ends: we use them again, and you get what is switched on in your preferences.\n\n";

    [Fact]
    public async Task R35_Lifting_a_restriction_tells_every_address_of_the_contact_that_can_be_written_to_in_its_language_and_these_words()
    {
        var (mail, phone, dead) = (
            CoreProduct.Email("told@example.com"), CoreProduct.Phone("+4915112345678"), CoreProduct.Email("bounced@example.com"));
        await product.Get<ContactDesk>().PutAsync("told", "Ana", "de", null, [mail, phone, dead], "service:x", default);
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(mail), null, (s, _) => new Change(s with { Locale = "de" }, []), null, default);
        await product.PostAsync("/v1/suppressions", new { email = dead.Value, reason = "bounce" });
        var id = await OpenAsync("restriction", new { type = "restriction", contactId = "told" });

        var lifted = await TellAsync(id, "lift");
        Assert.Equal((HttpStatusCode.OK, Words), (lifted.Status, lifted["notice"]));
        Assert.Equal(1, lifted.Json.GetProperty("unreached").GetInt32());
        Assert.EndsWith("cannot be written to, and were not told.", lifted["outcome"], StringComparison.Ordinal);
        Assert.Equal(
            (await product.GetAsync($"/v1/privacy/requests/{id}")).Json.ToString(), lifted.Json.ToString()); // One view.
        await product.WorkAsync();

        var email = Assert.Single(product.Sent.Emails, e => e.To == mail.Value);
        Assert.Equal("Zu Ihrer Anfrage zum Datenschutz", email.Subject);
        const string ends =
            "Die Einschränkung Ihrer Daten endet: Wir nutzen sie wieder, und Sie bekommen, was in Ihren Einstellungen eingeschaltet ist.\n\n";
        Assert.StartsWith(ends + Words, email.Text, StringComparison.Ordinal);
        Assert.Contains("We lift the restriction that you asked for.", email.Html, StringComparison.Ordinal);
        Assert.Equal("Parcel Post: " + ends + Words, Assert.Single(product.Sent.Texts, t => t.To == phone.Value).Text);
        Assert.DoesNotContain(product.Sent.Emails, e => e.To == dead.Value);
        var told = lifted.Json.GetProperty("told").EnumerateArray().Select(t => t.GetString()).ToList();
        Assert.Equal(2, told.Count);
        foreach (var message in told) Assert.Equal("sent", (await product.GetAsync("/v1/messages/" + message))["status"]);
    }

    [Fact]
    public async Task R35_The_notice_goes_out_while_the_restriction_stands_and_told_again_in_the_same_words_it_is_one()
    {
        var mail = CoreProduct.Email("standing@example.com");
        var id = await OpenAsync("restriction", new { type = "restriction", email = mail.Value });
        var request = (await product.Get<PrivacyDesk>().FindAsync(id, default))!;
        // Cut off before it was lifted, and lifted then.
        await product.Get<PersonNotices>().LiftAsync(request, Words, default);
        await product.WorkAsync();
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Single(product.Sent.Emails, e => e.To == mail.Value);
        await TellAsync(id, "lift");
        await product.WorkAsync();
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
        Assert.Single(product.Sent.Emails, e => e.To == mail.Value);
    }

    [Fact]
    public async Task R35_A_notice_does_not_say_that_data_are_used_again_which_another_request_restricts_too()
    {
        var mail = CoreProduct.Email("twice@example.com");
        var body = new { type = "restriction", email = mail.Value };
        var (first, second) = (await OpenAsync("restriction", body), await OpenAsync("restriction", body));
        await TellAsync(first, "lift");
        await TellAsync(second, "lift");
        await product.WorkAsync();
        Assert.Equal(
            [Words, Ends + Words],
            product.Sent.Emails.Where(e => e.To == mail.Value)
                .Select(e => e.Text[..(e.Text.IndexOf(Words, StringComparison.Ordinal) + Words.Length)]));
    }

    [Fact]
    public async Task R35_Where_nobody_can_be_written_to_the_answer_says_so_and_what_the_operator_told_stands()
    {
        var (mail, phone) = (CoreProduct.Email("silent@example.com"), CoreProduct.Phone("+14155550188"));
        await product.PostAsync("/v1/suppressions", new { email = mail.Value, reason = "bounce" });
        await product.PostAsync("/v1/consents", new { phone = phone.Value, topic = "*", action = "opt-out" });
        object[] bodies = [new { type = "restriction", email = mail.Value }, new { type = "restriction", phone = phone.Value }];
        foreach (var body in bodies)
        {
            var lifted = await TellAsync(await OpenAsync("restriction", body), "lift");
            Assert.Equal(Words, lifted["notice"]);
            Assert.EndsWith("can be written to: tell them by another way.", lifted["outcome"], StringComparison.Ordinal);
            Assert.Empty(lifted.Json.GetProperty("told").EnumerateArray());
        }

        await product.WorkAsync();
        Assert.DoesNotContain(product.Sent.Emails, e => e.To == mail.Value);
        Assert.DoesNotContain(product.Sent.Texts, t => t.To == phone.Value);
    }

    [Fact]
    public async Task P1_R43_A_notice_that_waits_does_not_go_to_a_phone_whose_owner_says_STOP_meanwhile()
    {
        var phone = CoreProduct.Phone("+14155550189");
        var id = await OpenAsync("restriction", new { type = "restriction", phone = phone.Value });
        var told = (await TellAsync(id, "lift")).Json.GetProperty("told").EnumerateArray().Single().GetString();
        await product.PostAsync("/v1/consents", new { phone = phone.Value, topic = "*", action = "opt-out" });
        await product.WorkAsync();
        Assert.DoesNotContain(product.Sent.Texts, t => t.To == phone.Value);
        var message = await product.GetAsync("/v1/messages/" + told);
        Assert.Equal(("skipped", "unsubscribed", "notice"), (message["status"], message["reason"], message["purpose"]));
    }

    [Fact]
    public async Task R31_An_extension_tells_the_person_so()
    {
        var mail = CoreProduct.Email("longer@example.com");
        var id = await OpenAsync("access", new { type = "access", email = mail.Value });
        var extended = await TellAsync(id, "extend");
        Assert.Single(extended.Json.GetProperty("told").EnumerateArray());
        await product.WorkAsync();
        var email = Assert.Single(product.Sent.Emails, e => e.To == mail.Value);
        Assert.Equal("About your privacy request", email.Subject);
        var texts = PackageTexts.For("en");
        var opened = product.Time.UtcNowMs();
        Assert.StartsWith(
            $"Your request of {texts.Date(opened)} takes us longer. We will answer it by {texts.Date(opened.AddMonths(3))}.\n\n{Words}",
            email.Text, StringComparison.Ordinal);
        Assert.Null(await product.StateAsync(mail)); // Of whom nothing is known nothing is kept for it.
        Assert.Equal(HttpStatusCode.Conflict, (await TellAsync(id, "extend")).Status);
        await product.WorkAsync();
        Assert.Single(product.Sent.Emails, e => e.To == mail.Value);
    }

    [Fact]
    public async Task R35_Who_lifts_their_own_restriction_has_read_the_notice_on_the_page_and_gets_no_mail()
    {
        var mail = CoreProduct.Email("own@example.com");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        await product.PressAsync(mail, ("restrict", "yes"));
        Assert.NotNull((await product.StateAsync(mail))!.RestrictedSince);
        await product.PressAsync(mail, ("lift", "yes"));
        Assert.Null((await product.StateAsync(mail))!.RestrictedSince);
        await product.WorkAsync();
        Assert.DoesNotContain(product.Sent.Emails, e => e.To == mail.Value);
    }

    private async Task<string> OpenAsync(string type, object body)
    {
        var opened = await product.PostAsync("/v1/privacy/requests", body);
        Assert.Equal((HttpStatusCode.Created, type), (opened.Status, opened["type"]));
        return opened["id"]!;
    }

    private Task<Reply> TellAsync(string id, string act) =>
        product.PostAsync($"/v1/privacy/requests/{id}/{act}", new { notice = Words });
}
