using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Web.Pages;

namespace Notifications.Tests.Addresses;

/// <summary>The addresses that messages come from, and that take the wish to stop, are nobody's to be reached at.</summary>
public sealed class OurAddressesTests : IAsyncLifetime
{
    private const string Said = "must be the person's own and not one of ours";

    private static readonly Address[] Ours =
    [
        CoreProduct.Phone("+18005550100"), CoreProduct.Phone("+18005550101"), CoreProduct.Phone("+18885550123"),
        CoreProduct.Email("news@example.com"), CoreProduct.Email("parcels@example.com"), CoreProduct.Email("unsubscribe@mail.example.com"),
    ];

    private readonly ProductFixture _product = new()
    {
        Configure = o =>
        {
            o.Sender.SmsFrom = "+18005550100";
            o.Sms.OwnNumbers = ["18005550101", "55501"];
            o.Sms.ProviderAnswersStop = ["+18885550123"];
        },
    };

    public Task InitializeAsync() => _product.InitializeAsync();

    public Task DisposeAsync() => _product.DisposeAsync();

    [Fact]
    public async Task R63_The_sign_up_asks_none_of_our_own_addresses_and_says_so_in_every_language()
    {
        foreach (var (texts, i) in Texts.All.Select((t, i) => (t, i)))
        {
            var ours = Ours[i % Ours.Length];
            var (field, channel) = ours.Channel == Channel.Email ? ("email", "email") : ("phone", "sms");
            var (status, body) = await _product.FormAsync(
                "/subscribe", texts.Language, (field, ours.Value), ($"topic-{channel}-newsletter", "yes"), ("age", "adult"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains(texts.OursError, body, StringComparison.Ordinal);
        }

        await _product.WorkAsync();
        Assert.Empty(_product.Sent.Emails);
        Assert.Empty(_product.Sent.Texts);
        foreach (var ours in Ours) Assert.Null(await _product.StateAsync(ours));
    }

    [Fact]
    public async Task R33_R63_The_preference_page_takes_none_either_and_the_page_that_sends_the_link_answers_as_ever()
    {
        var (mail, phone) = (CoreProduct.Email("ana@example.com"), CoreProduct.Phone("+14155552671"));
        foreach (var (from, to) in ((Address, Address)[])[(mail, Ours[3]), (phone, Ours[0])])
        {
            await _product.SubscribedAsync(from, TopicKey.Newsletter);
            var (status, body) = await _product.PressAsync(from, ("move", "yes"), ("address", to.Value));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains(Texts.English.OursError, body, StringComparison.Ordinal);
            Assert.Null(await _product.StateAsync(to));
            // One that is known of before this: nothing goes there all the same.
            await _product.SubscribedAsync(to, TopicKey.Newsletter);
            (status, body) = await _product.FormAsync("/find", "en", ("address", to.Value));
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains(Texts.English.FoundText, body, StringComparison.Ordinal);
        }

        await _product.WorkAsync();
        Assert.Empty(_product.Sent.Emails);
        Assert.Empty(_product.Sent.Texts);
    }

    [Fact]
    public async Task The_API_takes_none_for_what_raises_or_sends_and_every_one_for_what_lowers()
    {
        var agreed = new { confirmed = true };
        foreach (var (phone, email) in ((string?, string?)[])[(Ours[0].Value, null), (null, Ours[4].Value)])
        {
            var field = phone is null ? "email" : "phone";
            await RefusedAsync(
                HttpMethod.Post, "/v1/consents", field,
                new { phone, email, topic = "newsletter", action = "opt-in", source = "form", wording = "Yes.", evidence = agreed });
            await RefusedAsync(
                HttpMethod.Patch, "/v1/preferences", field,
                new
                {
                    phone,
                    email,
                    source = "form",
                    wording = "Yes.",
                    evidence = agreed,
                    subscriptions = new[] { new { topic = "newsletter", status = "subscribed" } },
                });
            await RefusedAsync(
                HttpMethod.Post, "/v1/packages/RR123456785PT/watches", field, new { phone, email, source = "app", evidence = agreed });
            await RefusedAsync(
                HttpMethod.Put, "/v1/contacts/ours", $"addresses[0].{field}", new { addresses = new[] { new { phone, email } } });
            await RefusedAsync(
                HttpMethod.Post, "/v1/messages", $"to.{field}",
                new { topic = "package-updates", to = new { phone, email }, content = new { subject = "s", text = "t {{unsubscribe}}" } });
            await RefusedAsync(
                HttpMethod.Post, "/v1/privacy/requests", phone is null ? "newEmail" : "newPhone",
                new
                {
                    type = "rectification",
                    phone = phone is null ? null : "+14155552699",
                    email = email is null ? null : "ana.old@example.com",
                    newPhone = phone,
                    newEmail = email,
                });
            var stopped = await _product.PostAsync(
                "/v1/consents", new { phone, email, topic = "*", action = "opt-out", source = "phone" });
            Assert.Equal(HttpStatusCode.OK, stopped.Status);
        }
    }

    [Fact]
    public async Task An_import_rejects_a_row_that_would_raise_at_one_and_takes_one_that_lowers()
    {
        var import = await _product.ImportAsync(
            ImportWorld.Header + ImportWorld.Agreed("News@example.com") + "unsubscribe@mail.example.com,,,,unsubscribed,,,,,,,,,\n"
            + ",+1 800 555 0100,newsletter,sms,subscribed,form,2026-01,Yes.,2026-03-01T10:00:00Z,203.0.113.7,,,,\n");
        Assert.Equal((3, 1, 2, 1), import.Counts());
        Assert.Equal([$"2,email,{Said}", $"4,phone,{Said}"], await _product.ErrorsAsync(import));
    }

    private async Task RefusedAsync(HttpMethod method, string path, string field, object body)
    {
        var answer = await _product.SendAsync(method, path, body);
        Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{path}: {answer.Status} {answer.Text}");
        Assert.Contains($"\"{field}\"", answer.Text, StringComparison.Ordinal);
        Assert.Contains(Said, System.Text.RegularExpressions.Regex.Unescape(answer.Text), StringComparison.Ordinal);
    }
}
