using System.Net;
using System.Text;
using Notifications.Addresses;
using Notifications.Review;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>What an Idempotency-Key keeps of an answer that tells of a person and names no address of theirs.</summary>
public sealed class KeptAboutTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R34_Nothing_is_kept_of_a_preview_as_a_person()
    {
        const string email = "kept.preview@example.com";
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/kept-preview", new { name = "Ana Keptwell", addresses = new[] { new { email } } });
        var template = new
        {
            name = "kept",
            topic = "newsletter",
            channel = "email",
            locale = "en",
            subject = "Hello {{ contact.name }}",
            html = "<p>News.</p>",
            layout = "standard",
        };
        var shown = await product.PostAsync("/v1/templates/preview", new { email, template }, "kept-preview");
        Assert.Equal(HttpStatusCode.OK, shown.Status);
        Assert.Contains("Keptwell", shown.Text, StringComparison.Ordinal);
        Assert.False(await IsKeptAsync("Keptwell"));
    }

    [Fact]
    public async Task R34_What_was_decided_of_a_mail_about_a_person_is_kept_no_longer_than_the_person()
    {
        const string email = "kept.review@example.com";
        var key = product.Get<KeyRing>().KeyOf(CoreProduct.Email(email));
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/kept-review", new { addresses = new[] { new { email } } });
        var (desk, at) = (product.Get<ReviewDesk>(), product.Time.GetUtcNow());
        var item = new ReviewItem
        {
            Id = desk.IdOf("kept", at), Channel = Channel.Email, AddressKey = key.Value, Text = "Says Mr Keptlong", At = at,
        };
        await desk.OpenAsync(item, default);
        var verdict = new { id = item.Id, verdict = "not-a-revocation", agent = "mia" };
        var decided = await product.PostAsync("/v1/review", verdict, "kept-review");
        Assert.Equal(HttpStatusCode.OK, decided.Status);
        Assert.True(await IsKeptAsync("Keptlong"));
        await EraseAsync(email);
        Assert.False(await IsKeptAsync("Keptlong"));
    }

    private async Task EraseAsync(string email) =>
        Assert.Equal(
            HttpStatusCode.Created, (await product.PostAsync("/v1/privacy/requests", new { type = "erasure", email })).Status);

    private async Task<bool> IsKeptAsync(string word) =>
        (await product.Get<ITableStore>().ScanAsync(Tables.Idempotency, null, 1000))
            .Select(static r => r.Row.Read(CoreJson.Default.IdempotencyRecord).Body ?? [])
            .Any(body => Encoding.UTF8.GetString(body).Contains(word, StringComparison.Ordinal));
}
