using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Pages;

namespace Notifications.Tests.Subscribe;

/// <summary>A slip in a phone number is told, wherever the number is left, and reaches nobody else.</summary>
public sealed class TypingSlipTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Slip = "+44 7400 12345O";
    private const string Said = "must be one phone number in international form such as +14155552671, without the letter O";

    [Fact]
    public async Task M4_P6_R63_The_sign_up_names_the_letter_in_a_number_in_every_language_and_asks_nobody()
    {
        foreach (var texts in Texts.All)
        {
            var (status, body) = await product.FormAsync(
                "/subscribe", texts.Language, ("phone", Slip), ("topic-sms-newsletter", "yes"), ("age", "adult"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains(Texts.Fill(texts.PhoneLetter, "letter", "O"), body, StringComparison.Ordinal);
            Assert.Contains("{letter}", texts.PhoneLetter, StringComparison.Ordinal);
            Assert.Contains("+44", texts.PhoneLetter, StringComparison.Ordinal);
        }

        Assert.Null(await product.StateAsync(CoreProduct.Phone("+44740012345")));
        Assert.Null(await product.StateAsync(CoreProduct.Phone("+447400123456")));
    }

    [Fact]
    public async Task M4_R33_The_preference_page_and_the_page_that_sends_the_link_name_it_too()
    {
        var phone = CoreProduct.Phone("+447400123401");
        await product.SubscribedAsync(phone, TopicKey.Newsletter);
        var (status, body) = await product.PressAsync(phone, ("move", "yes"), ("address", Slip));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(Texts.Fill(Texts.English.PhoneLetter, "letter", "O"), body, StringComparison.Ordinal);
        (status, body) = await product.FormAsync("/find", "en", ("address", Slip));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(Texts.Fill(Texts.English.PhoneLetter, "letter", "O"), body, StringComparison.Ordinal);
        (_, body) = await product.FormAsync("/find", "en", ("address", "ana"));
        Assert.Contains(Texts.English.FindError, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M4_P6_The_API_names_the_field_and_the_letter()
    {
        var answer = await product.PostAsync(
            "/v1/consents", new { phone = Slip, topic = "newsletter", action = "opt-out", source = "phone" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(Said, System.Text.RegularExpressions.Regex.Unescape(answer.Text), StringComparison.Ordinal);
        Assert.Contains("\"phone\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M4_P6_An_imported_stop_that_names_no_number_is_no_other_numbers_stop_and_its_row_says_what_is_wrong()
    {
        var other = CoreProduct.Phone("+491711234582662");
        await product.SubscribedAsync(other, TopicKey.Newsletter);
        var import = await product.ImportAsync(
            "phone,topic,status\n+49 171 123458 Anna,newsletter,unsubscribed\n\u202A(+49) 171/1234567\u202C,newsletter,unsubscribed\n");
        Assert.Equal((2, 1, 1, 1), import.Counts());
        Assert.Equal(
            ["2,phone,\"must be one phone number in international form such as +14155552671, without the letter A\""],
            await product.ErrorsAsync(import));
        Assert.Equal("subscribed", await product.StatusAsync(other.Value));
        Assert.Equal("unsubscribed", await product.StatusAsync("+491711234567"));
    }
}
