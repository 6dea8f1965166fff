using System.Net;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Web.Privacy;

namespace Notifications.Tests.Privacy;

/// <summary>The file of a person with whom there is a long history.</summary>
public sealed class LargeImportTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R32_An_export_that_is_larger_than_may_be_is_refused_before_it_is_sent_and_the_answer_says_how_large_it_may_be()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/privacy/imports")
        {
            Content = new ByteArrayContent(new byte[PrivacyEndpoints.LargestImport + 1])
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        request.Headers.ExpectContinue = true; // It is sent only when it is asked for.
        using var answer = await product.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        var problem = await answer.Content.ReadAsStringAsync();
        Assert.Contains("urn:notifications:problem:too-large", problem, StringComparison.Ordinal);
        Assert.Contains("65536 KiB", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R32_An_export_of_many_megabytes_is_taken_in()
    {
        const string email = "long.history@example.com";
        await product.PostAsync("/v1/consents", new { email, topic = TopicKey.Promotions, action = "opt-out", source = "phone" });
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "access", email });
        var export = JsonSerializer.Deserialize((await product.GetAsync(opened["exportUrl"]!)).Text, CoreJson.Default.PersonExport)!;
        var at = product.Time.GetUtcNow();
        var record = new MessageRecord
        {
            Topic = TopicKey.Newsletter,
            Channel = Channel.Email,
            Status = MessageStatus.Sent,
            Timeline = [new MessageEvent(at, "sent", new string('x', 17_000))],
        };
        var many = export with
        {
            Addresses =
                [export.Addresses[0] with { Messages = [.. Enumerable.Range(0, 2_000).Select(i => new MessageExport($"{i:D24}", record))] }],
        };
        var file = JsonSerializer.Serialize(many, CoreJson.Default.PersonExport);
        Assert.InRange(file.Length, 31 * 1024 * 1024, PrivacyEndpoints.LargestImport); // More than Kestrel takes by itself.

        var elsewhere = new ProductFixture();
        await elsewhere.InitializeAsync();
        try
        {
            Assert.Equal(HttpStatusCode.Created, (await elsewhere.PostAsync("/v1/privacy/imports", file)).Status);
            Assert.Equal(
                2_000,
                (await elsewhere.Store.RangeAsync(
                    Tables.Addresses, elsewhere.Key(CoreProduct.Email(email)).Value, RowRange.Prefix(Rows.MessagePrefix), 5_000)).Count);
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }
    }
}
