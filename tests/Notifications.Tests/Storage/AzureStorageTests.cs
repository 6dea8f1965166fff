using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Queues;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>What only the Azure backend promises: what it costs, and what it says when Azure does not answer.</summary>
[Collection(Azurite.Collection)]
public sealed class AzureStorageTests(Azurite azurite)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [AzuriteFact]
    public async Task Each_call_is_one_transaction()
    {
        var wire = new Wire();
        await using var stores = await Stores.AzureAsync(azurite, options => options.AddPolicy(wire, HttpPipelinePosition.PerRetry));
        var etag = (await OneAsync(() => stores.Tables.CommitAsync("addresses", "p", [RowChange.Insert("r", Bytes("x"))]))).ETags[0];
        await OneAsync(() => stores.Tables.GetAsync("addresses", "p", "r"));
        await OneAsync(() => stores.Tables.GetAsync("addresses", "p", "absent"));
        await OneAsync(
            () =>
                stores.Tables.CommitAsync("addresses", "p", [RowChange.Replace("r", Bytes("y"), etag), RowChange.Insert("m", Bytes("x"))]));
        await OneAsync(() => stores.Tables.CommitAsync("addresses", "p", [RowChange.Replace("r", Bytes("y"), etag)]));
        await OneAsync(() => stores.Tables.RangeAsync("addresses", "p", RowRange.All, 1));
        await OneAsync(async () =>
        {
            await stores.Queues.EnqueueAsync("send", Bytes("x"));
            return true;
        });
        var item = Assert.Single(await OneAsync(() => stores.Queues.ReceiveAsync("send", 32, Minute)));
        Assert.True(await OneAsync(() => stores.Queues.CompleteAsync(item)));

        async Task<T> OneAsync<T>(Func<ValueTask<T>> call)
        {
            var before = wire.Count;
            var answer = await call();
            Assert.Equal(1, wire.Count - before);
            return answer;
        }
    }

    [AzuriteFact]
    public async Task P5_A_pass_over_everything_asks_for_ranges_that_the_service_can_seek_to()
    {
        var wire = new Wire();
        await using var stores = await Stores.AzureAsync(azurite, options => options.AddPolicy(wire, HttpPipelinePosition.PerRetry));
        foreach (var partition in new[] { "p", "q" })
            await stores.Tables.CommitAsync("addresses", partition, [RowChange.Insert("a", Bytes("x")), RowChange.Insert("b", Bytes("x"))]);
        wire.Asked.Clear();
        Assert.Equal(
            [("p", "b"), ("q", "a")], (await stores.Tables.ScanAsync("addresses", ("p", "a"), 2)).Select(r => (r.Partition, r.Row.Key)));
        Assert.Equal(["PartitionKey eq 'p' and RowKey gt 'a'", "PartitionKey gt 'p'"], wire.Asked);
    }

    [AzuriteFact]
    public async Task The_body_set_aside_goes_with_its_item()
    {
        await using var stores = await Stores.AzureAsync(azurite);
        await stores.Queues.EnqueueAsync("send", Noise(100 * 1024));
        Assert.Single(await stores.Blobs.ListAsync(AzureWorkQueue.Bodies, "", null, 10));
        var item = Assert.Single(await stores.Queues.ReceiveAsync("send", 1, Minute));
        await stores.Queues.PoisonAsync(item);
        Assert.Single(await stores.Blobs.ListAsync(AzureWorkQueue.Bodies, "", null, 10));
        Assert.True(await stores.Queues.CompleteAsync(Assert.Single(await stores.Queues.ReceiveAsync("send-poison", 1, Minute))));
        Assert.Empty(await stores.Blobs.ListAsync(AzureWorkQueue.Bodies, "", null, 10));
    }

    [AzuriteFact]
    public async Task A_message_that_is_no_base64_goes_to_poison_and_holds_up_nobody()
    {
        var storage = AzureStorage.FromConnectionString(await azurite.ConnectionAsync(), TimeProvider.System, "foreign");
        await storage.EnsureCreatedAsync([], ["send"], []);
        await new QueueClient(await azurite.ConnectionAsync(), "foreignsend").SendMessageAsync("not base64!");
        await storage.Queues.EnqueueAsync("send", Bytes("good"));
        Assert.Equal("good", Assert.Single(await storage.Queues.ReceiveAsync("send", 32, Minute)).Body.Text());
        Assert.Equal("not base64!", Assert.Single(await storage.Queues.ReceiveAsync("send-poison", 32, Minute)).Body.Text());
        Assert.Equal(1, await storage.Queues.CountAsync("send"));
    }

    [AzuriteFact]
    public async Task R69_A_missing_table_or_queue_is_unavailable_not_a_conflict()
    {
        var storage = AzureStorage.FromConnectionString(await azurite.ConnectionAsync(), TimeProvider.System, "missing");
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await storage.Tables.CommitAsync("addresses", "p", [RowChange.Insert("r", default)]));
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () =>
                await storage.Tables.CommitAsync("addresses", "p", [RowChange.Insert("r", default), RowChange.Insert("s", default)]));
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await storage.Tables.CommitAsync("addresses", "p", [RowChange.Delete("r")]));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Tables.GetAsync("addresses", "p", "r"));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Queues.ReceiveAsync("send", 1, Minute));
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await storage.Queues.CompleteAsync(new QueueItem("send", "id", "receipt", 1, default)));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Blobs.GetAsync("imports", "x"));
    }

    [Fact]
    public async Task R69_No_answer_is_unavailable()
    {
        const string nobody =
            "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;";
        var storage = AzureStorage.FromConnectionString(nobody, TimeProvider.System, configure: options => options.Retry.MaxRetries = 1);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Tables.GetAsync("addresses", "p", "r"));
        await Assert.ThrowsAsync<StorageUnavailableException>(
            async () => await storage.Tables.CommitAsync("addresses", "p", [RowChange.Put("r", default), RowChange.Put("s", default)]));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Queues.EnqueueAsync("send", default));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Blobs.GetAsync("imports", "x"));
    }

    [Fact]
    public async Task R69_An_identity_that_gets_no_token_is_unavailable()
    {
        foreach (var trouble in new[]
        {
            new AuthenticationFailedException("Nobody gives tokens."),
            new CredentialUnavailableException("There is no identity yet."),
        })
        {
            var storage = AzureStorage.From(
                new Uri("https://a.table.core.windows.net"), new Uri("https://a.queue.core.windows.net"),
                new Uri("https://a.blob.core.windows.net"), new NoToken(trouble), TimeProvider.System);
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Tables.GetAsync("addresses", "p", "r"));
            await Assert.ThrowsAsync<StorageUnavailableException>(
                async () => await storage.Tables.CommitAsync("addresses", "p", [RowChange.Put("r", default), RowChange.Put("s", default)]));
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Queues.EnqueueAsync("send", default));
            await Assert.ThrowsAsync<StorageUnavailableException>(async () => await storage.Blobs.GetAsync("imports", "x"));
        }
    }

    /// <summary>An identity whose tokens cannot be had.</summary>
    private sealed class NoToken(AuthenticationFailedException trouble) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw trouble;

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw trouble;
    }

    /// <summary>Counts what goes over the wire, retries included.</summary>
    private sealed class Wire : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        /// <summary>The filters of the queries.</summary>
        public List<string> Asked { get; } = [];

        public override void OnSendingRequest(HttpMessage message)
        {
            Interlocked.Increment(ref _count);
            if (System.Web.HttpUtility.ParseQueryString(message.Request.Uri.Query)["$filter"] is { } filter) Asked.Add(filter);
        }
    }
}
