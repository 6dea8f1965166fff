using System.Net;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

public sealed class StoreDownTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R69_A_store_that_reads_and_does_not_write_is_not_ready_until_it_writes_again()
    {
        var store = new FaultyStore(new MemoryStore(TimeProvider.System)) { WithoutTable = Tables.Keys };
        string? failure = null;
        var health = new StoreHealth(store, () => failure, static () => null);
        await health.CheckAsync(default);
        failure = "SQLite: database or disk is full (13).";
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await health.CheckAsync(default));
        store.WithoutTable = null;
        await health.CheckAsync(default); // Its own write went through, so nobody has to wait for another's.
    }

    [Fact]
    public async Task R69_A_damaged_store_is_not_ready_and_nobody_is_told_to_try_again_shortly()
    {
        try
        {
            product.Damage = "SQLite: database disk image is malformed (11).";
            var ready = await ProductFixture.SendAsync(product.Anonymous, HttpMethod.Get, "/health/ready", null);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
            Assert.Contains("No waiting mends that", ready.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("try again shortly", ready.Text, StringComparison.Ordinal);
        }
        finally
        {
            product.Damage = null;
        }
    }

    [Fact]
    public async Task R65_R69_While_the_store_is_down_nothing_is_accepted_and_everything_says_503_with_Retry_After()
    {
        Assert.Equal(HttpStatusCode.OK, (await product.GetAsync("/v1/keys")).Status); // The key is known for the next seconds.
        var before = await product.StoredAsync();
        product.Faults.Down = true;
        const string opt = """{"email":"s@example.com","topic":"newsletter","action":"opt-out"}""";
        foreach (var (path, body, key) in new[]
        {
            ("/v1/messages", """{"topic":"newsletter","to":{"email":"s@example.com"}}""", null),
            ("/v1/messages", """{"topic":"newsletter","to":{"email":"s@example.com"}}""", "key-1"),
            ("/v1/messages/batch",
                """[{"topic":"newsletter","to":{"email":"s@example.com"}},{"topic":"newsletter","to":{"email":"t@example.com"}}]""", null),
            ("/v1/consents", opt, null),
            ("/v1/consents", opt, "key-2"),
            ("/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret,
                """[{"id":"1","eventType":"Microsoft.Communication.SMSReceived","eventTime":"2026-11-24T12:00:00Z","data":{"From":"14155552671","Message":"STOP"}}]""",
                (string?)null),
        })
        {
            var reply = await product.PostAsync(path, body, key);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (reply.Status, reply.MediaType));
            Assert.NotNull(reply.Headers.RetryAfter);
        }

        product.Faults.Down = false;
        Assert.Equal(before, await product.StoredAsync());
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync("/v1/consents", opt, "key-2")).Status);
    }
}
